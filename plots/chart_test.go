package plots

import (
	"bytes"
	"cmp"
	"fmt"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

func mustChart(t testing.TB, res *roofline.Result) *Chart {
	t.Helper()
	c, err := Roofline(res, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// checkBoxes fails for texts that overlap or leave the drawing.
func checkBoxes(t *testing.T, c *Chart) {
	t.Helper()
	boxes := c.TextBoxes()
	width, height := c.Size()
	for i, a := range boxes {
		x0, y0, x1, y1 := quad(a.Corners).bounds()
		if x0 < 0 || y0 < 0 || x1 > width || y1 > height {
			t.Errorf("%q leaves the drawing: %.0f,%.0f to %.0f,%.0f", a.Text, x0, y0, x1, y1)
		}
		for _, b := range boxes[:i] {
			if quad(a.Corners).overlaps(quad(b.Corners)) {
				t.Errorf("%q overlaps %q", a.Text, b.Text)
			}
		}
	}
}

func TestTextsNeverOverlap(t *testing.T) {
	step := 1
	if testing.Short() {
		step = 10
	}
	for n := 0; n <= 30; n += step {
		for _, clustered := range []bool{false, true} {
			for seed := range uint64(2) {
				t.Run(fmt.Sprintf("%d runs, clustered %v, seed %d", n, clustered, seed), func(t *testing.T) {
					checkBoxes(t, mustChart(t, randomResult(seed+100*uint64(n), n, clustered)))
				})
			}
		}
	}
	for name, res := range gallery() {
		t.Run(name, func(t *testing.T) { checkBoxes(t, mustChart(t, res)) })
	}
}

// Points that coincide exactly are the hardest case: every one must still be told by its number or name.
// However many decades the intensities span, ticks stand beside each other.
func TestTicksOfManyDecades(t *testing.T) {
	for _, ai := range []float64{1e-8, 1e-16, 1e-40} {
		res := withRuns(smallCore(),
			kernelSpec{"dot", "avx2", "avx2", "f32", cube(8), 1e8, 10 * ai, [4]float64{ai, ai, ai, ai}, 0.01, an, an, ""},
			kernelSpec{"matmul", "avx2", "avx2", "f32", cube(8), 1e8, 1, [4]float64{1 / ai, 1 / ai, 1 / ai, 1 / ai}, 0.01, an, an, ""})
		checkBoxes(t, mustChart(t, res))
		lines := strings.Split(terminalChart(t, res, TerminalOptions{Width: 60, Height: 12, NoKey: true}), "\n")
		under, found := lines[len(lines)-2], 0
		for rest := under; strings.Trim(rest, " ") != ""; found++ {
			rest = strings.TrimLeft(rest, " ")
			best := ""
			for e := -99; e <= 99; e++ {
				if l := aiLabel(math.Pow(10, float64(e))); strings.HasPrefix(rest+" ", l+" ") && len(l) > len(best) {
					best = l
				}
			}
			if best == "" && !strings.HasPrefix(rest, "FLOP/byte") {
				t.Fatalf("intensities from %g on: no tick at %q in %q", ai, rest, under)
			}
			rest = strings.TrimPrefix(rest, cmp.Or(best, "FLOP/byte"))
		}
		if found < 4 {
			t.Errorf("intensities from %g on: %q", ai, under)
		}
	}
}

func TestEveryPointIsLabelled(t *testing.T) {
	for _, n := range []int{1, 6, 16, 30} {
		res := smallCore()
		for i := range n {
			withRuns(res, kernelSpec{"matmul", fmt.Sprintf("v%d", i), "avx512", "f32", cube(512), 1e8, 50, [4]float64{3, 3, 3, 3}, 0.01, an, an, ""})
		}
		c := mustChart(t, res)
		checkBoxes(t, c)
		inFrame := map[string]bool{}
		for _, b := range c.TextBoxes() {
			if x0, _, x1, _ := quad(b.Corners).bounds(); x0 > frameLeft && x1 < frameRight {
				inFrame[b.Text] = true
			}
		}
		for i := range n {
			if !inFrame[fmt.Sprintf("matmul v%d", i)] && !inFrame[fmt.Sprint(i+1)] {
				t.Errorf("%d runs: run %d has neither name nor number on the chart", n, i+1)
			}
		}
	}
}

// The boxes are computed from font metrics; the pixels are the independent witness.
func TestBoxesHoldTheInk(t *testing.T) {
	testkit.SkipRace(t, "draws in one goroutine")
	for _, x := range []text{
		{str: "L2 1843 GB/s ±0.6 %", size: 14, bold: true, angle: 45},
		{str: "jgpqy|(118 GFLOP/s)", size: 27},
		{str: "right", size: 12, anchor: end, angle: -30},
		{str: "Performance (FLOP/s)", size: 15, anchor: middle, angle: 90},
	} {
		x.at, x.color = Point{800, 500}, black
		c := &Chart{}
		c.scene.put(x)
		var b bytes.Buffer
		if err := c.WritePNG(&b); err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		box, ink := quad(c.TextBoxes()[0].Corners).grown(1.5), 0
		for py := range Height {
			for px := range Width {
				if r, _, _, _ := img.At(px, py).RGBA(); r > 0x9000 {
					continue
				}
				ink++
				if !rect(float64(px)+0.25, float64(py)+0.25, 0.5, 0.5).overlaps(box) {
					t.Fatalf("%q at %v°: ink at %d,%d outside of its box %v", x.str, x.angle, px, py, box)
				}
			}
		}
		if ink < 50 {
			t.Errorf("%q: only %d pixels of ink", x.str, ink)
		}
	}
}

func TestSameBytes(t *testing.T) {
	testkit.SkipRace(t, "draws in one goroutine")
	for _, write := range []func(*Chart, io.Writer) error{(*Chart).WritePNG, (*Chart).WriteSVG, (*Chart).WritePDF} {
		var first []byte
		for range 3 {
			var b bytes.Buffer
			if err := write(mustChart(t, sixKernels()), &b); err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = b.Bytes()
			}
			if !bytes.Equal(first, b.Bytes()) {
				t.Error("the same result gave different bytes")
			}
		}
	}
}

func TestPNG(t *testing.T) {
	testkit.SkipRace(t, "draws in one goroutine")
	var b bytes.Buffer
	if err := mustChart(t, sixKernels()).WritePNG(&b); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if s := img.Bounds().Size(); s.X != 1600 || s.Y != 1000 {
		t.Errorf("size %v", s)
	}
	colors := map[any]int{}
	for y := 0; y < Height; y++ {
		for x := 0; x < Width; x++ {
			colors[img.At(x, y)]++
		}
	}
	if len(colors) < 100 {
		t.Errorf("only %d colours: the picture is blank or nearly so", len(colors))
	}
	seen := map[string]bool{}
	for c := range colors {
		seen[fmt.Sprint(c)] = true
	}
	for _, hue := range []ink{hueGo, hueAVX2, hueAVX512} {
		if !seen[fmt.Sprintf("{%d %d %d 255}", hue.R, hue.G, hue.B)] {
			t.Errorf("hue %s is not in the picture", hue.hex())
		}
	}
}

// A slope of one decade per decade must rise at 45°, and every point must lie where its numbers say.
func TestAxesAreTrue(t *testing.T) {
	for name, res := range gallery() {
		rows := rowsOf(res)
		rs, err := chooseRoofs(res, rows, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		f := fitFrame(rs, rows, frameLeft, frameTop, frameRight, 900)
		if dx, dy := f.x(100)-f.x(10), f.y(1e9)-f.y(1e10); math.Abs(dx-dy) > 1e-6 {
			t.Errorf("%s: decades are %.2f and %.2f pixels", name, dx, dy)
		}
		if math.Abs(f.x(f.minAI())-f.left) > 1e-6 || math.Abs(f.x(f.maxAI())-f.right) > 1e-6 ||
			math.Abs(f.y(math.Pow(10, f.y0))-f.bottom) > 1e-6 || math.Abs(f.y(f.maxPerf())-f.top) > 1e-6 {
			t.Errorf("%s: the axes do not end at the frame", name)
		}
		for _, r := range rows {
			for _, ai := range r.ai {
				if r.placed() && !f.contains(f.at(ai, r.rate.Median)) {
					t.Errorf("%s: %s at AI %g is outside of the frame", name, r.name, ai)
				}
			}
		}
		for _, s := range rs.slopes {
			if ridge := rs.flats[0].value.Median / s.value.Median; !f.contains(f.at(ridge, rs.flats[0].value.Median)) {
				t.Errorf("%s: the ridge of %s is outside of the frame", name, s.level)
			}
		}
	}
}

func TestTicks(t *testing.T) {
	var got []string
	for _, k := range ticks(-1.2, 2.1, aiLabel) {
		if k.label != "" {
			got = append(got, k.label)
		}
	}
	if s := strings.Join(got, " "); s != "0.1 1 10 100" {
		t.Errorf("ticks over three decades: %s", s)
	}
	got = nil
	for _, k := range ticks(8.5, 10.4, siLabel) {
		if k.label != "" {
			got = append(got, k.label)
		}
	}
	if s := strings.Join(got, ", "); s != "500 M, 1 G, 2 G, 5 G, 10 G, 20 G" {
		t.Errorf("ticks over two decades: %s", s)
	}
	for v, want := range map[float64]string{1e12: "1 T", 1e20: "1e+20", 5e11: "500 G", 2e3: "2 k", 1: "1"} {
		if got := siLabel(v); got != want {
			t.Errorf("siLabel(%g) = %q, want %q", v, got, want)
		}
	}
	for v, want := range map[float64]string{1e-6: "1 µ", 2e-4: "200 µ", 0.001: "0.001", 0.05: "0.05", 20: "20", 1000: "1 k"} {
		if got := aiLabel(v); got != want {
			t.Errorf("aiLabel(%g) = %q, want %q", v, got, want)
		}
	}
}

func texts(c *Chart) string {
	var all []string
	for _, b := range c.TextBoxes() {
		all = append(all, b.Text)
	}
	return strings.Join(all, "\n")
}

func TestChartSaysWhatItShows(t *testing.T) {
	s := texts(mustChart(t, sixKernels()))
	for _, want := range []string{
		"L1 load  468 GB/s ±0.4 %", "118 GFLOP/s ±0.2 %  AVX-512 / AVX2 FMA f32  (100 % of theory)",
		"matmul avx512", "94 % · compute-bound", "45 % · L3-bound", "18.9 GB/s", // values, names, bounds; copy in the list
		"Synthetic Processor 9000 (not measured) · 1 thread", "core clock 3.70 GHz", "2026-11-24 18:03 UTC", "quality [6/7], unfit: load",
		"L1 0.252", "DRAM 4.65", // ridges: 118.1/468 and 118.1/25.4
		"memory-bound", "compute-bound", "declared work", "counted",
		"Above its roof",
	} {
		if !strings.Contains(s, want) {
			t.Errorf("the chart does not say %q", want)
		}
	}
}

// The columns of the table hold numbers of any size.
func TestTableOfTinyAndHugeNumbers(t *testing.T) {
	for name, c := range map[string]struct{ ai, gflops float64 }{
		"tiny": {1e-9, 1e-9}, "small": {1.2e-3, 1.23e-4}, "huge": {1.2e13, 110},
	} {
		res := withRuns(smallCore(),
			kernelSpec{"matmul", "avx512", "avx512", "f32", cube(512), 1e8, c.gflops, [4]float64{c.ai, c.ai, c.ai, c.ai}, 0.0612, an, an, ""},
			kernelSpec{"attention", "a_variant_with_a_long_name", "avx512", "f32", cube(512), 1e8, 50, [4]float64{4, 4, 4, 4}, 0.01, an, an, ""})
		t.Run(name, func(t *testing.T) { checkBoxes(t, mustChart(t, res)) })
	}
	for ai, want := range map[float64]string{0.01: "0.010", 0.24: "0.24", 9999: "9999", 12000: "12k", 0.0012: "1.2m", 1e-9: "1.0n", 3e-16: "3e-16", 1e20: "1e+20"} {
		if got := shortAI(ai); got != want {
			t.Errorf("an intensity of %g is written %s, want %s", ai, got, want)
		}
	}
}

func TestAboveRoofIsFlagged(t *testing.T) {
	res := sixKernels()
	rows := rowsOf(res)
	for _, r := range rows {
		if got, want := r.above(res.Ceilings), r.run.Kernel == "gemv"; got != want {
			t.Errorf("%s above its roof: %v", r.name, got)
		}
	}
	// Within the interval of the ceiling nobody is accused.
	rows[0].run.Bound.Fraction = 1.0119
	if rows[0].above(res.Ceilings) {
		t.Error("a run within the interval of its roof counts as above it")
	}
}

func TestNoOverlapWithoutWarningOrBound(t *testing.T) {
	res := sixKernels()
	res.Warnings, res.Machine.Quality = nil, nil
	for i := range res.Runs {
		res.Runs[i].Bound = nil
		res.Runs[i].Time.Lo, res.Runs[i].Time.Hi = math.NaN(), math.NaN()
	}
	c := mustChart(t, res)
	checkBoxes(t, c)
	if s := texts(c); strings.Contains(s, "NaN") || strings.Contains(s, "Inf") || !strings.Contains(s, "–") {
		t.Error("unknown intervals and bounds must be dashes")
	}
}

func TestProvenance(t *testing.T) {
	for _, c := range []struct {
		flops, bytes perf.SourceName
		want         provenance
	}{{pm, pm, counted}, {in, in, counted}, {in, sim, modelled}, {pm, an, modelled}, {an, an, estimated}, {an, pm, estimated}} {
		res := withRuns(smallCore(), kernelSpec{"matmul", "x", "avx2", "f32", cube(64), 1e8, 50, [4]float64{1, 2, 3, 4}, 0.01, c.flops, c.bytes, ""})
		if got := rowsOf(res)[0].provenance; got != c.want {
			t.Errorf("FLOPs %s, bytes %s: %s, want %s", c.flops, c.bytes, got, c.want)
		}
	}
	a, b, c := counted.outlineDash(), modelled.outlineDash(), estimated.outlineDash()
	if fmt.Sprint(a) == fmt.Sprint(b) || fmt.Sprint(b) == fmt.Sprint(c) || a != nil {
		t.Error("the outlines do not differ")
	}
}

func BenchmarkDraw100(b *testing.B) {
	res := randomResult(100, 100, false)
	b.Run("layout", func(b *testing.B) {
		for b.Loop() {
			mustChart(b, res)
		}
	})
	for name, write := range map[string]func(*Chart, io.Writer) error{
		"png": (*Chart).WritePNG, "svg": (*Chart).WriteSVG, "pdf": (*Chart).WritePDF} {
		c := mustChart(b, res)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := write(c, io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func (f frame) contains(p Point) bool {
	return p.X >= f.left-0.5 && p.X <= f.right+0.5 && p.Y >= f.top-0.5 && p.Y <= f.bottom+0.5
}
