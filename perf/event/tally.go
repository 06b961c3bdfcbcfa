package event

import (
	"slices"

	"github.com/roofline-go/roofline/perf"
)

// Tally adds up what a plan's counters counted, over threads and passes, and turns it into counts.
type Tally struct {
	plan *Plan
	seen [][][]observed // by pass, set, event
	idle [][][]observed // likewise, while the counted work did not run
	runs []int          // how often each pass was run; nil: the counts are of all its runs together
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
	return &Tally{plan: p, seen: p.observations(), idle: p.observations()}
}

func (p *Plan) observations() (all [][][]observed) {
	for _, pass := range p.Passes {
		var sets [][]observed
		for _, s := range pass.Sets {
			sets = append(sets, make([]observed, len(s.Events)))
		}
		all = append(all, sets)
	}
	return all
}

// Add adds what the counters of a pass, opened by this plan, counted: a Snapshot from Stop, Since or Read.
func (t *Tally) Add(pass int, c *Counters, s Snapshot) { add(t.seen[pass], c, s) }

// AddIdle adds what the counters of the system counted in a time when the counted work did not run. It tells how much of
// the system's counts is others'.
func (t *Tally) AddIdle(pass int, c *Counters, s Snapshot) { add(t.idle[pass], c, s) }

func add(to [][]observed, c *Counters, s Snapshot) {
	for i, g := range c.groups {
		if i >= len(s.readings) {
			return
		}
		r := s.readings[i]
		for k, v := range r.Values {
			to[g.set][k].add(float64(v), float64(r.Enabled), float64(r.Running))
		}
	}
}

func (o *observed) add(value, enabled, running float64) {
	share, scaled := 0.0, 0.0
	if running > 0 {
		share = min(running/max(enabled, 1), 1)
		scaled = value * max(enabled/running, 1)
	}
	o.merge(observed{1, value, scaled, enabled, running, share})
}

// merge adds what somebody else counted of the same event, or of the same event on another instance of the PMU.
func (o *observed) merge(x observed) {
	if o.readers == 0 || x.least < o.least {
		o.least = x.least
	}
	o.readers += x.readers
	o.raw += x.raw
	o.scaled += x.scaled
	o.enabled += x.enabled
	o.running += x.running
}

// per divides what was counted in so many runs.
func (o observed) per(runs float64) observed {
	o.raw /= runs
	o.scaled /= runs
	return o
}

// of is what was counted of an event of a pass: per run, where the runs are known.
func (t *Tally) of(from [][][]observed, pass, set, event int) observed {
	o := from[pass][set][event]
	if pass < len(t.runs) && t.runs[pass] > 0 {
		return o.per(float64(t.runs[pass]))
	}
	return o
}

// groupsOf lists the packed groups that count an event of a unit.
func (p *Plan) groupsOf(u *unit, name string) (groups []int) {
	for _, pass := range p.Passes {
		for _, s := range pass.Sets {
			if s.unit == u && !slices.Contains(groups, s.group) && slices.ContainsFunc(s.Events, func(e Event) bool { return e.Name == name }) {
				groups = append(groups, s.group)
			}
		}
	}
	return groups
}

// inGroup is what all instances of the unit counted of an event in a group; ok says whether every one was read.
func (t *Tally) inGroup(from [][][]observed, u *unit, name string, group int) (sum observed, ok bool) {
	ok = true
	for p, pass := range t.plan.Passes {
		for s, set := range pass.Sets {
			if set.unit != u || set.group != group {
				continue
			}
			for e, ev := range set.Events {
				if ev.Name != name {
					continue
				}
				o := t.of(from, p, s, e)
				ok = ok && o.readers > 0
				sum.merge(o)
			}
		}
	}
	return sum, ok && sum.readers > 0
}

// software is what was counted of an event of the operating system.
func (t *Tally) software(q perf.Quantity) (o observed, e Event) {
	for p, pass := range t.plan.Passes {
		for s, set := range pass.Sets {
			for i, ev := range set.Events {
				if set.unit == nil && ev.Role == string(q) {
					return t.of(t.seen, p, s, i), ev
				}
			}
		}
	}
	return o, e
}

// AddReading adds what was counted of one set of a pass by somebody who opened its events without Counters: as a group, for
// one thread.
func (t *Tally) AddReading(pass, set int, r Reading) {
	to := t.seen[pass][set]
	for k := range to {
		if k < len(r.Values) {
			to[k].add(float64(r.Values[k]), float64(r.Enabled), float64(r.Running))
		}
	}
}
