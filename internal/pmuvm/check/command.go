package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/roofline-go/roofline/internal/pmuvm"
)

// count is an entry of the result document.
type count struct {
	Value                   *float64
	Source, Quality, Reason string
	Running                 float64
}

// result of a measurement.
type measured struct {
	Runs []struct {
		Kernel, Variant string
		Counts          map[string][]count
	}
}

// of finds what the PMU counted of a quantity in a command ("") or a region.
func (m measured) of(region, quantity string) count {
	for _, r := range m.Runs {
		if region == "" && r.Kernel != "command" || region != "" && (r.Variant != "region" || r.Kernel != region) {
			continue
		}
		for _, c := range r.Counts[quantity] {
			if c.Source == "pmu" {
				return c
			}
		}
	}
	return count{}
}

func (c count) String() string {
	if c.Value == nil {
		return fmt.Sprintf("%s (%s)", c.Quality, c.Reason)
	}
	return fmt.Sprintf("%.0f (%s, running %.3f)", *c.Value, c.Quality, c.Running)
}

func (c count) near(want, within float64) bool {
	return c.Value != nil && math.Abs(*c.Value-want) <= within*want
}

// regionCost is what the marks of a region may add to its instructions.
const regionCost = 0.002

// command checks counts of whole commands, as root and as an ordinary user.
func (c *checker) command() {
	for _, n := range pmuvm.Loops[:2] {
		job := fmt.Sprintf("loop %d", n)
		got := c.measured(job).of("", "instructions")
		c.expect(got.Quality == "exact" && got.near(pmuvm.Instructions(n), 0), "%s: exactly %.0f instructions: %v", job, pmuvm.Instructions(n), got)
	}
	m := c.measured("multiplexed")
	got := m.of("", "instructions")
	scaled := got.Quality == "scaled" && got.Running > 0.25 && got.Running < 0.9 && got.near(pmuvm.Instructions(pmuvm.Long), closeEnough)
	whole := got.Quality == "exact" && got.near(pmuvm.Instructions(pmuvm.Long), 0) // events that count nothing made room
	c.expect(scaled || whole, "multiplexed: %.0f instructions, exactly or scaled to within half a percent: %v", pmuvm.Instructions(pmuvm.Long), got)
	for _, q := range []string{"misses.L1", "misses.L2", "bytes.L2", "bytes.L3"} {
		got := m.of("", q)
		c.expect(got.Quality == "missing" && got.Value == nil && strings.Contains(got.Reason, "counts nothing"), "multiplexed: %s opens and counts nothing: %v", q, got)
	}
	flops := m.of("", "flops")
	c.expect(flops.Quality == "missing" && strings.Contains(flops.Reason, "no FLOP counter"), "multiplexed: flops: %v", flops)
	for _, level := range pmuvm.Levels {
		job := fmt.Sprintf("nobody %d", level)
		got := c.measured(job).of("", "instructions")
		if level == pmuvm.Closed {
			c.expect(got.Quality == "missing" && strings.Contains(got.Reason, "perf_event_paranoid is 3"), "%s: instructions: %v", job, got)
		} else {
			c.expect(got.Quality == "exact" && got.near(pmuvm.Instructions(pmuvm.Short), 0), "%s: exactly %.0f instructions: %v", job, pmuvm.Instructions(pmuvm.Short), got)
		}
	}
}

// regions checks counts of marked regions: an entry costs some hundred instructions.
func (c *checker) regions() {
	m := c.measured("regions")
	for region, turns := range map[string]float64{"inner": pmuvm.RegionTurns, "outer": 3 * pmuvm.RegionTurns} {
		got := m.of(region, "instructions")
		c.expect(got.Quality == "exact" && got.near(2*turns, regionCost) && *got.Value >= 2*turns, "regions: %s has %.0f instructions and few more: %v", region, 2*turns, got)
	}
}

func (c *checker) measured(job string) measured {
	m, err := document[measured](c.runs[job])
	c.expect(err == nil && len(m.Runs) > 0, "%s: the result is readable (%v)", job, err)
	return m
}
