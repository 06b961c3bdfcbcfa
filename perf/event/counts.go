package event

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/perf"
)

// Counts are the wanted quantities, each with an entry, and the details that could be counted beside them, divided by calls.
// A count of 0 is believed only of an event that was seen counting: known work is run on the calling thread to find out.
func (t *Tally) Counts(calls float64) map[perf.Quantity]perf.Count {
	counts := make(map[perf.Quantity]perf.Count, len(t.plan.want))
	for _, q := range append(slices.Clone(t.plan.want), slices.Sorted(maps.Keys(t.plan.chosen))...) {
		if _, done := counts[q]; done {
			continue
		}
		wanted := slices.Contains(t.plan.want, q)
		c, ok := t.count(q, calls)
		if ok || wanted {
			counts[q] = c
		}
	}
	t.proveZeros(counts)
	t.annotate(counts)
	return counts
}

// PerRun are the Counts of one run of the work. runs says how often each pass was run, which an interruption may have made
// unequal; nil: once each.
func (t *Tally) PerRun(runs []int) map[perf.Quantity]perf.Count {
	per := *t
	per.runs = runs
	return per.Counts(1)
}

// count evaluates one quantity; ok says whether anything was chosen to count it.
func (t *Tally) count(q perf.Quantity, calls float64) (c perf.Count, ok bool) {
	if q.OfSystem() {
		if why := t.plan.missing[q]; why != "" {
			return perf.NotCounted(perf.SourceOS, why), false
		}
		o, e := t.software(q)
		a := amount{raw: o.raw, scaled: o.scaled, share: o.least, names: e.Name}
		if o.readers == 0 {
			a.why = e.Name + ": was not opened"
		}
		return judge(a, perf.SourceOS, calls), true
	}
	if why := t.plan.missing[q]; why != "" {
		return perf.NotCounted(perf.SourcePMU, why), false
	}
	if len(t.plan.chosen[q]) == 0 {
		return perf.NotCounted(perf.SourcePMU, t.plan.machine.whyNot(q)), false
	}
	var on []chosen
	for _, x := range t.plan.chosen[q] {
		if x.why == "" || x.unit.core {
			on = append(on, x)
		}
	}
	switch {
	case !slices.ContainsFunc(on, func(x chosen) bool { return x.why == "" }):
		return perf.NotCounted(perf.SourcePMU, t.plan.chosen[q][0].why), false
	case !on[0].unit.core:
		a := t.amount(on[0])
		return t.noteIdle(judge(a, perf.SourcePMU, calls), a, on[0]), true
	case len(t.plan.machine.cores) > 1:
		return t.hybrid(q, on, calls), true
	}
	a := t.amount(on[0])
	return on[0].recipe.bound(judge(a, perf.SourcePMU, calls), a), true
}

// mostUnseen is what the traffic that no event sees may add to a count that is still given.
const mostUnseen = 0.05

// bound judges what no event sees. Of lines that were filled and written to, at most each is written back, and at most one
// for each store; where that is little, the count stands, else it is missing.
func (r recipe) bound(c perf.Count, a amount) perf.Count {
	if c.Quality == perf.Missing || r.unseen == nil {
		return c
	}
	if more := min(a.unseen, a.scaled); more > mostUnseen*a.scaled {
		return perf.NotCounted(c.Source, fmt.Sprintf("%s counts the lines filled, and none counts those written back, which may add up to %.0f %%", a.names, 100*more/a.scaled))
	} else if more > 0 {
		c.Note = fmt.Sprintf("without the lines written back, which no event counts: at most %.1f %% more", 100*more/a.scaled)
	}
	if r.note != "" {
		c.Note = joinNotes(c.Note, r.note)
	}
	return c
}

// noteIdle says how much of a count of the whole machine is others'.
func (t *Tally) noteIdle(c perf.Count, a amount, x chosen) perf.Count {
	if c.Quality == perf.Missing {
		return c
	}
	switch {
	case a.idle < 0:
		c.Note = "counted for the whole machine, other programs included"
	case a.idle >= 0.01:
		c.Note = fmt.Sprintf("counted for the whole machine: about %.0f %% of it was there without this work", 100*min(a.idle, 1))
	}
	c.Note = joinNotes(c.Note, x.recipe.note)
	return c
}

func joinNotes(notes ...string) string {
	return strings.Join(slices.DeleteFunc(notes, func(n string) bool { return n == "" }), "; ")
}

// annotate adds what belongs to the reading of a count: work that no event counts.
func (t *Tally) annotate(counts map[perf.Quantity]perf.Count) {
	for q, c := range counts {
		if c.Quality == perf.Missing {
			continue
		}
		for _, x := range t.plan.chosen[q] {
			if x.why == "" && x.recipe.note != "" && !strings.Contains(c.Note, x.recipe.note) {
				c.Note = joinNotes(c.Note, x.recipe.note)
			}
		}
		if busy := counts[perf.AMXBusy]; q == perf.FLOPs && busy.Quality != perf.Missing && busy.Value > 0 {
			c.Note = joinNotes(c.Note, "without the operations of AMX tiles, which no event counts")
		}
		counts[q] = c
	}
	flops, counted := counts[perf.FLOPs]
	if !counted || flops.Quality == perf.Missing || len(t.plan.machine.cores) == 0 {
		return
	}
	for _, dtype := range []string{"f64", "f32"} {
		if q := perf.FLOPsOf(dtype, ""); len(t.plan.chosen[q]) == 0 {
			counts[q] = perf.NotCounted(perf.SourcePMU, t.plan.machine.cores[0].whyNoFLOPs(q))
		}
	}
}
