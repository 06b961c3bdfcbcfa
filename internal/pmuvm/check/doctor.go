package main

import "strings"

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
	Verdicts []struct{ Quantity, Source, Verdict, Text string }
}

// doctor checks what `roofline doctor` says of the PMU: to root, who may count, and to an ordinary user whom the kernel
// keeps from all events.
func (c *checker) doctor() {
	r := c.examine("doctor", true)
	// QEMU's clock makes two cycles of every instruction: the doctor must see that a chain of additions does not take that long.
	want := map[string]string{"instructions": "verified", "cycles": "off", "flops": "missing", "misses.L1": "missing", "bytes.DRAM": "missing"}
	seen := map[string]bool{}
	for _, v := range r.Verdicts {
		if verdict, ok := want[v.Quantity]; ok && v.Source == "pmu" && !seen[v.Quantity] {
			seen[v.Quantity] = true
			c.expect(v.Verdict == verdict, "doctor: %s is %s (%s)", v.Quantity, v.Verdict, v.Text)
		}
	}
	c.expect(len(seen) == len(want), "doctor: %d verdicts", len(seen))

	pmu := c.examine("doctor of nobody", false).Machine.PMU
	c.expect(strings.Contains(pmu.Reason, "perf_event_paranoid is 3"), "doctor of nobody: the cause is %q", pmu.Reason)
	c.expect(strings.Contains(pmu.Cure, "perf_event_paranoid=") && strings.Contains(pmu.Cure, "CAP_PERFMON"), "doctor of nobody: the cure is %q", pmu.Cure)
}

func (c *checker) examine(job string, available bool) report {
	r, err := document[report](c.runs[job])
	c.expect(err == nil && r.Machine.PMU.Available == available, "%s: PMU available: %t (%v)", job, r.Machine.PMU.Available, err)
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
	return r
}
