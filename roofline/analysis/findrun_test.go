package analysis

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// What the run itself tells: each condition on its own, and none where it does not hold.
func TestFindingsOfTheRun(t *testing.T) {
	has := func(change func(*roofline.Run, *Context), id string) bool {
		run, c := simpleRun()
		change(run, &c)
		Fill(run, c)
		return slices.ContainsFunc(run.Analysis.Findings, func(f roofline.Finding) bool { return f.ID == id })
	}
	faults := func(n, seconds float64) func(*roofline.Run, *Context) {
		return func(r *roofline.Run, _ *Context) {
			r.Time.Median = seconds
			r.Counts[perf.PageFaults] = []perf.Count{{Value: n, Source: perf.SourceOS, Quality: perf.Exact}}
		}
	}
	allocs := func(n float64) func(*roofline.Run, *Context) {
		return func(r *roofline.Run, _ *Context) { r.Memory.AllocsPerCall = n }
	}
	short := func(s float64) func(*roofline.Run, *Context) {
		return func(r *roofline.Run, _ *Context) { r.Time.Median = s }
	}
	// Operations and bytes that take 1 ns in vectors of 256 bits, half of it in wider ones, in a call that takes longer.
	tiny := func(s float64) func(*roofline.Run, *Context) {
		return func(r *roofline.Run, _ *Context) {
			r.Time.Median = s
			shrink(r, 1e-8)
		}
	}
	workers := func(list ...float64) func(*roofline.Run, *Context) {
		return func(r *roofline.Run, _ *Context) { r.Analysis.Workers = list }
	}
	// A chain of loads through 64 MiB, each from memory: 2 s; on base pages twice as long.
	pages := func(thp string, set int64) func(*roofline.Run, *Context) {
		return func(r *roofline.Run, c *Context) {
			c.Machine.Environment.THP = thp
			r.Memory.WorkingSet = set
			r.Time.Median = 8
			r.Analysis.Blocks = []roofline.Block{{Function: "f", Executions: 1e7, Instructions: 4e7, Loop: &roofline.Loop{Loads: 1}}}
			for id, v := range map[string]float64{"latency.L1": 1e-9, "latency.DRAM": 2e-7, "latency.DRAM.4k": 4e-7} {
				c.Ceilings = append(c.Ceilings, roofline.Ceiling{ID: id, Kind: "latency", Threads: 1, Unit: "s", Value: stats.Estimate{Median: v, N: 9}})
			}
			r.Analysis.Caches = []roofline.CacheLevel{
				{Level: "L1", Total: roofline.CacheCounts{Accesses: 1e7, Misses: 1e7}}, {Level: "DRAM", Total: roofline.CacheCounts{Accesses: 1e7}},
			}
		}
	}
	// 40 MB cross the boundary of L2 a hundred times, which takes longest; of 100 accesses so many are stores.
	array := func(stores float64) func(*roofline.Run, *Context) {
		return func(r *roofline.Run, c *Context) {
			r.Counts[perf.BytesL2] = []perf.Count{{Value: 4e9, Source: perf.SourceSimulated, Quality: perf.Simulated}}
			r.Time.Median = 1
			l2 := roofline.CacheCounts{Accesses: 100, Stores: stores, Bytes: 4e9}
			r.Analysis.Caches = []roofline.CacheLevel{
				{Level: "L1", Size: 1 << 10}, {Level: "L2", Total: l2, Arrays: []perf.CacheArray{{Array: "B", Size: 4e7, CacheCounts: l2}}},
			}
		}
	}
	// 10 GB come from L3, which was found up to so much, in some seconds: 1 s from the cache, 2 s from memory.
	last := func(hi int64, dram, seconds float64) func(*roofline.Run, *Context) {
		return func(r *roofline.Run, c *Context) {
			r.Memory.WorkingSet, r.Time.Median = 100<<20, seconds
			for q, v := range map[perf.Quantity]float64{perf.BytesL3: 1e10, perf.BytesDRAM: dram} {
				r.Counts[q] = []perf.Count{{Value: v, Source: perf.SourceSimulated, Quality: perf.Simulated}}
			}
			for level, v := range map[string]float64{"L3": 1e10, "DRAM": 5e9} {
				c.Ceilings = append(c.Ceilings, roofline.Ceiling{ID: "bandwidth.load." + level, Kind: "bandwidth", Op: "load", Level: level, Threads: 1, Unit: "B/s",
					Sweep: &roofline.Sweep{Lo: 1 << 20, Hi: hi}, Value: stats.Estimate{Median: v, N: 9}})
			}
		}
	}
	// A loop of an addition of 256 bits in an iteration, whose chain takes so many cycles of 1 ns: 0.125 s a cycle of 0.1 s of additions.
	loop := func(cycles, stored float64, chain string) func(*roofline.Run, *Context) {
		return func(r *roofline.Run, c *Context) {
			c.Machine.CPU.CoreHz = 1e9
			r.Time.Median = 1
			r.Counts[perf.BytesStored] = []perf.Count{{Value: stored, Source: perf.SourceInstrumented, Quality: perf.Exact}}
			r.Analysis.Mix = []roofline.MixEntry{{Class: "fp add", Width: "256", DType: "f32", Instructions: 1.25e8, FLOPs: 1e9}}
			r.Analysis.Blocks = []roofline.Block{{Function: "f", Executions: 1.25e8, Instructions: 3.75e8, FLOPs: 1e9, Stores: 1.25e8,
				Mix:  []roofline.MixEntry{{Class: "fp add", Width: "256", DType: "f32", Instructions: 1.25e8, FLOPs: 1e9}},
				Loop: &roofline.Loop{Cycles: cycles, Chain: []string{chain}}}}
			for i := range c.Ceilings {
				if c.Ceilings[i].ID == "compute.add.avx2.f32" {
					c.Ceilings[i].Value.Median = 2e10
				}
			}
			c.Ceilings = append(c.Ceilings, roofline.Ceiling{ID: "bandwidth.store.L1", Kind: "bandwidth", Op: "store", Level: "L1", Threads: 1, Unit: "B/s", Value: stats.Estimate{Median: 1e9, N: 9}})
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*roofline.Run, *Context)
		id     string
		want   bool
	}{
		{"a page fault in 10 µs", faults(1, 10e-6), "cold-pages", true},
		{"a page fault in ten calls of 10 µs", faults(0.1, 10e-6), "cold-pages", false},
		{"a hundred page faults in a second", faults(100, 1), "cold-pages", false},
		{"a hundred thousand page faults in a second", faults(1e5, 1), "cold-pages", true},
		{"page faults in an unknown time", faults(1e5, math.NaN()), "cold-pages", false},
		{"allocations", allocs(3), "allocations", true},
		{"a stray allocation", allocs(0.2), "allocations", false},
		{"50 ns", short(50e-9), "short-call", true},
		{"1 ms", short(1e-3), "short-call", false},
		{"narrow vectors are much of 2 ns", tiny(2e-9), "narrow-vectors", true},
		{"narrow vectors are little of 20 ns", tiny(20e-9), "narrow-vectors", false},
		{"shares of 3 and 1", workers(3e6, 1e6), "imbalance", true},
		{"shares of 3 and 0", workers(3e6, 0), "idle-thread", true},
		{"equal shares", workers(2e6, 2.02e6), "imbalance", false},
		{"an array read again and again", array(0), "no-blocking", true},
		{"an array written again and again", array(100), "no-blocking", false},
		{"a chain of sums", loop(3, 0, "vaddps ymm0,ymm0,[rdi]"), "dependent-chain", true},
		{"a chain of sums is no counter", loop(3, 0, "vaddps ymm0,ymm0,[rdi]"), "short-loop", false},
		{"a counter", loop(1, 0, "add rdi,0x20"), "short-loop", true},
		{"a counter is no chain to split", loop(1, 0, "add rdi,0x20"), "dependent-chain", false},
		{"a counter beside stores that take as long", loop(1, 1.2e8, "add rdi,0x20"), "short-loop", false},
		{"L3's bytes at the rate of memory", last(64<<20, 0, 2), "last-cache-taken", true},
		{"L3's bytes at its rate", last(64<<20, 0, 1.1), "last-cache-taken", false},
		{"L3's bytes, slow, of a small working set", last(128<<20, 0, 2), "last-cache-taken", false},
		{"bytes of memory", last(64<<20, 1e10, 2), "last-cache-taken", false},
		{"base pages only", pages("never", 64<<20), "small-pages", true},
		{"huge pages on request", pages("madvise", 64<<20), "small-pages", false},
		{"base pages in a small array", pages("never", 1<<20), "small-pages", false},
	} {
		if got := has(tt.change, tt.id); got != tt.want {
			t.Errorf("%s: %s found: %v, want %v", tt.name, tt.id, got, tt.want)
		}
	}
}

// What a call suffers from most that is short and hardly explained is just that, whatever else could be gained.
func TestShortCallComesFirst(t *testing.T) {
	for seconds, want := range map[float64]string{150e-9: shortCall, 60e-9: "narrow-vectors"} {
		run, c := simpleRun()
		shrink(run, 5e-7) // to 50 ns
		run.Time.Median = seconds
		Fill(run, c)
		var ids []string
		for _, f := range run.Analysis.Findings {
			ids = append(ids, f.ID)
		}
		if len(ids) < 2 || ids[0] != want || !slices.Contains(ids, shortCall) {
			t.Errorf("%v s: %q, want %s first", seconds, ids, want)
		}
	}
}

// shrink has the run do a share of what it did.
func shrink(run *roofline.Run, share float64) {
	for _, q := range []perf.Quantity{perf.FLOPs, perf.BytesL2} {
		run.Counts[q][0].Value *= share
	}
	for i := range run.Analysis.Mix {
		run.Analysis.Mix[i].Instructions *= share
		run.Analysis.Mix[i].FLOPs *= share
	}
}

// What comes again and again is told by its size against that of the cache that it does not stay in.
func TestCausesOfPasses(t *testing.T) {
	for size, want := range map[int64]struct{ id, cause, next string }{
		36 << 10: {"no-blocking", "L2 sends weights (36 KiB) 100.0 times in a call, though L1 (48 KiB) could hold all of it", "smaller blocks"},
		60 << 10: {"just-beyond-l1", "L2 sends weights (60 KiB), just larger than L1 (48 KiB), 100.0 times in a call", "a part of it stays in L1 (48 KiB)"},
		90 << 10: {"no-blocking", "L2 sends weights (90 KiB) 100.0 times in a call", "a part of it stays in L1 (48 KiB)"},
	} {
		run, c := simpleRun()
		l2 := perf.CacheCounts{Accesses: 1e7, Bytes: 100 * float64(size)}
		run.Counts[perf.BytesL2][0].Value, run.Time.Median = l2.Bytes, 2
		c.Ceilings[len(c.Ceilings)-1].Value.Median, c.Ceilings[len(c.Ceilings)/2-1].Value.Median = 1e7, 1e7
		run.Analysis.Caches = []roofline.CacheLevel{
			{Level: "L1", Size: 48 << 10}, {Level: "L2", Total: l2, Arrays: []perf.CacheArray{{Array: "weights", Size: size, CacheCounts: l2}}}}
		Fill(run, c)
		found := slices.IndexFunc(run.Analysis.Findings, func(f roofline.Finding) bool { return f.ID == want.id })
		if found < 0 || run.Analysis.Findings[found].Cause != want.cause || !strings.Contains(run.Analysis.Findings[found].Next, want.next) {
			t.Errorf("%d: %+v, want %+v", size, run.Analysis.Findings, want)
		}
	}
}

// Where the last cache's bytes come from memory the sentence of the bound does not say that no roof holds the run.
func TestMemoryInPlaceOfTheLastCache(t *testing.T) {
	run, c := simpleRun()
	run.Memory.WorkingSet, run.Time.Median = 100<<20, 5
	run.Counts = map[perf.Quantity][]perf.Count{}
	for q, v := range map[perf.Quantity]float64{perf.FLOPs: 1e9, perf.BytesL3: 1e10, perf.BytesDRAM: 0} {
		run.Counts[q] = []perf.Count{{Value: v, Source: perf.SourceSimulated, Quality: perf.Simulated}}
	}
	for level, v := range map[string]float64{"L3": 1e10, "DRAM": 2e9} {
		c.Ceilings = append(c.Ceilings, roofline.Ceiling{ID: "bandwidth.load." + level, Kind: "bandwidth", Op: "load", Level: level, Threads: 1, Unit: "B/s",
			Sweep: &roofline.Sweep{Lo: 1 << 20, Hi: 64 << 20}, Value: stats.Estimate{Median: v, N: 9}})
	}
	roofline.Place(run, c.Ceilings)
	if !strings.HasPrefix(run.Bound.Why, roofline.HeldOtherwise) {
		t.Fatalf("before: %s", run.Bound.Why)
	}
	Fill(run, c)
	if !strings.HasPrefix(run.Bound.Why, "held by memory, as it seems, not by this roof: at AI 0.1") {
		t.Errorf("after: %s; %+v", run.Bound.Why, run.Analysis.Findings)
	}
}

// A vector of doubles has half as many elements to gather as one of floats.
func TestGathersByType(t *testing.T) {
	rates := map[string]float64{}
	for _, dtype := range []string{"f32", "f64"} {
		run, c := simpleRun()
		run.DType, run.Time.Median, c.Machine.CPU.CoreHz = dtype, 9, 1e9
		run.Analysis.Mix = []roofline.MixEntry{{Class: "gather", Width: "512", Instructions: 1e9}}
		Fill(run, c)
		for _, f := range run.Analysis.Findings {
			if f.ID == "gather-scatter" {
				rates[dtype] = f.From
			}
		}
	}
	// 16 and 8 elements each at most 3 a cycle of 1 ns, with a GFLOP.
	if math.Abs(rates["f32"]-3e9/16) > 1 || math.Abs(rates["f64"]-3e9/8) > 1 {
		t.Errorf("bounds %v", rates)
	}
}

// The score has a line for each criterion, and what is not known is not fit.
func TestQuality(t *testing.T) {
	run, c := simpleRun()
	run.Time.Batch, run.Time.Lo, run.Time.Hi = 1, math.NaN(), math.NaN()
	fit, all := Score(quality(run, c))
	if all != 7 || fit != 1 { // of an empty run only its length is known
		t.Errorf("%d of %d: %+v", fit, all, quality(run, c))
	}
	needs := strings.Replace(strings.TrimPrefix(event.SoftwareCure, "sudo sysctl kernel."), "=", " ≤ ", 1)
	if cure := pinned(run).Cure; !strings.Contains(cure, needs) {
		t.Errorf("%q does not name %q", cure, needs)
	}
	zero := []perf.Count{{Source: perf.SourceOS, Quality: perf.Exact}}
	run.Counts[perf.Migrations], run.Counts[perf.InvoluntarySwitches] = zero, zero
	run.Time.Lo, run.Time.Hi = 0.199, 0.201
	for _, q := range []perf.Quantity{perf.BytesL1, perf.BytesL3, perf.BytesDRAM} {
		run.Counts[q] = []perf.Count{{Value: 1, Source: perf.SourceSimulated, Quality: perf.Simulated}}
	}
	c.Floor = 0.01
	c.Machine.Quality = []roofline.Check{{Name: "governor", OK: true, Text: "performance"}, {Name: "smt", OK: true, Text: "off"}, {Name: "load", OK: false}}
	c.Machine.PMU.Verdicts = []perf.Verdict{{Source: perf.SourceInstrumented, Quantity: perf.FLOPs, On: perf.JudgedOn(perf.FLOPs, "f32"), Status: perf.Verified}}
	checks := quality(run, c)
	if fit, all := Score(checks); fit != 9 || all != 9 {
		t.Errorf("%d of %d: %+v", fit, all, checks)
	}
	for _, spoil := range []struct {
		name   string
		change func()
	}{
		{"verified", func() { c.Machine.PMU.Verdicts[0].Status = "off" }},
		{"A/A", func() { c.Floor = 0.05 }},
		{"pinned", func() { run.Counts[perf.Migrations] = []perf.Count{{Value: 0.5, Quality: perf.Exact}} }},
		{"undisturbed", func() { run.Counts[perf.InvoluntarySwitches] = []perf.Count{{Value: 0.5, Quality: perf.Exact}} }},
		{"steady", func() { run.Time.Hi = 0.4 }},
		{"counts", func() { run.Counts[perf.BytesL3][0].Quality = perf.Scaled }},
		{"long", func() { run.Time.Median = 1e-6 }},
		{"clock", func() { c.Machine.Quality[0].OK = false }},
		{"sibling", func() { c.Machine.Quality[1].OK = false }},
	} {
		spoil.change()
		checks := quality(run, c)
		i := slices.IndexFunc(checks, func(k roofline.Check) bool { return k.Name == spoil.name })
		if i < 0 || checks[i].OK || checks[i].Text == "" {
			t.Errorf("%s is fit: %+v", spoil.name, checks)
		}
	}
}

// Only a sum can be split into several; the recurrence of a hash cannot, and that advice must not be given.
func TestAdviceForChainsThatAreNoSums(t *testing.T) {
	for _, tt := range []struct {
		chain []string
		want  bool
	}{
		{[]string{"vaddsd xmm1,xmm1,xmm0"}, true}, {[]string{"vfmadd231ps zmm0,zmm1,zmm2"}, true}, {[]string{"vmaxsd xmm0,xmm1,xmm0"}, true},
		{[]string{"vpdpbusd zmm0,zmm1,zmm2"}, true}, {[]string{"addss xmm0,DWORD PTR [rdi]", "movss DWORD PTR [rsi],xmm0"}, true},
		{[]string{"vfmadd132sd xmm1,xmm0,QWORD PTR [rdi]", "vmovapd xmm0,xmm1"}, true}, {[]string{"vfmadd231ps zmm0{k1},zmm1,zmm2", "vaddps ymm0,ymm0,ymm3"}, true},
		{[]string{"vfmadd213sd xmm0,xmm1,QWORD PTR [rdi]"}, false}, {[]string{"vfnmadd132ps ymm0,ymm2,ymm1"}, false}, // Horner's rule
		{[]string{"vfmadd231sd xmm1,xmm0,xmm2", "vmovapd xmm0,xmm1"}, false}, {[]string{"vpmaddwd xmm0,xmm0,xmm1"}, false},
		{[]string{"xor rax,rdx", "imul rax,rcx"}, false}, {[]string{"vmulsd xmm0,xmm0,xmm1", "vaddsd xmm0,xmm0,xmm2"}, false}, {[]string{"divsd xmm0,xmm1"}, false},
	} {
		if got := isSum(tt.chain); got != tt.want {
			t.Errorf("%q is a sum: %v, want %v", tt.chain, got, tt.want)
		}
	}
}
