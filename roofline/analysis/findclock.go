package analysis

import (
	"fmt"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// atClock is the binding compute ceiling and by which share it is lower at the clock that the run leaves; not ok where it is not.
func (m *model) atClock() (roof roofline.Ceiling, lower float64, ok bool) {
	a := m.kernel.AtClock
	if a == nil || a.Fraction == nil || m.kernel.Bound == nil {
		return roof, 0, false
	}
	if roof, ok = find(m.ceilings, a.By, m.threads); !ok {
		return roof, 0, false
	}
	lower, ok = a.Lower(roof)
	return roof, lower, ok && lower > 0
}

// lowered adds what the lower clock costs: by how much longer the run's operations take at the roof of that clock.
func (m *model) lowered(g *roofline.Gap) {
	roof, lower, ok := m.atClock()
	if !ok {
		return
	}
	most := m.kernel.FLOPs() * (1/m.kernel.AtClock.Value.Median - 1/roof.Value.Median)
	if cost := min(g.Measured-g.Explained(), most); cost > least*g.Measured {
		g.Parts = append(g.Parts, roofline.GapPart{Cause: roofline.CauseClock, Seconds: cost,
			Text: fmt.Sprintf("right behind the samples the loop of %s itself was %.0f %% slower than when the ceiling was measured", roof.ID, 100*lower)})
	}
}

// lowerClock finds a distance from the highest roof of a type that is for the most part the clock's.
func lowerClock(m *model) []roofline.Finding {
	roof, _, ok := m.atClock()
	if !ok {
		return nil
	}
	if best, known := m.best(m.dtype); known && best.Value.Median > worth*roof.Value.Median {
		return nil // other instructions come first
	}
	a, own := m.kernel.AtClock, m.kernel.Bound.Fraction
	if a.Fraction.Median-own < (1-own)/2 {
		return nil
	}
	return []roofline.Finding{{
		ID: "lower-clock", Cause: "the core itself is slower right behind this kernel, and that is most of what is missing",
		Evidence: []string{
			fmt.Sprintf("%s: %s when it was measured, %s right behind the samples of %s: a lower clock, or a busier machine", roof.ID,
				units.SI(roof.Value.Median, roof.Unit), units.SI(a.Value.Median, a.Unit), units.Count(len(a.Samples), "turn")),
			fmt.Sprintf("%.0f %% of the one, %.0f %% of the other is reached", 100*own, 100*a.Fraction.Median),
		},
		Next: fmt.Sprintf("judge it by that roof, of which it reaches %.0f %%; where the machine has become busier, measure the ceilings again first: roofline ceilings --refresh", 100*a.Fraction.Median),
	}}
}
