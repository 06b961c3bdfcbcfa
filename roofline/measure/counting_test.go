package measure

import (
	"testing"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
)

// What multiplies bytes and what weighs them in f32 are both its work; what is missing stays so.
func TestAddIntegers(t *testing.T) {
	dots := perf.IntOpsOf(string(kernels.INT8), "")
	exact := func(n float64) perf.Count {
		return perf.Count{Value: n, Source: perf.SourceInstrumented, Quality: perf.Exact}
	}
	missing := perf.NotCounted(perf.SourceInstrumented, "not here")
	for _, tt := range []struct {
		name   string
		counts map[perf.Quantity]perf.Count
		want   perf.Count
	}{
		{"both", map[perf.Quantity]perf.Count{perf.FLOPs: exact(5), dots: exact(1000)}, exact(1005)},
		{"widened, no dot products", map[perf.Quantity]perf.Count{perf.FLOPs: exact(5)}, exact(5)},
		{"dot products missing", map[perf.Quantity]perf.Count{perf.FLOPs: exact(5), dots: missing}, exact(5)},
		{"FLOPs missing", map[perf.Quantity]perf.Count{perf.FLOPs: missing, dots: exact(1000)}, missing},
	} {
		addIntegers(tt.counts)
		if got := tt.counts[perf.FLOPs]; got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
	none := map[perf.Quantity]perf.Count{dots: exact(1)}
	if addIntegers(none); len(none) != 1 {
		t.Errorf("FLOPs that nobody wanted: %v", none)
	}
}
