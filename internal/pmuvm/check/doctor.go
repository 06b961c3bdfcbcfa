package main

import (
	"fmt"
	"strings"

	"github.com/roofline-go/roofline/internal/pmuvm"
)

// report is the part of the doctor's report that is checked.
type report struct {
	Machine struct {
		PMU struct {
			Available    bool
			Reason, Cure string
		}
	}
	Counters []struct {
		Quantity, Source, Quality, Reason string
		Available                         bool
	}
}

// doctor checks what `roofline doctor` says of the PMU, as root and as an ordinary user at every level of
// perf_event_paranoid.
func (c *checker) doctor() {
	c.examine("doctor", true)
	for _, level := range pmuvm.Levels {
		c.examine(fmt.Sprintf("doctor %d", level), level <= 2)
	}
}

func (c *checker) examine(job string, available bool) {
	r, err := document[report](c.runs[job])
	pmu := r.Machine.PMU
	c.expect(err == nil, "%s: the report is readable (%v)", job, err)
	c.expect(pmu.Available == available, "%s: PMU available: %t", job, pmu.Available)
	if !available {
		c.expect(strings.Contains(pmu.Reason, "perf_event_paranoid is 3"), "%s: the cause is %q", job, pmu.Reason)
		c.expect(strings.Contains(pmu.Cure, "perf_event_paranoid=") && strings.Contains(pmu.Cure, "CAP_PERFMON"), "%s: the cure is %q", job, pmu.Cure)
	}
	seen := 0
	for _, n := range r.Counters {
		if n.Source != "pmu" {
			continue
		}
		seen++
		counts := n.Quantity == "instructions" || n.Quantity == "cycles" // all that this PMU has
		c.expect(n.Available == (available && counts), "%s: %s counted: %t (%s)", job, n.Quantity, n.Available, n.Reason)
		c.expect(n.Available || n.Reason != "", "%s: %s has a reason if missing", job, n.Quantity)
	}
	c.expect(seen >= 10, "%s: %d quantities judged", job, seen)
}
