package roofline

import (
	"errors"
	"fmt"

	"github.com/roofline-go/roofline/roofline/stats"
)

// AtClock is a compute ceiling at the clock that a kernel leaves to its cores: the same loop that the ceiling was measured with, in the
// first moments after the samples of every turn of a run, before the clock could change. Where wide vectors, or loads beside them,
// lower the clock it is below the ceiling, whose loop ran at a clock of its own; where other programs slow the core, too.
type AtClock struct {
	By       string          `json:"by"`                 // ceiling ID
	Unit     string          `json:"unit"`               // FLOP/s or OP/s
	Value    stats.Estimate  `json:"value"`              // median over the turns
	Samples  []float64       `json:"samples"`            // one after each turn, in their order
	Fraction *stats.Estimate `json:"fraction,omitempty"` // performance / value, turn by turn; nil where it is not this ceiling that binds
}

// clockDiffers is the relative difference between a ceiling and the same at a kernel's clock from which on it is told.
const clockDiffers = 0.05

// Lower is by which share c, the ceiling, is lower at this clock; negative where it is higher. It is not ok where c is another one, or
// the difference is small or within the intervals.
func (a *AtClock) Lower(c Ceiling) (share float64, ok bool) {
	if a == nil || a.By != c.ID || !a.Value.Known() || !c.Value.Known() || !usable(c) {
		return 0, false
	}
	share = 1 - a.Value.Median/c.Value.Median
	return share, share > clockDiffers && a.Value.Hi < c.Value.Lo || share < -clockDiffers && a.Value.Lo > c.Value.Hi
}

// placeAtClock fills in the share of the roof at r's clock, where r is bound by that roof and every turn has its sample.
func (r *Run) placeAtClock() {
	if r.AtClock == nil {
		return
	}
	a, times := *r.AtClock, r.Time.Independent()
	a.Fraction = nil
	if flops := r.FLOPs(); r.Bound != nil && r.Bound.By == a.By && flops > 0 && len(times) == len(a.Samples) {
		shares := make([]float64, len(times))
		for i, t := range times {
			shares[i] = flops / t / a.Samples[i]
		}
		e := stats.Summarize(shares)
		a.Fraction = &e
	}
	r.AtClock = &a
}

// atClock says how much of the roof c is reached at r's clock, "" where that is no other than the ceiling's.
func (r Run) atClock(c Ceiling) string {
	lower, differs := r.AtClock.Lower(c)
	if !differs || r.AtClock.Fraction == nil {
		return ""
	}
	change := fmt.Sprintf("%.0f %% slower: a lower clock, or a busier machine", 100*lower)
	if lower < 0 {
		change = fmt.Sprintf("%.0f %% faster than when the ceiling was measured", -100*lower)
	}
	return fmt.Sprintf(", %s of what the ceiling's loop did right behind it (%s)", reached(r.AtClock.Fraction.Median), change)
}

func (a *AtClock) validate() error {
	if a == nil {
		return nil
	}
	if a.By == "" || len(a.Samples) != a.Value.N {
		return fmt.Errorf("at clock: ceiling %q, n is %d, but there are %d samples", a.By, a.Value.N, len(a.Samples))
	}
	errs := []error{estimate(a.Value)}
	if a.Fraction != nil {
		errs = append(errs, estimate(*a.Fraction))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("at clock: %w", err)
	}
	return nil
}
