package roofline

import (
	"slices"
	"testing"

	"github.com/roofline-go/roofline/perf"
)

func TestComparedSources(t *testing.T) {
	exact := func(v float64) perf.Count {
		return perf.Count{Value: v, Source: perf.SourceInstrumented, Quality: perf.Exact}
	}
	declared := func(v float64) perf.Count {
		return perf.Count{Value: v, Source: perf.SourceAnalytic, Quality: perf.Analytic}
	}
	simulated := perf.Count{Value: 640, Source: perf.SourceSimulated, Quality: perf.Simulated}
	r := Run{Counts: map[perf.Quantity][]perf.Count{
		perf.FLOPs:       {exact(150), declared(100)},
		perf.BytesL1:     {exact(640), simulated, declared(64)},
		Bytes("L2"):      {simulated, perf.NotCounted(perf.SourceInstrumented, "no caches"), declared(64)},
		Bytes("L3"):      {perf.NotCounted(perf.SourceSimulated, "no such level"), declared(64)},
		Bytes("DRAM"):    {simulated},
		perf.Cycles:      {exact(3), declared(1)},
		perf.BytesLoaded: {exact(3), simulated},
	}}
	want := []string{"flops instrumented = 1.5 × analytic", "bytes.L1 instrumented = 1 × simulated, 10 × analytic", "bytes.L2 simulated = 10 × analytic"}
	if got := r.ComparedSources(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, ok := r.ExecutedOverAlgorithmic(); !ok || got != 1.5 {
		t.Errorf("executed over algorithmic: %v, %t", got, ok)
	}
	for name, counts := range map[string][]perf.Count{"declared only": {declared(100)}, "counted only": {exact(150)}, "none": nil, "no work": {exact(3), declared(0)}} {
		r.Counts[perf.FLOPs] = counts
		if got, ok := r.ExecutedOverAlgorithmic(); ok {
			t.Errorf("%s: executed over algorithmic is %v", name, got)
		}
	}
}
