package ceilings

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// task is one ceiling for one thread count.
type task struct {
	roofline.Ceiling
	enter   func() // called when a turn at the task begins; may be nil
	choices []*choice
}

// turn takes one round of every choice.
func (t *task) turn(samples int) {
	if t.enter != nil {
		t.enter()
	}
	for _, c := range t.choices {
		c.rounds = append(c.rounds, c.round(samples))
	}
}

// choice is one way to measure a task.
type choice struct {
	note   string
	warm   func()         // brings caches into the state to be measured; may be nil
	sample func() float64 // one timing, in the ceiling's unit
	rounds []float64      // value of each round
	less   bool           // smaller is better: latency
}

// better says whether a is the better value.
func (c *choice) better(a, b float64) bool {
	if c.less {
		return a < b
	}
	return a > b
}

// round takes one round: after a sample that only warms up, the best of n. A ceiling is what the machine can do, and
// whatever disturbs a sample (interrupts, other guests of the host, a clock not yet ramped up) can only make it worse.
func (c *choice) round(n int) float64 {
	if c.warm != nil {
		c.warm()
	}
	c.sample()
	best := c.sample()
	for range n - 1 {
		if v := c.sample(); c.better(v, best) {
			best = v
		}
	}
	return best
}

// median is the summary of the rounds so far.
func (c *choice) median() float64 { return stats.Summarize(c.rounds).Median }

// sortChoices puts the best choice first.
func (t *task) sortChoices() {
	slices.SortStableFunc(t.choices, func(a, b *choice) int {
		switch {
		case a.better(a.median(), b.median()):
			return -1
		case b.better(b.median(), a.median()):
			return 1
		}
		return 0
	})
}

// pilotRounds is how often every choice is tried before the best few are kept.
const pilotRounds = 3

// pilot tries every choice of every task, keeps the best few and forgets their values: a choice that was lucky once must
// not keep its luck.
func (s *session) pilot(ctx context.Context, start time.Time) error {
	for i, t := range s.tasks {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.Progress(i, len(s.tasks), "choosing "+t.ID)
		if len(t.choices) > s.keep {
			for r := range pilotRounds {
				if r > 0 && time.Since(start) > s.target/2 { // slow memory: leave time for the rounds
					break
				}
				t.turn(2)
			}
			t.sortChoices()
			t.choices = t.choices[:s.keep]
		}
		for _, c := range t.choices {
			c.rounds = nil
		}
	}
	return nil
}

// rounds takes rounds until the time aimed at is over, within the plan's limits.
func (s *session) rounds(ctx context.Context, start time.Time) error {
	begin := time.Now()
	total := s.maxRounds
	for r := range s.maxRounds {
		if spent := time.Since(start); r >= s.minRounds && spent > s.target || r >= stats.MinSamples && spent > s.target*4/3 {
			break
		}
		if r > 0 { // foresee the number of rounds for the progress display
			each := time.Since(begin) / time.Duration(r)
			total = min(s.maxRounds, max(s.minRounds, r+int((s.target-time.Since(start))/max(each, 1))))
		}
		for i := range s.tasks {
			if err := ctx.Err(); err != nil {
				return err
			}
			if r%2 == 1 { // to and fro, so that no task always follows the same other
				i = len(s.tasks) - 1 - i
			}
			s.tasks[i].turn(s.samples)
		}
		s.measureClock()
		s.Progress(r+1, max(total, r+1), fmt.Sprintf("round %d of %d ceilings", r+1, len(s.tasks)))
	}
	return nil
}

// results summarises the tasks that have at least one round, and warns of those that are not plausible.
func (s *session) results() (out []roofline.Ceiling) {
	for _, t := range s.tasks {
		t.choices = slices.DeleteFunc(t.choices, func(c *choice) bool { return len(c.rounds) == 0 })
		if len(t.choices) == 0 {
			continue
		}
		t.sortChoices()
		c := t.Ceiling
		c.Value = stats.Summarize(t.choices[0].rounds)
		c.Note = join(c.Note, t.choices[0].note)
		out = append(out, c)
	}
	s.doubts(out)
	s.addTheory(out)
	return out
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
