package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline/doctor"
)

// TestDoctorJSON takes --json alone, with a dash, and with a file either way round.
func TestDoctorJSON(t *testing.T) {
	storeCeilings(t)
	for _, c := range []struct {
		args string
		file string
	}{
		{"doctor --quick --json", ""},
		{"doctor --quick --source analytic --json -", ""}, // what is examined does not matter to where the report goes
		{"doctor --quick --source analytic --json one.json", "one.json"},
		{"doctor --json=two.json --quick --source analytic", "two.json"},
	} {
		code, stdout, stderr := invoke(t, strings.Fields(c.args)...)
		if code != exitDone {
			t.Fatalf("%s: exit code %d: %s", c.args, code, stderr)
		}
		text := []byte(stdout)
		if c.file != "" {
			if !strings.HasPrefix(stdout, "This machine: ") {
				t.Errorf("%s: the text is not on standard output:\n%.80s", c.args, stdout)
			}
			var err error
			if text, err = os.ReadFile(c.file); err != nil {
				t.Fatal(err)
			}
		}
		var report doctor.Report
		if err := json.Unmarshal(text, &report); err != nil {
			t.Fatalf("%s: not JSON: %v", c.args, err)
		}
		if report.Schema != doctor.Schema || strings.Contains(string(text), "null") {
			t.Errorf("%s: schema %q, or something is null, of which nobody says why", c.args, report.Schema)
		}
		if report.Machine.Fingerprint == "" || len(report.Counters) == 0 || len(report.Used) == 0 {
			t.Errorf("%s: the report is empty", c.args)
		}
	}
}

func TestDoctorRefuses(t *testing.T) {
	storeCeilings(t)
	for args, want := range map[string]int{
		"doctor a b": exitUsage, "doctor --json a b": exitUsage, "doctor --json .": exitUsage,
		"doctor --json nowhere/a.json": exitFailed, "doctor --source magic": exitUsage,
	} {
		if code, _, stderr := invoke(t, strings.Fields(args)...); code != want {
			t.Errorf("%s: exit code %d, want %d: %s", args, code, want, stderr)
		}
	}
}

func TestTrustNamesQuantities(t *testing.T) {
	storeCeilings(t)
	for args, want := range map[string]int{
		"measure dot/naive/f32 --shape 1000 --time-budget 500ms --trust speed":                       exitUsage,
		"measure dot/naive/f32 --shape 1000 --time-budget 500ms --trust flops,bytes.L2":              exitDone,
		"measure dot/naive/f32 --shape 1000 --time-budget 500ms --trust flops.f32.512 --trust loads": exitDone,
		"measure dot/naive/f32 --shape 1000 --time-budget 500ms --trust all":                         exitDone,
	} {
		if code, _, stderr := invoke(t, strings.Fields(args)...); code != want {
			t.Errorf("%s: exit code %d, want %d: %s", args, code, want, stderr)
		}
	}
}
