package command

import (
	"errors"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/region/board"
)

// fake is a meter whose counters count one cycle a reading, and that notes what is done with it.
type fake struct {
	passes  int
	events  []board.Event
	refuse  error
	unread  error
	opened  []int // passes, in order
	open    int
	reading uint64
}

func (f *fake) Passes() int                   { return max(f.passes, 1) }
func (f *fake) Events(pass int) []board.Event { return f.events }
func (f *fake) NewTally() Tally               { return &fakeTally{} }

func (f *fake) Open(pass int) (Counters, error) {
	f.opened = append(f.opened, pass)
	if f.refuse != nil {
		return nil, f.refuse
	}
	f.open++
	return &fakeCounters{f: f}, nil
}

type fakeCounters struct{ f *fake }

type fakeReading uint64

func (c *fakeCounters) Read() (Reading, error) {
	if c.f.unread != nil {
		return nil, c.f.unread
	}
	c.f.reading++
	return fakeReading(c.f.reading), nil
}

func (c *fakeCounters) Idle() (Reading, error) { return nil, nil }

func (c *fakeCounters) Close() error { c.f.open--; return nil }

func (r fakeReading) Since(earlier Reading) Reading { return r - earlier.(fakeReading) }

// fakeTally knows cycles, and page faults of marked threads by the first event of the first group.
type fakeTally struct{ cycles, faults, sets float64 }

func (t *fakeTally) Add(pass int, r Reading) { t.cycles += float64(r.(fakeReading)) }

func (t *fakeTally) AddIdle(int, Reading) {}

func (t *fakeTally) AddGroups(pass int, groups []board.Group, opened uint64) {
	if opened&1 == 1 {
		t.faults += float64(groups[0].Values[0])
		t.sets++
	}
}

func (t *fakeTally) Counts(runs []int) map[perf.Quantity]perf.Count {
	calls := 1.0
	if len(runs) > 0 {
		calls = float64(runs[0])
	}
	counts := map[perf.Quantity]perf.Count{
		perf.Cycles:     {Value: t.cycles / calls, Source: perf.SourcePMU, Quality: perf.Exact},
		perf.PageFaults: perf.NotCounted(perf.SourceOS, "no marked thread counted"),
	}
	if t.sets > 0 {
		counts[perf.PageFaults] = perf.Count{Value: t.faults / calls, Source: perf.SourceOS, Quality: perf.Exact}
	}
	return counts
}

var errRefused = errors.New("refused")
