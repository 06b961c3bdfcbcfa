package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

func TestWroteFitsTheTerminal(t *testing.T) {
	for want, paths := range map[string][]string{
		"wrote a.png, a.svg\n": {"a.png", "a.svg"},
		"wrote " + strings.Repeat("x", 50) + ".png\n      " + strings.Repeat("x", 50) + ".svg\n": {strings.Repeat("x", 50) + ".png", strings.Repeat("x", 50) + ".svg"},
	} {
		var got strings.Builder
		if err := wrote(&got, paths...); err != nil || got.String() != want {
			t.Errorf("%q (%v), want %q", got.String(), err, want)
		}
	}
}

func TestAboveRoofIsNoted(t *testing.T) {
	roofs := []roofline.Ceiling{
		{ID: "compute.fma.avx512.f32", Threads: 2, Value: stats.Estimate{Median: 1}},
		{ID: "compute.fma.avx512.f32", Threads: 1, Value: stats.Estimate{Median: 2, Lo: 2, Hi: 2, N: 9}},
	}
	run := roofline.Run{Threads: 1, Bound: &roofline.Bound{By: "compute.fma.avx512.f32", Fraction: 1.13}}
	if got := aboveRoof(run, roofs); !strings.HasPrefix(got, "113 % of FMA throughput (avx512 f32) is above that roof") {
		t.Errorf("%q", got)
	}
	run.Bound.Fraction = 0.98
	if got := aboveRoof(run, roofs) + aboveRoof(roofline.Run{}, roofs); got != "" {
		t.Errorf("below: %q", got)
	}
}

// A helper without ceilings takes every chain for the longest resource of its loop; under the ceilings twelve FMAs of two a cycle
// take longer than the one that the next iteration waits for.
func TestRunsOfHelpersAreAnalysedUnderTheCeilings(t *testing.T) {
	t.Setenv("ROOFLINE_CACHE", t.TempDir())
	host := roofline.Machine{CPU: cpu.Info{CoreHz: 3.4e9}}
	mix := []roofline.MixEntry{{Class: "fma", Width: "512", DType: "f32", Instructions: 12e6, FLOPs: 384e6}}
	run := roofline.Run{Kernel: "matmul", DType: "f32", Threads: 1, Time: roofline.Timing{Estimate: stats.Estimate{Median: 2e-3}}, Analysis: &roofline.Analysis{
		Mix: mix,
		Blocks: []roofline.Block{{Function: "tile", Offset: 64, Executions: 1e6, Instructions: 28e6, FLOPs: 384e6, Loads: 8e6, Mix: mix,
			Loop: &roofline.Loop{Begin: 64, Cycles: 4, Chain: []string{"vfmadd231ps zmm5,zmm3,zmm2"}}}},
	}}
	found := func() (ids []string) {
		for _, f := range run.Analysis.Findings {
			ids = append(ids, f.ID)
		}
		return ids
	}
	analyse(&run, host, nil)
	if got := found(); !slices.Contains(got, "dependent-chain") {
		t.Fatalf("without ceilings: %q; the test is about a chain", got)
	}
	analyse(&run, host, []roofline.Ceiling{{ID: "compute.fma.avx512.f32", Kind: "compute", Op: "fma", ISA: "avx512", DType: "f32", Threads: 1, Unit: "FLOP/s", Value: stats.Estimate{Median: 217e9}}})
	if got := found(); len(got) > 0 {
		t.Errorf("under the ceilings: %q", got)
	}
}
