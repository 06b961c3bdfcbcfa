package perf_test

import (
	"testing"

	"github.com/roofline-go/roofline/perf"
)

func TestRatios(t *testing.T) {
	exact := func(v float64) perf.Count {
		return perf.Count{Value: v, Source: perf.SourcePMU, Quality: perf.Exact}
	}
	counts := map[perf.Quantity]perf.Count{
		perf.Instructions: exact(300), perf.Cycles: {Value: 100, Source: perf.SourcePMU, Quality: perf.Scaled, Running: 0.5}, perf.FLOPs: exact(1000),
		perf.FLOPsOf("f64", perf.Bits512): exact(600), perf.FLOPsOf("f32", perf.Bits512): exact(200),
		perf.FLOPsOf("f64", perf.Scalar): exact(200), perf.FLOPsOf("f32", perf.Scalar): exact(0), perf.FLOPsOf("f64", perf.Bits128): exact(9),
		perf.SlotsRetiring: exact(50), perf.SlotsBackend: exact(30), perf.SlotsFrontend: exact(20), perf.SlotsBadSpec: exact(0),
		perf.ReferenceCycles: perf.NotCounted(perf.SourcePMU, "no"),
	}
	want := map[string]perf.Ratio{
		"instructions per cycle": {Value: 3, Running: 0.5}, "FLOPs per cycle": {Value: 10, Running: 0.5},
		"share of FLOPs, 512": {Value: 0.8}, "share of FLOPs, scalar": {Value: 0.2},
		"slots, retiring": {Value: 0.5}, "slots, backend bound": {Value: 0.3},
		"slots, frontend bound": {Value: 0.2}, "slots, bad speculation": {Value: 0},
	}
	got := perf.Ratios(counts)
	for _, r := range got {
		if w, ok := want[r.Name]; !ok || w.Value != r.Value || w.Running != r.Running || r.Formula == "" {
			t.Errorf("%+v, want %+v", r, w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d ratios, want %d", len(got), len(want))
	}
	if got := perf.Ratios(map[perf.Quantity]perf.Count{perf.Cycles: exact(0), perf.Instructions: exact(0)}); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}
