package event

import (
	"fmt"

	"github.com/roofline-go/roofline/perf"
)

// Tally adds up what a plan's counters counted, over threads and passes, and turns it into counts.
type Tally struct {
	plan *Plan
	seen [][][]observed // by pass, set, event
}

// observed is what was counted of one event, over everybody who counted it.
type observed struct {
	readers int
	raw     float64 // as counted
	scaled  float64 // each reader's count scaled up to its enabled time
	enabled float64 // ns
	running float64 // ns
	least   float64 // the smallest running share of a reader
}

// NewTally makes an empty Tally.
func (p *Plan) NewTally() *Tally {
	t := &Tally{plan: p}
	for _, pass := range p.Passes {
		var sets [][]observed
		for _, s := range pass.Sets {
			sets = append(sets, make([]observed, len(s.Events)))
		}
		t.seen = append(t.seen, sets)
	}
	return t
}

// Add adds what the counters of a pass, opened by this plan, counted: a Snapshot from Stop, Since or Read.
func (t *Tally) Add(pass int, c *Counters, s Snapshot) {
	for i, g := range c.groups {
		r := s.readings[i]
		for k, v := range r.Values {
			t.seen[pass][g.set][k].add(float64(v), float64(r.Enabled), float64(r.Running))
		}
	}
}

func (o *observed) add(value, enabled, running float64) {
	share := 0.0
	if running > 0 {
		share = min(running/max(enabled, 1), 1)
		o.scaled += value * max(enabled/running, 1)
	}
	if o.readers++; o.readers == 1 || share < o.least {
		o.least = share
	}
	o.raw += value
	o.enabled += enabled
	o.running += running
}

// Counts are the wanted quantities, divided by calls; each has an entry.
func (t *Tally) Counts(calls float64) map[perf.Quantity]perf.Count {
	counts := make(map[perf.Quantity]perf.Count, len(t.plan.want))
	for _, q := range t.plan.want {
		source := perf.SourcePMU
		if q.OfSystem() {
			source = perf.SourceOS
		}
		counts[q] = perf.NotCounted(source, t.plan.missing[q])
	}
	for p, pass := range t.plan.Passes {
		for s, set := range pass.Sets {
			for e, ev := range set.Events {
				q := perf.Quantity(ev.Role)
				counts[q] = t.seen[p][s][e].count(ev, counts[q].Source, calls)
			}
		}
	}
	return counts
}

// count judges a single event's count.
func (o observed) count(e Event, source perf.SourceName, calls float64) perf.Count {
	switch {
	case o.readers == 0:
		return perf.NotCounted(source, e.Name+": was not opened")
	case o.least == 0:
		return perf.NotCounted(source, e.Name+": never got onto the PMU; another profiler or the NMI watchdog may hold its counters")
	case o.least < leastShare:
		return perf.NotCounted(source, fmt.Sprintf("%s: counted only %.0f %% of the time, too little to scale up", e.Name, 100*o.least))
	case o.least < 1:
		return perf.Count{Value: o.scaled / calls, Source: source, Quality: perf.Scaled, Running: o.least}
	}
	return perf.Count{Value: o.raw / calls, Source: source, Quality: perf.Exact}
}
