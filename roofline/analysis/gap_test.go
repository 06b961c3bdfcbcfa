package analysis

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// order is that of a waterfall.
var order = []string{
	roofline.CauseWork, roofline.CauseTails, roofline.CauseWidth, roofline.CauseFMA, roofline.CauseL1, roofline.CauseL2,
	roofline.CauseL3, roofline.CauseDRAM, roofline.CauseLatency, roofline.CauseImbalance, roofline.CauseOther,
}

// checkGap checks what every reader of a gap relies on.
func checkGap(t *testing.T, g *roofline.Gap) {
	t.Helper()
	if sum := g.Explained(); math.Abs(sum-g.Measured) > 1e-9*g.Measured {
		t.Errorf("ideal and parts are %g s, measured %g s", sum, g.Measured)
	}
	if !(g.Ideal >= 0) || g.Ideal > g.Measured || g.Ideal > g.Composed*(1+1e-9) {
		t.Errorf("ideal %g, composed %g, measured %g", g.Ideal, g.Composed, g.Measured)
	}
	phases := 0.0
	for _, p := range g.Phases { // one after the other they are a part of the composed bound
		if !(p.Seconds >= 0) || p.Name == "" || p.Chain != 0 && p.Chain <= p.Seconds {
			t.Errorf("phase %+v", p)
		}
		phases += p.Seconds
	}
	if phases > g.Composed*(1+1e-9) || len(g.Phases) > 0 != (g.Rule == "sum") {
		t.Errorf("phases take %g s, the composed bound is %g s; %d phases, rule %s", phases, g.Composed, len(g.Phases), g.Rule)
	}
	last := -1
	for _, p := range g.Parts {
		at := slices.Index(order, p.Cause)
		if !(p.Seconds > 0) || at <= last || p.Text == "" {
			t.Errorf("part %+v at place %d after place %d", p, at, last)
		}
		last = at
	}
	for _, r := range g.Resources { // no resource alone takes longer than the composed bound
		if r.Seconds > g.Composed*(1+1e-9) {
			t.Errorf("%s takes %g s, the composed bound is %g s", r.Ceiling, r.Seconds, g.Composed)
		}
	}
}

// randomRun is a run of anything, within what sources can report.
func randomRun(r *rand.Rand) (*roofline.Run, Context) {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	run := &roofline.Run{
		Kernel: pick("matmul", "copy", "dot", "odd"), DType: pick("f32", "f64", "bf16", "int8", ""), Threads: 1 + r.IntN(2),
		Counts: map[perf.Quantity][]perf.Count{}, Time: roofline.Timing{Estimate: stats.Estimate{Median: math.Exp(20*r.Float64() - 18), N: 9}},
	}
	put := func(q perf.Quantity, s perf.SourceName, quality perf.Quality) {
		if r.IntN(4) > 0 {
			run.Counts[q] = append(run.Counts[q], perf.Count{Value: math.Trunc(math.Exp(22 * r.Float64())), Source: s, Quality: quality})
		}
	}
	put(perf.FLOPs, perf.SourceInstrumented, perf.Exact)
	put(perf.FLOPs, perf.SourceAnalytic, perf.Analytic)
	for _, l := range roofline.Levels {
		put(roofline.Bytes(l), perf.SourceSimulated, perf.Simulated)
		put(roofline.Bytes(l), perf.SourceAnalytic, perf.Analytic)
	}
	for _, q := range []perf.Quantity{perf.Loads, perf.Stores, perf.BytesLoaded, perf.BytesStored, perf.Instructions, perf.PageFaults} {
		put(q, perf.SourceInstrumented, perf.Exact)
	}
	c := Context{Machine: roofline.Machine{}}
	if r.IntN(3) > 0 {
		c.Machine.CPU.CoreHz = 1e9 * (1 + r.Float64())
	}
	for _, id := range []string{"fma.avx512.f32", "fma.avx2.f32", "fma.scalar.f32", "add.avx512.f32", "add.scalar.f32", "mul.avx512.f32", "fmaadd.avx512.f32", "fma.avx512.f64", "dot.avx512.bf16", "amx.bf16"} {
		if r.IntN(4) > 0 {
			dtype := id[len(id)-3:]
			if dtype == "f16" {
				dtype = "bf16"
			}
			op := "fma"
			if id == "fmaadd.avx512.f32" {
				op = "fmaadd"
			}
			c.Ceilings = append(c.Ceilings, roofline.Ceiling{ID: "compute." + id, Kind: "compute", Op: op, DType: dtype, Threads: run.Threads, Unit: "FLOP/s",
				Value: stats.Estimate{Median: 1e9 * math.Exp(6*r.Float64())}})
		}
	}
	for _, level := range roofline.Levels {
		for _, op := range []string{"load", "store", "copy"} {
			if r.IntN(4) > 0 {
				c.Ceilings = append(c.Ceilings, roofline.Ceiling{ID: "bandwidth." + op + "." + level, Kind: "bandwidth", Op: op, Level: level, Threads: run.Threads, Unit: "B/s",
					Value: stats.Estimate{Median: 1e9 * math.Exp(6*r.Float64())}})
			}
		}
		if r.IntN(3) > 0 {
			c.Ceilings = append(c.Ceilings, roofline.Ceiling{ID: "latency." + level, Kind: "latency", Level: level, Threads: 1, Unit: "s", Value: stats.Estimate{Median: 1e-9 * math.Exp(6*r.Float64())}})
		}
	}
	if r.IntN(5) > 0 {
		run.Analysis = randomDetail(r)
	}
	return run, c
}

func randomDetail(r *rand.Rand) *roofline.Analysis {
	a := &roofline.Analysis{}
	mix := func(n float64) (list []roofline.MixEntry) {
		for _, class := range []string{"fma", "fp add", "fp mul", "fp div", "dot", "tile dot", "int", "convert", "gather"} {
			if r.IntN(2) == 0 {
				continue
			}
			e := roofline.MixEntry{Class: class, Instructions: math.Trunc(n * r.Float64()), Width: []string{"scalar", "128", "256", "512"}[r.IntN(4)]}
			if class != "int" && class != "convert" {
				e.DType, e.FLOPs = []string{"f32", "f64", "bf16", "int8"}[r.IntN(4)], e.Instructions*float64(1+r.IntN(32))
				if r.IntN(3) == 0 {
					e.Full = e.FLOPs * (1 + r.Float64())
				}
			}
			list = append(list, e)
		}
		return list
	}
	for i := range r.IntN(6) {
		b := roofline.Block{Function: "f", Offset: uint64(64 * i), Executions: math.Trunc(1 + 1e6*r.Float64()), Mix: mix(1e6), Bytes: 1e6 * r.Float64(), Loads: 1e5 * r.Float64()}
		for _, e := range b.Mix {
			b.Instructions += e.Instructions
			a.Mix = append(a.Mix, e)
		}
		if r.IntN(2) == 0 {
			b.Loop = &roofline.Loop{Begin: b.Offset, Cycles: float64(r.IntN(20)), Loads: float64(r.IntN(2)), Chain: []string{"vaddss"}}
		}
		a.Blocks = append(a.Blocks, b)
	}
	a.Mix = append(a.Mix, mix(1e7)...)
	for _, level := range roofline.Levels {
		l := roofline.CacheLevel{Level: level, Size: 1 << (15 + r.IntN(10))}
		for _, name := range []string{"a", "b"} {
			x := roofline.CacheArray{Array: name, Size: int64(r.IntN(1 << 22))}
			x.Accesses = math.Trunc(1e6 * r.Float64())
			x.Misses, x.Stores, x.Conflict = x.Accesses*r.Float64(), x.Accesses*r.Float64(), 0
			x.Bytes, x.WriteBacks = x.Misses*64, x.Stores
			x.Conflict = x.Misses * r.Float64()
			l.Total.Accesses += x.Accesses
			l.Total.Misses += x.Misses
			l.Total.Conflict += x.Conflict
			l.Total.Bytes += x.Bytes
			l.Arrays = append(l.Arrays, x)
		}
		a.Caches = append(a.Caches, l)
	}
	if r.IntN(2) == 0 {
		a.Workers = []float64{1e6 * r.Float64(), 1e6 * r.Float64()}
	}
	return a
}

// Whatever was counted, the parts of a gap are not negative and sum up, in their order, and findings promise no more than there
// is to gain.
func TestGapsSumUp(t *testing.T) {
	gaps, found := 0, map[string]bool{}
	for seed := range uint64(2000) {
		run, c := randomRun(rand.New(rand.NewPCG(seed, 6)))
		Fill(run, c)
		g := run.Analysis.Gap
		if g != nil {
			gaps++
			checkGap(t, g)
		}
		last := math.Inf(1)
		for _, f := range run.Analysis.Findings {
			found[f.ID] = true
			if f.Gain > last || f.Gain != 0 && f.Gain < worth || math.IsNaN(f.Gain) || math.IsInf(f.Gain, 0) {
				t.Errorf("gain %g of %s after %g", f.Gain, f.ID, last)
			}
			if g != nil && g.Ideal > 0 && f.Gain > 1.0001*g.Measured/g.Ideal {
				t.Errorf("%s promises %g, but the ideal is %g times as fast", f.ID, f.Gain, g.Measured/g.Ideal)
			}
			if f.Cause == "" || len(f.Evidence) == 0 || f.Next == "" {
				t.Errorf("incomplete: %+v", f)
			}
			last = f.Gain
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if gaps < 1000 || len(found) < 12 {
		t.Errorf("%d gaps, findings %v: the test exercises too little", gaps, found)
	}
}

// TestPhases: a loop of FMAs and a loop of loads, each long enough to run alone, take what each needs, one after the other.
// The algorithm's bytes are compared with the ceiling that asks for bytes, the lines that were moved with the ceiling in lines: a copy
// as fast as the ceiling's loop lacks nothing.
func TestIdealOfStreams(t *testing.T) {
	const n, rate = 240e3, 100e9
	run := &roofline.Run{Kernel: "copy", DType: "f32", Threads: 1, Time: roofline.Timing{Estimate: stats.Estimate{Median: n / rate, N: 9}},
		Counts: map[perf.Quantity][]perf.Count{roofline.Bytes("L2"): {
			{Value: 1.5 * n, Source: perf.SourceSimulated, Quality: perf.Simulated}, {Value: n, Source: perf.SourceAnalytic, Quality: perf.Analytic}}}}
	ceilings := []roofline.Ceiling{{ID: "bandwidth.copy.L2", Kind: "bandwidth", Op: "copy", Level: "L2", Threads: 1, Unit: "B/s", Value: stats.Estimate{Median: rate}}}
	Fill(run, Context{Ceilings: ceilings})
	if g := run.Analysis.Gap; math.Abs(g.Ideal/g.Measured-1) > 1e-9 || math.Abs(g.Composed/g.Measured-1) > 1e-9 {
		t.Errorf("ideal %g, composed %g, measured %g, want all the same", g.Ideal, g.Composed, g.Measured)
	}
}

func TestPhases(t *testing.T) {
	mix := func(class string, n, flops float64) []roofline.MixEntry {
		return []roofline.MixEntry{{Class: class, Width: "512", DType: "f32", Instructions: n, FLOPs: flops}}
	}
	run := &roofline.Run{Kernel: "two", DType: "f32", Threads: 1, Counts: map[perf.Quantity][]perf.Count{
		perf.FLOPs:   {{Value: 64e6, Source: perf.SourceInstrumented, Quality: perf.Exact}},
		perf.BytesL1: {{Value: 128e6, Source: perf.SourceInstrumented, Quality: perf.Exact}},
	}, Time: roofline.Timing{Estimate: stats.Estimate{Median: 0.01, N: 9}}}
	run.Analysis = &roofline.Analysis{Mix: append(mix("fma", 2e6, 64e6), mix("load", 2e6, 0)...), Blocks: []roofline.Block{
		{Function: "pkg.work", Offset: 0x40, Executions: 1e6, Instructions: 2e6, FLOPs: 64e6, Mix: mix("fma", 2e6, 64e6), Loop: &roofline.Loop{Begin: 0x40, Cycles: 4}},
		{Function: "pkg.read", Offset: 0x80, Executions: 1e6, Instructions: 2e6, Bytes: 128e6, Mix: mix("load", 2e6, 0), Loop: &roofline.Loop{Begin: 0x80, Cycles: 1}},
	}}
	c := Context{Ceilings: []roofline.Ceiling{
		{ID: "compute.fma.avx512.f32", Kind: "compute", Op: "fma", DType: "f32", Threads: 1, Unit: "FLOP/s", Value: stats.Estimate{Median: 64e9}},
		{ID: "bandwidth.load.L1", Kind: "bandwidth", Op: "load", Level: "L1", Threads: 1, Unit: "B/s", Value: stats.Estimate{Median: 256e9}},
	}}
	c.Machine.CPU.CoreHz = 2e9
	Fill(run, c)
	g := run.Analysis.Gap
	checkGap(t, g)
	if len(g.Phases) != 2 || math.Abs(g.Composed-1.5e-3) > 1e-9 {
		t.Fatalf("composed %g s of %+v, want 64 MFLOP at 64 GFLOP/s and then 128 MB at 256 GB/s", g.Composed, g.Phases)
	}
	work, read := g.Phases[0], g.Phases[1]
	if work.Name != "work+0x40" || work.By != "compute.fma.avx512.f32" || math.Abs(work.Seconds-1e-3) > 1e-9 || math.Abs(work.Chain-2e-3) > 1e-9 { // 1 M iterations of 4 cycles at 2 GHz
		t.Errorf("%+v", work)
	}
	if read.Name != "read+0x80" || read.By != roofline.ByPorts || math.Abs(read.Seconds-0.5e-3) > 1e-9 || read.Chain != 0 {
		t.Errorf("%+v", read)
	}
}

// Code that does nothing but start four loads a cycle, as a Zen 5 can, takes no less time than its bound.
func TestLoadsOfZen5(t *testing.T) {
	run := &roofline.Run{Kernel: "list", DType: "f32", Threads: 1, Time: roofline.Timing{Estimate: stats.Estimate{Median: 1, N: 9}},
		Counts: map[perf.Quantity][]perf.Count{perf.Loads: {{Value: 4e9, Source: perf.SourceInstrumented, Quality: perf.Exact}}}}
	run.Analysis = &roofline.Analysis{Mix: []roofline.MixEntry{{Class: "int", Instructions: 4e9}}}
	c := Context{}
	c.Machine.CPU.CoreHz = 1e9
	Fill(run, c)
	if g := run.Analysis.Gap; g == nil || math.Abs(g.Composed-1) > 1e-9 {
		t.Errorf("%+v, want a bound of 1 s", g)
	}
}
