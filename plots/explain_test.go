package plots

import (
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/analysis"
	"github.com/roofline-go/roofline/roofline/stats"
)

// explained is the explanation of a run under a result's ceilings, without the charts' blanks.
func explained(t *testing.T, res *roofline.Result, run roofline.Run, columns int) string {
	t.Helper()
	analysis.Fill(&run, analysis.Context{Machine: res.Machine, Ceilings: res.Ceilings})
	var out strings.Builder
	if err := Explain(&out, &run, res.Ceilings, columns); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The formula of each roof has the numbers in it: a matmul of 512³ is 268 MFLOP, at AI 4 of 67.1 MB.
func TestExplainShowsFormulas(t *testing.T) {
	res := withRuns(smallCore(), kernelSpec{kernel: "matmul", variant: "avx512", isa: "avx512", dtype: "f32", shape: cube(512), flops: 2 * 512 * 512 * 512, gflops: 100, ai: [4]float64{4, 20, 50, 0}})
	text := explained(t, res, res.Runs[0], 0)
	for _, want := range []string{
		"matmul/avx512/f32 512x512x512", "100 GFLOP/s, 2.68 ms a call",
		"compute.fma.avx512.f32      268 MFLOP / 118 GFLOP/s = 2.27 ms, 85 %  <==",
		"AI 268 MFLOP / 67.1 MB = 4 FLOP/B: 1.87 TFLOP/s (cache-aware)",
		"Where the time goes", "ideal     2.27 ms", "measured  2.68 ms", "Nothing known to be wrong",
		"flops          268435456", "bytes.DRAM     not counted", "How well it was measured",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// Of a function of which nothing is known but what it executed, and that has no FLOPs, nobody knows what its algorithm needs: that is
// not said to be nothing.
func TestExplainWithoutAnIdeal(t *testing.T) {
	res := smallCore()
	run := roofline.Run{Kernel: "hash", Variant: "libk.so", Threads: 1, Object: &roofline.Object{Signature: "i64=1"}, Counts: map[perf.Quantity][]perf.Count{
		perf.BytesL1: {{Value: 4096, Source: perf.SourceInstrumented, Quality: perf.Exact}}}}
	run.Time.Median, run.Time.Unit = 1e-6, "s"
	roofline.Place(&run, res.Ceilings)
	if text := explained(t, res, run, 0); !strings.Contains(text, "of what this code can reach here") || strings.Contains(text, "of what the algorithm can") ||
		!strings.Contains(text, "ideal     unknown") || strings.Contains(text, " 0 s") {
		t.Error(text)
	}
}

// Whatever the names, a line has as many columns as there are at most, and no control characters but its end.
func TestExplainFits(t *testing.T) {
	testkit.SkipRace(t, "draws in one goroutine")
	for seed := range uint64(40) {
		res := randomResult(seed, 6, false)
		for _, run := range res.Runs {
			run.Kernel = "evil\x1b[2J\nname"
			run.Variant = strings.Repeat("long", int(seed%30))
			run.Memory.AllocsPerCall = float64(seed % 2)
			for columns, most := range map[int]int{0: 80, 20: 40, 40: 40, 60: 60, 80: 80, 300: 100} {
				for line := range strings.SplitSeq(explained(t, res, run, columns), "\n") {
					if width(line) > most || strings.ContainsAny(line, "\x1b\r") {
						t.Errorf("seed %d: %d columns of %d: %q", seed, width(line), columns, line)
					}
				}
			}
		}
	}
}

func TestWhatIfText(t *testing.T) {
	res := withRuns(smallCore(), kernelSpec{kernel: "matmul", variant: "avx512", isa: "avx512", dtype: "f32", shape: cube(512), flops: 2 * 512 * 512 * 512, gflops: 100, ai: [4]float64{4, 20, 50, 0}})
	c := analysis.Context{Machine: res.Machine, Ceilings: res.Ceilings}
	changes, err := analysis.ParseWhatIf("flops=/2")
	if err != nil {
		t.Fatal(err)
	}
	run := &res.Runs[0]
	e, err := analysis.WhatIf(run, c, changes)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := WhatIf(&out, "flops=/2", run, e, 0); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"What if flops=/2?", "as it is: at least 2.27 ms", "then:     at least 1.14 ms", "factor of 2.", "1.34 ms instead of 2.68 ms"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// What follows from hardware counts is shown with its formula; without them there is nothing.
func TestExplainDerives(t *testing.T) {
	res := withRuns(smallCore(), kernelSpec{kernel: "matmul", variant: "avx512", isa: "avx512", dtype: "f32", shape: cube(512), flops: 2 * 512 * 512 * 512, gflops: 100, ai: [4]float64{4, 20, 50, 0}})
	run := res.Runs[0]
	const title = "Derived from hardware counts"
	if text := explained(t, res, run, 0); strings.Contains(text, title) {
		t.Errorf("of no hardware counts:\n%s", text)
	}
	for q, v := range map[perf.Quantity]float64{perf.Instructions: 30e6, perf.Cycles: 10e6, perf.SlotsRetiring: 6e6, perf.SlotsBackend: 3e6, perf.SlotsFrontend: 1e6, perf.SlotsBadSpec: 0} {
		run.Counts[q] = []perf.Count{{Value: v, Source: perf.SourcePMU, Quality: perf.Scaled, Running: 0.5}}
	}
	text := explained(t, res, run, 0)
	for _, want := range []string{title, "  instructions per cycle       3.00  instructions ÷ cycles\n", "  slots, backend bound        0.300  topdown.backend_bound ÷ Σ topdown.*\n", "counted 50 % of the time only"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// The roof at a lower clock stands below the roof; a clock that is the same is not told.
func TestExplainTheRoofAtItsClock(t *testing.T) {
	for behind, want := range map[float64]bool{80e9: true, 99e9: false} {
		e := func(v float64) stats.Estimate { return stats.Estimate{Median: v, Lo: 0.99 * v, Hi: 1.01 * v, N: 7} }
		run := &roofline.Run{Kernel: "matmul", Variant: "v", DType: "f32", Threads: 1, Time: roofline.Timing{Unit: "s", Estimate: e(1), Samples: slices.Repeat([]float64{1}, 7)},
			Counts:  map[perf.Quantity][]perf.Count{perf.FLOPs: {{Value: 76e9, Source: perf.SourceAnalytic, Quality: perf.Analytic}}},
			AtClock: &roofline.AtClock{By: "compute.fma.avx512.f32", Unit: "FLOP/s", Value: e(behind), Samples: slices.Repeat([]float64{behind}, 7)}}
		ceilings := []roofline.Ceiling{{ID: "compute.fma.avx512.f32", Kind: "compute", Op: "fma", ISA: "avx512", DType: "f32", Threads: 1, Unit: "FLOP/s", Value: e(100e9)}}
		roofline.Place(run, ceilings)
		analysis.Fill(run, analysis.Context{Ceilings: ceilings})
		var out strings.Builder
		if err := Explain(&out, run, ceilings, 100); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), "its loop right behind     76.0 GFLOP / 80.0 GFLOP/s = 950 ms, 95 %"); got != want {
			t.Errorf("%g behind: %v in\n%s", behind, got, out.String())
		}
		if got := strings.Contains(out.String(), "clock"); got != want {
			t.Errorf("%g behind: the clock is told: %v", behind, got)
		}
	}
}
