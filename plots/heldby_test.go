package plots

import (
	"testing"

	"github.com/roofline-go/roofline/roofline"
)

// Of a run far below every roof it is said what takes most of its time, where the analysis knows it.
func TestWhatHoldsARunBelowEveryRoof(t *testing.T) {
	gap := &roofline.Gap{Measured: 10, Parts: []roofline.GapPart{
		{Cause: roofline.CauseL2, Seconds: 1, Text: "1 GB from L2"}, {Cause: roofline.CauseLatency, Seconds: 6, Text: "every load waits for the one before"},
		{Cause: roofline.CauseOther, Seconds: 2, Text: "whatever no count explains"},
	}}
	unknown := &roofline.Gap{Measured: 10, Parts: []roofline.GapPart{{Cause: roofline.CauseOther, Seconds: 9, Text: "whatever no count explains"}}}
	for _, c := range []struct {
		fraction float64
		gap      *roofline.Gap
		want     string
	}{
		{0.05, gap, "The most, 60 % of the time: every load waits for the one before."},
		{0.5, gap, ""}, {0.05, unknown, ""}, {0.05, nil, ""},
	} {
		r := roofline.Run{Bound: &roofline.Bound{Fraction: c.fraction}, Analysis: &roofline.Analysis{Gap: c.gap}}
		if got := heldBy(&r); got != c.want {
			t.Errorf("%v of the roof: %q, want %q", c.fraction, got, c.want)
		}
	}
}
