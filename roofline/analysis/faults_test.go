package analysis_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/perf/perftest"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/analysis"
	"github.com/roofline-go/roofline/roofline/measure"
	"github.com/roofline-go/roofline/roofline/native/ccall"
	"github.com/roofline-go/roofline/roofline/stats"
)

// The test binary is its own child.
const (
	objectArg = "-count-object"
	kernelArg = "-count-kernel"
)

func TestMain(m *testing.M) {
	serve := map[string]func() error{
		objectArg: func() error { return ccall.ServeCounts(os.Stdin, os.Stdout) },
		kernelArg: func() error { return measure.ServeCounts(os.Stdin, os.Stdout) },
	}
	if len(os.Args) > 1 && serve[os.Args[1]] != nil {
		if err := serve[os.Args[1]](); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// machine are round ceilings of a core with two pipes for 512-bit FMAs at 4 GHz that additions share, and 48 KiB, 2 MiB, 32 MiB
// of cache; nothing in these tests depends on how fast the real machine is.
func machine(threads int) analysis.Context {
	const clock = 4e9
	c := analysis.Context{}
	c.Machine.CPU.CoreHz = clock
	put := func(id, kind, op, level, dtype, unit string, v float64) {
		c.Ceilings = append(c.Ceilings, roofline.Ceiling{ID: id, Kind: kind, Op: op, Level: level, DType: dtype, Threads: threads, Unit: unit,
			Value: stats.Estimate{Median: v, N: 9}})
	}
	for isa, bytes := range map[string]float64{"scalar": 0, "sse": 16, "avx2": 32, "avx512": 64} {
		for dtype, size := range map[string]float64{"f32": 4, "f64": 8} {
			rate := 2 * clock * max(bytes/size, 1) * float64(threads)
			for op, n := range map[string]float64{"add": 1, "mul": 1, "fma": 2, "fmaadd": 1.5} {
				put("compute."+op+"."+isa+"."+dtype, "compute", op, "", dtype, "FLOP/s", n*rate)
			}
		}
	}
	for level, bandwidth := range map[string]float64{"L1": 512e9, "L2": 192e9, "L3": 80e9, "DRAM": 20e9} {
		for op, factor := range map[string]float64{"load": 1, "store": 0.5, "copy": 0.9, "triad": 0.9} {
			put("bandwidth."+op+"."+level, "bandwidth", op, level, "", "B/s", factor*bandwidth*float64(threads))
		}
	}
	threads = 1
	for level, seconds := range map[string]float64{"L1": 1.25e-9, "L2": 4e-9, "L3": 20e-9, "DRAM": 100e-9} {
		put("latency."+level, "latency", "load", level, "", "s", seconds)
	}
	return c
}

// counted is a run of which everything is counted and the time is taken to be a second: long enough for any gain.
func counted(t *testing.T, w perf.Workload, arg, kernel, dtype string) *roofline.Run {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := instrument.Child{Command: []string{self, arg}}
	run := &roofline.Run{Kernel: kernel, Variant: "test", DType: dtype, Threads: w.Workers(), Time: roofline.Timing{Estimate: stats.Estimate{Median: 1, N: 9}}}
	var counts []map[perf.Quantity]perf.Count
	var details []*perf.Detail
	order := []perf.SourceName{perf.SourceInstrumented, perf.SourceSimulated, perf.SourceAnalytic}
	for _, s := range []perf.Source{instrument.Source{Child: child}, instrument.Simulated{Child: child}, perf.AnalyticSource{}} {
		n, d, err := perf.InDetail(context.Background(), s, w, []perf.Quantity{perf.FLOPs, perf.BytesL1})
		if err != nil {
			t.Fatal(err)
		}
		counts, details = append(counts, n), append(details, d)
	}
	run.Counts, run.Analysis = perf.Choice{Sources: order, Explicit: true}.Merge("", counts...), roofline.Describe(details...)
	return run
}

// compile builds the kernels with gcc, or skips.
func compile(t *testing.T, flags ...string) string {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		testkit.SkipUnsupported(t, testkit.MissingTool("an x86-64 processor"))
	}
	testkit.NeedSelf(t)
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("gcc"))
	}
	out := filepath.Join(t.TempDir(), "faults.so")
	args := append([]string{"-shared", "-fPIC", "-o", out, "testdata/faults.c"}, flags...)
	if text, err := exec.Command(gcc, args...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, text)
	}
	return out
}

func ids(list []roofline.Finding) (names []string) {
	for _, f := range list {
		names = append(names, f.ID)
	}
	return names
}

// spare leaves most cases out of a short test, and nearly all under the race detector: they are counted in processes of their own, one
// thread after the other.
func spare(t *testing.T, i int) {
	every := 5
	if testkit.Race {
		every = 25
	}
	if testing.Short() && i%every != 0 {
		t.Skip("few of the cases are enough for a short test")
	}
}

// needMemory skips where the caches that are simulated, those of this machine, hold most of so many bytes.
func needMemory(t *testing.T, bytes int64) {
	t.Helper()
	levels, err := cache.Topology()
	if err != nil {
		t.Fatal(err)
	}
	if last := levels[len(levels)-1].Bytes; last > bytes*3/4 {
		testkit.SkipUnsupported(t, testkit.MissingTool(fmt.Sprintf("a last cache of less than %d MiB", bytes*3/4>>20)))
	}
}

// Each planted fault is found in the executed code, under its name.
func TestPlantedFaults(t *testing.T) {
	const f32 = "f32[4000], f32[4000], i64=4000"
	for i, fault := range []struct {
		name, flags, function, signature string
		needs                            cpu.ISA
		want                             string // finding
		not                              string // findings that must not be there
	}{
		{"scalar code", "-O2 -mfma -fno-tree-vectorize", "polynomial", f32, cpu.AVX2, "scalar-code", "no-fma scalar-tail narrow-vectors strided-access"},
		{"scalar tail", "-O3 -mavx2 -mfma", "short_rows", "f32[2300], f32[2300], i64=100", cpu.AVX2, "scalar-tail", "scalar-code strided-access"},
		{"vectors of SSE", "-O3 -msse2", "polynomial", f32, cpu.SSE, "narrow-vectors", "scalar-code scalar-tail"},
		{"vectors of AVX2", "-O3 -mavx2 -mfma", "polynomial", f32, cpu.AVX2, "narrow-vectors", "scalar-code no-fma"},
		{"no FMA", "-O3 -mavx2 -mno-fma", "polynomial", f32, cpu.AVX2, "no-fma", "scalar-code strided-access"},
		{"a chain of sums", "-O3 -mavx2 -mfma -ffast-math", "sum_of_products", f32, cpu.AVX2, "dependent-chain", "scalar-code strided-access pointer-chase"},
		{"a sum in memory", "-O0", "sum_of_products", f32, cpu.SSE, "store-forwarding", "pointer-chase"},
		{"pointers", "-O2", "chase", "i64[262144]=0..262143, i64=262143, i64=100000", cpu.SSE, "pointer-chase", "dependent-chain"},
		{"columns", "-O1", "columns", "f32[1000], f32[1000*1000], i64=1000, i64=1000", cpu.SSE, "strided-access", "no-streaming-stores"},
		{"rows of a page", "-O2", "rows_of_a_page", "f32[64*1024], i64=200", cpu.SSE, "power-of-two-conflict", "no-blocking"},
		{"ordinary stores", "-O3 -mavx2", "scale", "f32[9437184], f32[9437184], i64=9437184", cpu.AVX2, "no-streaming-stores", "strided-access power-of-two-conflict"},
		{"no blocking", "-O3 -mavx2 -mfma", "unblocked", "f32[200*200], f32[200*200], f32[200*200], i64=200", cpu.AVX2, "no-blocking", "strided-access scalar-code"},
		{"divisions", "-O3 -mavx2", "quotients", f32, cpu.AVX2, "division", "scalar-code strided-access"},
		{"conversions", "-O3 -mavx2", "halves", "i16[4000], i16[4000]=1..100, i64=4000", cpu.AVX2, "conversions", "strided-access"},
		{"gathers", "-O2", "gathered", "f32[4096], i32[4096]=0..4095, i64=4096", cpu.AVX512, "gather-scatter", "strided-access"},
		{"split lines", "-O2", "sum_from", "f32[4100], i64=1, i64=4096", cpu.AVX512, "split-lines", "scalar-code gather-scatter"},
		{"lanes that are off", "-O2", "masked", "f32[4096], f32[4096], i64=9, i64=4096", cpu.AVX512, "masked-lanes", "scalar-code split-lines"},
	} {
		t.Run(fault.name, func(t *testing.T) {
			spare(t, i)
			t.Parallel()
			testkit.SkipUnsupported(t, cpu.Usable(fault.needs))
			if fault.want == "no-streaming-stores" {
				needMemory(t, 2*4*9437184)
			}
			lib := compile(t, strings.Fields(fault.flags)...)
			w := ccall.Workload(ccall.Spec{Object: lib, Function: fault.function, Signature: fault.signature})
			run := counted(t, w, objectArg, fault.function, "f32")
			analysis.Fill(run, machine(1))
			got := ids(run.Analysis.Findings)
			if !slices.Contains(got, fault.want) {
				t.Errorf("findings %v, want %s", got, fault.want)
			}
			for _, not := range strings.Fields(fault.not) {
				if slices.Contains(got, not) {
					t.Errorf("findings %v: %s is not what is wrong", got, not)
				}
			}
			if t.Failed() {
				show(t, run)
			}
		})
	}
}

// item shows a built-in kernel to the sources.
type item struct {
	*perftest.Workload
	spec []byte
	why  string
}

func (i item) Portable() ([]byte, string) { return i.spec, i.why }

// builtin counts one call of a built-in kernel.
func builtin(t *testing.T, id, size string, threads int) *roofline.Run {
	t.Helper()
	testkit.NeedSelf(t)
	found, err := kernels.Find(id)
	if err != nil || len(found) != 1 {
		t.Fatalf("find %s: %v, %v", id, found, err)
	}
	k := found[0]
	for _, isa := range append([]cpu.ISA{k.ISA}, k.Needs...) {
		testkit.SkipUnsupported(t, cpu.Usable(isa))
	}
	s, err := shape.Parse(k.Op, size)
	if err != nil {
		t.Fatal(err)
	}
	work := k.Work(s)
	spec, why := measure.Spec(measure.Item{Kernel: k, Shape: s}, threads)
	w := item{&perftest.Workload{Name: id, N: threads, Decl: map[perf.Quantity]float64{perf.FLOPs: work.FLOPs, perf.BytesL1: work.LoadBytes + work.StoreBytes}}, spec, why}
	run := counted(t, w, kernelArg, k.Op, string(k.DType))
	run.ISA, run.Roof, run.Shape, run.Memory.WorkingSet = string(k.ISA), k.Roof, s, work.WorkingSet
	return run
}

// Kernels that are as they should be have no findings.
func TestHealthyKernels(t *testing.T) {
	for i, k := range []struct{ id, size string }{
		{"matmul/avx512/f32", "512x512x512"}, {"matmul/avx512/f64", "300x300x300"}, {"matmul/avx512/f32", "101x203x307"},
		{"triad/avx512/f32", "9437184"}, {"triad/avx512/f32", "100000"}, {"copy/avx512/f32", "9437184"},
		{"dot/avx512/f32", "4194304"}, {"dot/avx512/f32", "3000"},
		{"attention/avx512/f32", "h=2,q=256,kv=256,d=64"}, {"decode/avx512/f32", "h=4,q=1,kv=4096,d=64"}, {"gemv/avx512/f32", "2048x2048"},
	} {
		t.Run(k.id+" "+k.size, func(t *testing.T) {
			spare(t, i+2)
			t.Parallel()
			run := builtin(t, k.id, k.size, 1)
			analysis.Fill(run, machine(1))
			for _, f := range run.Analysis.Findings {
				t.Errorf("%s: %s %v", f.ID, analysis.Advice(f), f.Evidence)
			}
			if t.Failed() {
				show(t, run)
			}
		})
	}
}

// Too few rows for two threads leave one without work.
func TestIdleThread(t *testing.T) {
	if workers.Usable() < 2 {
		testkit.SkipUnsupported(t, testkit.MissingTool("a second CPU"))
	}
	run := builtin(t, "matmul/avx2/f32", "4x16x512", 2)
	analysis.Fill(run, machine(2))
	if got := ids(run.Analysis.Findings); !slices.Contains(got, "idle-thread") {
		t.Errorf("findings %v; %v", got, run.Analysis.Workers)
	}
	balanced := builtin(t, "matmul/avx2/f32", "240x256x256", 2)
	analysis.Fill(balanced, machine(2))
	if got := ids(balanced.Analysis.Findings); slices.Contains(got, "idle-thread") || slices.Contains(got, "imbalance") {
		t.Errorf("findings %v; %v", got, balanced.Analysis.Workers)
	}
}

// A narrower machine finds nothing to widen: what is a fault depends on the ceilings.
func TestFaultsDependOnTheMachine(t *testing.T) {
	run := builtin(t, "matmul/avx2/f32", "256x256x256", 1)
	c := machine(1)
	c.Ceilings = slices.DeleteFunc(c.Ceilings, func(x roofline.Ceiling) bool { return strings.Contains(x.ID, "avx512") })
	analysis.Fill(run, c)
	if got := ids(run.Analysis.Findings); len(got) > 0 {
		t.Errorf("findings %v", got)
	}
	analysis.Fill(run, machine(1))
	if got := ids(run.Analysis.Findings); !slices.Equal(got, []string{"narrow-vectors"}) {
		t.Errorf("findings %v", got)
	}
}

// show writes what findings are made of.
func show(t *testing.T, run *roofline.Run) {
	t.Helper()
	a := run.Analysis
	t.Logf("gap %+v", a.Gap)
	for _, f := range a.Findings {
		t.Logf("%s: %s %q", f.ID, analysis.Advice(f), f.Evidence)
	}
	for _, b := range a.Blocks {
		t.Logf("%s+%#x: %g executions, share %.3f, loop %+v %q", b.Function, b.Offset, b.Executions, b.Share, b.Loop, b.Code)
	}
	for _, l := range a.Caches {
		t.Logf("%s: %+v", l.Level, l)
	}
}

type function = instrument.Portable // embedded by this name: its method Portable stays visible

// declared adds to a function of an object what its algorithm needs.
type declared struct {
	function
	work map[perf.Quantity]float64
}

func (d declared) Declared() map[perf.Quantity]float64 { return d.work }

// A product of small matrices that loads both operands of each FMA waits for L1's ports, not for arithmetic; one that executes
// twice what its algorithm needs is told so.
func TestFaultsAgainstTheAlgorithm(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	lib := compile(t, "-O3", "-mavx2", "-mfma")
	const n = 48
	fill := func(flops float64) []string {
		w := declared{ccall.Workload(ccall.Spec{Object: lib, Function: "unblocked", Signature: "f32[48*48], f32[48*48], f32[48*48], i64=48"}),
			map[perf.Quantity]float64{perf.FLOPs: flops, perf.BytesL1: 3 * 4 * n * n}}
		run := counted(t, w, objectArg, "unblocked", "f32")
		c := machine(1)
		c.Ceilings = slices.DeleteFunc(c.Ceilings, func(x roofline.Ceiling) bool { return strings.Contains(x.ID, "avx512") })
		analysis.Fill(run, c)
		return ids(run.Analysis.Findings)
	}
	if got := fill(2 * n * n * n); !slices.Contains(got, "port-bound") || slices.Contains(got, "extra-work") {
		t.Errorf("findings %v", got)
	}
	w := declared{ccall.Workload(ccall.Spec{Object: lib, Function: "polynomial", Signature: "f32[4000], f32[4000], i64=4000"}),
		map[perf.Quantity]float64{perf.FLOPs: 4000 * 8}}
	run := counted(t, w, objectArg, "polynomial", "f32")
	analysis.Fill(run, machine(1))
	if got := ids(run.Analysis.Findings); !slices.Contains(got, "extra-work") {
		show(t, run)
		t.Errorf("findings %v", got)
	}
}
