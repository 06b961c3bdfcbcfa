package perf

import (
	"cmp"
	"fmt"
	"slices"
)

// Choice is all that decides whose count of a quantity is used.
type Choice struct {
	Sources  []SourceName // that are asked, best first
	Explicit bool         // the user has named the sources: their order stands
	Verdicts []Verdict    // about the counters of this machine
	Trust    []Quantity   // whose verdicts are overruled
	TrustAll bool
}

// Choose returns the sources whose count of q is used for work of a type, best first, and those whose counts are refused with
// the reason. The rules:
//
//  1. What known work has shown to be off or blind is refused, whatever the order, unless the quantity is trusted; and so is a
//     PMU's counter that it could not decide about. Another source is not hardware that may count something else: where known
//     work has nothing of a quantity, its count is used as without a verdict.
//  2. A PMU's counter is used where known work has verified it, or where it is trusted.
//  3. Where there is no verdict at all (nothing known has any of it: energy, say) it comes after all others.
//  4. Sources that the user has named keep their order; only rule 1 applies.
func Choose(c Choice, q Quantity, dtype string) (order []SourceName, refused map[SourceName]string) {
	refused = map[SourceName]string{}
	trusted := c.TrustAll || slices.Contains(c.Trust, q)
	var last []SourceName
	for _, s := range c.Sources {
		v, judged := c.verdict(s, q, dtype)
		switch {
		case judged && !trusted && refuses(v):
			refused[s] = fmt.Sprintf("not used: %s (verified %s by roofline doctor; --trust %s uses it)", v.Text, v.Time.Format("2006-01-02"), q)
		case s == SourcePMU && !c.Explicit && !trusted && !(judged && v.Status == Verified):
			last = append(last, s)
		default:
			order = append(order, s)
		}
	}
	return append(order, last...), refused
}

// refuses says that a verdict keeps a count from being used.
func refuses(v Verdict) bool {
	return v.Status != Verified && (v.Status != Undecided || v.Source == SourcePMU)
}

func (c Choice) verdict(s SourceName, q Quantity, dtype string) (Verdict, bool) {
	on := JudgedOn(q, dtype)
	i := slices.IndexFunc(c.Verdicts, func(v Verdict) bool { return v.Source == s && v.Quantity == q && v.On == on })
	if i < 0 {
		return Verdict{}, false
	}
	return c.Verdicts[i], true
}

// Merge gathers the counts of several sources of work of a type. Of each quantity the available counts come first, in the
// order of Choose (sources that are not in it follow, in the order of the maps), then the missing ones in the same order:
// nothing is dropped. A refused count becomes a missing one.
func (c Choice) Merge(dtype string, maps ...map[Quantity]Count) map[Quantity][]Count {
	merged := make(map[Quantity][]Count)
	for _, m := range maps {
		for q, count := range m {
			merged[q] = append(merged[q], count)
		}
	}
	for q, counts := range merged {
		order, refused := Choose(c, q, dtype)
		for i, count := range counts {
			if why := refused[count.Source]; why != "" && count.Quality != Missing {
				counts[i] = NotCounted(count.Source, why)
			}
		}
		rank := func(count Count) int {
			r := slices.Index(order, count.Source)
			if r < 0 {
				r = len(order)
			}
			if count.Quality == Missing {
				r += len(order) + 1
			}
			return r
		}
		slices.SortStableFunc(counts, func(a, b Count) int { return cmp.Compare(rank(a), rank(b)) })
	}
	return merged
}
