package event

import (
	"runtime"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
)

// Whether an event counts at all is found out once, and never beside what is being counted.
func TestKnownWorkRunsOnceAndNotBeside(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	l := newLab(t, "skylakex")
	l.counts["inst.retired"] = 1000
	plan, err := l.planner().plan([]perf.Quantity{perf.Instructions, perf.MissesL3}, Options{Uarch: "skylakex"})
	check(t, err)
	count := func() (c perf.Count, opened int) {
		t.Helper()
		tally := plan.NewTally()
		for pass := range plan.Passes {
			counters, err := plan.Open(pass, ThisThread())
			check(t, err)
			s := counters.NewSnapshot()
			check(t, counters.Start())
			check(t, counters.Stop(&s))
			check(t, counters.Close())
			tally.Add(pass, counters, s)
		}
		before := len(l.k.opened)
		counts := tally.Counts(1)
		if counts[perf.Instructions].Value == 0 {
			t.Errorf("instructions: %+v", counts[perf.Instructions])
		}
		return counts[perf.MissesL3], len(l.k.opened) - before
	}
	plan.Busy = true
	if c, opened := count(); opened > 0 || !strings.Contains(c.Reason, "has not been seen to count yet") {
		t.Errorf("beside the work: %d events opened, %+v", opened, c)
	}
	plan.Busy = false
	if c, opened := count(); opened == 0 || !strings.Contains(c.Reason, "not even for known work") {
		t.Errorf("afterwards: %d events opened, %+v", opened, c)
	}
	if c, opened := count(); opened > 0 || !strings.Contains(c.Reason, "not even for known work") {
		t.Errorf("again: %d events opened, %+v", opened, c)
	}
	l.counts["llc.miss"] = 7
	if c, _ := count(); c.Value == 0 {
		t.Errorf("it counts after all: %+v", c)
	}
	l.counts["llc.miss"] = 0
	plan.Busy = true
	if c, _ := count(); c.Quality != perf.Exact || c.Value != 0 {
		t.Errorf("it has counted before: %+v", c)
	}
	l.closed(t)
}
