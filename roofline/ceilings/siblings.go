package ceilings

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Compute ceilings are held against their siblings. Loops of f32 and f64 start the same number of instructions a second, and
// several threads a multiple of what one does; what stays far below was disturbed, whatever the processor. Between threads
// less is asked for: the clock of many busy cores is lower, and two threads may share a core.
const (
	leastOfTwin   = 0.85 // of the same instruction on the other floating-point type
	leastOfSingle = 0.45 // of the same loop with fewer threads, times the threads
)

// doubtful says that a ceiling is far below what its sibling, another ceiling, lets expect: share of that is measured.
type doubtful struct {
	sibling *roofline.Ceiling
	share   float64
}

// doubt returns the sibling that speaks most against a compute ceiling, if any does.
func doubt(c *roofline.Ceiling, all []roofline.Ceiling) (worst doubtful, ok bool) {
	worst.share = 1
	if c.Kind != "compute" || c.Value.Median <= 0 {
		return worst, false
	}
	for i := range all {
		s := &all[i]
		expected, least := expect(c, s)
		if expected == 0 {
			continue
		}
		if share := c.Value.Median / expected; share < least && share < worst.share {
			worst, ok = doubtful{sibling: s, share: share}, true
		}
	}
	return worst, ok
}

// expect returns what a sibling lets a compute ceiling expect and the least share of it that is believed; 0 if s is none.
func expect(c, s *roofline.Ceiling) (value, least float64) {
	if s.Kind != c.Kind || s.Op != c.Op || s.ISA != c.ISA {
		return 0, 0
	}
	switch {
	case s.DType == c.DType && s.Threads < c.Threads:
		return s.Value.Median * float64(c.Threads) / float64(s.Threads), leastOfSingle
	case s.Threads == c.Threads && c.DType == "f32" && s.DType == "f64":
		return s.Value.Median * lanes(c.ISA), leastOfTwin
	case s.Threads == c.Threads && c.DType == "f64" && s.DType == "f32":
		return s.Value.Median / lanes(c.ISA), leastOfTwin
	}
	return 0, 0
}

// lanes is how many times as many f32 as f64 an instruction of this width computes.
func lanes(isa string) float64 {
	if isa == "scalar" || isa == "go" {
		return 1
	}
	return 2
}

// againTime bounds how long doubtful ceilings are measured again.
const againTime = 2 * time.Second

// again measures compute ceilings that are far below their siblings once more, until they no longer are or the time is over.
// The better set of rounds counts, never a mixture.
func (s *session) again(ctx context.Context) error {
	for begin := time.Now(); ; {
		values, tasks := s.values()
		left := 0
		for i := range values {
			if _, bad := doubt(&values[i], values); !bad {
				continue
			}
			left++
			if err := ctx.Err(); err != nil {
				return err
			}
			tasks[i].retake(s.samples)
		}
		if left == 0 {
			return nil
		}
		s.Progress(s.maxRounds, s.maxRounds, fmt.Sprintf("%d ceilings far below their siblings again", left))
		if time.Since(begin) > againTime {
			return nil
		}
	}
}

// retake takes as many rounds as Summarize needs for an interval, and keeps them if they are better.
func (t *task) retake(samples int) {
	for _, c := range t.choices {
		old := c.rounds
		c.rounds = nil
		for range stats.MinSamples {
			if t.enter != nil {
				t.enter()
			}
			c.rounds = append(c.rounds, c.round(samples))
		}
		if fresh := c.median(); !c.better(fresh, stats.Summarize(old).Median) {
			c.rounds = old
		}
	}
}

// doubts notes which compute ceilings are far below their siblings, and warns of them together.
func (s *session) doubts(all []roofline.Ceiling) {
	n, compute, worst, example := 0, 0, doubtful{share: 1}, ""
	for i := range all {
		if all[i].Kind == "compute" {
			compute++
		}
		d, bad := doubt(&all[i], all)
		if !bad {
			continue
		}
		n++
		if d.share < worst.share {
			worst, example = d, fmt.Sprintf("%s with %s", all[i].ID, threads(all[i].Threads))
		}
		all[i].Note = join(all[i].Note, "doubtful: far below the same instructions on another type or with fewer threads")
	}
	if n == 0 {
		return
	}
	s.warn("", fmt.Sprintf("%d of %d compute ceilings far below what their siblings (the same instructions on another type, "+
		"or with fewer threads) let expect, the worst is %s: %.0f %% of that; most likely something else had the processor",
		n, compute, example, math.Floor(100*worst.share)),
		"`roofline ceilings --refresh` on an idle machine")
}

func threads(n int) string {
	if n == 1 {
		return "one thread"
	}
	return fmt.Sprintf("%d threads", n)
}

// values summarises the compute tasks that have rounds, with the task of each.
func (s *session) values() (values []roofline.Ceiling, tasks []*task) {
	for _, t := range s.tasks {
		if t.Kind != "compute" || len(t.choices) == 0 || len(t.choices[0].rounds) == 0 {
			continue
		}
		c := t.Ceiling
		c.Value = stats.Summarize(t.choices[0].rounds)
		values, tasks = append(values, c), append(tasks, t)
	}
	return values, tasks
}
