package plots

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline"
)

// gapRun is a run with a gap of the given parts, in units of a microsecond.
func gapRun(ideal float64, parts map[string]float64) *roofline.Run {
	res := withRuns(smallCore(), kernelSpec{"matmul", "avx512", "avx512", "f32", cube(512), 268e6, 71, [4]float64{3.1, 12, 40, 85}, 0.003, in, sim, "compute.fma.avx512.f32"})
	g := &roofline.Gap{Ideal: ideal * 1e-6, IdealBy: "compute.fma.avx512.f32", Rule: "max"}
	at := g.Ideal
	for _, cause := range []string{roofline.CauseWork, roofline.CauseTails, roofline.CauseWidth, roofline.CauseFMA, roofline.CauseL1, roofline.CauseL2,
		roofline.CauseL3, roofline.CauseDRAM, roofline.CauseLatency, roofline.CauseImbalance, roofline.CauseOther} {
		if s, ok := parts[cause]; ok {
			g.Parts = append(g.Parts, roofline.GapPart{Cause: cause, Seconds: s * 1e-6, Text: "synthetic sentence about " + cause + ": a number of things add " + fmt.Sprint(s) + " µs to every call, as the counts of the instrumented copy show"})
			at += s * 1e-6
		}
	}
	g.Measured, g.Composed = at, g.Ideal+(at-g.Ideal)*0.6
	g.Resources = []roofline.Resource{{Ceiling: "compute.fma.avx512.f32", Work: 2.7e8, Unit: "FLOP", Seconds: g.Composed}, {Ceiling: "bandwidth.load.L1", Work: 8.6e7, Unit: "B", Seconds: g.Composed / 2},
		{Ceiling: "bandwidth.load.DRAM", Work: 3.1e6, Unit: "B", Seconds: g.Composed / 9}}
	res.Runs[0].Analysis = &roofline.Analysis{Gap: g}
	return &res.Runs[0]
}

func waterfallGallery() map[string]*roofline.Run {
	all := map[string]float64{}
	for i, c := range []string{"work", "tails", "width", "fma", "l1", "l2", "l3", "dram", "latency", "imbalance", "other"} {
		all[c] = float64(100 + 70*i)
	}
	healthy := gapRun(2260, map[string]float64{"other": 120})
	healthy.Analysis.Gap.Resources = nil
	return map[string]*roofline.Run{
		"waterfall":         gapRun(2260, map[string]float64{"work": 160, "width": 900, "l2": 310, "other": 150}),
		"waterfall-all":     gapRun(500, all),
		"waterfall-healthy": healthy,
		"waterfall-unknown": gapRun(0, map[string]float64{"l1": 40, "other": 150}),
		"waterfall-tiny":    gapRun(0.00001, map[string]float64{"latency": 1e6}),
	}
}

func TestWaterfall(t *testing.T) {
	for name, run := range waterfallGallery() {
		t.Run(name, func(t *testing.T) {
			c, err := Waterfall(run)
			if err != nil {
				t.Fatal(err)
			}
			checkBoxes(t, c)
		})
	}
	c, err := Waterfall(waterfallGallery()["waterfall"])
	if err != nil {
		t.Fatal(err)
	}
	all := allTexts(t, c)
	for _, want := range []string{"one call takes 3.78 ms, 1.67 × the 2.26 ms", "vector width", "900 µs · 24 %", "this code at best: 3.17 ms", "270 MFLOP per call", "L1 load bandwidth"} {
		if !strings.Contains(all, want) {
			t.Errorf("the chart does not say %q in\n%s", want, all)
		}
	}
	if strings.Contains(all, "imbalance") {
		t.Error("a cause without cost is drawn")
	}
}

// Phases that follow each other are not said to work side by side.
func TestWaterfallOfPhases(t *testing.T) {
	run := gapRun(2260, map[string]float64{"work": 160})
	run.Analysis.Gap.Rule = "sum"
	c, err := Waterfall(run)
	if err != nil {
		t.Fatal(err)
	}
	if all := allTexts(t, c); !strings.Contains(all, "phases add up") || strings.Contains(all, "side by side") {
		t.Errorf("the rule is not told:\n%s", all)
	}
}

// The bars add up: each begins where the one before ended, and the last ends at the measured time.
func TestWaterfallAddsUp(t *testing.T) {
	run := waterfallGallery()["waterfall-all"]
	g := run.Analysis.Gap
	sum := g.Ideal
	for _, p := range g.Parts {
		sum += p.Seconds
	}
	if sum != g.Measured {
		t.Fatalf("the example is wrong: %g and %g", sum, g.Measured)
	}
	c, err := Waterfall(run)
	if err != nil {
		t.Fatal(err)
	}
	var ends [][2]float64
	for _, it := range c.scene.items {
		if p := it.path; p != nil && p.fill.A == 0.85 {
			ends = append(ends, [2]float64{p.ops[0].p[0].X, p.ops[1].p[0].X})
		}
	}
	if len(ends) != len(g.Parts)+2 {
		t.Fatalf("%d bars for %d parts", len(ends), len(g.Parts))
	}
	for i := 1; i < len(ends)-1; i++ {
		if d := ends[i][0] - ends[i-1][1]; d > 0.01 || d < -0.01 {
			t.Errorf("bar %d begins %g pixels away from the end of the one before", i, d)
		}
	}
	if last := ends[len(ends)-1]; last[0] != ends[0][0] || last[1]-ends[len(ends)-2][1] > 0.01 {
		t.Errorf("the measured bar goes from %g to %g, the parts from %g to %g", last[0], last[1], ends[0][0], ends[len(ends)-2][1])
	}
}

func TestWaterfallTextsNeverOverlap(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 4))
	for range 60 {
		parts := map[string]float64{}
		for cause := range causeNames {
			if rnd.IntN(2) == 0 {
				parts[cause] = pow10(8*rnd.Float64() - 4)
			}
		}
		parts["a cause of later versions"] = 1
		c, err := Waterfall(gapRun(pow10(8*rnd.Float64()-4), parts))
		if err != nil {
			t.Fatal(err)
		}
		checkBoxes(t, c)
	}
}

func TestWaterfallNeedsAGap(t *testing.T) {
	if _, err := Waterfall(&roofline.Run{Analysis: &roofline.Analysis{}}); err == nil {
		t.Error("no error without a gap")
	}
	if _, err := Waterfall(&roofline.Run{Analysis: &roofline.Analysis{Gap: &roofline.Gap{}}}); err == nil {
		t.Error("no error without a measured time")
	}
}
