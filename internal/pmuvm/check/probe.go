package main

import (
	"fmt"
	"slices"

	"github.com/roofline-go/roofline/internal/pmuvm"
)

// result is a line of the probe.
type result struct {
	Probe, Error, Paranoid             string
	N, Count, Enabled, Running, Config uint64
	Events                             int
	Worst                              float64
}

const (
	counters     = 6     // general ones of the emulated PMU
	closeEnough  = 0.005 // of a scaled count
	barelyCounts = 0.25  // running share under which a count is none
	silentCounts = 4     // configs that the probe tries
)

// probe checks what the kernel and the emulated PMU do by themselves.
func (c *checker) probe() {
	all, err := lines[result](c.runs["probe"])
	c.expect(err == nil, "probe: output is readable (%v)", err)
	of := func(name string) (found []result) {
		for _, r := range all {
			if r.Probe == name {
				found = append(found, r)
			}
		}
		return found
	}
	exact := of("exact")
	c.expect(len(exact) == 5, "probe: %d loops counted", len(exact))
	for _, r := range exact {
		c.expect(r.Error == "" && r.Count-exact[0].Count == 2*(r.N-1), "probe: %d turns count %d instructions more than one turn does", r.N, r.Count-exact[0].Count)
	}
	multiplexed := of("multiplex")
	c.expect(len(multiplexed) == 4, "probe: %d counts with several events", len(multiplexed))
	for _, r := range multiplexed {
		shared := r.Events > counters+1
		c.expect(r.Error == "" && (r.Running < r.Enabled) == shared && r.Worst < closeEnough,
			"probe: %d events at a time run %d of %d ns and scale to within %.2f %%", r.Events, r.Running, r.Enabled, 100*r.Worst)
	}
	for name, refused := range map[string]bool{"limits, members disabled": false, "limits, members enabled": true} {
		for _, r := range of(name) {
			c.expect((r.Error != "") == refused && float64(r.Running) < barelyCounts*float64(r.Enabled),
				"probe: %s: a group of %d opens (then %q) and does not count", name, r.Events, r.Error)
		}
		c.expect(len(of(name)) == 1, "probe: %s: tried", name)
	}
	silent := of("silent")
	c.expect(len(silent) == silentCounts, "probe: %d events that the PMU does not have", len(silent))
	for _, r := range silent {
		c.expect(r.Error == "" && r.Count == 0 && r.Running > 0, "probe: event %#x opens, runs and counts %d", r.Config, r.Count)
	}
}

// permissions checks what each level of perf_event_paranoid lets an ordinary user do.
func (c *checker) permissions() {
	allowed := map[string]int{"user mode": 2, "kernel mode": 1, "whole CPU": 0} // up to which level
	for _, level := range pmuvm.Levels {
		all, err := lines[result](c.runs[fmt.Sprintf("permissions %d", level)])
		c.expect(err == nil && len(all) == len(allowed), "permissions %d: %d tries (%v)", level, len(all), err)
		for _, r := range all {
			want := ""
			if level > allowed[r.Probe] {
				want = "EACCES"
			}
			c.expect(r.Error == want && r.Paranoid == fmt.Sprint(level), "permissions %d: %s: %q", level, r.Probe, r.Error)
		}
		c.expect(!slices.ContainsFunc(all, func(r result) bool { _, ok := allowed[r.Probe]; return !ok }), "permissions %d: no other tries", level)
	}
}
