package compare

import (
	"math"
	"testing"
)

func TestProbability(t *testing.T) {
	for p, want := range map[float64]string{1: "1.000", 0.0426: "0.043", 0.001: "0.001", 0.0004: "< 0.001", 0: "< 0.001", math.NaN(): "–"} {
		if got := Probability(p); got != want {
			t.Errorf("p of %g is written %q, want %q", p, got, want)
		}
	}
}
