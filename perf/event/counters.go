package event

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Counters are the opened events of a pass for one target. Start, Stop and Read allocate nothing. They are not safe for
// concurrent use; those of ThisThread belong on their thread.
type Counters struct {
	pass   *Pass
	groups []opened
	on     bool
	base   Snapshot // at the latest Start
}

// opened is one set's group at one place.
type opened struct {
	set   int
	group *Group
}

// Snapshot is the state of all groups of some Counters since they were opened. Its contents are for Tally to read.
type Snapshot struct {
	readings []Reading
}

// Open opens the events of the pass for the target, disabled. Nothing stays open after an error, which wraps the errno
// of the event that was refused and names it.
func (p *Pass) Open(t Target) (*Counters, error) { return p.open(linux{}, t) }

func (p *Pass) open(sys kernel, t Target) (*Counters, error) {
	c := &Counters{pass: p}
	leader, member := t.bits()
	for i := range p.Sets {
		s := &p.Sets[i]
		for _, at := range t.places(s) {
			g := newGroup(sys, at)
			c.groups = append(c.groups, opened{i, g})
			for n, e := range s.Events {
				attr := e.attr()
				attr.Bits |= member
				if n == 0 {
					attr.Bits |= leader
				}
				if err := g.Add(attr); err != nil {
					return nil, errors.Join(fmt.Errorf("open %s on %s: %w", e.Name, s.PMU, err), c.Close())
				}
			}
			if t.kind == targetThread && s.userReadable() {
				g.mapPages(userRegisters)
			}
		}
	}
	c.base = c.NewSnapshot()
	return c, nil
}

// NewSnapshot makes a Snapshot for these counters to be read into.
func (c *Counters) NewSnapshot() Snapshot {
	s := Snapshot{readings: make([]Reading, len(c.groups))}
	for i, g := range c.groups {
		s.readings[i].Values = make([]uint64, g.group.Len())
	}
	return s
}

// Start begins a period: it enables the counters the first time, and notes where they stand later. A Process target needs
// no Start: it counts from its execve on.
func (c *Counters) Start() error {
	if c.on {
		return c.Read(&c.base)
	}
	for _, g := range c.groups {
		if err := g.group.Enable(); err != nil {
			return err
		}
	}
	c.on = true
	return nil
}

// Stop ends a period and stores in s what was counted in it. The counters stay enabled for the next Start.
func (c *Counters) Stop(s *Snapshot) error {
	if err := c.Read(s); err != nil {
		return err
	}
	s.sub(&c.base)
	return nil
}

// Read stores in s what was counted since the counters were opened. It may be called at any time.
func (c *Counters) Read(s *Snapshot) error {
	if len(s.readings) != len(c.groups) {
		*s = c.NewSnapshot()
	}
	for i, g := range c.groups {
		if err := g.group.Read(&s.readings[i]); err != nil {
			return fmt.Errorf("count on %s: %w", c.pass.Sets[g.set].PMU, err)
		}
	}
	return nil
}

// Close closes all events. What was read can still be added to a Tally.
func (c *Counters) Close() error {
	var errs []error
	for _, g := range c.groups {
		errs = append(errs, g.group.Close())
	}
	return errors.Join(errs...)
}

// Since is what was counted after an earlier snapshot of the same counters.
func (s Snapshot) Since(earlier Snapshot) Snapshot {
	d := Snapshot{readings: make([]Reading, len(s.readings))}
	for i, r := range s.readings {
		d.readings[i] = Reading{Enabled: r.Enabled, Running: r.Running, Values: append([]uint64(nil), r.Values...)}
	}
	d.sub(&earlier)
	return d
}

// sub takes off an earlier snapshot. A counter never runs backwards; where it seems to, nothing was counted.
func (s *Snapshot) sub(earlier *Snapshot) {
	for i := range s.readings {
		if i >= len(earlier.readings) {
			return
		}
		r, e := &s.readings[i], &earlier.readings[i]
		r.Enabled = less(r.Enabled, e.Enabled)
		r.Running = less(r.Running, e.Running)
		for k := range r.Values {
			if k < len(e.Values) {
				r.Values[k] = less(r.Values[k], e.Values[k])
			}
		}
	}
}

func less(a, b uint64) uint64 {
	if b > a {
		return 0
	}
	return a - b
}

// userReadable says whether the set's counts are counters' values: those of the kernel's own events and of PERF_METRICS
// are not.
func (s *Set) userReadable() bool {
	return s.PMU != softwarePMU && !slices.ContainsFunc(s.Events, func(e Event) bool {
		return e.Role == slots || strings.HasPrefix(e.Role, "td.metric.")
	})
}
