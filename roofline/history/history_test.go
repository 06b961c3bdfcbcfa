package history

import (
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/session"
	"github.com/roofline-go/roofline/roofline/stats"
)

func measured(machine, kernel, variant string, seconds ...float64) *session.Record {
	r := session.NewRecord(session.Measure)
	r.Machine = machine
	r.Code = &session.Code{Commit: "0123456789abcdef", Dirty: true}
	r.Result = roofline.NewResult(roofline.Machine{Fingerprint: machine})
	run := roofline.Run{Kernel: kernel, Variant: variant, DType: "f32", Shape: shape.Shape{M: 4, N: 4, K: 4}, Threads: 1,
		Time:   roofline.Timing{Unit: "s", Estimate: stats.Summarize(seconds), Samples: seconds, Batch: 1},
		Counts: map[perf.Quantity][]perf.Count{perf.FLOPs: {{Value: 128, Source: "analytic", Quality: perf.Analytic}}}}
	r.Result.Runs = []roofline.Run{run}
	return r
}

func around(v float64) []float64 {
	var list []float64
	for _, f := range []float64{1, 1.001, 0.999, 1.002, 0.998, 1, 1.001, 0.999} {
		list = append(list, f*v)
	}
	return list
}

func note(text string) *session.Record {
	r := session.NewRecord(session.Note)
	r.Note = text
	return r
}

func TestTrajectories(t *testing.T) {
	list := Trajectories([]*session.Record{
		session.NewRecord(session.Start),
		measured("m", "matmul", "naive", around(8e-6)...),
		note("before"),
		measured("m", "triad", "x", around(1e-6)...),
		measured("m", "matmul", "blocked", around(4e-6)...),
		note("blocked for L2"),
		measured("m", "matmul", "blocked", around(4e-6)...),
		measured("m", "matmul", "worse", around(5e-6)...),
		measured("m", "matmul", "worst", around(20e-6)...),
		measured("other", "matmul", "elsewhere", around(1e-6)...),
	}, func(string) float64 { return 0.005 })
	if len(list) != 2 || list[0].Key != "matmul/f32 4x4x4" || list[1].Key != "triad/f32 4x4x4" {
		t.Fatalf("%+v", list)
	}
	m := list[0]
	if len(m.Steps) != 6 || m.Best != 5 {
		t.Fatalf("%d steps, best %d", len(m.Steps), m.Best)
	}
	outcome := func(c *compare.Comparison) compare.Outcome {
		if c == nil {
			return ""
		}
		return c.Verdict.Outcome
	}
	for i, want := range []struct{ previous, best compare.Outcome }{
		{"", ""}, {compare.Faster, compare.Faster}, {compare.NoDifference, compare.NoDifference}, {compare.Slower, compare.Slower}, {compare.Slower, compare.Slower}, {"", ""},
	} {
		if s := m.Steps[i]; outcome(s.Previous) != want.previous || outcome(s.Best) != want.best {
			t.Errorf("step %d: %q and %q, want %q and %q", i, outcome(s.Previous), outcome(s.Best), want.previous, want.best)
		}
	}
	if got := []int{m.Steps[0].N, m.Steps[1].N, list[1].Steps[0].N}; got[0] != 1 || got[1] != 3 || got[2] != 2 {
		t.Errorf("numbers %v", got)
	}
	if n := m.Steps[1].Notes; len(n) != 1 || n[0] != "blocked for L2" {
		t.Errorf("notes %q", n)
	}
	var b strings.Builder
	if err := WriteLog(&b, list); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"2.00×", "<==", "~", "÷1.25", "÷4.00", "÷5.00", "3: blocked for L2", "01234567+"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("no %q in\n%s", part, b.String())
		}
	}
	for line := range strings.Lines(b.String()) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// A step on another machine begins anew: it is compared with the steps there, and the best is the best of those.
func TestAnotherMachine(t *testing.T) {
	records := []*session.Record{measured("fast", "matmul", "v", around(1e-6)...), measured("slow", "matmul", "v", around(9e-6)...),
		measured("slow", "matmul", "v", around(6e-6)...)}
	m := Trajectories(records, func(string) float64 { return 0.01 })[0]
	if c := m.Steps[2].Best; m.Best != 2 || c == nil || c.Verdict.Outcome != compare.Faster || m.Steps[1].Best != nil {
		t.Errorf("best %d, %+v", m.Best, c)
	}
	var b strings.Builder
	if err := WriteBest(&b, m); err != nil || !strings.Contains(strings.Join(strings.Fields(b.String()), " "), "1.50× #2, the first on its machine") {
		t.Errorf("%s %v", b.String(), err)
	}
}

// What tune found by running both versions in pairs stands for the step, whatever the stored times say: here the machine became
// twice as slow between the steps, and the pairs have seen the new version to be twice as fast.
func TestPairsOfTuneDecide(t *testing.T) {
	first, second := measured("m", "matmul", "v", around(4e-6)...), measured("m", "matmul", "v", around(4e-6)...)
	first.Kind, second.Kind = session.Tune, session.Tune
	base := compare.Side{Label: "#1", Run: first.Result.Runs[0], Times: around(8e-6)}
	new := compare.Side{Label: "#2", Run: second.Result.Runs[0], Times: around(4e-6)}
	if err := second.Attach(compare.Compare([]compare.Pair{{ID: "x", Base: base, New: new}}, 0.01)); err != nil {
		t.Fatal(err)
	}
	list := Trajectories([]*session.Record{first, second}, func(string) float64 { return 0.01 })
	for name, c := range map[string]*compare.Comparison{"previous": list[0].Steps[1].Previous, "best": list[0].Steps[1].Best} {
		if c == nil || c.Verdict.Outcome != compare.Faster || !c.Time.Paired || c.Time.Speedup.Median < 1.9 || c.Time.Speedup.Median > 2.1 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if list[0].Best != 1 {
		t.Error("the faster one is not the best")
	}
	second.Compare = []byte("{")
	if c := Trajectories([]*session.Record{first, second}, func(string) float64 { return 0.01 })[0].Steps[1].Previous; c == nil || c.Time.Paired {
		t.Errorf("a report that cannot be read: %+v", c)
	}
}

// A step that pairs did not find to be faster is not the best, as tune says, however short its median.
func TestBestIsThatOfTune(t *testing.T) {
	first, second := measured("m", "matmul", "v", around(4e-6)...), measured("m", "matmul", "v", around(3.999e-6)...)
	first.Kind, second.Kind = session.Tune, session.Tune
	base := compare.Side{Label: "#1", Run: first.Result.Runs[0], Times: around(4e-6)}
	new := compare.Side{Label: "#2", Run: second.Result.Runs[0], Times: around(4e-6)}
	if err := second.Attach(compare.Compare([]compare.Pair{{ID: "x", Base: base, New: new}}, 0.01)); err != nil {
		t.Fatal(err)
	}
	third := measured("m", "matmul", "v", around(3.998e-6)...) // without pairs
	for n, want := range []int{0, 0, 2} {
		list := Trajectories([]*session.Record{first, second, third}[:n+1], func(string) float64 { return 0.01 })
		if list[0].Best != want {
			t.Errorf("%d steps: the best is the one at %d, want %d", n+1, list[0].Best, want)
		}
	}
}

func TestSparkline(t *testing.T) {
	if got := Sparkline([]float64{1, 2, 4, 8, 0}); got != "▂▃▅█▁" {
		t.Errorf("%s", got)
	}
	if Sparkline(nil) != "" {
		t.Error("of nothing")
	}
}

// Calls of a function with other arguments are another trajectory, whatever their names: one of twice the size is not twice as slow.
func TestKeyOfCallsWithOtherArguments(t *testing.T) {
	call := func(signature string) roofline.Run {
		return roofline.Run{Kernel: "f", Variant: "libk.so", DType: "f64", Object: &roofline.Object{Function: "f", Signature: signature}}
	}
	if a, b := Key(call("f64[1000], i64=1000")), Key(call("f64[2000], i64=2000")); a == b || a != Key(call("f64[1000], i64=1000")) {
		t.Errorf("%q and %q", a, b)
	}
}

// Steps of tune have the numbers that it printed: an iteration that measured nothing has none, and what follows goes on.
func TestNumbersOfTune(t *testing.T) {
	var records []*session.Record
	for _, iteration := range []int{1, 2, 5, 6, 0} { // the last is of measure
		r := measured("m", "matmul", "v", around(4e-6)...)
		r.Iteration = iteration
		records = append(records, r)
	}
	again := measured("m", "matmul", "v", around(4e-6)...)
	again.Iteration = 1 // of another loop
	var got []int
	for _, s := range Trajectories(append(records, again), func(string) float64 { return 0 })[0].Steps {
		got = append(got, s.N)
	}
	if want := []int{1, 2, 5, 6, 7, 8}; !slices.Equal(got, want) {
		t.Errorf("numbers %v, want %v", got, want)
	}
}
