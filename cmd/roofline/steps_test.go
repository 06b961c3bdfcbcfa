package main

import (
	"strings"
	"testing"

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
