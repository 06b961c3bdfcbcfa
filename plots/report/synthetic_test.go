package report

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/session"
	"github.com/roofline-go/roofline/roofline/stats"
)

// The results here are synthetic: plausible numbers, measured by nobody.

func estimate(v, rel float64, n int) stats.Estimate {
	return stats.Estimate{Median: v, Lo: v * (1 - rel), Hi: v * (1 + rel), N: n}
}

func ceiling(id, kind, op, isa, level string, value, theory float64, threads int) roofline.Ceiling {
	unit := map[string]string{"compute": "FLOP/s", "bandwidth": "B/s", "latency": "s"}[kind]
	return roofline.Ceiling{ID: id, Kind: kind, Op: op, ISA: isa, DType: map[string]string{"compute": "f32"}[kind], Level: level, Threads: threads, Unit: unit,
		Value: estimate(value, 0.004, 25), Theory: theory}
}

// machine has the ceilings of one and of two threads.
func machine() *roofline.Result {
	res := &roofline.Result{Schema: roofline.Schema, Time: "2026-11-24T18:03:00Z", Machine: roofline.Machine{Fingerprint: "synthetic",
		CPU:         cpu.Info{Name: "Synthetic Processor 9000 (not measured)", CoreHz: 3.7e9, VM: "KVM"},
		Caches:      []cache.Level{{Level: 1, Type: "data", Bytes: 32 << 10, Ways: 8, Line: 64, Shared: "0"}, {Level: 2, Type: "unified", Bytes: 1 << 20, Ways: 8, Line: 64, Shared: "0"}},
		PMU:         roofline.PMU{Reason: "this virtual machine exposes no PMU", Cure: "use bare metal", Verdicts: []perf.Verdict{{Source: perf.SourceInstrumented, Quantity: perf.FLOPs, Status: perf.Verified}}},
		Environment: roofline.Environment{OS: "6.18", Go: "go1.26", THP: "madvise", MemoryBytes: 24 << 30},
		Quality:     []roofline.Check{{Name: "pinning", OK: true, Text: "threads can be pinned"}, {Name: "load", Text: "others keep 1.9 of 2 CPUs busy", Cure: "stop other programs"}},
	}}
	for n := 1; n <= 2; n++ {
		k := float64(n)
		res.Ceilings = append(res.Ceilings, ceiling("compute.fma.avx512.f32", "compute", "fma", "avx512", "", 118e9*k, 118.4e9*k, n), ceiling("compute.fma.avx2.f32", "compute", "fma", "avx2", "", 88e9*k, 0, n),
			ceiling("compute.fma.scalar.f32", "compute", "fma", "scalar", "", 14.8e9*k, 14.8e9*k, n), ceiling("bandwidth.load.L1", "bandwidth", "load", "avx512", "L1", 468e9*k, 0, n),
			ceiling("bandwidth.load.L2", "bandwidth", "load", "avx512", "L2", 229e9*k, 0, n), ceiling("bandwidth.load.L3", "bandwidth", "load", "avx512", "L3", 108e9*k, 0, n),
			ceiling("bandwidth.load.DRAM", "bandwidth", "load", "avx512", "DRAM", 25.4e9, 0, n), ceiling("latency.L1", "latency", "", "", "L1", 1.08e-9, 0, n))
	}
	return res
}

// kernel is a run at a rate (FLOP/s), with bytes per level from the simulator and from its declaration.
func kernel(res *roofline.Result, name, variant, isa string, n, threads int, rate float64, ai [4]float64) roofline.Run {
	flops := 2 * float64(n) * float64(n) * float64(n)
	t := flops / rate
	r := roofline.Run{Kernel: name, Variant: variant, ISA: isa, DType: "f32", Shape: shape.Shape{M: n, N: n, K: n}, Threads: threads,
		Counts: map[perf.Quantity][]perf.Count{}, Memory: roofline.Memory{WorkingSet: int64(12 * n * n)}, Verified: roofline.Verification{Against: "Go reference", MaxError: 1e-6, Tolerance: 1e-5}}
	rnd := rand.New(rand.NewPCG(uint64(n), uint64(rate)))
	for range 40 {
		r.Time.Samples = append(r.Time.Samples, t*(1+0.01*rnd.NormFloat64()))
	}
	r.Time.Unit, r.Time.Batch, r.Time.Estimate = "s", 1, stats.Summarize(r.Time.Samples)
	r.Counts[perf.FLOPs] = []perf.Count{{Value: flops, Source: perf.SourceInstrumented, Quality: perf.Exact}, {Value: flops, Source: perf.SourceAnalytic, Quality: perf.Analytic}, perf.NotCounted(perf.SourcePMU, "this virtual machine exposes no PMU")}
	for i, level := range roofline.Levels {
		r.Counts[roofline.Bytes(level)] = []perf.Count{{Value: flops / ai[i], Source: perf.SourceSimulated, Quality: perf.Simulated}, {Value: 12 * float64(n) * float64(n), Source: perf.SourceAnalytic, Quality: perf.Analytic}}
	}
	res.Warnings = append(res.Warnings, roofline.Place(&r, res.Ceilings)...)
	return r
}

// analysed adds an analysis with one of everything.
func analysed(r roofline.Run) roofline.Run {
	t := r.Time.Median
	counts := func(a, miss, conflict float64) roofline.CacheCounts {
		return roofline.CacheCounts{Accesses: a, Misses: miss, Conflict: conflict, Capacity: miss - conflict - 10, Other: 10, Bytes: 64 * miss}
	}
	r.Analysis = &roofline.Analysis{
		Mix:    []roofline.MixEntry{{Class: "fma", Width: "512", Instructions: 8.4e6, Share: 0.61, FLOPs: 268e6}, {Class: "load", Width: "512", Instructions: 4.2e6, Share: 0.31}, {Class: "branch", Instructions: 1.1e6, Share: 0.08}},
		Blocks: []roofline.Block{{Function: "gemm_kernel", Offset: 0x40, Executions: 1.4e5, Instructions: 8e6, Share: 0.93, FLOPs: 250e6, Bytes: 88e6, Code: []string{"vmovups (%rsi), %zmm0", "vfmadd231ps (%rdi){1to16}, %zmm0, %zmm8", "jne -24"}}},
		Caches: []roofline.CacheLevel{{Level: "L1", Total: counts(4.2e6, 3e5, 2.1e5), Arrays: []roofline.CacheArray{{Array: "A", CacheCounts: counts(1e6, 1e4, 100)}, {Array: "B", CacheCounts: counts(3.2e6, 2.9e5, 2.09e5)}}},
			{Level: "L2", Total: counts(3e5, 5e3, 0)}},
		Gap: &roofline.Gap{Ideal: 0.55 * t, IdealBy: "compute.fma.avx512.f32", Composed: 0.7 * t, Measured: t, Rule: "max",
			Resources: []roofline.Resource{{Ceiling: "compute.fma.avx512.f32", Work: 268e6, Unit: "FLOP", Seconds: 0.55 * t}, {Ceiling: "bandwidth.load.L2", Work: 19e6, Unit: "B", Seconds: 0.7 * t}},
			Parts:     []roofline.GapPart{{Cause: roofline.CauseL2, Seconds: 0.15 * t, Text: "L2 serves 19 MB at 229 GB/s"}, {Cause: roofline.CauseTails}, {Cause: roofline.CauseOther, Seconds: 0.3 * t, Text: "nothing measured explains it"}}},
		Findings: []roofline.Finding{{ID: "power-of-two-conflict", Cause: "rows of B are 4096 bytes apart and share 8 sets of L1", Evidence: []string{"209 k of 290 k misses of B are conflicts (simulated)"}, Next: "pad the rows of B by 64 bytes", Gain: 1.27, From: 84e9, To: 107e9, Unit: "FLOP/s"}},
		Quality:  []roofline.Check{{Name: "region", OK: true, Text: "2.6 ms a call"}, {Name: "load", Text: "others were busy", Cure: "stop other programs"}},
	}
	return r
}

// sixRuns has kernels of two thread counts, one of them analysed and one without FLOPs.
func sixRuns() *roofline.Result {
	res := machine()
	res.Runs = []roofline.Run{
		kernel(res, "matmul", "naive", "go", 512, 1, 3e9, [4]float64{0.24, 0.9, 4, 60}),
		kernel(res, "matmul", "avx2", "avx2", 512, 1, 80e9, [4]float64{1.9, 8, 31, 85}),
		analysed(kernel(res, "matmul", "avx512", "avx512", 512, 1, 65e9, [4]float64{3.1, 12, 40, 85})),
		kernel(res, "attention", "avx512", "avx512", 1024, 1, 71e9, [4]float64{2.2, 9, 35, 170}),
		kernel(res, "matmul", "avx512", "avx512", 1024, 2, 190e9, [4]float64{3.1, 12, 40, 85}),
	}
	r := kernel(res, "copy", "avx512", "avx512", 256, 1, 9e9, [4]float64{1, 1, 1, 1})
	r.Counts[perf.FLOPs] = []perf.Count{{Source: perf.SourceAnalytic, Quality: perf.Analytic}}
	roofline.Place(&r, res.Ceilings)
	res.Runs = append(res.Runs, r)
	return res
}

// crowd has n runs spread over the chart.
func crowd(n int) *roofline.Result {
	res := machine()
	rnd := rand.New(rand.NewPCG(7, 7))
	for i := range n {
		ai := 0.05 * (1 + 2000*rnd.Float64()*rnd.Float64())
		r := kernel(res, []string{"matmul", "attention", "dot", "gemv"}[i%4], fmt.Sprintf("v%d", i), []string{"avx512", "avx2", "go"}[i%3], 64+i%512, 1,
			min(80e9, ai*25e9)*(0.1+0.8*rnd.Float64()), [4]float64{ai / 4, ai / 2, ai, ai})
		r.Time.Samples = r.Time.Samples[:0]
		res.Runs = append(res.Runs, r)
	}
	res.Warnings = nil
	return res
}

func entry(label string, res *roofline.Result) Entry {
	return Entry{label, &session.Record{Schema: session.RecordSchema, Time: res.Time, Kind: session.Measure, Machine: res.Machine.Fingerprint, Result: res}}
}

// story of a kernel that gets faster, and once slower.
func sessionInput() Input {
	in := Input{Session: true}
	for i, rate := range []float64{20e9, 41e9, 66e9, 60e9} {
		res := machine()
		res.Time = fmt.Sprintf("2026-11-24T1%d:03:00Z", i)
		res.Runs = []roofline.Run{kernel(res, "matmul", "avx512", "avx512", 512, 1, rate, [4]float64{1.5 + float64(i), 6, 40, 85})}
		e := entry(fmt.Sprintf("#%d", i+1), res)
		e.Record.Note = map[int]string{2: "12 rows instead of 8"}[i]
		in.Entries = append(in.Entries, e)
	}
	return in
}

func pairInput() Input {
	base, now := sixRuns(), sixRuns()
	now.Runs[2] = kernel(now, "matmul", "avx512", "avx512", 512, 1, 95e9, [4]float64{4.1, 14, 40, 85})
	return Input{Entries: []Entry{entry("before", base), entry("after", now)}}
}

// rendered writes a report for the browser and returns its path.
func rendered(t testing.TB, in Input) string {
	t.Helper()
	if testing.Short() {
		t.Skip("drives a browser, for half a minute")
	}
	var b bytes.Buffer
	if err := Write(&b, in); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	if dir := os.Getenv("ROOFLINE_GALLERY"); dir != "" {
		path = filepath.Join(dir, filepath.Base(t.Name())+".html")
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
