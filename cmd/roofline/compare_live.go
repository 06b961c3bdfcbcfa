package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/analysis"
	"github.com/roofline-go/roofline/roofline/compare"
)

// Of an A/A measurement: pairs of processes at least, and the most of them that fit into a time.
const (
	floorPairs  = 30
	mostFloor   = 240
	floorWithin = 20 * time.Second
)

// sampleBudget is the time one process spends on its kernel: more processes tell more than longer ones.
const sampleBudget = 100 * time.Millisecond

// quickWithin is how long more pairs are taken with --quick while the answer is open.
const quickWithin = 4 * time.Second

// prepare describes the machine and makes sure that it has ceilings.
func (c *comparer) prepare(ctx context.Context) (err error) {
	if _, err := workers.CPUs(c.o.threads); err != nil {
		return usageError{err}
	}
	if c.host, _, err = machine.Describe(); err != nil {
		return fmt.Errorf("describe machine: %w", err)
	}
	var warnings []roofline.Warning
	c.roofs, warnings, err = ensureCeilings(ctx, c.host.Fingerprint, ceilingRequest{threads: []int{c.o.threads}, quick: true}, c.report)
	c.notes = append(c.notes, warningTexts(warnings)...)
	return err
}

func (c *comparer) budget() time.Duration {
	switch {
	case c.o.budget > 0:
		return c.o.budget
	case c.o.quick:
		return quickLiveBudget
	}
	return sampleBudget
}

// live runs the pairs of processes of one comparison among so many.
func (c *comparer) live(ctx context.Context, kind compare.Kind, among int, id string, base, new compare.Runner) ([]compare.Pair, []string, error) {
	c.kind = kind
	if kind == compare.OfCommands {
		var err error
		if c.host, _, err = machine.Describe(); err != nil {
			return nil, nil, fmt.Errorf("describe machine: %w", err)
		}
	}
	stage := c.report.stage("compare")
	p, err := compare.Interleave(ctx, id, base, new, c.effort(among), func(done, total int) { stage(done, total, id) })
	if err != nil {
		return nil, nil, err
	}
	if kind == compare.OfKernels { // so that what is said and drawn of the roof is of the times that are compared
		compare.Retime(&p.Base.Run, p.Base.Times, c.roofs)
		compare.Retime(&p.New.Run, p.New.Times, c.roofs)
		for _, run := range []*roofline.Run{&p.Base.Run, &p.New.Run} {
			analyse(run, c.host, c.roofs)
			if note := aboveRoof(*run, c.roofs); note != "" && !slices.Contains(c.notes, note) {
				c.notes = append(c.notes, note)
			}
		}
	}
	return []compare.Pair{p}, nil, nil
}

// analyse analyses a run anew where a process without ceilings has done so, under whose times the run does not stand any more.
func analyse(run *roofline.Run, host roofline.Machine, roofs []roofline.Ceiling) {
	if run.Analysis != nil && run.Time.Median > 0 {
		analysis.Fill(run, analysis.Context{Machine: host, Ceilings: roofs, Floor: noiseFloor(host.Fingerprint)})
	}
}

// warningTexts are warnings in a sentence each.
func warningTexts(warnings []roofline.Warning) (texts []string) {
	for _, w := range warnings {
		text := w.Text
		if w.Cure != "" && !strings.Contains(text, w.Cure) {
			text += " (" + w.Cure + ")"
		}
		texts = append(texts, text)
	}
	return texts
}

// aboveRoof says that a run is faster than its roof allows; "" if it is not.
func aboveRoof(run roofline.Run, roofs []roofline.Ceiling) string {
	if run.Bound == nil {
		return ""
	}
	i := slices.IndexFunc(roofs, func(c roofline.Ceiling) bool { return c.ID == run.Bound.By && c.Threads == run.Threads })
	if i < 0 || !run.Above(roofs[i]) {
		return ""
	}
	return fmt.Sprintf("%.0f %% of %s is above that roof, which was measured too low, or of which a count is wrong: roofline ceilings --refresh measures it again",
		100*run.Bound.Fraction, roofline.BoundName(run.Bound.By))
}

// effort is how many pairs a live comparison takes.
func (c *comparer) effort(among int) compare.Effort {
	floor, _ := c.floor()
	switch {
	case c.o.aa && c.o.pairs == 0:
		return compare.Effort{Pairs: floorPairs, Most: mostFloor, Limit: floorWithin, Decided: func(compare.Pair) bool { return false }}
	case c.o.pairs > 0: // no more, no less
		return compare.Effort{Pairs: c.o.pairs}
	case c.o.gate:
		return c.limits.UntilRuled(floor, among, c.o.within)
	}
	return compare.UntilKnown(floor, among, c.o.within)
}
