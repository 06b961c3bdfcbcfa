package measure

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/roofline/stats"
)

const (
	narrow       = 0.005            // relative half-width of the interval of the median at which a kernel is settled
	minTurns     = stats.MinSamples // that every kernel gets: fewer have no interval
	briefTurns   = 3                // that a kernel gets at least where no interval is wanted
	settledTurns = 11               // that a settled kernel has at least: so that rounds see the machine change
	maxSamples   = 2000             // per kernel: more would hardly narrow the interval

	turnSamples = 5                     // at most
	turnTime    = 20 * time.Millisecond // a turn plans no more samples than fit into it, and one at least
	warmCalls   = 50 * time.Microsecond // untimed at the start of a turn, and one call at least
	coldIsFine  = 20 * time.Millisecond // a call that takes longer is its own warm-up
)

// sample times the jobs of a group in rounds and calls finish for each as soon as it has its interval, the budget or
// its most samples. Each job gets at least the fewest turns that have an interval, then at most its equal share of the
// group's budget while others have not had theirs; what settled jobs leave over goes to the rest.
//
// When ctx is cancelled, finish is called for the jobs that have samples.
func (b *bench) sample(ctx context.Context, group []*job, finish func(*job) error) error {
	active := slices.DeleteFunc(slices.Clone(group), func(j *job) bool { return j.failure != nil || j.part == nil || j.batch == 0 })
	if len(active) == 0 {
		return nil
	}
	restore := b.quiet()
	defer restore()
	letBack := b.keepOff()
	defer func() { letBack() }()
	budget := b.groupBudget(group)
	share, spent := budget/time.Duration(len(active)), time.Duration(0)
	for len(active) > 0 {
		for _, j := range nextRound(active, share, b.plan.leastTurns()) {
			if ctx.Err() == nil {
				b.report(fmt.Sprintf("time %s", j.id()))
				spent += b.turn(j)
			}
			if j.failure != nil { // of a process that timed it
				j.finished = true
				continue
			}
			if ctx.Err() == nil && !j.settled() && !(spent >= budget && j.turns >= b.plan.leastTurns()) {
				continue
			}
			j.finished = true
			if len(j.samples) == 0 {
				continue
			}
			letBack() // counting starts processes
			if err := finish(j); err != nil {
				return err
			}
			letBack = b.keepOff()
			b.host.collect() // counting and saving leave garbage, and the collector is off
		}
		active = slices.DeleteFunc(active, func(j *job) bool { return j.finished })
	}
	return nil
}

// nextRound picks the jobs whose turn it is: those that have too few turns or have not used up their share, else all.
func nextRound(active []*job, share time.Duration, least int) []*job {
	var due []*job
	for _, j := range active {
		if j.turns < least || j.spent < share {
			due = append(due, j)
		}
	}
	if due == nil {
		due = slices.Clone(active)
	}
	return due
}

// groupBudget is the group's part of what is left of the budget, by its number of jobs.
func (b *bench) groupBudget(group []*job) time.Duration {
	left, waiting := b.plan.Budget, 0
	for _, j := range b.jobs {
		left -= j.spent
		if !j.finished && j.failure == nil {
			waiting++
		}
	}
	mine := 0
	for _, j := range group {
		if !j.finished && j.failure == nil {
			mine++
		}
	}
	if left <= 0 || waiting == 0 {
		return 0
	}
	return left * time.Duration(mine) / time.Duration(waiting)
}

// summary is the estimate of j's time so far.
func (j *job) summary() stats.Estimate { return stats.SummarizeTurns(j.samples, j.perTurn) }

// turn warms j up, takes a few samples and returns how long that took. Nothing between the samples allocates or prints.
func (b *bench) turn(j *job) time.Duration {
	begin := b.host.now()
	j.samples, j.waited = slices.Grow(j.samples, j.perTurn), slices.Grow(j.waited, j.perTurn)
	j.after.grow()
	var before, after runtime.MemStats
	calls := 0
	j.faraway = event.OSDelta{}
	b.watch.start()
	runtime.ReadMemStats(&before)
	if n := j.warmUpCalls(); n > 0 {
		b.time(j, n)
		calls += n
	}
	for range j.perTurn {
		took := b.time(j, j.batch)
		calls += j.batch
		j.samples = append(j.samples, took.Seconds()/float64(j.batch))
		j.waited = append(j.waited, b.waited(j).Seconds()/float64(j.batch))
	}
	b.runAfterwards(j.after)
	runtime.ReadMemStats(&after)
	noise, allocs := b.watch.stop(), after.Mallocs-before.Mallocs
	if j.elsewhere != nil {
		noise, allocs = add(noise, j.faraway), 0 // what it allocates there is not Go's
	}
	j.note(noise, allocs, calls)
	took := b.host.now().Sub(begin)
	j.spent += took
	return took
}

// note adds what a turn of so many calls saw beside its samples.
func (j *job) note(noise event.OSDelta, allocs uint64, calls int) {
	perCall := float64(allocs) / float64(max(calls, 1))
	if j.turns == 0 {
		j.noise, j.allocs = noise, perCall
	} else {
		j.noise, j.allocs = add(j.noise, noise), min(j.allocs, perCall)
	}
	j.turns++
	j.calls += calls
}

// warmUpCalls is the number of untimed calls at the start of a turn: the other kernels have taken the caches.
func (j *job) warmUpCalls() int {
	if j.call >= coldIsFine {
		return 0
	}
	return max(1, int(warmCalls/j.call))
}

func (j *job) warmUp() time.Duration { return j.call * time.Duration(j.warmUpCalls()) }

// settled says whether more samples would tell nothing new.
func (j *job) settled() bool {
	return len(j.samples) >= maxSamples || j.turns >= settledTurns && j.summary().RelHalfWidth() <= narrow
}
