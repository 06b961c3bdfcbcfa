package plots

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// The results here are synthetic: plausible numbers, measured by nobody.

func estimate(v, rel float64) stats.Estimate {
	return stats.Estimate{Median: v, Lo: v * (1 - rel), Hi: v * (1 + rel), N: 25}
}

func compute(op, isa, dtype string, value, theory float64) roofline.Ceiling {
	id := "compute." + op + "." + isa + "." + dtype
	if op == "amx" {
		id = "compute.amx." + dtype
	}
	return roofline.Ceiling{ID: id, Kind: "compute", Op: op, ISA: isa, DType: dtype, Threads: 1, Unit: "FLOP/s",
		Value: estimate(value, 0.002), Theory: theory}
}

func bandwidth(op, level string, value, rel float64) roofline.Ceiling {
	return roofline.Ceiling{ID: "bandwidth." + op + "." + level, Kind: "bandwidth", Op: op, ISA: "avx512", Level: level, Threads: 1,
		Unit: "B/s", Value: estimate(value, rel)}
}

// smallCore is like a core with 256-bit data paths: AVX-512 and AVX2 reach the same peak.
func smallCore() *roofline.Result {
	res := &roofline.Result{Schema: roofline.Schema, Time: "2026-11-24T18:03:00Z", Machine: machine("Synthetic Processor 9000 (not measured)", 3.7e9)}
	res.Ceilings = []roofline.Ceiling{
		compute("fma", "avx512", "f32", 118.1e9, 118.4e9), compute("fma", "avx2", "f32", 117.6e9, 118.4e9),
		compute("fma", "avx512", "f64", 59.0e9, 59.2e9), compute("fma", "avx2", "f64", 58.8e9, 59.2e9),
		compute("fma", "sse", "f32", 29.4e9, 29.6e9), compute("add", "go", "f32", 7.3e9, 7.4e9),
		compute("fmaadd", "avx512", "f32", 171e9, 177e9),
		bandwidth("load", "L1", 468e9, 0.004), bandwidth("load", "L2", 229e9, 0.006), bandwidth("load", "L3", 108e9, 0.03), bandwidth("load", "DRAM", 25.4e9, 0.02),
		bandwidth("copy", "L1", 233e9, 0.004), bandwidth("copy", "L2", 120e9, 0.006), bandwidth("copy", "L3", 80e9, 0.03), bandwidth("copy", "DRAM", 19.8e9, 0.02),
		{ID: "latency.L1", Kind: "latency", Level: "L1", Threads: 1, Unit: "s", Value: estimate(1.08e-9, 0.01)},
	}
	return res
}

// tileCore is like a core with a matrix unit.
func tileCore() *roofline.Result {
	res := &roofline.Result{Schema: roofline.Schema, Time: "2026-11-24T18:03:00Z", Machine: machine("Synthetic Processor X with a matrix unit (not measured)", 4.1e9)}
	res.Ceilings = []roofline.Ceiling{
		compute("amx", "amx-bf16", "bf16", 3.81e12, 4.19e12),
		compute("fma", "avx512", "f32", 243e9, 262e9), compute("fma", "avx2", "f32", 131e9, 131.2e9), compute("dot", "avx512bf16", "bf16", 122e9, 0),
		compute("fma", "sse", "f32", 65.2e9, 65.6e9), compute("fma", "go", "f32", 8.1e9, 8.2e9),
		bandwidth("load", "L1", 403e9, 0.004), bandwidth("load", "L2", 151e9, 0.02), bandwidth("load", "L3", 29.1e9, 0.04), bandwidth("load", "DRAM", 12.4e9, 0.08),
	}
	return res
}

func machine(name string, hz float64) roofline.Machine {
	return roofline.Machine{
		CPU:         cpu.Info{Name: name, CoreHz: hz, TSCHz: 2.6e9, VM: "KVM"},
		PMU:         roofline.PMU{Reason: "the hypervisor offers no performance counters", Cure: "run on bare metal"},
		Environment: roofline.Environment{NUMANodes: 1, StealShare: new(0.001)},
		Quality: []roofline.Check{{Name: "steal", OK: true}, {Name: "governor", OK: true}, {Name: "load", OK: false, Text: "load average 1.8 on 2 CPUs"},
			{Name: "affinity", OK: true}, {Name: "switches", OK: true}, {Name: "huge pages", OK: true}, {Name: "clock", OK: true}},
	}
}

// kernelSpec is one synthetic run.
type kernelSpec struct {
	kernel, variant, isa, dtype string
	shape                       shape.Shape
	flops, gflops               float64
	ai                          [4]float64 // L1, L2, L3, DRAM; 0: not known
	rel                         float64
	source                      perf.SourceName // of FLOPs
	bytes                       perf.SourceName
	roof                        string
}

func (s kernelSpec) run(ceilings []roofline.Ceiling) (roofline.Run, []roofline.Warning) {
	t := s.flops / (s.gflops * 1e9)
	r := roofline.Run{Kernel: s.kernel, Variant: s.variant, ISA: s.isa, DType: s.dtype, Shape: s.shape, Threads: 1, Roof: s.roof,
		Time: roofline.Timing{Unit: "s", Estimate: estimate(t, s.rel)}, Counts: map[perf.Quantity][]perf.Count{}}
	quality := map[perf.SourceName]perf.Quality{perf.SourceAnalytic: perf.Analytic, perf.SourceSimulated: perf.Simulated}
	q := func(n perf.SourceName) perf.Quality {
		if v, ok := quality[n]; ok {
			return v
		}
		return perf.Exact
	}
	r.Counts[perf.FLOPs] = []perf.Count{{Value: s.flops, Source: s.source, Quality: q(s.source)}}
	for i, l := range roofline.Levels {
		if s.ai[i] > 0 {
			r.Counts[roofline.Bytes(l)] = []perf.Count{{Value: s.flops / s.ai[i], Source: s.bytes, Quality: q(s.bytes)}}
		} else {
			r.Counts[roofline.Bytes(l)] = []perf.Count{perf.NotCounted(s.bytes, "the working set fits in L2")}
		}
	}
	return r, place(&r, ceilings)
}

// place places a run and puts sentences of this test in the place of the model's, which are free to change.
func place(r *roofline.Run, ceilings []roofline.Ceiling) []roofline.Warning {
	warnings := roofline.Place(r, ceilings)
	for i := range warnings {
		warnings[i].Text = "above its roof, so the ceiling or a count is wrong; possible causes: the ceiling is stale, or operands stayed in a cache from call to call"
		warnings[i].Cure = "measure the ceiling again: `roofline ceilings --refresh`"
	}
	if b := r.Bound; b != nil {
		b.Why = "synthetic reason: " + b.By + " allows " + units.SI(b.Attainable, b.Unit) + ", and every other ceiling allows more"
		b.Advice = []string{"only fewer bytes per operation or another instruction set help", "second advice"}
	}
	return warnings
}

func withRuns(res *roofline.Result, specs ...kernelSpec) *roofline.Result {
	for _, s := range specs {
		r, w := s.run(res.Ceilings)
		res.Runs = append(res.Runs, r)
		res.Warnings = append(res.Warnings, w...)
	}
	return res
}

func cube(n int) shape.Shape { return shape.Shape{M: n, N: n, K: n} }

var heads = shape.Shape{H: 8, Q: 1024, KV: 1024, D: 64, Causal: true}

const (
	an  = perf.SourceAnalytic
	in  = perf.SourceInstrumented
	sim = perf.SourceSimulated
	pm  = perf.SourcePMU
)

// sixKernels has one of everything.
func sixKernels() *roofline.Result {
	fma := "compute.fma.avx512.f32"
	res := withRuns(smallCore(),
		kernelSpec{"matmul", "naive", "go", "f32", cube(512), 268e6, 1.93, [4]float64{0.24, 0.9, 4, 60}, 0.01, an, an, "compute.add.go.f32"},
		kernelSpec{"matmul", "avx2", "avx2", "f32", cube(512), 268e6, 96, [4]float64{1.9, 8, 31, 85}, 0.004, in, sim, "compute.fma.avx2.f32"},
		kernelSpec{"matmul", "avx512", "avx512", "f32", cube(512), 268e6, 111, [4]float64{3.1, 12, 40, 85}, 0.003, pm, pm, fma},
		kernelSpec{"attention", "avx512", "avx512", "f32", heads, 1.07e9, 71, [4]float64{2.2, 9, 35, 170}, 0.005, in, sim, fma},
		kernelSpec{"dot", "avx512", "avx512", "f32", shape.Shape{N: 1 << 20}, 2.1e6, 12.1, [4]float64{0.25, 0.25, 0.25, 0}, 0.02, an, an, fma},
		kernelSpec{"gemv", "avx512", "avx512", "f32", shape.Shape{M: 4096, N: 4096}, 33.5e6, 15.2, [4]float64{0.5, 0.5, 0.5, 0.5}, 0.06, an, an, fma},
	)
	return withCopy(res)
}

// withCopy adds a run without FLOPs.
func withCopy(res *roofline.Result) *roofline.Result {
	r := roofline.Run{Kernel: "copy", Variant: "avx512", ISA: "avx512", DType: "f32", Shape: shape.Shape{N: 16 << 20}, Threads: 1,
		Time:   roofline.Timing{Unit: "s", Estimate: estimate(134217728/18.9e9, 0.01)},
		Counts: map[perf.Quantity][]perf.Count{perf.FLOPs: {{Source: an, Quality: perf.Analytic}}, perf.BytesDRAM: {{Value: 134217728, Source: an, Quality: perf.Analytic}}}}
	res.Warnings = append(res.Warnings, place(&r, res.Ceilings)...)
	res.Runs = append(res.Runs, r)
	return res
}

// randomResult has n runs; clustered ones share a small area.
func randomResult(seed uint64, n int, clustered bool) *roofline.Result {
	rnd := rand.New(rand.NewPCG(seed, 1))
	res := smallCore()
	if seed%2 == 1 {
		res = tileCore()
	}
	ops := []string{"matmul", "attention", "decode", "gemv", "triad", "dot"}
	isas := []string{"go", "sse", "avx2", "avx512"}
	variants := []string{"naive", "blocked", "flash", "avx2", "avx512", "a_variant_with_a_long_name"}
	pick := func(s []string) string { return s[rnd.IntN(len(s))] }
	for range n {
		base, spread := -0.8, 3.2
		if clustered {
			base, spread = 0.9, 0.25
		}
		ai := pow10(base + spread*rnd.Float64())
		g := min(110, ai*60) * (0.2 + 0.8*rnd.Float64())
		s := kernelSpec{pick(ops), pick(variants), pick(isas), "f32", cube(64 << rnd.IntN(6)), 1e8, g,
			[4]float64{ai, ai * (1 + 2*rnd.Float64()), ai * (4 + 3*rnd.Float64()), ai * (10 + rnd.Float64())}, 0.01 * rnd.Float64(), an, an, ""}
		withRuns(res, s)
	}
	return res
}

func pow10(v float64) float64 {
	x := 1.0
	for ; v >= 1; v-- {
		x *= 10
	}
	for ; v < 0; v++ {
		x /= 10
	}
	return x * (1 + v*9) // piecewise linear is random enough
}

// TestGallery writes charts to look at into $ROOFLINE_GALLERY.
func TestGallery(t *testing.T) {
	dir := os.Getenv("ROOFLINE_GALLERY")
	if dir == "" {
		t.Skip("set ROOFLINE_GALLERY to a directory to get charts to look at")
	}
	for name, c := range chartGallery(t) {
		for ext, write := range map[string]func(f *os.File) error{
			"png": func(f *os.File) error { return c.WritePNG(f) },
			"svg": func(f *os.File) error { return c.WriteSVG(f) },
			"pdf": func(f *os.File) error { return c.WritePDF(f) }} {
			f, err := os.Create(filepath.Join(dir, name+"."+ext))
			if err != nil {
				t.Fatal(err)
			}
			if err := write(f); err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
	}
}

// chartGallery has charts of every kind.
func chartGallery(t testing.TB) map[string]*Chart {
	g := map[string]*Chart{}
	add := func(name string, c *Chart, err error) {
		if err != nil {
			t.Fatal(name, err)
		}
		g[name] = c
	}
	for name, res := range gallery() {
		c, err := Roofline(res, Options{})
		add(name, c, err)
	}
	steps, err := Roofline(story(), Options{Steps: []string{"#1 naive", "#2 blocked", "#3 avx512"}, Speedups: []stats.Estimate{{Median: 8.6, Lo: 8.4, Hi: 8.8, N: 20}, {Median: 3.73, Lo: 3.7, Hi: 3.76, N: 20}}})
	add("steps", steps, err)
	g["six-dark"] = g["six"].Themed(Dark)
	for name, change := range distributionGallery() {
		c, err := Distribution(change)
		add(name, c, err)
	}
	sweep, err := Sweep(sweptResult(t))
	add("sweep", sweep, err)
	latency, err := Latency(sweptResult(t))
	add("latency", latency, err)
	for name, run := range waterfallGallery() {
		c, err := Waterfall(run)
		add(name, c, err)
	}
	for name, res := range map[string]*roofline.Result{"traffic": withArrays(sixKernels()), "traffic-many": randomResult(14, 14, false)} {
		c, err := Traffic(res)
		add(name, c, err)
	}
	for _, n := range []int{7, 40} {
		c, err := Trajectory("matmul/f32 512x512x512: session first-steps", "AMD EPYC · 1 thread · 2026-11-24", tuning(n))
		add(fmt.Sprintf("trajectory%d", n), c, err)
	}
	add("comparison", comparisonChart(t, changes(9, 0.05)), nil)
	add("comparison-wide", comparisonChart(t, changes(30, 2)), nil)
	for seed := range uint64(2) {
		c, err := Latency(randomSweep(seed))
		add(fmt.Sprintf("latency-random%d", seed), c, err)
	}
	return g
}

func gallery() map[string]*roofline.Result {
	g := map[string]*roofline.Result{"ceilings": smallCore(), "ceilings-tile": tileCore(), "six": sixKernels()}
	one := withRuns(smallCore(), kernelSpec{"matmul", "avx512", "avx512", "f32", cube(512), 268e6, 111, [4]float64{3.1, 12, 40, 85}, 0.003, pm, pm, "compute.fma.avx512.f32"})
	g["one"] = one
	g["tile"] = withRuns(tileCore(),
		kernelSpec{"matmul", "naive", "go", "f32", cube(512), 268e6, 1.9, [4]float64{0.25, 0, 0, 0}, 0.05, an, an, ""},
		kernelSpec{"matmul", "avx2", "avx2", "f32", cube(512), 268e6, 84, [4]float64{1.9, 8, 31, 85}, 0.01, an, an, "compute.fma.avx2.f32"},
		kernelSpec{"matmul", "avx512", "avx512", "f32", cube(512), 268e6, 229, [4]float64{3.1, 16, 60, 120}, 0.01, an, an, "compute.fma.avx512.f32"},
		kernelSpec{"matmul", "amx", "amx-bf16", "bf16", cube(2048), 17e9, 1780, [4]float64{15, 40, 170, 300}, 0.05, an, an, "compute.amx.bf16"},
		kernelSpec{"attention", "flash", "go", "f32", heads, 1.07e9, 6.2, [4]float64{0.9, 0, 0, 0}, 0.05, an, an, ""},
		kernelSpec{"attention", "avx512", "avx512", "f32", heads, 1.07e9, 291, [4]float64{2.2, 11, 35, 170}, 0.01, an, an, "compute.fma.avx512.f32"},
	)
	for _, n := range []int{14, 30, 100} {
		g[fmt.Sprintf("random%d", n)] = randomResult(uint64(n), n, false)
	}
	g["cluster30"] = randomResult(5, 30, true)
	return g
}
