package gobench

import (
	"context"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/command"
	"github.com/roofline-go/roofline/roofline"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Target{
		"BenchmarkX":                        {".", "BenchmarkX"},
		".BenchmarkX":                       {".", "BenchmarkX"},
		"./linalg.BenchmarkDot":             {"./linalg", "BenchmarkDot"},
		"example.com/v2/p.BenchmarkX/n=1.5": {"example.com/v2/p", "BenchmarkX/n=1.5"},
		"../a.BenchmarkX/a/b":               {"../a", "BenchmarkX/a/b"},
	} {
		got, err := Parse(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "./linalg", "./linalg.Dot", "p.Benchmark X", "p.BenchmarkX/", "p.BenchmarkX//a"} {
		if got, err := Parse(text); err == nil || !strings.Contains(err.Error(), "PKG.BenchmarkX") {
			t.Errorf("%q: %+v, %v, want a hint", text, got, err)
		}
	}
}

func TestPatternMatchesOneBenchmark(t *testing.T) {
	if got := (Target{".", "BenchmarkX/n=1.5"}).pattern(); got != `^BenchmarkX$/^n=1\.5$` {
		t.Errorf("%s", got)
	}
}

func TestRead(t *testing.T) {
	target := Target{".", "BenchmarkDot"}
	run, err := read("goos: linux\nBenchmarkDot-8   \t 5000\t 250.5 ns/op\t 8.0 %roof\t 2000 FLOP/op\t 7.984 GFLOP/s\t 16 B/op\t 2 allocs/op\nPASS\n", target)
	if err != nil {
		t.Fatal(err)
	}
	if run.Kernel != "BenchmarkDot" || run.Time.Median != 250.5e-9 || run.FLOPs() != 2000 || run.Memory.AllocsPerCall != 2 || run.Time.Batch != 5000 {
		t.Errorf("%+v", run)
	}
	if b := run.Bound; b == nil || b.Fraction != 0.08 || b.Attainable < 99.79e9 || b.Attainable > 99.81e9 { // 2000 / 250.5 ns / 0.08
		t.Errorf("%+v", b)
	}
	// repeated: the lower quartile of 10, 11, 12, 13 and 90, with what it reported
	run, err = read("BenchmarkDot-2 7 12 ns/op 3 allocs/op\nBenchmarkDot-2 7 90 ns/op 9 allocs/op\nBenchmarkDot-2 7 11 ns/op 2 allocs/op\nBenchmarkDot-2 7 10 ns/op 1 allocs/op\nBenchmarkDot-2 7 13 ns/op 4 allocs/op\n", target)
	if err != nil || math.Abs(run.Time.Median-11e-9) > 1e-15 || len(run.Time.Samples) != 5 || run.Memory.AllocsPerCall != 2 {
		t.Errorf("%+v, %v", run, err)
	}
	res := roofline.NewResult(roofline.Machine{}) // as a session keeps it, where too few pairs give it no times of their own
	if res.Runs = []roofline.Run{*run}; res.Validate() != nil || run.Time.Known() {
		t.Errorf("%v; %+v", res.Validate(), run.Time)
	}
	run, err = read("BenchmarkDot \t 5000\t 250.5 ns/op\n", target)
	if err != nil || run.Bound != nil || len(run.Counts[perf.FLOPs]) != 0 {
		t.Errorf("a benchmark that declares nothing: %+v, %v", run, err)
	}
	for text, want := range map[string]string{
		"PASS\n": "no such benchmark",
		"":       "printed nothing",
		"BenchmarkDot-2  \tbegins\n   5000\t 250.5 ns/op\nPASS\n":  "standard output",
		"BenchmarkDots-2 \tbegins\n":                               "no such benchmark",
		"BenchmarkDot/a-8 1 5 ns/op\nBenchmarkDot/b-8 1 5 ns/op\n": "choose one, e.g. BenchmarkDot/a",
		"BenchmarkDot 1 5 B/op\n":                                  "no time",
		"BenchmarkDot 1 0 ns/op\n":                                 "no time",
		"BenchmarkDot 1000000000 0.0000001 ns/op\n":                "does it loop",
	} {
		if _, err := read(text, target); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("BenchmarkDot-8   \t 5000\t 250.5 ns/op\t 8.0 %roof\t 2000 FLOP/op\n")
	f.Add("BenchmarkDot 1 NaN ns/op\nUnit x y=z\n")
	f.Fuzz(func(t *testing.T, text string) {
		run, err := read(text, Target{".", "BenchmarkDot"})
		if err == nil && !(run.Time.Median > 0) {
			t.Errorf("a time of %g", run.Time.Median)
		}
	})
}

const source = `package p

import (
	"os"
	"testing"
	"time"
)

var sink int

func BenchmarkSum(b *testing.B) {
	for b.Loop() {
		for i := range 1000 {
			sink += i
		}
	}
	b.ReportMetric(1000, "FLOP/op")
}

func BenchmarkFile(b *testing.B) {
	if _, err := os.Stat("data.txt"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
	}
}

func BenchmarkLarge(b *testing.B) {
	large := make([]byte, LARGE)
	for i := 0; i < len(large); i += 4096 {
		large[i] = 1
	}
	for b.Loop() {
		sink += int(large[0])
	}
}

func BenchmarkHang(b *testing.B) { time.Sleep(time.Hour) }

func BenchmarkFail(b *testing.B) { b.Fatal("on purpose") }

func BenchmarkSkip(b *testing.B) { b.Skip("not here") }

func BenchmarkExit(b *testing.B) { os.Exit(0) }

func BenchmarkTwo(b *testing.B) {
	b.Run("a", BenchmarkSum)
	b.Run("b", BenchmarkSum)
}
`

// A test binary is built and kept elsewhere; it runs in the directory of its package, one benchmark at a time.
func TestRunner(t *testing.T) {
	testkit.NeedSelf(t)
	dir := t.TempDir()
	large := command.Floor() + 128<<20 // a peak at the floor would be unknown, and that of go test, of which this is a child, may be high
	for name, text := range map[string]string{"p_test.go": strings.Replace(source, "LARGE", strconv.FormatInt(large, 10), 1), "go.mod": "module example.com/p\n\ngo 1.26\n", "data.txt": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(t.TempDir(), "p.test")
	inDir := func(ctx context.Context, _, name string, args ...string) error {
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		return err
	}
	if err := Build(t.Context(), Target{".", "BenchmarkSum"}, binary, inDir); err != nil {
		t.Fatal(err)
	}
	sample := func(name string, limit time.Duration) (seconds, flops float64, err error) {
		r := &Runner{Binary: binary, Dir: dir, Target: Target{".", name}, Time: 10 * time.Millisecond, Limit: limit}
		s, err := r.Sample(t.Context(), 1234, false)
		if name == "BenchmarkLarge" && s.PeakRSS < large {
			t.Errorf("a resident set of %d bytes", s.PeakRSS)
		}
		return s.Seconds, s.Run.FLOPs(), err
	}
	if s, flops, err := sample("BenchmarkSum", time.Minute); err != nil || !(s > 0) || flops != 1000 {
		t.Errorf("%g s, %g FLOPs, %v", s, flops, err)
	}
	if _, _, err := sample("BenchmarkLarge", time.Minute); err != nil {
		t.Error(err)
	}
	if _, _, err := sample("BenchmarkTwo/b", time.Minute); err != nil {
		t.Error(err)
	}
	if _, _, err := sample("BenchmarkFile", time.Minute); err != nil {
		t.Errorf("it does not run in the directory of its package: %v", err)
	}
	for name, want := range map[string]string{"BenchmarkFail": "on purpose", "BenchmarkNone": "no such benchmark", "BenchmarkTwo": "choose one", "BenchmarkSkip": "or it was skipped",
		"BenchmarkExit": "printed nothing", "BenchmarkHang": "hung"} {
		limit := time.Minute
		if name == "BenchmarkHang" {
			limit = 500 * time.Millisecond
		}
		if _, _, err := sample(name, limit); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func TestDirOf(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if dir, err := DirOf(t.Context(), "."); err != nil || dir != here {
		t.Errorf("%s, %v", dir, err)
	}
	for _, pkg := range []string{"./none", "../..."} {
		if dir, err := DirOf(t.Context(), pkg); err == nil {
			t.Errorf("%s: %s", pkg, dir)
		}
	}
}

func TestInput(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]bool{"dot.go": true, "dot_amd64.s": true, "go.mod": true, "testdata/x.bin": true, "": true,
		"tune.log": false, "cpu.pprof": false, "nohup.out": false, "README.md": false} {
		if got := Input(filepath.Join(dir, name)); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
