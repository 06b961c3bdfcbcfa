package command

import (
	"errors"
	"fmt"
	"time"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/perf/region/board"
)

// Plan is the meter that counts with the kernel's events.
type Plan struct{ plan *event.Plan }

// NewPlan plans the counting of the wanted quantities: in one pass that is multiplexed if need be, or in as many as it takes
// to count exactly. The calling goroutine must be locked to its thread.
func NewPlan(want []perf.Quantity, o event.Options) (*Plan, error) {
	plan, err := event.NewPlan(want, o)
	if err != nil {
		return nil, fmt.Errorf("plan the counting: %w", err)
	}
	return &Plan{plan}, nil
}

// Notes are what a user should know of how it is counted.
func (p *Plan) Notes() []string { return p.plan.Notes }

// Passes implements Meter, as do the other methods.
func (p *Plan) Passes() int { return max(len(p.plan.Passes), 1) }

// marked lists the sets of a pass that a marked thread can count for itself: those of the CPU's own PMUs. What the operating
// system counts for a thread comes from getrusage, without a descriptor.
func (p *Plan) marked(pass int) (sets []int) {
	if pass >= len(p.plan.Passes) {
		return nil
	}
	for i, s := range p.plan.Passes[pass].Sets {
		if !s.Uncore && s.PMU != "software" && len(s.Events) > 0 {
			sets = append(sets, i)
		}
	}
	return sets[:min(len(sets), board.MaxGroups)]
}

// Events lists the events of the marked sets, in their order.
func (p *Plan) Events(pass int) (events []board.Event) {
	for group, i := range p.marked(pass) {
		for _, e := range p.plan.Passes[pass].Sets[i].Events {
			events = append(events, board.Event{Group: group, Type: e.Type, Config: e.Config, Config1: e.Config1, Config2: e.Config2, Bits: e.Bits})
		}
	}
	return events
}

// Open opens the pass for the child to come, and for the machine what belongs to no process.
func (p *Plan) Open(pass int) (Counters, error) {
	c := &counters{plan: p.plan}
	if len(p.plan.Passes) == 0 {
		return c, nil
	}
	own, err := p.plan.Open(pass, event.Process(0)) // the calling thread's next child inherits it
	if err != nil {
		p.plan.Fail(pass, false, err)
		return nil, err
	}
	p.plan.Busy = true
	c.all = append(c.all, own)
	if !p.uncore(pass) {
		return c, nil
	}
	system, err := p.plan.Open(pass, event.System())
	if err == nil {
		c.all, c.system = append(c.all, system), system
		err = system.Start()
	}
	if err != nil { // the command itself can be counted all the same
		p.plan.Fail(pass, true, err)
		c.why = err
	}
	return c, nil
}

func (p *Plan) uncore(pass int) bool {
	for _, s := range p.plan.Passes[pass].Sets {
		if s.Uncore {
			return true
		}
	}
	return false
}

// NewTally makes an empty tally.
func (p *Plan) NewTally() Tally { return &tally{p, p.plan.NewTally()} }

// counters are those of the command, and those of the machine.
type counters struct {
	plan   *event.Plan
	all    []*event.Counters
	system *event.Counters // nil: none
	why    error           // why not
}

// reading is one snapshot of each.
type reading struct {
	of        *counters
	snapshots []event.Snapshot
}

func (c *counters) Read() (Reading, error) {
	r := reading{of: c}
	for _, one := range c.all {
		s := one.NewSnapshot()
		if err := one.Read(&s); err != nil {
			return nil, err
		}
		r.snapshots = append(r.snapshots, s)
	}
	return r, nil
}

// idleTime is how long the machine is watched after the command, to see how much of its traffic is others'.
const idleTime = 20 * time.Millisecond

// Idle watches the machine without the command.
func (c *counters) Idle() (Reading, error) {
	if c.system == nil {
		return nil, c.why
	}
	if err := c.system.Start(); err != nil {
		return nil, err
	}
	time.Sleep(idleTime)
	s := c.system.NewSnapshot()
	if err := c.system.Stop(&s); err != nil {
		return nil, err
	}
	return reading{of: &counters{all: []*event.Counters{c.system}}, snapshots: []event.Snapshot{s}}, nil
}

func (c *counters) Close() error {
	c.plan.Busy = false
	var errs []error
	for _, one := range c.all {
		errs = append(errs, one.Close())
	}
	return errors.Join(errs...)
}

func (r reading) Since(earlier Reading) Reading {
	d := reading{of: r.of}
	for i, s := range r.snapshots {
		d.snapshots = append(d.snapshots, s.Since(earlier.(reading).snapshots[i]))
	}
	return d
}

// tally is event.Tally for readings and for marked threads.
type tally struct {
	plan *Plan
	t    *event.Tally
}

func (t *tally) Add(pass int, r Reading) {
	if r, ok := r.(reading); ok {
		for i, s := range r.snapshots {
			t.t.Add(pass, r.of.all[i], s)
		}
	}
}

func (t *tally) AddIdle(pass int, r Reading) {
	if r, ok := r.(reading); ok {
		t.t.AddIdle(pass, r.of.all[0], r.snapshots[0])
	}
}

func (t *tally) AddGroups(pass int, groups []board.Group, opened uint64) {
	for g, set := range t.plan.marked(pass) {
		if g < len(groups) && opened>>g&1 == 1 {
			t.t.AddReading(pass, set, event.Reading{Enabled: groups[g].Enabled, Running: groups[g].Running, Values: groups[g].Values})
		}
	}
}

func (t *tally) Counts(runs []int) map[perf.Quantity]perf.Count { return t.t.PerRun(runs) }
