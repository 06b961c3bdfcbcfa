package main

import (
	"bytes"
	"context"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/roofline/ceilings"
)

func TestPlotCharts(t *testing.T) {
	testkit.SkipRace(t, "draws in one goroutine")
	storeCeilings(t)
	for range 2 {
		measureDot(t)
	}
	data, err := os.ReadFile("roofline-out/result.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("base.json", data, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		want []string
	}{
		{"roofline-out/result.json --theme dark", []string{"result.png", "result.svg"}},
		{"roofline-out/result.json --chart traffic --format pdf", []string{"result-traffic.pdf", "result-traffic.png", "result-traffic.svg"}},
		{"base.json roofline-out/result.json --chart ab,distribution", []string{"ab.png", "ab.svg", "distribution.png", "distribution.svg"}},
		{"roofline-out/results.jsonl --chart trajectory --kernel dot", []string{"results-trajectory.png", "results-trajectory.svg"}},
	} {
		dir := t.TempDir()
		code, _, stderr := invoke(t, append([]string{"plot", "--out", dir}, strings.Fields(c.args)...)...)
		if code != exitDone {
			t.Errorf("plot %s: exit code %d: %s", c.args, code, stderr)
		}
		var got []string
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, f := range files {
			got = append(got, filepath.Base(f))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("plot %s wrote %v, want %v", c.args, got, c.want)
		}
		svg, err := os.ReadFile(filepath.Join(dir, strings.TrimSuffix(c.want[len(c.want)-1], ".svg")+".svg"))
		if dark := bytes.Contains(svg, []byte("#ffffff")); err != nil || dark == strings.Contains(c.args, "dark") {
			t.Errorf("plot %s: white in it: %v, error %v", c.args, dark, err)
		}
	}
	for args, want := range map[string]string{
		"base.json --chart sweep":                   "ceilings --refresh",
		"base.json --chart trajectory":              ".jsonl",
		"base.json --chart ab":                      "BASE NEW",
		"base.json --chart pie":                     "waterfall",
		"base.json --chart=":                        "--chart is empty",
		"base.json --chart roofline,":               `unknown chart ""`,
		"base.json --theme pink":                    "dark",
		"base.json --chart traffic --kernel matmul": "no such run (it has dot/naive/f32)",
		"base.json --kernel matmul":                 "no such run (it has dot/naive/f32)",
	} {
		if code, _, stderr := invoke(t, append([]string{"plot"}, strings.Fields(args)...)...); code == exitDone || !strings.Contains(stderr, want) {
			t.Errorf("plot %s: exit code %d, want a message with %q: %s", args, code, want, stderr)
		}
	}
	if err := os.WriteFile("damaged.json", []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := invoke(t, "plot", "damaged.json"); code == exitDone || strings.Count(stderr, "damaged.json") != 1 {
		t.Errorf("a damaged file: exit code %d, %s", code, stderr)
	}
}

// A line that was torn is named by everything that reads the store, and the rest is used.
func TestDamagedLinesAreNamed(t *testing.T) {
	testkit.SkipRace(t, "draws in one goroutine")
	storeCeilings(t)
	measureDot(t)
	const store = "roofline-out/results.jsonl"
	data, err := os.ReadFile(store)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(store, append(data, data[:len(data)/2]...), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"plot " + store, "plot --chart trajectory " + store, "explain " + store, "explain dot/naive/f32 --shape 1000",
		"report " + store, "report roofline-out/result.json " + store, "compare roofline-out/result.json " + store} {
		if code, _, stderr := invoke(t, strings.Fields(args)...); code != exitDone || strings.Count(stderr, "skipped "+store+" line 2") != 1 {
			t.Errorf("%s: exit code %d, %s", args, code, stderr)
		}
	}
}

// Old results move to re-measured roofs when they are asked to.
func TestPlotOnCurrentCeilings(t *testing.T) {
	testkit.SkipRace(t, "draws in one goroutine")
	storeCeilings(t)
	measureDot(t)
	const path = "roofline-out/result.json"
	old, err := readResult(io.Discard, path)
	if err != nil {
		t.Fatal(err)
	}
	list, _ := ceilings.Load(old.Machine.Fingerprint)
	for i := range list {
		if list[i].Kind != "latency" {
			list[i].Value = list[i].Value.Scale(2)
		}
	}
	if err := ceilings.Save(old.Machine.Fingerprint, list); err != nil {
		t.Fatal(err)
	}
	share := func(args ...string) string {
		t.Helper()
		code, stdout, stderr := invoke(t, append([]string{"plot", path, "--out", t.TempDir(), "--format", "csv"}, args...)...)
		if code != exitDone {
			t.Fatalf("%v: exit code %d: %s", args, code, stderr)
		}
		return stdout
	}
	if a, b := share(), share("--ceilings", "stored"); a != b {
		t.Errorf("the default is not what was stored:\n%s\n%s", a, b)
	}
	if a, b := share(), share("--ceilings", "current"); a == b {
		t.Errorf("nothing moved:\n%s", a)
	}
	moved, err := readResult(io.Discard, path)
	if err == nil {
		err = replace(moved)
	}
	if err != nil || math.Abs(moved.Runs[0].Bound.Fraction/old.Runs[0].Bound.Fraction-0.5) > 1e-9 {
		t.Errorf("%v: %+v, was %+v; want half of it", err, moved.Runs[0].Bound, old.Runs[0].Bound)
	}
	t.Setenv("ROOFLINE_CACHE", t.TempDir())
	if code, _, stderr := invoke(t, "plot", path, "--ceilings", "current"); code != exitFailed || !strings.Contains(stderr, "no ceilings are stored here") {
		t.Errorf("without any: exit code %d: %s", code, stderr)
	}
	if code, _, stderr := invoke(t, "plot", path, "--ceilings", "best"); code != exitUsage || !strings.Contains(stderr, "stored or current") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// Where there is nothing to draw no directory is left behind, and where it cannot be made the flag is named.
func TestPlotMakesDirectoryForFilesOnly(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	good, err := filepath.Abs(stored)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		file, out string
		code      int
		want      string
	}{
		{bad, "new", exitFailed, "bad.json"},
		{"nosuch.json", "new", exitFailed, "no such file"},
		{good, "/proc/nosuch", exitFailed, "choose another with --out DIR"},
		{good, "new", exitDone, ""},
	} {
		for _, name := range []string{"plot", "report"} {
			code, _, stderr := invoke(t, name, c.file, "--out", c.out)
			if code != c.code || !strings.Contains(stderr, c.want) {
				t.Errorf("%s %s --out %s: %d %s, want %d %q", name, c.file, c.out, code, stderr, c.code, c.want)
			}
			if _, err := os.Stat("new"); (err == nil) != (c.code == exitDone) {
				t.Errorf("%s %s: the directory: %v", name, c.file, err)
			}
		}
	}
}

// plot and report end at the first signal, also while they still read.
func TestPlotHeedsSignals(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"plot", "report"} {
		file := name + ".json"
		if err := syscall.Mkfifo(file, 0o600); err != nil {
			t.Skipf("no pipe with a name here: %v", err)
		}
		ctx, interrupt := context.WithCancel(t.Context())
		var errs bytes.Buffer
		ended := make(chan int, 1)
		go func() { ended <- run(ctx, io.Discard, &errs, []string{name, file}) }()
		pipe, err := os.OpenFile(file, os.O_WRONLY, 0) // waits for the reader
		if err != nil {
			t.Fatal(err)
		}
		interrupt()
		select {
		case code := <-ended:
			if code != exitFailed || !strings.Contains(errs.String(), "interrupted") {
				t.Errorf("%s: exit code %d: %s", name, code, &errs)
			}
		case <-time.After(20 * time.Second):
			t.Errorf("%s goes on after a signal", name)
		}
		pipe.Close()
	}
}

// measureDot leaves a result and a store in roofline-out.
func measureDot(t *testing.T) {
	t.Helper()
	if code, _, stderr := invoke(t, "measure", "dot/naive/f32", "--shape", "1000", "--time-budget", "500ms", "--no-progress"); code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
}
