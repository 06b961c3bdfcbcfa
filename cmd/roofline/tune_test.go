package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/loop"
	"github.com/roofline-go/roofline/roofline/session"
	"github.com/roofline-go/roofline/roofline/tune"
)

func TestTuneSweeps(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	storeCeilings(t)
	code, stdout, stderr := invoke(t, "tune", "matmul/avx2/f32", "--shape", "40x40x40", "--time-budget", "300ms", "--no-progress")
	if code != exitDone {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	if !strings.Contains(stdout, "matmul/avx2/f32 40x40x40 t1: tried") {
		t.Errorf("%s", stdout)
	}
	if !strings.Contains(stdout, "the default") && !strings.Contains(stdout, "stored") {
		t.Errorf("no outcome:\n%s", stdout)
	}
}

// A stored setting is used by measure and stands in the result; --untuned ignores it, tune --reset forgets it.
func TestMeasureUsesTheTunedSetting(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	storeCeilings(t)
	host, _, err := machine.Describe()
	if err != nil {
		t.Fatal(err)
	}
	found, err := kernels.Find("matmul/avx2/f32")
	if err != nil {
		t.Fatal(err)
	}
	s := shape.Shape{M: 40, N: 40, K: 40}
	t.Cleanup(func() { _ = found[0].Use(s, nil) })
	if err := tune.Save(host.Fingerprint, tune.Key(found[0], s, 1), tune.Tuned{Setting: kernels.Setting{"depth": 128}}); err != nil {
		t.Fatal(err)
	}
	setting := func(args ...string) map[string]int {
		t.Helper()
		_ = found[0].Use(s, nil)
		args = append([]string{"measure", "matmul/avx2/f32", "--shape", "40x40x40", "--time-budget", "500ms", "--no-progress", "--source", "analytic"}, args...)
		if code, _, stderr := invoke(t, args...); code != exitDone {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		var doc struct {
			Runs []struct{ Setting map[string]int }
		}
		data, err := os.ReadFile("roofline-out/result.json")
		if err != nil || json.Unmarshal(data, &doc) != nil || len(doc.Runs) != 1 {
			t.Fatal(err)
		}
		return doc.Runs[0].Setting
	}
	if got := setting(); got["depth"] != 128 {
		t.Errorf("measured with %v, want the stored depth=128", got)
	}
	if got := setting("--untuned"); len(got) != 0 {
		t.Errorf("--untuned measured with %v", got)
	}
	for _, want := range []string{"the stored setting is forgotten\n", "no setting is stored\n"} {
		if code, stdout, stderr := invoke(t, "tune", "--reset", "matmul/avx2/f32", "--shape", "40x40x40"); code != exitDone || !strings.Contains(stdout, want) {
			t.Fatalf("exit code %d, %q, want %q: %s", code, stdout, want, stderr)
		}
	}
	if got := setting(); len(got) != 0 {
		t.Errorf("after the reset measured with %v", got)
	}
}

func TestTuneRefuses(t *testing.T) {
	storeCeilings(t)
	for _, c := range []struct {
		args []string
		want string
	}{{[]string{"triad/naive/f32"}, "no parameters"}, {nil, "takes one kernel"}, {[]string{"nothing"}, "nothing"},
		{[]string{"matmul/avx2/f32", "--once"}, "--once means nothing to the sweep"}, {[]string{"matmul/avx2/f32", "--watch", "k.c"}, "--watch"},
		{[]string{"--object", "k.so", "--reset"}, "--reset"}, {[]string{"--bench", "./x.BenchmarkX", "--shape", "4"}, "--shape means nothing to a benchmark"}} {
		if code, _, stderr := invoke(t, append([]string{"tune"}, c.args...)...); code != exitUsage || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: exit code %d: %s", c.args, code, stderr)
		}
	}
}

// The loop that has ended says how to go on with what it began, and its advice holds.
func TestTuneSaysHowToGoOn(t *testing.T) {
	t.Chdir(t.TempDir())
	const dir = "elsewhere"
	begin := func() (*tuner, *bytes.Buffer) {
		out := &bytes.Buffer{}
		tn := &tuner{o: &liveOptions{options: &options{out: dir}}, out: out, subject: named("f"), loop: &loop.Loop{}}
		if err := tn.beginSession(t.Context()); err != nil {
			t.Fatal(err)
		}
		return tn, out
	}
	first, text := begin()
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	_, advice, _ := strings.Cut(text.String(), "roofline session start ")
	advice, _, _ = strings.Cut(advice, "\n")
	if advice != first.session.Name+" --out "+dir {
		t.Fatalf("no way to go on in\n%s", text)
	}
	if code, _, errs := invoke(t, append([]string{"session", "start"}, strings.Fields(advice)...)...); code != exitDone {
		t.Fatal(errs)
	}
	again, text := begin()
	if again.session.Name != first.session.Name {
		t.Errorf("it goes on with session %s, not %s", again.session.Name, first.session.Name)
	}
	if err := again.end(); err != nil || strings.Contains(text.String(), "session start") {
		t.Errorf("a session that it did not begin, and leaves open, is said to be ended: %v\n%s", err, text)
	}
	if now, err := session.Current(dir); err != nil || now.Name != first.session.Name {
		t.Errorf("the user's session was ended: %v, %v", now, err)
	}
}

// named is a subject of which only the name matters.
type named string

func (n named) name() string                         { return string(n) }
func (n named) key() string                          { return string(n) }
func (n named) watched() []string                    { return nil }
func (n named) warnings() []string                   { return nil }
func (n named) Build(context.Context) error          { return nil }
func (n named) Product() string                      { return "" }
func (n named) Runner(string, string) compare.Runner { return nil }

// Declared work of another order than what is executed is noted, and what padding adds is not.
func TestOtherWorkThanDeclared(t *testing.T) {
	for executed, want := range map[float64]string{1e3: "it executes 1e-09 × the FLOPs", 0.9e12: "", 3e12: "", 2e13: "it executes 20 × the FLOPs", 0: "it executes 0 × the FLOPs"} {
		run := roofline.Run{Counts: map[perf.Quantity][]perf.Count{perf.FLOPs: {
			{Value: executed, Source: perf.SourceInstrumented, Quality: perf.Exact}, {Value: 1e12, Source: perf.SourceAnalytic, Quality: perf.Analytic}}}}
		if note := otherWork(run); (note == "") != (want == "") || !strings.HasPrefix(note, want) {
			t.Errorf("%g FLOPs of 1e12: %q, want %q", executed, note, want)
		}
	}
	if note := otherWork(roofline.Run{}); note != "" {
		t.Errorf("nothing is counted: %q", note)
	}
}

// A search whose outcome could not be stored is not begun.
func TestTuneNowhereToStore(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	t.Chdir(t.TempDir())
	if err := os.WriteFile("file", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ROOFLINE_CACHE", "file")
	code, stdout, stderr := invoke(t, "tune", "matmul/avx2/f32", "--shape", "40x40x40", "--no-progress")
	if code != exitFailed || stdout != "" || !strings.Contains(stderr, "set ROOFLINE_CACHE to a directory that can be written") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}
