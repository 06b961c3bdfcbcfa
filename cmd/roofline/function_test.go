package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/perf/instrument/inject"
)

// What was not counted is missing with the reason: no number that is too small, and no 0.
func TestFunctionReportOfMissedCalls(t *testing.T) {
	for _, c := range []struct {
		res  inject.Result
		text string
	}{
		{inject.Result{Refused: 1000}, "no call counted, exit code 0"},
		{inject.Result{Calls: 3, Threads: []uint64{3}, Nested: 1}, "3 of 4 calls counted, by 1 thread, exit code 0"},
		{inject.Result{Calls: 5, Threads: []uint64{5}, Native: 2}, "5 of 7 calls counted, by 1 thread, exit code 0"},
	} {
		c.res.Function, c.res.Object, c.res.Profile = "f", "p", &instrument.Profile{}
		r, list, err := newFunctionReport(&c.res, []string{"p"})
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(r)
		var doc struct {
			Calls   *uint64
			Missing string `json:"calls_missing"`
		}
		if err != nil || json.Unmarshal(data, &doc) != nil || doc.Calls != nil || !strings.Contains(doc.Missing, "not counted") {
			t.Errorf("%v: %s", err, data)
		}
		var out strings.Builder
		if printFunction(&out, r, list, &c.res); !strings.Contains(out.String(), c.text) {
			t.Errorf("no %q in\n%s", c.text, &out)
		}
	}
	res := inject.Result{Profile: &instrument.Profile{}}
	if r, _, err := newFunctionReport(&res, nil); err != nil || r.Calls == nil || *r.Calls != 0 {
		t.Errorf("never called: %v, %v", r, err)
	}
}

// What else there is to warn of is no reason for missed calls, nor for missing counts.
func TestFunctionReportNamesItsReasons(t *testing.T) {
	res := inject.Result{Calls: 5, Nested: 2, Lost: 3, Away: 4, AwayTo: "g", Clones: []string{"f.isra.0"}, Profile: &instrument.Profile{}}
	r, _, err := newFunctionReport(&res, nil)
	if err != nil || len(r.Warnings) != 4 {
		t.Fatalf("%v, %v", r, err)
	}
	if !strings.HasPrefix(r.Missing, "2 calls not counted") || strings.Contains(r.Missing, ";") {
		t.Errorf("missed calls: %q", r.Missing)
	}
	if text := r.Counts[perf.Instructions].Reason; !strings.Contains(text, "2 calls not counted") || !strings.Contains(text, "3 jumps led") || strings.Contains(text, "isra") || strings.Contains(text, "pointer") {
		t.Errorf("instructions: %q", text)
	}
}

func TestMeasureFunctionOfAProgram(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("functions are instrumented on amd64 only")
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("gcc"))
	}
	source := filepath.Join(t.TempDir(), "p.c")
	if err := os.WriteFile(source, []byte(`#include <stdio.h>
#include <stdlib.h>
__attribute__((noinline, noclone)) double dot(const double *x, const double *y, int n) {
    double s = 0;
    for (int i = 0; i < n; i++) s += x[i] * y[i];
    return s;
}
__attribute__((noinline, noclone)) int never(int x) { return x * x + 7 / x; }
int main(int argc, char **argv) {
    double x[100], s = 0;
    for (int i = 0; i < 100; i++) x[i] = 1;
    volatile double one = 1;
    for (int r = 0; r < 7; r++) { x[0] = one; s += dot(x, x, 100); }
    printf("%.0f\n", s);
    return argc > 2 ? never(argc) : atoi(argv[1]);
}
`), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if out, err := exec.Command("gcc", "-O1", "-o", "prog", source).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	code, stdout, stderr := invoke(t, "measure", "--function", "dot", "--", "./prog", "3")
	if code != 3 || stdout != "700\n" {
		t.Fatalf("exit code %d, printed %q\n%s", code, stdout, stderr)
	}
	for _, part := range []string{"dot in prog: 7 calls by 1 thread, exit code 3", "each call: 200 FLOPs"} {
		if !strings.Contains(stderr, part) {
			t.Errorf("no %q in\n%s", part, stderr)
		}
	}
	for _, line := range strings.Split(stderr, "\n") {
		if n := len([]rune(line)); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	var doc functionReport
	data, err := os.ReadFile("roofline-out/function.json")
	if err != nil || json.Unmarshal(data, &doc) != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if c := doc.Counts[perf.FLOPs]; c.Value != 1400 || c.Quality != perf.Exact || doc.Calls == nil || *doc.Calls != 7 || doc.Exit != 3 || len(doc.Blocks) == 0 {
		t.Errorf("%+v", doc)
	}
	if code, stdout, stderr := invoke(t, "measure", "--function", "dot", "--json", "-", "--", "./prog", "0"); code != 0 || json.Unmarshal([]byte(stdout), &doc) != nil || !strings.Contains(stderr, "700\n") {
		t.Errorf("--json -: exit code %d, on standard output %q, on standard error %q", code, stdout, stderr)
	}
	if code, _, stderr := invoke(t, "measure", "--function", "never", "--", "./prog", "0"); code != 0 || !strings.Contains(stderr, "never called") {
		t.Errorf("never called: exit code %d\n%s", code, stderr)
	}
	if code, _, stderr := invoke(t, "measure", "--function", "nothing", "--", "./prog", "0"); code != exitUsage || !strings.Contains(stderr, "find function nothing") {
		t.Errorf("unknown: exit code %d\n%s", code, stderr)
	}
	if code, _, _ := invoke(t, "measure", "--function", "dot", "matmul"); code != exitUsage {
		t.Errorf("of a kernel: exit code %d", code)
	}
}
