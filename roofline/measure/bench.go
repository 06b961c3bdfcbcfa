package measure

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/roofline"
)

// bench is the state of one Run.
type bench struct {
	plan  *Plan
	host  host
	pool  pool
	watch watcher
	timer time.Duration // cost of reading the clock
	own   float64       // involuntary switches that handing a batch to the workers causes by itself
	jobs  []*job        // of all groups, in the plan's order
	done  int           // jobs that are finished

	res   *roofline.Result
	runs  []placed // in the order in which they were finished
	sink  Sink
	found findings
	stop  func() machine.Disturbance
}

// placed is a finished run and its place in the plan.
type placed struct {
	order int
	run   roofline.Run
}

func newBench(p *Plan, on host, pool pool, watch watcher, groups [][]*job) *bench {
	b := &bench{plan: p, host: on, pool: pool, watch: watch, timer: on.timerCost(), jobs: slices.Concat(groups...)}
	if pool.N() > 1 {
		b.own = b.ownSwitches()
	}
	return b
}

// ownSwitches counts the involuntary switches of idle batches. With a worker on every CPU, the scheduler's threads that
// start and end a batch have to take one from a worker: that is no disturbance from outside.
func (b *bench) ownSwitches() float64 {
	const batches = 100
	idle := func(int) {}
	b.watch.start()
	for range batches {
		b.pool.Time(1, idle)
	}
	return float64(max(b.watch.stop().Involuntary, 0)) / batches
}

// begin starts the result, and with it the watch over the machine.
func (b *bench) begin(res *roofline.Result, sink Sink) {
	b.res, b.sink, b.stop = res, sink, b.host.steal()
}

// report tells the progress.
func (b *bench) report(what string) { b.plan.progress(b.done, len(b.jobs), what) }

// keep adds a finished run to the result and hands the result so far to the sink.
func (b *bench) keep(j *job, run roofline.Run) error {
	b.runs = append(b.runs, placed{j.order, run})
	b.done++
	if b.sink == nil {
		return nil
	}
	if err := b.sink.Save(b.finish()); err != nil {
		return fmt.Errorf("save result after %s: %w", j.id(), err)
	}
	return nil
}

func isFitness(c roofline.Check) bool { return c.Name == "runs" }

// finish brings the result up to date: runs in the plan's order, what disturbed them, and all warnings.
func (b *bench) finish() *roofline.Result {
	b.stop().Apply(&b.res.Machine)
	b.res.Machine.Quality = append(slices.DeleteFunc(slices.Clone(b.res.Machine.Quality), isFitness), b.fitness())
	slices.SortStableFunc(b.runs, func(x, y placed) int { return cmp.Compare(x.order, y.order) })
	b.res.Runs = nil
	for _, p := range b.runs {
		b.res.Runs = append(b.res.Runs, p.run)
	}
	b.res.Warnings = slices.Concat(b.plan.Warnings, b.failureWarnings(), b.found.warnings())
	b.report("")
	return b.res
}

// failures are the errors of the jobs that were not measured.
func (b *bench) failures() (errs []error) {
	for _, j := range b.jobs {
		if j.failure != nil {
			errs = append(errs, j.failure)
		}
	}
	return errs
}

// failureWarnings says of every job that has no run why it has none.
func (b *bench) failureWarnings() (warnings []roofline.Warning) {
	for _, j := range b.jobs {
		if j.failure != nil {
			warnings = append(warnings, roofline.Warning{About: j.id(), Text: "not measured: " + strings.ReplaceAll(j.failure.Error(), "\n", "; ")})
		}
	}
	return warnings
}

// quiet holds the garbage collector off until the function that it returns is called. What was garbage before is gone.
func (b *bench) quiet() (restore func()) {
	b.host.collect()
	percent := debug.SetGCPercent(-1)
	return func() { debug.SetGCPercent(percent) }
}

// keepOff keeps this process's other threads off the workers' CPUs, where there are others, until letBack is called.
func (b *bench) keepOff() (letBack func()) {
	p, ok := b.pool.(interface{ CPUs() []int })
	if !ok {
		return func() {}
	}
	return cpu.KeepOff(p.CPUs())
}
