package analysis

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// simpleRun has 1 GFLOP in AVX2 products and sums and 400 MB from L2; ceilings are powers of ten, so that bounds are known by
// heart.
func simpleRun() (*roofline.Run, Context) {
	run := &roofline.Run{Kernel: "k", DType: "f32", Threads: 1, Time: roofline.Timing{Estimate: stats.Estimate{Median: 0.2, N: 9}}}
	run.Counts = map[perf.Quantity][]perf.Count{
		perf.FLOPs:   {{Value: 1e9, Source: perf.SourceInstrumented, Quality: perf.Exact}},
		perf.BytesL2: {{Value: 4e8, Source: perf.SourceSimulated, Quality: perf.Simulated}},
	}
	run.Analysis = &roofline.Analysis{Mix: []roofline.MixEntry{
		{Class: "fp add", Width: "256", DType: "f32", Instructions: 1e9 / 16, FLOPs: 5e8},
		{Class: "fp mul", Width: "256", DType: "f32", Instructions: 1e9 / 16, FLOPs: 5e8},
	}}
	c := Context{}
	put := func(id, kind, op, level string, threads int, v float64) {
		c.Ceilings = append(c.Ceilings, roofline.Ceiling{ID: id, Kind: kind, Op: op, Level: level, DType: "f32", Threads: threads, Unit: "FLOP/s", Value: stats.Estimate{Median: v, N: 9}})
	}
	for threads := 1; threads <= 2; threads++ {
		n := float64(threads)
		for isa, v := range map[string]float64{"scalar": 1e9, "avx2": 1e10, "avx512": 2e10} {
			put("compute.add."+isa+".f32", "compute", "add", "", threads, n*v)
			put("compute.mul."+isa+".f32", "compute", "mul", "", threads, n*v)
			put("compute.fma."+isa+".f32", "compute", "fma", "", threads, 2*n*v)
			put("compute.fmaadd."+isa+".f32", "compute", "fmaadd", "", threads, 1.5*n*v) // shared pipes
		}
		put("bandwidth.load.L2", "bandwidth", "load", "L2", threads, n*8e9)
	}
	return run, c
}

// Bounds in seconds, derived by hand: additions and products share the pipes, 1e9/1e10; L2 4e8/8e9.
func TestWhatIf(t *testing.T) {
	for _, tt := range []struct {
		change string
		bound  float64
		by     string
	}{
		{"flops=*1", 0.1, "compute.add.avx2.f32"},
		{"fma=1", 0.05, "compute.fma.avx2.f32"},
		{"fma=1,fma_=1", 0, "unknown name"},
		{"isa=avx512,L2.bytes=*0.9", 0.05, "compute.add.avx512.f32"},
		{"isa=scalar", 1, "compute.add.scalar.f32"},
		{"isa=avx512,fma=1", 0.05, "bandwidth.load.L2"},
		{"isa=avx512,fma=1,L2.bytes=/2", 0.025, "compute.fma.avx512.f32"},
		{"threads=2", 0.05, "compute.add.avx2.f32"},
		{"threads=*2,L2.bytes=1.6e9", 0.1, "bandwidth.load.L2"},
		{"flops=2e9", 0.2, "compute.add.avx2.f32"},
		{"bandwidth.load.L2=2e9", 0.2, "bandwidth.load.L2"},
		{"balance=1.5", 0.15, "imbalance"},
		{"isa=amx", 0, "no arithmetic"},
		{"isa=neon", 0, "scalar, sse, avx2"},
		{"isa=sse", 0, "no ceiling"},
		{"threads=3", 0, "roofline ceilings --threads 3"},
		{"threads=0.5", 0, "whole number"},
		{"L4.bytes=3", 0, "unknown name"},
		{"L3.bytes=/2", 0, "zero or not known"},
		{"L2.bytes=/0", 0, "division by zero"},
		{"L1.bytes=64MiB", 0, "zero or not known"},
		{"flops=0,L2.bytes=0", 0, "0 s at least"},
		{"L2.bytes=*1e308", 0, "+Inf s at least"},
		{"chain=/2", 0, "no loop is known"},
		{"chain=4", 0, "*FACTOR or /DIVISOR"},
		{"fma=2", 0, "1 (products"},
		{"balance=0.5", 0, "at least the mean"},
		{"bandwidth.load.L2=*0", 0, "positive"},
		{"flop=2", 0, "unknown name"},
	} {
		run, c := simpleRun()
		changes, err := ParseWhatIf(tt.change)
		if err != nil {
			t.Fatal(err)
		}
		e, err := WhatIf(run, c, changes)
		if unknown := tt.by == "unknown name"; (CheckNames(changes, c.Ceilings) != nil) != unknown {
			t.Errorf("%s: the names are refused: %v", tt.change, !unknown)
		}
		if tt.bound == 0 {
			if err == nil || !strings.Contains(err.Error(), tt.by) {
				t.Errorf("%s: %v, want an error with %q", tt.change, err, tt.by)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.change, err)
			continue
		}
		if math.Abs(e.Bound-tt.bound) > 1e-12 || e.By != tt.by || math.Abs(e.Before.Bound-0.1) > 1e-12 {
			t.Errorf("%s: %g s by %s (before %g), want %g by %s", tt.change, e.Bound, e.By, e.Before.Bound, tt.bound, tt.by)
		}
		if want := 0.2 * tt.bound / 0.1; math.Abs(e.Time-want) > 1e-12 {
			t.Errorf("%s: a call would take %g, want %g", tt.change, e.Time, want)
		}
	}
}

// A chain of 4 cycles and a load of 1 ns at 1 GHz: 5 ns in each of 1e8 iterations, on two threads of which one does all the work.
func TestWhatIfOfChains(t *testing.T) {
	for change, bound := range map[string]float64{
		"chain=*1": 0.5, "chain=/2": 0.25, "chain=*2": 1, "chain=0,balance=1": 0.05, "balance=1": 0.25,
		"threads=1": 0.5, // that one has no other to share with
	} {
		run, c := simpleRun()
		run.Threads, c.Machine.CPU.CoreHz = 2, 1e9
		c.Ceilings = append(c.Ceilings, roofline.Ceiling{ID: "latency.L1", Kind: "latency", Level: "L1", Threads: 1, Unit: "s", Value: stats.Estimate{Median: 1e-9, N: 9}})
		run.Analysis.Workers = []float64{1e9, 0}
		run.Analysis.Blocks = []roofline.Block{{Function: "f", Offset: 4, Executions: 1e8, Instructions: 1e9 / 8, Mix: run.Analysis.Mix,
			Loop: &roofline.Loop{Begin: 4, Cycles: 4, Loads: 1, Chain: []string{"mov"}}}}
		changes, err := ParseWhatIf(change)
		if err != nil {
			t.Fatal(err)
		}
		e, err := WhatIf(run, c, changes)
		if err != nil || math.Abs(e.Bound-bound) > 1e-9 || math.Abs(e.Before.Bound-0.5) > 1e-9 {
			t.Errorf("%s: %+v, %v; want %g s, before 0.5", change, e, err, bound)
		}
	}
}

func TestParseWhatIfRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"": "NAME=VALUE", "isa": "NAME=VALUE", "=3": "NAME=VALUE", "flops=": "NAME=VALUE", "flops=much": "neither a number",
		"flops=-1": "not negative", "flops=1,flops=2": "twice", "isa=/2": "no factor", "L2.bytes=*Inf": "finite",
	} {
		if _, err := ParseWhatIf(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// Whatever is assumed, the estimate is a number or an error, and the run stays as it is.
func FuzzWhatIf(f *testing.F) {
	for _, s := range []string{"isa=avx512,L2.bytes=/2", "threads=2,fma=0", "flops=*0.5", "L1.bytes=64MiB,chain=0", "balance=2", "bandwidth.load.L2=1e9", "isa=amx", "L2.bytes=*1e308"} {
		f.Add(s, uint64(3))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		changes, err := ParseWhatIf(text)
		if err != nil {
			return
		}
		run, c := randomRun(rand.New(rand.NewPCG(seed, 1)))
		Fill(run, c)
		before := newModel(run, c).bounds()
		e, err := WhatIf(run, c, changes)
		if err == nil && (!(e.Bound > 0) || math.IsInf(e.Bound, 0) || e.Before.Bound <= 0) {
			t.Errorf("%s: %+v", text, e)
		}
		if newModel(run, c).bounds() != before {
			t.Errorf("%s changed the run", text)
		}
	})
}
