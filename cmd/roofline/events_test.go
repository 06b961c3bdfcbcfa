package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/roofline-go/roofline/perf/uarch"
)

// TestListEventsForScripts compares the lines with the reference files themselves.
func TestListEventsForScripts(t *testing.T) {
	var want []string
	files, err := filepath.Glob("../../perf/uarch/_gen/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var ref struct {
			Microarchitectures map[string]struct {
				Events []struct{ PMU, Name, Config, Config1 string }
			}
		}
		if err := json.Unmarshal(text, &ref); err != nil {
			t.Fatal(err)
		}
		for key, u := range ref.Microarchitectures {
			for _, e := range u.Events {
				if e.Config1 == "" {
					e.Config1 = "0x0"
				}
				want = append(want, strings.Join([]string{key, e.PMU, e.Name, e.Config, e.Config1}, "\t"))
			}
		}
	}
	code, stdout, stderr := invoke(t, "list", "events", "--uarch", "all", "--format", "tsv")
	got := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if code != exitDone || stderr != "" || len(want) < 1300 || !slices.Equal(got, want) {
		t.Errorf("exit code %d, %q; %d lines, want %d", code, stderr, len(got), len(want))
	}
}

func TestListEventsForPeople(t *testing.T) {
	code, stdout, _ := invoke(t, "list", "events", "--uarch", "all")
	if code != exitDone {
		t.Fatalf("exit code %d", code)
	}
	for line := range strings.Lines(stdout) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("line of %d columns: %q", n, line)
		}
	}
	for _, part := range []string{"zen4: Zen4\n", "uncore_imc_<n>\n", "0x12a,0x73c004477", "FP_ARITH_INST_RETIRED.8_FLOPS !", "contradict"} {
		if !strings.Contains(stdout, part) {
			t.Errorf("the list has no %q", part)
		}
	}
}

func TestListEventsOnANarrowTerminal(t *testing.T) {
	for _, name := range uarch.Names() {
		table, err := uarch.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := writeEvents(&out, table, "a processor with rather a long name", 60); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			line = strings.TrimSuffix(line, "\n")
			long := slices.ContainsFunc(table.Events, func(e uarch.Event) bool { return len(e.Name) > 58 && strings.TrimSpace(line) == e.Name })
			if n := utf8.RuneCountInString(line); n > 60 && !long {
				t.Errorf("line of %d columns: %q", n, line)
			}
		}
	}
}

func TestTitleOfEventsFits(t *testing.T) {
	about := strings.Repeat("a processor ", 12) // some of its lines are as long as may be
	for width := 40; width <= 80; width++ {
		var out strings.Builder
		if err := writeEvents(&out, &uarch.Table{Uarch: "x", Name: "y"}, about, width); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%d columns: line of %d: %q", width, n, line)
			}
		}
	}
}

func TestListEventsOfThisMachine(t *testing.T) {
	if code, stdout, stderr := invoke(t, "list", "events"); code != exitDone || !strings.Contains(stdout, "\nROLE ") {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	for _, tt := range []struct {
		name, family, model string
		first, note         string
	}{
		{"known", "25", "17", "zen4\tcpu\tfp_ret_sse_avx_ops.add_sub_flops\t0x103\t0x0", ""},
		{"unknown", "99", "1", "generic\thardware\tcpu-cycles\t0x0\t0x0", "only the kernel's generic events can be counted"},
	} {
		root := fstest.MapFS{"proc/cpuinfo": {Data: []byte("processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: " + tt.family + "\nmodel\t\t: " + tt.model + "\nstepping\t: 1\n")}}
		var out, errs strings.Builder
		if err := listEvents(root, &out, &errs, "", "tsv"); err != nil {
			t.Fatal(err)
		}
		if first, _, _ := strings.Cut(out.String(), "\n"); first != tt.first {
			t.Errorf("%s: first line %q, want %q", tt.name, first, tt.first)
		}
		if tt.note == "" && errs.String() != "" || !strings.Contains(errs.String(), tt.note) {
			t.Errorf("%s: note %q, want %q", tt.name, errs.String(), tt.note)
		}
	}
}
