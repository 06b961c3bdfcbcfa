package compare

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// run makes a placed run of the kernel: flops per call, DRAM bytes, bound by DRAM at the fraction given.
func run(variant string, seconds, dram, fraction float64) roofline.Run {
	return roofline.Run{
		Kernel: "matmul", Variant: variant, DType: "f32", Shape: shape.Shape{M: 8, N: 8, K: 8}, Threads: 1,
		Time: roofline.Timing{Estimate: stats.Estimate{Median: seconds, Lo: seconds, Hi: seconds, N: 1}},
		Counts: map[perf.Quantity][]perf.Count{
			perf.FLOPs:     {{Value: 1e6, Source: perf.SourceAnalytic, Quality: perf.Analytic}},
			perf.BytesDRAM: {{Value: dram, Source: perf.SourceAnalytic, Quality: perf.Analytic}},
			perf.BytesL2:   {perf.NotCounted(perf.SourcePMU, "no PMU")},
		},
		Points: []roofline.Point{{Level: "DRAM", AI: 1e6 / dram, Perf: 1e6 / seconds}},
		Bound:  &roofline.Bound{By: "bandwidth.load.DRAM", Fraction: fraction},
	}
}

// times are n times around seconds with a relative spread.
func times(seconds, spread float64, n int, r *rand.Rand) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = seconds * math.Exp(spread*r.NormFloat64())
	}
	return list
}

func pair(factor, spread float64, n int, seed uint64) Pair {
	r := rand.New(rand.NewPCG(seed, 1))
	return Pair{ID: "x",
		Base: Side{Label: "a", Run: run("avx2", 1e-3, 4e6, 0.5), Times: times(1e-3, spread, n, r)},
		New:  Side{Label: "b", Run: run("avx2", 1e-3*factor, 4e6, 0.5/factor), Times: times(1e-3*factor, spread, n, r)},
	}
}

func only(t *testing.T, p Pair, floor float64) Comparison {
	t.Helper()
	r := Compare([]Pair{p}, floor)
	if len(r.Comparisons) != 1 {
		t.Fatalf("%d comparisons", len(r.Comparisons))
	}
	return r.Comparisons[0]
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		name          string
		factor, noise float64
		n             int
		floor         float64
		want          Outcome
	}{
		{"faster", 0.90, 0.005, 10, 0.01, Faster},
		{"slower", 1.10, 0.005, 10, 0.01, Slower},
		{"twice as fast", 0.5, 0.005, 10, 0.01, Faster},
		{"same", 1, 0.005, 10, 0.01, NoDifference},
		{"real but below the floor", 0.98, 0.001, 10, 0.03, NoDifference},
		{"noise", 1, 0.3, 10, 0.01, Inconclusive},
		{"too few", 0.5, 0.001, 5, 0.01, Inconclusive},
	} {
		got := only(t, pair(c.factor, c.noise, c.n, 3), c.floor).Verdict
		if got.Outcome != c.want {
			t.Errorf("%s: %+v, want %s", c.name, got, c.want)
		}
	}
	text := only(t, pair(0.5, 0.0001, 10, 3), 0.01).Verdict.Text
	for _, part := range []string{"faster: 2.00 × [2.00, 2.00]", "still bound by DRAM load bandwidth (100 % of it)"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q lacks %q", text, part)
		}
	}
}

func TestVerdictNamesWhatMoved(t *testing.T) {
	p := pair(0.8, 0.001, 10, 4)
	p.New.Run = run("avx512", 0.8e-3, 3e6, 0.7)
	p.New.Run.Bound.By = "compute.fma.avx512.f32"
	text := only(t, p, 0.01).Verdict.Text
	for _, part := range []string{"faster by 25.0 %", "fewer DRAM bytes (−25.0 %)", "now bound by FMA throughput (avx512 f32) (70 % of it)"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q lacks %q", text, part)
		}
	}
}

func TestMetrics(t *testing.T) {
	p := pair(0.8, 0.001, 10, 4)
	p.New.Run = run("avx512", 0.8e-3, 2e6, 0.7)
	p.Base.PeakRSS, p.New.PeakRSS = []float64{10, 10, 10, 10, 10, 10}, []float64{15, 15, 15, 15, 15, 15}
	byName := map[string]Metric{}
	for _, m := range metrics(p.Base, p.New, WallClock) {
		byName[m.Name] = m
	}
	for name, want := range map[string]float64{"flops": 1, "bytes.DRAM": 0.5, "ai.DRAM": 2, "peak_rss": 1.5} {
		if m := byName[name]; !m.Known() || m.Ratio.Median != want {
			t.Errorf("%s: %+v, want the ratio %g", name, m, want)
		}
	}
	if m := byName["bytes.L2"]; m.Known() || !strings.Contains(m.Why, "no PMU") {
		t.Errorf("a missing count: %+v", m)
	}
	// 0.5 of the roof at 1 ms and 0.7 at 0.8 ms
	if m := byName["roof"]; math.Abs(m.Ratio.Median-1.4) > 0.01 || !(m.Ratio.Lo < 1.4 && 1.4 < m.Ratio.Hi) {
		t.Errorf("roof: %+v", m)
	}
}

// A kernel seen to differ among many that do not is held to a stricter p.
func TestManyKernels(t *testing.T) {
	var pairs []Pair
	for i := range 40 {
		pairs = append(pairs, pair(1, 0.02, 10, uint64(100+i)))
	}
	r := Compare(pairs, 0)
	for i, c := range r.Comparisons {
		if c.Verdict.Outcome == Faster || c.Verdict.Outcome == Slower {
			t.Errorf("identical pair %d: %s (p %g, adjusted %g)", i, c.Verdict.Text, c.Time.P, c.Adjusted)
		}
	}
	if g := r.GeoMean; !g.Known() || g.Lo > 1 || g.Hi < 1 {
		t.Errorf("geometric mean %+v", g)
	}
}

func TestMatch(t *testing.T) {
	side := func(label, variant, dtype string) Side {
		r := run(variant, 1, 1, 1)
		r.DType = dtype
		return Side{Label: label, Run: r}
	}
	pairs, alone := Match(
		[]Side{side("a", "avx2", "f32"), side("a", "avx512", "f32"), side("a", "blocked", "f64"), side("a", "go", "f16")},
		[]Side{side("b", "avx512", "f32"), side("b", "avx2", "f32"), side("b", "avx2", "f64"), side("b", "x", "bf16")})
	var got []string
	for _, p := range pairs {
		got = append(got, p.ID+" "+p.New.Run.Variant)
	}
	want := []string{"matmul/avx2/f32 8x8x8 avx2", "matmul/avx512/f32 8x8x8 avx512", "matmul/blocked/f64 8x8x8 → avx2 avx2"}
	if strings.Join(got, ";") != strings.Join(want, ";") {
		t.Errorf("pairs %q, want %q", got, want)
	}
	if want := []string{"only in a: matmul/go/f16 8x8x8", "only in b: matmul/x/bf16 8x8x8"}; !slices.Equal(alone, want) {
		t.Errorf("unmatched: %q, want %q", alone, want)
	}
}

// Where several variants could be meant by another, none is: which one would depend on their order.
func TestMatchDoesNotGuess(t *testing.T) {
	side := func(variant string) Side { return Side{Label: variant, Run: run(variant, 1, 1, 1)} }
	two, one := []Side{side("avx2"), side("avx512")}, []Side{side("blocked")}
	if pairs, alone := Match(two, one); len(pairs) != 0 || len(alone) != 2 {
		t.Errorf("two variants of base, one of new: %d pairs, unmatched %q", len(pairs), alone)
	}
	if pairs, alone := Match(one, two); len(pairs) != 0 || len(alone) != 2 {
		t.Errorf("one variant of base, two of new: %d pairs, unmatched %q", len(pairs), alone)
	}
	if pairs, _ := Match(two, []Side{side("blocked"), side("avx2")}); len(pairs) != 2 || pairs[1].ID != "matmul/avx512/f32 8x8x8 → blocked" {
		t.Errorf("with one that is the same: %+v", pairs)
	}
}

// A function called with other arguments is not the same kernel, whatever its name; how they were typed does not matter.
func TestMatchByArguments(t *testing.T) {
	call := func(label, signature string) Side {
		return Side{Label: label, Run: roofline.Run{Kernel: "f", Variant: "libk.so", DType: "f64", Threads: 1, Object: &roofline.Object{Function: "f", Signature: signature}}}
	}
	pairs, alone := Match([]Side{call("a", "f64[10], i64=10")}, []Side{call("b", "f64[20], i64=20")})
	if want := []string{"only in a: f/libk.so/f64 (f64[10], i64=10)", "only in b: f/libk.so/f64 (f64[20], i64=20)"}; len(pairs) != 0 || !slices.Equal(alone, want) {
		t.Errorf("%d pairs, unmatched %q, want %q", len(pairs), alone, want)
	}
	if pairs, alone = Match([]Side{call("a", "f64[10], i64=10")}, []Side{call("b", "f64[10],i64=10")}); len(pairs) != 1 || len(alone) != 0 {
		t.Errorf("the same call: %d pairs, unmatched %q", len(pairs), alone)
	}
}

func TestReportIsJSON(t *testing.T) {
	r := Compare([]Pair{pair(0.9, 0.01, 3, 1)}, 0) // too few for an interval: NaN inside
	if data, err := json.Marshal(r); err != nil || !strings.Contains(string(data), `"lo":null`) {
		t.Errorf("%s, %v", data, err)
	}
}

// Of results that keep no samples nothing can be told, in words.
func TestTextWithoutSamples(t *testing.T) {
	p := Pair{ID: "x", Base: Side{Label: "a", Run: run("avx2", 1e-3, 4e6, 0.5)}, New: Side{Label: "b", Run: run("avx2", 1e-3, 4e6, 0.5)}}
	r := Compare([]Pair{p, p}, 0)
	var text, summary strings.Builder
	if err := errors.Join(r.WriteText(&text), WriteSummary(&summary, r, Pass, nil)); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{text.String(), summary.String()} {
		if strings.Contains(s, "NaN") || !strings.Contains(s, "not known") {
			t.Error(s)
		}
	}
}

func TestText(t *testing.T) {
	p := pair(0.8, 0.001, 10, 4)
	p.ID = "matmul/avx2/f32 8x8x8 " + strings.Repeat("long ", 30)
	var b strings.Builder
	if err := Compare([]Pair{p, pair(1, 0.001, 10, 5)}, 0.01).WriteText(&b); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"10 pairs", "faster by", "no difference", "geometric mean of 2", "not known:  bytes.L2 (no PMU", "same:"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("no %q in\n%s", part, b.String())
		}
	}
	for line := range strings.Lines(b.String()) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > columns {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestGate(t *testing.T) {
	for _, c := range []struct {
		name  string
		p     Pair
		floor float64
		want  Ruling
	}{
		{"same", pair(1, 0.005, 20, 1), 0.01, Pass},
		{"faster", pair(0.8, 0.005, 20, 1), 0.01, Pass},
		{"2 % slower is allowed", pair(1.02, 0.003, 20, 1), 0.01, Pass},
		{"5 % slower", pair(1.05, 0.005, 20, 1), 0.01, Regressed},
		{"noise", pair(1, 0.2, 10, 1), 0.01, Unclear},
		{"floor above the threshold", pair(1.05, 0.005, 20, 1), 0.05, Unfit},
		{"more bytes at the same time", func() Pair {
			p := pair(1, 0.005, 20, 1)
			p.New.Run = run("avx2", 1e-3, 5e6, 0.5)
			return p
		}(), 0.01, Regressed},
		{"memory", func() Pair {
			p := pair(1, 0.005, 20, 1)
			p.Base.PeakRSS, p.New.PeakRSS = times(1e6, 0.001, 20, rand.New(rand.NewPCG(1, 2))), times(1.3e6, 0.001, 20, rand.New(rand.NewPCG(3, 2)))
			return p
		}(), 0.01, Regressed},
	} {
		got, findings := DefaultGate.Rule(Compare([]Pair{c.p}, c.floor))
		if got != c.want {
			t.Errorf("%s: %s, want %s: %+v", c.name, got, c.want, findings)
		}
		if c.name == "more bytes at the same time" && (len(findings) == 0 || !strings.Contains(findings[0].Text, " per FLOP: worse by ")) {
			t.Errorf("%s: %+v", c.name, findings)
		}
		if (got == Pass) != (len(findings) == 0) {
			t.Errorf("%s: %s with findings %+v", c.name, got, findings)
		}
	}
}

// On recorded-like quiet data a true change of 2 % is found under a threshold of 1 %, and identical code hardly ever
// raises an alarm.
func TestGatePower(t *testing.T) {
	g := DefaultGate
	g.Time, g.Roof = 0.01, 0.01
	found, alarms := 0, 0
	const trials = 200
	for i := range uint64(trials) {
		if r, _ := g.Rule(Compare([]Pair{pair(1.02, 0.006, 20, 1000+i)}, 0.005)); r == Regressed {
			found++
		}
		if r, _ := g.Rule(Compare([]Pair{pair(1, 0.006, 20, 3000+i)}, 0.005)); r == Regressed {
			alarms++
		}
	}
	if found < trials*9/10 || alarms > trials/100 {
		t.Errorf("found %d of %d, %d false alarms", found, trials, alarms)
	}
}

func TestReadGate(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), GateFile)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	g, err := ReadGate(write(`{"time": 0.1}`), true)
	if err != nil || g.Time != 0.1 || g.Roof != DefaultGate.Roof {
		t.Errorf("%+v, %v", g, err)
	}
	if g, err := ReadGate(filepath.Join(t.TempDir(), "none"), false); err != nil || g != DefaultGate {
		t.Errorf("no file: %+v, %v", g, err)
	}
	for _, bad := range []string{`{"time": 0}`, `{"time": -1}`, `{"tine": 0.1}`, `{`, `{"time":"3 %"}`} {
		if _, err := ReadGate(write(bad), true); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
	if _, err := ReadGate(filepath.Join(t.TempDir(), "none"), true); err == nil {
		t.Error("a file that must exist")
	}
}

// fake is a side whose processes write down in which order they ran.
type fake struct {
	name string
	log  *[]string
	fail int // which call fails; 0: none
	n    int
}

func (f *fake) Label() string { return f.name }
func (f *fake) Sample(_ context.Context, _ uint64, first bool) (Sample, error) {
	f.n++
	if f.n == f.fail {
		return Sample{}, errors.New("broken")
	}
	name := f.name
	if first {
		name += "!"
	}
	*f.log = append(*f.log, name)
	return Sample{Seconds: float64(f.n), PeakRSS: 7, Run: roofline.Run{Kernel: f.name}}, nil
}

func TestInterleave(t *testing.T) {
	var log []string
	p, err := Interleave(t.Context(), "id", &fake{name: "a", log: &log}, &fake{name: "b", log: &log}, Effort{Pairs: 3}, nil)
	if err != nil || strings.Join(log, "") != "a!b!abbaab" {
		t.Errorf("order %q, %v", log, err)
	}
	if len(p.Base.Times) != 3 || len(p.New.PeakRSS) != 3 || p.Base.Run.Kernel != "a" || p.Base.Times[0] != 2 {
		t.Errorf("%+v", p)
	}
	log = nil
	p, err = Interleave(t.Context(), "id", &fake{name: "a", log: &log}, &fake{name: "b", log: &log, fail: 3}, Effort{Pairs: 3}, nil)
	if err == nil || !strings.Contains(err.Error(), "run b: broken") || len(p.Base.Times) != 1 || len(p.New.Times) != 1 {
		t.Errorf("a failure keeps whole pairs only: %+v, %v", p, err)
	}
}

func TestCommand(t *testing.T) {
	s, err := Command{Args: []string{"sh", "-c", "sleep 0.05; test ${#ROOFLINE_LAYOUT} = 17"}}.Sample(t.Context(), 4096+17, false)
	if err != nil || s.Seconds < 0.05 || s.CPU <= 0 || s.CPU > s.Seconds {
		t.Errorf("%+v, %v", s, err)
	}
	_, err = Command{Args: []string{"sh", "-c", "echo no luck >&2; exit 3"}}.Sample(t.Context(), 0, false)
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "no luck") {
		t.Errorf("a failing command: %v", err)
	}
	if _, err := (Command{Args: []string{t.TempDir() + "/none"}}).Sample(t.Context(), 0, false); err == nil {
		t.Error("a command that does not exist")
	}
}

func TestBoundName(t *testing.T) {
	for id, want := range map[string]string{
		"compute.fma.avx512.f32": "FMA throughput (avx512 f32)", "compute.amx.bf16": "AMX throughput (bf16)",
		"bandwidth.load.L2": "L2 load bandwidth", "other": "other",
	} {
		if got := roofline.BoundName(id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

func TestCIReports(t *testing.T) {
	p := pair(1.1, 0.001, 20, 1)
	p.ID = "<evil> & | `x` ]]>"
	r := Compare([]Pair{p, pair(1, 0.001, 20, 2)}, 0.001)
	ruling, findings := DefaultGate.Rule(r)
	var b strings.Builder
	if err := WriteJUnit(&b, r, findings); err != nil {
		t.Fatal(err)
	}
	var suite junit
	if err := xml.Unmarshal([]byte(b.String()), &suite); err != nil || suite.Failures != 1 || suite.Tests != 2 || suite.Cases[0].Name != p.ID {
		t.Errorf("%v: %s", err, b.String())
	}
	b.Reset()
	if err := WriteSummary(&b, r, ruling, findings); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Contains(s, "<evil>") || !strings.Contains(s, "Performance gate: regression") || !strings.Contains(s, "more than 3.0 % allowed") {
		t.Errorf("summary:\n%s", s)
	}
}

// A command has no run, and so its side has none in JSON: one of zeros would be taken for a measurement.
func TestSideWithoutARun(t *testing.T) {
	data, err := json.Marshal(Side{Label: "true", Times: []float64{1}})
	if err != nil || string(data) != `{"label":"true","times":[1]}` {
		t.Errorf("%s, %v", data, err)
	}
	var again Side
	if err := json.Unmarshal(data, &again); err != nil || again.Label != "true" || again.Run.Kernel != "" {
		t.Errorf("%+v, %v", again, err)
	}
}
