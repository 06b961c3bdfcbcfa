package analysis

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// worth is the expected speed-up from which on a finding is told: less is within the error of the model.
const worth = 1.05

// rule looks for one fault.
type rule func(*model) []roofline.Finding

// rules are all faults that are looked for.
var rules = []rule{
	scalarCode, narrowVectors, notFused, dependentChain, divisions, conversions, gathers, splitLines, portBound,
	strided, conflicts, streamingStores, unblocked, lastCache,
	coldPages, smallPages, imbalance, maskedLanes, extraWork, lowerClock, allocations, tooShort,
}

// findings runs all rules. Those with a known gain come first, the largest before the others, but behind that a call is short where
// less than half of its time is explained.
func (m *model) findings() (list []roofline.Finding) {
	for _, r := range rules {
		list = append(list, r(m)...)
	}
	weight := func(f roofline.Finding) float64 {
		if f.ID == shortCall && m.bounds().predicted() < m.kernel.Time.Median/2 {
			return math.Inf(1)
		}
		return f.Gain
	}
	slices.SortStableFunc(list, func(a, b roofline.Finding) int { return cmp.Compare(weight(b), weight(a)) })
	return list
}

// cure completes a finding with what the model would gain by a change; nothing where that is not worth it. The gain is of what
// the model predicts, and no more than what the measured time is above the ideal.
func (m *model) cure(f roofline.Finding, change func(*facts)) []roofline.Finding {
	before, after := m.bounds().predicted(), m.with(change).bounds().predicted()
	if before <= 0 || after <= 0 {
		return nil
	}
	measured, ideal := m.kernel.Time.Median, m.bounds()[stepIdeal]
	if measured > 0 {
		before = min(before, measured) // the model may be too pessimistic
	}
	if measured > before && measured < shortest { // what it does not explain of a short call is its beginning and its end, which stay
		before, after = measured, after+measured-before
	}
	gain := before / after
	if ideal > 0 && measured > 0 {
		gain = min(gain, measured/ideal)
	}
	if gain < worth {
		return nil
	}
	f.Gain = gain
	f.From, f.Unit = m.rate(before)
	f.To, _ = m.rate(after)
	return []roofline.Finding{f}
}

// rate is the performance that a time of one call means: FLOP/s or OP/s, or B/s of the outermost traffic for a run without FLOPs.
func (m *model) rate(seconds float64) (rate float64, unit string) {
	if flops := m.kernel.FLOPs(); flops > 0 {
		return flops / seconds, m.kernel.Operation() + "/s"
	}
	if t := m.kernel.Traffic; t != nil && m.kernel.Time.Median > 0 {
		return t.Rate * m.kernel.Time.Median / seconds, "B/s"
	}
	return 0, ""
}

// count is the executed instructions of some classes.
func (m *model) count(classes ...string) (n float64) {
	for _, p := range m.phases {
		for _, w := range p.work {
			if slices.Contains(classes, w.class) {
				n += w.instructions
			}
		}
	}
	return n
}

// instructions are all that were executed.
func (m *model) instructions() (n float64) {
	for _, p := range m.phases {
		n += p.instructions
	}
	return n
}

// flopsOf sums the operations of the work that is chosen.
func (m *model) flopsOf(chosen func(work) bool) (flops float64) {
	for _, p := range m.phases {
		for _, w := range p.work {
			if chosen(w) {
				flops += w.flops
			}
		}
	}
	return flops
}

// change applies a change to the work of every phase.
func (f *facts) change(to func(*work)) {
	for i := range f.phases {
		for k := range f.phases[i].work {
			to(&f.phases[i].work[k])
		}
	}
}

// amount and duration are numbers in sentences: 268M, 1.2 ms.
func amount(n float64) string { return strings.TrimSpace(units.SI(n, "")) }

func duration(s float64) string { return units.SI(s, "s") }

func rate(v float64, unit string) string { return units.SI(v, unit) }
