package ccall

import (
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// The loop of a roof runs behind a function only where the counts say that its vectors are as wide.
func TestRoofOfWhatWasCounted(t *testing.T) {
	ceiling := func(id, isa, dtype string, v float64) roofline.Ceiling {
		return roofline.Ceiling{ID: id, Kind: "compute", Op: "fma", ISA: isa, DType: dtype, Threads: 1, Value: stats.Estimate{Median: v}}
	}
	p := Plan{Ceilings: []roofline.Ceiling{ceiling("compute.fma.avx2.f32", "avx2", "f32", 1e11), ceiling("compute.fma.avx512.f32", "avx512", "f32", 2e11)}}
	flops := func(w perf.Width) []map[perf.Quantity]perf.Count {
		return []map[perf.Quantity]perf.Count{nil, {
			perf.FLOPsOf("f32", w):  {Value: 90, Source: perf.SourceInstrumented, Quality: perf.Exact},
			perf.FLOPsOf("f32", ""): {Value: 100, Source: perf.SourceInstrumented, Quality: perf.Exact}}}
	}
	if roof := p.roof(flops(perf.Bits512)); roof == nil || roof.ID != "compute.fma.avx512.f32" {
		t.Errorf("512 bits: %+v", roof)
	}
	for _, w := range []perf.Width{perf.Bits256, perf.Scalar} {
		if roof := p.roof(flops(w)); roof != nil {
			t.Errorf("%s bits below %s", w, roof.ID)
		}
	}
	if roof := p.roof(nil); roof != nil {
		t.Errorf("nothing counted: %+v", roof)
	}
}
