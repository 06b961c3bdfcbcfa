package ceilings

import (
	"context"
	"fmt"
	"time"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/roofline"
)

// Meter measures one ceiling on one CPU round by round, as Measure does, for comparisons that interleave it with others.
type Meter struct {
	s *session
	t *task
}

// NewMeter sets up the ceiling with this ID. For bandwidth, workingSet is the bytes of all arrays together; it replaces the
// search for the level's plateau. Latency has no meter.
func NewMeter(id string, workingSet int64) (*Meter, error) {
	s, err := newSession(Options{Mode: Full, Threads: []int{1}, Only: []string{id}, Progress: func(int, int, string) {}})
	if err != nil {
		return nil, err
	}
	m := &Meter{s: s}
	if err := m.setUp(id, workingSet); err != nil {
		m.Close()
		return nil, fmt.Errorf("set up %s: %w", id, err)
	}
	m.t = s.tasks[0]
	return m, nil
}

func (m *Meter) setUp(id string, workingSet int64) error {
	s := m.s
	s.keep = 1
	s.addCompute()
	for _, e := range Catalog() {
		if e.ID != id {
			continue
		}
		if e.Unavailable != nil {
			return e.Unavailable
		}
		if e.Kind != "bandwidth" {
			break
		}
		if err := m.mapMemory(workingSet); err != nil {
			return err
		}
		w := cache.Window{Level: e.Level, Lo: workingSet, Hi: workingSet}
		s.addBandwidth(s.teams[0], w, cache.Plateau{Level: e.Level, Lo: workingSet, Hi: workingSet})
	}
	if len(s.tasks) != 1 {
		return fmt.Errorf("no such compute or bandwidth ceiling with a working set of %d bytes", workingSet)
	}
	return s.pilot(context.Background(), time.Now())
}

// mapMemory gives the worker memory for the working set.
func (m *Meter) mapMemory(workingSet int64) error {
	mem, err := m.s.mmap(workingSet, cache.Huge)
	if err != nil {
		return err
	}
	t := m.s.teams[0]
	m.s.arenas, t.most = [][]byte{mem}, workingSet
	t.windows = cache.Windows(m.s.levels, t.CPUs(), workingSet)
	return t.Each(func(int) error { cache.Touch(mem); return nil })
}

// Round takes one round and returns its value in the ceiling's unit.
func (m *Meter) Round() float64 {
	m.t.turn(m.s.samples)
	c := m.t.choices[0]
	return c.rounds[len(c.rounds)-1]
}

// Ceiling describes what is measured; its note names the form that was chosen. It has no value.
func (m *Meter) Ceiling() roofline.Ceiling {
	c := m.t.Ceiling
	c.Note = join(c.Note, m.t.choices[0].note)
	return c
}

// CPU returns the CPU on which the meter runs.
func (m *Meter) CPU() int { return m.s.teams[0].CPUs()[0] }

// Close gives memory and thread back.
func (m *Meter) Close() { m.s.close() }
