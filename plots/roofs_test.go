package plots

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

func labels(rs roofs) (out []string) {
	for _, f := range rs.flats {
		out = append(out, f.label)
	}
	return out
}

func choose(t *testing.T, res *roofline.Result) roofs {
	t.Helper()
	rs, err := chooseRoofs(res, rowsOf(res), usualThreads(res), nil)
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

func TestNearRoofsShareALine(t *testing.T) {
	rs := choose(t, smallCore())
	if got := labels(rs); !slices.Equal(got, []string{"AVX-512 / AVX2 FMA f32", "128-bit FMA f32"}) {
		t.Errorf("small core: %q", got)
	}
	// 131 and 122 GFLOP/s are 7 % apart: two lines.
	rs = choose(t, gallery()["tile"])
	if got := labels(rs); !slices.Equal(got, []string{"AMX bf16", "AVX-512 FMA f32", "AVX2 FMA f32", "scalar FMA f32"}) {
		t.Errorf("tile core: %q", got)
	}
}

func TestRoofsAreThoseThatMatter(t *testing.T) {
	rs := choose(t, sixKernels())
	if got := labels(rs); !slices.Equal(got, []string{"AVX-512 / AVX2 FMA f32", "scalar add f32"}) {
		t.Errorf("roofs of f32 kernels: %q", got)
	}
	if len(rs.omitted) != 1 || !strings.Contains(rs.omitted[0], "171 GFLOP/s") {
		t.Errorf("the highest ceiling that is not drawn must be named: %q", rs.omitted)
	}
	var ids []string
	for _, f := range rs.flats {
		ids = append(ids, f.ids...)
	}
	for _, r := range sixKernels().Runs {
		if by := r.Bound.By; strings.HasPrefix(by, "compute.") && !slices.Contains(ids, by) {
			t.Errorf("the roof %s of %s is not drawn", by, r.ID())
		}
	}
}

// A scalar run that declares no roof is held against the fastest ceiling of its type: its line is drawn, or the run's distance to the
// roof would end in the void.
func TestRoofOfRunsThatDeclareNone(t *testing.T) {
	res := sixKernels()
	r := res.Runs[0]
	r.ISA, r.Roof = "go", ""
	res.Runs = []roofline.Run{r}
	held, ok := r.ComputeRoof(res.Ceilings)
	if !ok {
		t.Fatal("no ceiling of its type")
	}
	var ids []string
	for _, f := range choose(t, res).flats {
		ids = append(ids, f.ids...)
	}
	if !slices.Contains(ids, held.ID) {
		t.Errorf("%s is held against %s, drawn are %q", r.ID(), held.ID, ids)
	}
}

// A run without FLOPs has no place under the compute ceilings. The axis is FLOP/s all the same, and integer operations are none.
func TestRoofsOfRunsWithoutFLOPs(t *testing.T) {
	res := smallCore()
	ints := compute("dot", "avx512vnni", "int8", 931e9, 0)
	ints.Unit = "OP/s"
	res.Ceilings = append(res.Ceilings, ints)
	res.Runs = []roofline.Run{{Kernel: "sort", Variant: "lib.so", Threads: 1}}
	if got := labels(choose(t, res)); len(got) == 0 || got[0] != "AVX-512 / AVX2 FMA f32" {
		t.Errorf("roofs: %q", got)
	}
	only := &roofline.Result{Schema: res.Schema, Machine: res.Machine, Runs: res.Runs, Ceilings: []roofline.Ceiling{ints, bandwidth("load", "L1", 468e9, 0.004)}}
	if got := labels(choose(t, only)); len(got) != 1 {
		t.Errorf("where nothing else was measured: %q", got)
	}
}

// A kernel of integers stands under the ceiling that it declares, also where a bandwidth binds it: without its line it would stand
// on, or above, that of a type with half its rate.
func TestRoofOfIntegersBoundByABandwidth(t *testing.T) {
	res := smallCore()
	tiles := compute("amx", "amx-int8", "int8", 6.5e12, 8.2e12)
	tiles.Unit = "OP/s"
	res.Ceilings = append(res.Ceilings, tiles)
	r, _ := kernelSpec{"matmul", "amx", "amx-int8", "int8", cube(512), 268e6, 3000, [4]float64{22, 29, 100, 150}, 0.01, in, sim, "bandwidth.load.L2"}.run(res.Ceilings)
	r.Roof = tiles.ID
	res.Runs = append(res.Runs, r)
	if got := labels(choose(t, res)); !slices.Contains(got, "AMX int8") {
		t.Errorf("roofs: %q", got)
	}
}

func TestAtMostSixFlats(t *testing.T) {
	res := smallCore()
	for i := range 40 {
		res.Ceilings = append(res.Ceilings, compute("fma", fmt.Sprintf("isa%d", i), "f32", 1e9*float64(int(1)<<(i%20)), 0))
	}
	if rs := choose(t, res); len(rs.flats) == 0 || len(rs.flats) > maxFlats {
		t.Errorf("%d flats", len(rs.flats))
	}
}

// functionsOf are runs of functions of which only the signature is known: each writes back another share of the lines of L2 that it
// moves, and so has a roof of its own between those of a load and of a triad.
func functionsOf(res *roofline.Result, written ...float64) *roofline.Result {
	for i, share := range written {
		r, _ := kernelSpec{fmt.Sprintf("f%d", i), "c", "avx2", "f32", cube(64), 1e6, 5, [4]float64{0.1, 0.05, 0, 0}, 0.001, in, sim, ""}.run(res.Ceilings)
		r.Object = &roofline.Object{Signature: "f32[64]"}
		bytes, _ := r.Count(roofline.Bytes("L2"))
		bytes.Value *= 1 - share
		r.Counts[perf.BytesL2Fill] = []perf.Count{bytes}
		place(&r, res.Ceilings)
		res.Runs = append(res.Runs, r)
	}
	return res
}

// The roof of every run that a bandwidth binds is drawn, also where runs under one ceiling have it at different heights; what is too
// much for one chart is said.
func TestOneCeilingAtSeveralHeights(t *testing.T) {
	measured := func() *roofline.Result {
		res := smallCore()
		res.Ceilings = append(res.Ceilings, bandwidth("triad", "L2", 120e9, 0.006))
		return res
	}
	res := functionsOf(measured(), 0.03, 0.1, 0.25)
	rs := choose(t, res)
	drawn := slices.Concat(rs.slopes, rs.others)
	heights := map[string]bool{}
	for i := range res.Runs {
		c, ok := res.Runs[i].BoundCeiling(res.Ceilings)
		if !ok || c.Level != "L2" || !c.InLines {
			t.Fatalf("run %d is not bound by lines of L2 but by %+v", i, c)
		}
		heights[fmt.Sprintf("%.0f", c.Value.Median/1e9)] = true
		if !slices.ContainsFunc(drawn, func(s slope) bool { return s.level == "L2" && s.lines && s.value == c.Value }) {
			t.Errorf("the roof of %s, %.4g B/s, is not drawn: %+v", res.Runs[i].ID(), c.Value.Median, drawn)
		}
	}
	if len(heights) != 3 {
		t.Fatalf("the runs do not differ in their roofs: %v", heights)
	}
	checkBoxes(t, mustChart(t, res))
	res = functionsOf(measured(), 0.02, 0.05, 0.08, 0.11, 0.15, 0.19, 0.25)
	if s := texts(mustChart(t, res)); !strings.Contains(s, "Not drawn: 2 more roofs of L2 that bind other kernels.") {
		t.Errorf("the chart does not say that roofs are left out:\n%s", s)
	}
}

func TestSlopes(t *testing.T) {
	// names lists slopes with their GB/s.
	names := func(slopes []slope) (out []string) {
		for _, s := range slopes {
			out = append(out, fmt.Sprintf("%s %s %.0f", s.level, s.op, s.value.Median/1e9))
		}
		return out
	}
	res := smallCore()
	res.Ceilings = append(res.Ceilings, bandwidth("ntstore", "DRAM", 86e9, 0.01))
	if got, want := names(choose(t, res).slopes), []string{"L1 load 468", "L2 load 229", "L3 load 108", "DRAM load 25"}; !slices.Equal(got, want) {
		t.Errorf("without runs: %q", got)
	}
	// A run that another operation binds gets that slope, too; when it is the only one, in the place of loads.
	triad := kernelSpec{"triad", "avx2", "avx2", "f32", cube(64), 1e8, 1.5, [4]float64{0.2, 0.2, 0.2, 0.2}, 0.01, an, an, ""}
	dot := triad
	dot.kernel = "dot"
	res.Ceilings = append(res.Ceilings, bandwidth("triad", "DRAM", 20e9, 0.01))
	rs := choose(t, withRuns(res, triad))
	if got := names(rs.slopes); got[3] != "DRAM triad 20" || len(rs.others) > 0 {
		t.Errorf("triad alone: %q and %q", got, names(rs.others))
	}
	rs = choose(t, withRuns(res, dot, dot))
	if got, others := names(rs.slopes), names(rs.others); got[3] != "DRAM load 25" || !slices.Equal(others, []string{"DRAM triad 20"}) {
		t.Errorf("dot twice and triad: %q and %q", got, others)
	}
	checkBoxes(t, mustChart(t, res))
	res.Ceilings = slices.DeleteFunc(res.Ceilings, func(c roofline.Ceiling) bool { return c.ID == "bandwidth.load.L3" })
	res.Runs = nil
	if got := names(choose(t, res).slopes); got[2] != "L3 copy 80" {
		t.Errorf("without loads: %q", got)
	}
}

// The slope under which a run stands is drawn as it holds for the run: in lines, where its bytes were counted.
func TestSlopesInLines(t *testing.T) {
	res := smallCore()
	res.Ceilings = append(res.Ceilings, bandwidth("triad", "L2", 120e9, 0.01))
	triad := kernelSpec{"triad", "avx2", "avx2", "f32", cube(64), 1e8, 1.5, [4]float64{0, 0.125, 0, 0}, 0.01, in, sim, ""}
	s := choose(t, withRuns(res, triad)).slopes[1]
	if s.level != "L2" || s.op != "triad" || s.value.Median != 160e9 || s.name(oneLine) != "L2 triad in lines" {
		t.Errorf("%+v, %q", s, s.name(oneLine))
	}
}

func TestLabelsOfMergedRoofs(t *testing.T) {
	f := newFlat([]roofline.Ceiling{compute("fma", "sse", "f32", 59e9, 0), compute("fma", "avx2", "f64", 59e9, 0), compute("fma", "avx512", "f64", 59e9, 0)})
	if f.label != "AVX-512 / AVX2 FMA f64, 128-bit FMA f32" || len(f.families) != 3 {
		t.Errorf("label %q, %d hues", f.label, len(f.families))
	}
}

func TestThreads(t *testing.T) {
	res := sixKernels()
	for _, c := range slices.Clone(res.Ceilings) {
		c.Threads, c.Value = 4, c.Value.Scale(3.9)
		res.Ceilings = append(res.Ceilings, c)
	}
	four := res.Runs[2]
	four.Threads = 4
	res.Runs = append(res.Runs, four)
	s := texts(mustChart(t, res)) // most runs have one thread
	if !strings.Contains(s, "1 thread") || !strings.Contains(s, "other thread count: matmul avx512 t4") {
		t.Error("the run with another thread count must be named as not drawn")
	}
	c, err := Roofline(res, Options{Threads: 4})
	if err != nil {
		t.Fatal(err)
	}
	if s := texts(c); !strings.Contains(s, "4 threads") || !strings.Contains(s, "L1 load  1825 GB/s") {
		t.Error("ceilings of four threads were asked for")
	}
}

func TestErrors(t *testing.T) {
	res := sixKernels()
	for _, c := range []struct {
		name string
		res  *roofline.Result
		opt  Options
		want string
	}{
		{"nil", nil, Options{}, "no result"},
		{"threads", res, Options{Threads: 3}, "no ceilings for 3 threads, only for 1 (measure them with `roofline ceilings --threads 3`)"},
		{"empty", &roofline.Result{}, Options{}, "the result has no ceilings"},
		{"level", res, Options{Levels: []string{"L4"}}, `unknown level "L4" (levels are L1, L2, L3, DRAM)`},
	} {
		if _, err := Roofline(c.res, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

func TestHalfOfTheCeilings(t *testing.T) {
	for _, kind := range []string{"compute", "bandwidth"} {
		res := sixKernels()
		res.Ceilings = slices.DeleteFunc(res.Ceilings, func(c roofline.Ceiling) bool { return c.Kind != kind })
		checkBoxes(t, mustChart(t, res))
		res.Runs = nil
		checkBoxes(t, mustChart(t, res))
	}
}

func TestOptions(t *testing.T) {
	c, err := Roofline(sixKernels(), Options{Title: "After the rewrite", Levels: []string{"L2", "DRAM"}})
	if err != nil {
		t.Fatal(err)
	}
	checkBoxes(t, c)
	s := texts(c)
	if !strings.Contains(s, "After the rewrite") || strings.Contains(s, "L1 load") || !strings.Contains(s, "L2 load") {
		t.Error("title or levels were ignored")
	}
}
