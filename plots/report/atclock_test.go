package report

import (
	"slices"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

func TestTheRoofAtItsClockIsANumber(t *testing.T) {
	r := roofline.Run{DType: "f32", Threads: 1, Bound: &roofline.Bound{By: "compute.fma.avx512.f32", Attainable: 100e9, Unit: "FLOP/s", Fraction: 0.8},
		Counts: map[perf.Quantity][]perf.Count{perf.FLOPs: {{Value: 80e9, Source: perf.SourceAnalytic, Quality: perf.Analytic}}}}
	row := func() int {
		return slices.IndexFunc(bound(r, nil), func(n number) bool { return n.Name == "Of the roof at its clock" })
	}
	if row() >= 0 {
		t.Error("a number that was not measured")
	}
	r.AtClock = &roofline.AtClock{By: r.Bound.By, Unit: "FLOP/s", Value: stats.Estimate{Median: 85e9, Lo: 84e9, Hi: 86e9, N: 7},
		Fraction: &stats.Estimate{Median: 0.94, Lo: 0.93, Hi: 0.95, N: 7}}
	want := number{"Of the roof at its clock", "94 %", "93 % – 95 %", "compute.fma.avx512.f32", "performance ÷ its loop right behind the samples (85.0 GFLOP/s), turn by turn"}
	if i := row(); i < 0 || bound(r, nil)[i] != want {
		t.Errorf("%+v, want %+v", bound(r, nil), want)
	}
}
