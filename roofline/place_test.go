package roofline

import (
	"math"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline/stats"
)

// A made-up machine with round numbers: 100 GFLOP/s AVX2, 200 GFLOP/s AVX-512; load 400, 200, 50, 10 GB/s.
func ceilings() []Ceiling {
	at := func(v float64) stats.Estimate { return stats.Estimate{Median: v, Lo: v * 0.999, Hi: v * 1.001, N: 9} }
	list := []Ceiling{
		{ID: "compute.fma.avx2.f32", Kind: "compute", Op: "fma", ISA: "avx2", DType: "f32", Unit: "FLOP/s", Value: at(100e9)},
		{ID: "compute.fma.avx512.f32", Kind: "compute", Op: "fma", ISA: "avx512", DType: "f32", Unit: "FLOP/s", Value: at(200e9)},
		{ID: "compute.fma.avx512.f64", Kind: "compute", Op: "fma", ISA: "avx512", DType: "f64", Unit: "FLOP/s", Value: at(100e9)},
		{ID: "bandwidth.load.L1", Kind: "bandwidth", Op: "load", Level: "L1", Unit: "B/s", Value: at(400e9)},
		{ID: "bandwidth.copy.L1", Kind: "bandwidth", Op: "copy", Level: "L1", Unit: "B/s", Value: at(500e9)},
		{ID: "bandwidth.load.L2", Kind: "bandwidth", Op: "load", Level: "L2", Unit: "B/s", Value: at(200e9)},
		{ID: "bandwidth.load.L3", Kind: "bandwidth", Op: "load", Level: "L3", Unit: "B/s", Value: at(50e9)},
		{ID: "bandwidth.load.DRAM", Kind: "bandwidth", Op: "load", Level: "DRAM", Unit: "B/s", Value: at(10e9)},
		{ID: "bandwidth.copy.DRAM", Kind: "bandwidth", Op: "copy", Level: "DRAM", Unit: "B/s", Value: at(8e9)},
		{ID: "bandwidth.copy_nt.DRAM", Kind: "bandwidth", Op: "copy_nt", Level: "DRAM", Unit: "B/s", Value: at(9e9)},
		{ID: "bandwidth.ntstore.DRAM", Kind: "bandwidth", Op: "ntstore", Level: "DRAM", Unit: "B/s", Value: at(20e9)}, // nobody's roof
		{ID: "latency.L1", Kind: "latency", Level: "L1", Unit: "s", Value: at(1e-9)},
	}
	for i := range list {
		list[i].Threads = 1
	}
	return list
}

// run makes a run of the given FLOPs and time with exactly counted bytes of the levels L1, L2, … (0: not counted).
func run(kernel string, flops, seconds float64, bytes ...float64) Run {
	r := Run{Kernel: kernel, Variant: "avx512", ISA: "avx512", DType: "f32", Shape: shape.Shape{M: 1, N: 2, K: 3}, Threads: 1,
		Roof: "compute.fma.avx512.f32", Counts: map[perf.Quantity][]perf.Count{}}
	r.Time = Timing{Unit: "s", Estimate: stats.Estimate{Median: seconds, Lo: seconds, Hi: seconds, N: 9}, Batch: 1}
	r.Counts[perf.FLOPs] = []perf.Count{{Value: flops, Source: perf.SourceInstrumented, Quality: perf.Exact}}
	for i, b := range bytes {
		c := perf.Count{Value: b, Source: perf.SourceInstrumented, Quality: perf.Exact}
		if b == 0 {
			c = perf.NotCounted(perf.SourceInstrumented, "test")
		}
		r.Counts[Bytes(Levels[i])] = []perf.Count{c}
	}
	return r
}

func TestPlace(t *testing.T) {
	for _, c := range []struct {
		name       string
		run        Run
		by         string
		attainable float64
		fraction   float64
		points     int
		why        string
	}{
		// 1 GFLOP in 6.25 ms = 160 GFLOP/s; DRAM AI 100 allows 1 TFLOP/s.
		{"compute", run("matmul", 1e9, 6.25e-3, 1e9, 1e8, 1e7, 1e7), "compute.fma.avx512.f32", 200e9, 0.8, 4, "compute-bound"},
		// AI(L2) 0.5 × 200 GB/s = 100 GFLOP/s is below AI(L1) 0.5 × 500 GB/s, the L1 copy being the faster one.
		{"L2", run("matmul", 1e9, 20e-3, 2e9, 2e9), "bandwidth.load.L2", 100e9, 0.5, 2, "bandwidth-bound: at AI 0.5 FLOP/B bandwidth.load.L2"},
		{"hole in the levels", run("matmul", 1e9, 20e-3, 0, 2e9), "bandwidth.load.L2", 100e9, 0.5, 1, "L2"},
		// dot reads only: the copy ceiling is not its roof, although it is higher.
		{"own mix", run("dot", 1e9, 10e-3, 4e9), "bandwidth.load.L1", 100e9, 1, 1, "bandwidth.load.L1"},
		// 1 GB in 125 ms of the 9 GB/s which non-temporal stores allow.
		{"no FLOPs", run("copy", 0, 0.125, 0, 0, 0, 1e9), "bandwidth.copy_nt.DRAM", 9e9, 1 / 0.125 / 9, 0, "no FLOPs"},
		// A sort or a look-up is far below every bandwidth, which is not to be none of it.
		{"far below", run("copy", 0, 25, 0, 0, 0, 1e9), "bandwidth.copy_nt.DRAM", 9e9, 1 / 25. / 9, 0, "; 0.4 % of it reached"},
		{"no roof holds it", run("copy", 0, 25, 0, 0, 0, 1e9), "bandwidth.copy_nt.DRAM", 9e9, 1 / 25. / 9, 0, "held by latency, dependencies or instructions, not by a roof: it has no FLOPs"},
		{"nor a chain of products", run("matmul", 1e9, 62.5e-3, 1e9, 1e8, 1e7, 1e7), "compute.fma.avx512.f32", 200e9, 0.08, 4, "held by latency, dependencies or instructions, not by a roof: compute.fma"},
		{"no bytes", run("matmul", 1e9, 10e-3), "compute.fma.avx512.f32", 200e9, 0.5, 0, "no bytes were counted"},
	} {
		warnings := Place(&c.run, ceilings())
		if len(warnings) > 0 || c.run.Bound == nil {
			t.Errorf("%s: no bound: %v", c.name, warnings)
			continue
		}
		b := c.run.Bound
		if b.By != c.by || !alike(b.Attainable, c.attainable) || !alike(b.Fraction, c.fraction) {
			t.Errorf("%s: bound by %s, attainable %g, fraction %g; want %s, %g, %g", c.name, b.By, b.Attainable, b.Fraction, c.by, c.attainable, c.fraction)
		}
		if len(c.run.Points) != c.points || !strings.Contains(b.Why, c.why) {
			t.Errorf("%s: %d points, why %q; want %d, %q", c.name, len(c.run.Points), b.Why, c.points, c.why)
		}
		if err := c.run.validate(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// With several levels the bound is the minimum of the attainable performances, as the roofline model says.
func TestBoundIsTheMinimum(t *testing.T) {
	for _, l2 := range []float64{1e6, 1e8, 1e9, 3e9} {
		for _, dram := range []float64{1e4, 1e6, 1e7, 1e8, 1e9} {
			r := run("matmul", 1e9, 1, 0, l2, 0, dram)
			Place(&r, ceilings())
			want := math.Min(Attainable(1e9/l2, 200e9, 200e9), Attainable(1e9/dram, 200e9, 10e9))
			if !alike(r.Bound.Attainable, want) {
				t.Errorf("bytes %g, %g: attainable %g, want %g", l2, dram, r.Bound.Attainable, want)
			}
		}
	}
}

// Streams whose lines were counted are compared with their ceiling in lines: beyond L1 a triad's loop asks for three arrays and
// moves four, a copy's asks for two and moves three. Declared bytes are what a program asks for, those of L1, too; non-temporal
// stores read nothing first.
func TestStreamsInLines(t *testing.T) {
	at := func(level, op string, v float64) Ceiling {
		return Ceiling{ID: "bandwidth." + op + "." + level, Kind: "bandwidth", Op: op, Level: level, Threads: 1, Unit: "B/s", Value: stats.Estimate{Median: v}}
	}
	list := append(ceilings()[:3], at("L1", "triad", 300), at("L2", "triad", 300), at("L2", "copy", 300), at("L3", "copy", 300), at("DRAM", "copy", 300), at("L2", "load", 300))
	for _, c := range []struct {
		kernel, level string
		quality       perf.Quality
		want          float64
	}{
		{"triad", "L2", perf.Simulated, 400}, {"copy", "L2", perf.Exact, 450}, {"copy", "L3", perf.Simulated, 450},
		{"triad", "L2", perf.Analytic, 300}, {"triad", "L1", perf.Exact, 300}, {"copy", "DRAM", perf.Simulated, 300},
		{"dot", "L2", perf.Simulated, 300}, {"matmul", "L2", perf.Simulated, 300},
	} {
		r := Run{Kernel: c.kernel, Threads: 1, DType: "f32", Time: Timing{Unit: "s", Estimate: stats.Estimate{Median: 1}},
			Counts: map[perf.Quantity][]perf.Count{Bytes(c.level): {{Value: c.want, Quality: c.quality}}}}
		Place(&r, list)
		roof, ok := r.BoundCeiling(list)
		if !ok || roof.Value.Median != c.want || roof.InLines != (c.want > 300) || r.Bound.Fraction != 1 || strings.Contains(r.Bound.Why, "in lines") != roof.InLines {
			t.Errorf("%s, %s bytes of %s: %+v under %+v, want %g", c.kernel, c.quality, c.level, r.Bound, roof, c.want)
		}
	}
}

// A function of which only the signature is known is held against the mix that was counted, whatever its name: loads against loads,
// stores against stores, which move two lines for each beyond L1, where what moves as a triad or a copy does is held against these,
// in lines, and what lies between two of them against a part of each; anything else against the fastest ceiling. A triad that runs at the rate of the ceiling's own loop has reached its roof, and does not stand above it.
func TestForeignFunctionsByTheirCountedMix(t *testing.T) {
	var list []Ceiling
	for _, level := range []string{"L1", "L2", "L3", "DRAM"} {
		for op, v := range map[string]float64{"load": 400, "store": 200, "copy": 350, "triad": 600} {
			list = append(list, Ceiling{ID: "bandwidth." + op + "." + level, Kind: "bandwidth", Op: op, Level: level, Threads: 1, Unit: "B/s", Value: stats.Estimate{Median: v}})
		}
	}
	for _, c := range []struct {
		level    string
		in, read perf.Quantity
		bytes    float64
		loaded   float64
		by       string
		want     float64
	}{
		{"L1", perf.BytesL1, perf.BytesLoaded, 16008, 16000, "bandwidth.load.L1", 400},
		{"L1", perf.BytesL1, perf.BytesLoaded, 1000, 8, "bandwidth.store.L1", 200},
		{"L1", perf.BytesL1, perf.BytesLoaded, 1200, 800, "bandwidth.triad.L1", 600},
		{"L1", perf.BytesL1, perf.BytesLoaded, 1200, 1100, "bandwidth.triad.L1", 600},
		{"L2", perf.BytesL2, perf.BytesL2Fill, 1000, 1000, "bandwidth.load.L2", 400},
		{"L2", perf.BytesL2, perf.BytesL2Fill, 1000, 495, "bandwidth.store.L2", 400},
		{"L2", perf.BytesL2, perf.BytesL2Fill, 1000, 750, "bandwidth.triad.L2", 800},
		{"L2", perf.BytesL2, perf.BytesL2Fill, 1000, 980, "bandwidth.triad.L2", 1250. / 3}, // as 920 of loads and 80 of a triad: 2.3 and 0.1 s
		{"L3", perf.BytesL3, perf.BytesL3Fill, 1000, 900, "bandwidth.triad.L3", 500},       // 600 and 400: 1.5 and 0.5 s
		{"L3", perf.BytesL3, perf.BytesL3Fill, 1050, 700, "bandwidth.copy.L3", 525},
		{"L3", perf.BytesL3, perf.BytesL3Fill, 840, 490, "bandwidth.store.L3", 1. / (0.5/525 + 0.5/400)}, // 5/12 are between 1/3 and 1/2
		{"DRAM", perf.BytesDRAM, perf.BytesDRAMRead, 1000, 1000, "bandwidth.load.DRAM", 400},
		{"DRAM", perf.BytesDRAM, perf.BytesDRAMRead, 1000, 750, "bandwidth.triad.DRAM", 600},
	} {
		for _, name := range []string{"f", "copy", "decode"} {
			r := Run{Kernel: name, Threads: 1, DType: "f32", Object: &Object{Function: name, Signature: "i64=1"},
				Time: Timing{Unit: "s", Estimate: stats.Estimate{Median: 1}}, Counts: map[perf.Quantity][]perf.Count{
					c.in: {{Value: c.bytes, Quality: perf.Exact}}, c.read: {{Value: c.loaded, Quality: perf.Exact}}}}
			Place(&r, list)
			if roof, ok := r.BoundCeiling(list); !ok || roof.ID != c.by || !alike(roof.Value.Median, c.want) || !alike(r.Bound.Fraction, c.bytes/c.want) {
				t.Errorf("%s, %g of %g bytes of %s read: %+v under %+v, want %s of %g", name, c.loaded, c.bytes, c.level, r.Bound, roof, c.by, c.want)
			}
		}
	}
	named := Run{Kernel: "dot", Threads: 1, DType: "f32", Object: &Object{Function: "f", As: "dot:1000"}, Time: Timing{Unit: "s", Estimate: stats.Estimate{Median: 1}},
		Counts: map[perf.Quantity][]perf.Count{perf.BytesL1: {{Value: 1000, Quality: perf.Exact}}, perf.BytesLoaded: {{Value: 500, Quality: perf.Exact}}}}
	if Place(&named, list); named.Bound.By != "bandwidth.load.L1" {
		t.Errorf("a dot product by its signature is held against %s", named.Bound.By)
	}
}

func TestAttainable(t *testing.T) {
	for ai, want := range map[float64]float64{1: 10e9, 10: 100e9, 20: 200e9, 40: 200e9} { // the ridge is at 20 FLOP/B
		if got := Attainable(ai, 200e9, 10e9); got != want {
			t.Errorf("at %g FLOP/B: %g, want %g", ai, got, want)
		}
	}
}

func TestAboveRoofIsDiagnosed(t *testing.T) {
	r := run("matmul", 1e9, 4e-3, 1e6) // 250 of 200 GFLOP/s
	warnings := Place(&r, ceilings())
	if len(warnings) != 1 || !strings.Contains(warnings[0].Text, "125.0 %") || !strings.Contains(warnings[0].Text, "overcounts flops") ||
		warnings[0].About != r.ID() || !strings.Contains(warnings[0].Cure, "--refresh") {
		t.Errorf("got %+v", warnings)
	}
	if r.Bound == nil || r.Bound.Fraction < 1.24 {
		t.Errorf("the fraction is hidden: %+v", r.Bound)
	}
	r = run("dot", 1e8, 1e-3, 0, 0, 0, 4e8) // 400 of 10 GB/s
	r.Counts[perf.BytesDRAM][0] = perf.Count{Value: 4e8, Source: perf.SourceAnalytic, Quality: perf.Analytic}
	if warnings = Place(&r, ceilings()); len(warnings) != 1 || !strings.Contains(warnings[0].Text, "inside DRAM") {
		t.Errorf("got %+v", warnings)
	}
	r = run("matmul", 1e8, 1e-3, 0, 2.5e8) // 250 of 200 GB/s in L2, lines that are read to be written included
	if warnings = Place(&r, ceilings()); len(warnings) != 1 || !strings.Contains(warnings[0].Text, "bytes.L2 holds lines that stores read first") {
		t.Errorf("got %+v", warnings)
	}
	r = run("dot", 1e8, 1e-3, 0, 2.5e8) // the same, but a dot stores nothing
	if warnings = Place(&r, ceilings()); len(warnings) != 1 || strings.Contains(warnings[0].Text, "stores read first") {
		t.Errorf("got %+v", warnings)
	}
	r = run("matmul", 1e9, 1e9/(200e9*1.04), 1e6)
	if warnings = Place(&r, ceilings()); len(warnings) != 1 {
		t.Errorf("4 %% above: got %+v", warnings)
	}
	r.Time.Lo, r.Time.Hi = r.Time.Median*0.96, r.Time.Median*1.04 // nobody can tell
	if warnings = Place(&r, ceilings()); len(warnings) != 0 || !(r.Bound.Fraction > 1.03) {
		t.Errorf("4 %% above, ±4 %%: got %+v, %+v", warnings, r.Bound)
	}
	r, wide := run("matmul", 1e9, 1e9/(200e9*1.04), 1e6), ceilings()
	for i := range wide {
		c := &wide[i].Value
		c.Lo, c.Hi = c.Median*0.96, c.Median*1.04
	}
	if warnings = Place(&r, wide); len(warnings) != 0 || !(r.Bound.Fraction > 1.03) {
		t.Errorf("4 %% above a roof of ±4 %%: got %+v, %+v", warnings, r.Bound)
	}
	r = run("matmul", 1e9, 1e9/(200e9*1.009), 1e6) // within the allowance
	if warnings = Place(&r, ceilings()); len(warnings) != 0 {
		t.Errorf("got %+v", warnings)
	}
}

func TestNotPlaced(t *testing.T) {
	two := run("matmul", 1e9, 1e-2, 1e9)
	two.Threads = 2
	other := run("matmul", 1e9, 1e-2, 1e9)
	other.Roof = "compute.amx.bf16"
	untimed := run("matmul", 1e9, 0, 1e9)
	nothing := run("matmul", 1e9, 1)
	nothing.Counts = map[perf.Quantity][]perf.Count{perf.FLOPs: {perf.NotCounted(perf.SourcePMU, "no PMU in this VM")}}
	for _, c := range []struct {
		run  Run
		text string
		cure string
	}{
		{two, "no ceiling compute.fma.avx512.f32 for 2 threads", "--threads 2"},
		{other, "no ceiling compute.amx.bf16 for 1 thread", "--threads 1"},
		{untimed, "no time", ""},
		{nothing, "no PMU in this VM", ""},
	} {
		warnings := Place(&c.run, ceilings())
		if len(warnings) != 1 || !strings.Contains(warnings[0].Text, c.text) || !strings.Contains(warnings[0].Cure, c.cure) {
			t.Errorf("want %q, got %+v", c.text, warnings)
		}
		if c.run.Bound != nil {
			t.Errorf("%s: placed all the same: %+v", c.text, c.run.Bound)
		}
	}
}

// A kernel whose FLOPs were not counted is not a kernel without FLOPs.
func TestMissingFLOPsAreNotZero(t *testing.T) {
	r := run("matmul", 1, 1, 1e9)
	r.Counts[perf.FLOPs] = []perf.Count{perf.NotCounted(perf.SourcePMU, "no PMU")}
	Place(&r, ceilings())
	if len(r.Points) != 0 || r.Bound == nil || strings.Contains(r.Bound.Why, "no FLOPs") || !strings.Contains(r.Bound.Why, "not counted (no PMU)") {
		t.Errorf("points %v, bound %+v", r.Points, r.Bound)
	}
}

func TestRoofByType(t *testing.T) {
	r := run("user", 1e9, 1e-2)
	r.Roof = ""
	Place(&r, ceilings())
	if r.Bound == nil || r.Bound.By != "compute.fma.avx512.f32" {
		t.Errorf("got %+v, want the highest ceiling of type f32", r.Bound)
	}
	r = run("user", 1e9, 1.05e-2)
	r.Roof = "compute.fma.avx2.f32"
	Place(&r, ceilings())
	if len(r.Bound.Advice) == 0 || !strings.Contains(strings.Join(r.Bound.Advice, "\n"), "compute.fma.avx512.f32 is 2.0 times as high") {
		t.Errorf("advice %q does not name the higher ceiling", r.Bound.Advice)
	}
}

func TestRates(t *testing.T) {
	r := run("copy", 0, 0.5, 0, 0, 0, 1e9)
	Place(&r, ceilings())
	if v, unit := r.Rate(); v.Median != 2e9 || unit != "B/s" || r.Traffic.Level != "DRAM" {
		t.Errorf("copy: %g %s at %+v", v.Median, unit, r.Traffic)
	}
	// A little that comes from L2 is not what a copy in L1 moves.
	r = run("copy", 0, 1e-6, 400e3, 1e3)
	Place(&r, ceilings())
	if v, unit := r.Rate(); math.Abs(v.Median/400e9-1) > 1e-12 || unit != "B/s" || r.Traffic.Level != "L1" || r.Bound.By != "bandwidth.copy.L1" {
		t.Errorf("copy in L1: %g %s at %+v, bound by %s", v.Median, unit, r.Traffic, r.Bound.By)
	}
	if advice := strings.Join(r.Bound.Advice, "\n"); !strings.Contains(advice, "only fewer bytes at L1 help") {
		t.Errorf("advice for a copy: %q", advice)
	}
	r.Time.Median /= 2 // beyond its roof: something is wrong, and nothing to be advised
	if Place(&r, ceilings()); len(r.Bound.Advice) != 0 {
		t.Errorf("advice above the roof: %q", r.Bound.Advice)
	}
	r = run("matmul", 1e9, 0.5, 1e9)
	r.Time.Lo, r.Time.Hi = 0.25, 1
	if v, unit := r.Rate(); v != (stats.Estimate{Median: 2e9, Lo: 1e9, Hi: 4e9, N: 9}) || unit != "FLOP/s" {
		t.Errorf("matmul: %+v %s", v, unit)
	}
	advised := func(text string) bool {
		Place(&r, ceilings())
		return strings.Contains(strings.Join(r.Bound.Advice, "\n"), text)
	}
	if !advised("measure again") || advised("dependency chains") {
		t.Errorf("advice for a time that is hardly known: %q", r.Bound.Advice)
	}
	r.Time.Lo, r.Time.Hi = 0.49, 0.51
	if advised("measure again") || !advised("dependency chains") {
		t.Errorf("advice for a time that is known: %q", r.Bound.Advice)
	}
}
