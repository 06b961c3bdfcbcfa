package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/session"
)

func TestCommandExitCodes(t *testing.T) {
	storeCeilings(t)
	for script, want := range map[string]struct {
		code   int
		signal string
	}{"exit 0": {0, ""}, "exit 3": {3, ""}, "exit 5": {5, ""}, "kill -TERM $$": {143, "SIGTERM"}} {
		code, stdout, stderr := invoke(t, "measure", "--", "sh", "-c", script)
		if code != want.code || stdout != "" {
			t.Errorf("%s: exit code %d, want %d; on standard output %q", script, code, want.code, stdout)
		}
		if !strings.Contains(stderr, "exit code "+strconv.Itoa(want.code)) || !strings.Contains(stderr, want.signal) || strings.Contains(stderr, "roofline: ") {
			t.Errorf("%s: %s", script, stderr)
		}
		res, err := session.ReadDocument("roofline-out/command.json")
		if err != nil {
			t.Fatal(err)
		}
		if c := res.Runs[0].Command; c == nil || c.Exit != want.code || c.Signal != want.signal || c.Runs != 1 || len(c.Args) != 3 {
			t.Errorf("%s: %+v", script, c)
		}
	}
	records, skipped, err := session.Read("roofline-out/results.jsonl")
	if err != nil || len(records) != 4 || len(skipped) != 0 {
		t.Errorf("store: %d records, %v, %v", len(records), skipped, err)
	}
}

func TestCommandCannotStart(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, want := range map[string]int{"no-such-command": 127, "./no/file": 127, "./": 126} {
		code, _, stderr := invoke(t, "measure", "--", name)
		if code != want || !strings.Contains(stderr, "start \""+name+"\"") {
			t.Errorf("%s: exit code %d, want %d: %s", name, code, want, stderr)
		}
	}
	if _, err := os.Stat("roofline-out"); err == nil {
		t.Error("an output directory was made for a command that cannot run")
	}
}

func TestCommandUsage(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range []string{
		"--", "matmul -- true", "--shape 1x1x1 -- true", "--dtype f32 -- true", "--runs 0 -- true", "--interval -1s -- true", "--interval 1us -- true",
		"--series x.csv -- true", "--interval 1s --series x.txt -- true", "--ceilings full -- true", "--passes --one-pass -- true",
		"--runs 2 matmul", "--interval 1s", "--regions matmul", "--trust nonsense -- true", "--function= -- true",
	} {
		code, _, stderr := invoke(t, append([]string{"measure"}, strings.Fields(args)...)...)
		if code != exitUsage || stderr == "" {
			t.Errorf("measure %s: exit code %d, %s", args, code, stderr)
		}
	}
}

// Everything behind -- belongs to the command, flags included.
func TestCommandArgumentsAreItsOwn(t *testing.T) {
	storeCeilings(t)
	if code, _, stderr := invoke(t, "measure", "--json", "r.json", "--", "sh", "-c", `test "$1 $2 $3" = "--json -- --help"`, "x", "--json", "--", "--help"); code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if _, err := session.ReadDocument("r.json"); err != nil {
		t.Error(err)
	}
}

// With --json - standard output is the document, whatever the command prints.
func TestCommandDocumentIsAlone(t *testing.T) {
	storeCeilings(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	measure := func(flags ...string) (stdout, stderr string) {
		t.Helper()
		cmd := exec.Command(self, append(append([]string{"measure", "--report=false"}, flags...), "--", "sh", "-c", "echo to-output; echo to-error >&2")...)
		cmd.Env = append(os.Environ(), asRoofline+"=1")
		var out, errs strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %s", err, &errs)
		}
		return out.String(), errs.String()
	}
	stdout, stderr := measure("--json", "-")
	if res, err := roofline.Unmarshal([]byte(stdout)); err != nil || len(res.Runs) != 1 {
		t.Errorf("%v in %s", err, stdout)
	}
	if !strings.Contains(stderr, "to-output\n") || !strings.Contains(stderr, "to-error\n") {
		t.Errorf("what the command prints is not on standard error: %s", stderr)
	}
	if stdout, _ := measure("--json", "r.json"); stdout != "to-output\n" {
		t.Errorf("standard output is not the command's own: %q", stdout)
	}
}

func TestCommandRuns(t *testing.T) {
	storeCeilings(t)
	code, stdout, stderr := invoke(t, "measure", "--runs", "6", "--json", "-", "--", "sh", "-c", "exit 0")
	if code != 0 || !strings.Contains(stderr, "of the median of 6") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	res, err := roofline.Unmarshal([]byte(stdout))
	if err != nil {
		t.Fatal(err)
	}
	if page, err := os.ReadFile("roofline-out/report.html"); err != nil || !strings.Contains(string(page), "sh -c exit 0") {
		t.Errorf("a report of the command is written by default: %v", err)
	}
	whole := res.Runs[0]
	if whole.Kernel != "command" || whole.Variant != "sh" || whole.Time.N != 6 || len(whole.Time.Samples) != 6 || !whole.Time.Known() {
		t.Errorf("%+v", whole.Time)
	}
	for _, q := range []perf.Quantity{perf.UserTime, perf.SystemTime, perf.PageFaults, perf.MajorFaults, perf.ContextSwitches, perf.InvoluntarySwitches} {
		if c, ok := whole.Count(q); !ok || c.Source != perf.SourceOS {
			t.Errorf("%s: %+v", q, whole.Counts[q])
		}
	}
	for _, q := range perf.Known {
		if len(whole.Counts[q]) == 0 {
			t.Errorf("%s is neither counted nor missing", q)
		}
	}
}

func TestCommandSeries(t *testing.T) {
	storeCeilings(t)
	if code, _, stderr := invoke(t, "measure", "--interval", "20ms", "--", "sleep", "0.6"); code != 0 || !strings.Contains(stderr, "DRAM B/s") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	for _, name := range []string{"s.csv", "s.json"} {
		if code, _, stderr := invoke(t, "measure", "--interval", "20ms", "--series", name, "--", "sleep", "0.6"); code != 0 || strings.Contains(stderr, "DRAM B/s") {
			t.Errorf("exit code %d: %s", code, stderr)
		}
	}
	f, err := os.Open("s.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 3 || rows[0][2] != "end_s" {
		t.Fatalf("%v, %v", rows, err)
	}
	end, err := strconv.ParseFloat(rows[len(rows)-1][2], 64)
	if err != nil || end < 0.6 {
		t.Errorf("the series ends at %v, %v", end, err)
	}
	text, err := os.ReadFile("s.json")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var step struct {
			Length float64                      `json:"length_s"`
			Counts map[perf.Quantity]perf.Count `json:"counts"`
		}
		if err := json.Unmarshal([]byte(line), &step); err != nil || !(step.Length > 0) || len(step.Counts) == 0 {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestCommandRegions(t *testing.T) {
	if _, err := exec.LookPath("gcc"); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("gcc"))
	}
	source, err := filepath.Abs("../../perf/region")
	if err != nil {
		t.Fatal(err)
	}
	storeCeilings(t)
	if text, err := exec.Command("gcc", "-O2", "-pthread", "-I", source, "-o", "cases", source+"/testdata/cases.c", source+"/testdata/cases_other.c").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, flags := range [][]string{nil, {"--regions"}} {
		for _, name := range []string{"nested", "threads", "names", "many", "misuse", "killed", "exec"} {
			if testkit.Race && name == "many" { // results are written in one goroutine
				continue
			}
			code, _, stderr := invoke(t, append(append([]string{"measure"}, flags...), "--", "./cases", name)...)
			if want := map[string]int{"killed": 137}[name]; code != want {
				t.Fatalf("%s: exit code %d: %s", name, code, stderr)
			}
			if strings.ContainsAny(stderr, "\x1b\x00") || !utf8.ValidString(stderr) {
				t.Errorf("%s: a name from the program reached the terminal: %q", name, stderr)
			}
			res, err := session.ReadDocument("roofline-out/command.json")
			if err != nil {
				t.Fatal(err)
			}
			runs := map[string]roofline.Run{}
			for _, r := range res.Runs {
				runs[r.Kernel+" "+r.Variant] = r
			}
			switch name {
			case "nested":
				outer, inner, left := runs["outer region"], runs["inner region"], runs["command (unmarked)"]
				if outer.Region == nil || inner.Region == nil || left.Region == nil || inner.Region.Calls != 3 || outer.Region.SelfTime >= outer.Region.ThreadTime {
					t.Fatalf("%+v", res.Runs)
				}
				sum := outer.Region.SelfTime + inner.Region.SelfTime + runs["other source region"].Region.SelfTime + left.Time.Median
				if whole := runs["command cases"].Time.Median; sum < 0.999*whole || sum > 1.001*whole {
					t.Errorf("self times and unmarked time add up to %v of %v", sum, whole)
				}
			case "threads":
				if r := runs["worker region"]; r.Region.Threads != 4 || r.Region.Parallelism < 1 || r.Region.Parallelism > 4 {
					t.Errorf("%+v", r.Region)
				}
			case "many":
				if len(res.Runs) < 5000 || !strings.Contains(stderr, "more: see the result document") {
					t.Errorf("%d runs; %s", len(res.Runs), stderr)
				}
			case "names":
				if _, ok := runs[`\x1b[31m\n\xff region`]; !ok {
					t.Errorf("%v", runs)
				}
			case "misuse":
				if !strings.Contains(stderr, "did not fit a start") {
					t.Error(stderr)
				}
			case "killed":
				if r := runs["done region"]; r.Region == nil || r.Region.Calls != 1 {
					t.Errorf("%+v", runs)
				}
			}
		}
	}
}
