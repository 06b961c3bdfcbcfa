package compare

import (
	"math"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline/stats"
)

func TestProbability(t *testing.T) {
	for p, want := range map[float64]string{1: "1.000", 0.0426: "0.043", 0.001: "0.001", 0.0004: "< 0.001", 0: "< 0.001", math.NaN(): "–"} {
		if got := Probability(p); got != want {
			t.Errorf("p of %g is written %q, want %q", p, got, want)
		}
	}
}

// An intensity below 1 has no prefix: nobody reads a milli-FLOP.
func TestMetricText(t *testing.T) {
	value := func(v float64) stats.Estimate { return stats.Estimate{Median: v, Lo: v, Hi: v, N: 1} }
	for want, m := range map[string]Metric{
		"ai.L1        0.164 FLOP/B → 2.47 FLOP/B    +1406 %": metric("ai.L1", "FLOP/B", value(0.164), value(2.47), ""),
		"ai.L1           1.50 OP/B → 1.20 kOP/B":             {Name: "ai.L1", Unit: "OP/B", Base: value(1.5), New: value(1200), Ratio: stats.Estimate{Median: math.NaN()}},
		"bytes.L1           205 MB → 13.7 MB        −93.3 %": metric("bytes.L1", "B", value(205e6), value(13.7e6), ""),
	} {
		if got := strings.TrimSpace(m.String()); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
