package event

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/roofline-go/roofline/perf"
)

// leastShare is the running share below which a multiplexed count is not worth scaling up.
const leastShare = 0.25

// PMU is the source of hardware counts, in user mode, summed over the workers. It knows the raw events of the CPU from
// package uarch; of an unknown CPU it counts the kernel's generic events.
type PMU struct {
	sys       kernel
	root      fs.FS // "/"
	available func() (ok bool, reason, cure string)
	options   Options
	memory    *memory // nil: forget
}

// NewPMU returns the source. It opens nothing yet; without a usable PMU every Count says so.
func NewPMU() *PMU { return NewPMUWith(Options{}) }

// NewPMUWith returns the source with options.
func NewPMUWith(o Options) *PMU {
	return &PMU{sys: linux{}, root: os.DirFS("/"), available: Available, options: o, memory: remembered}
}

// Name returns SourcePMU.
func (*PMU) Name() perf.SourceName { return perf.SourcePMU }

// Count counts the wanted quantities per call of w, and what details are known. Events that fit on the PMUs together are
// counted together; the others in further passes over the workload.
func (p *PMU) Count(ctx context.Context, w perf.Workload, want []perf.Quantity) (map[perf.Quantity]perf.Count, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	plan, err := p.plan(w, want)
	if err != nil {
		return nil, err
	}
	tally := plan.NewTally()
	calls := 1
	if len(plan.Passes) > 0 {
		much, err := calibrate(ctx, w)
		if err != nil {
			return nil, err
		}
		calls = much.calls
		for pass := range plan.Passes {
			if err := p.countPass(ctx, w, plan, pass, much, tally); err != nil {
				return nil, err
			}
		}
	}
	counts := tally.Counts(float64(calls))
	for _, q := range want {
		if q.OfSystem() {
			counts[q] = perf.NotCounted(perf.SourcePMU, "an event of the operating system, counted by the source os")
		}
	}
	return counts, nil
}

// plan tries the plan on the first worker's thread.
func (p *PMU) plan(w perf.Workload, want []perf.Quantity) (plan *Plan, err error) {
	var hardware []perf.Quantity
	for _, q := range want {
		if !q.OfSystem() {
			hardware = append(hardware, q)
		}
	}
	err = w.OnEach(func(worker int) (err error) {
		if worker == 0 {
			plan, err = planner{p.sys, p.root, p.available, p.memory}.plan(hardware, p.options)
		}
		return err
	})
	return plan, err
}

// countPass counts the cores' events on every worker's thread, then the system's around the same work and beside it. What
// cannot be opened or read any more stays out of the tally, which says so.
func (p *PMU) countPass(ctx context.Context, w perf.Workload, plan *Plan, pass int, much effort, tally *Tally) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	readings := make([][]Snapshot, w.Workers())
	shapes := make([]*Counters, w.Workers())
	failed := make([]error, w.Workers())
	if err := w.OnEach(func(worker int) error {
		shapes[worker], readings[worker], failed[worker] = countRuns(plan, pass, much, func() { w.Part(worker) })
		return nil
	}); err != nil {
		return err
	}
	if err := errors.Join(failed...); err != nil {
		plan.Fail(pass, false, err)
	} else {
		for worker, runs := range readings {
			tally.addMedian(pass, shapes[worker], runs)
		}
	}
	if !plan.hasSystem(pass) {
		return nil
	}
	return p.countSystem(ctx, w, plan, pass, much, tally)
}

// countRuns counts the calling thread's share of several runs of so many calls, each with counters of its own, and takes off
// what the counting itself costs.
func countRuns(plan *Plan, pass int, much effort, part func()) (c *Counters, runs []Snapshot, err error) {
	cost, err := plan.overhead(pass)
	if err != nil {
		return nil, nil, err
	}
	for range much.passes {
		if c, err = plan.Open(pass, ThisThread()); err != nil {
			return nil, nil, err
		}
		s := c.NewSnapshot()
		if err = c.Start(); err == nil {
			for range much.calls {
				part()
			}
			err = c.Stop(&s)
		}
		if err = errors.Join(err, c.Close()); err != nil {
			return nil, nil, err
		}
		s.Less(cost, 1)
		runs = append(runs, s)
	}
	return c, runs, nil
}

// countSystem counts the machine while all workers run, and as long before and after without them.
func (p *PMU) countSystem(ctx context.Context, w perf.Workload, plan *Plan, pass int, much effort, tally *Tally) error {
	window := time.Duration(0)
	counts := func(f func() error) (c *Counters, s Snapshot, err error) {
		if c, err = plan.Open(pass, System()); err != nil {
			return nil, s, err
		}
		s = c.NewSnapshot()
		if err = c.Start(); err == nil {
			err = errors.Join(f(), c.Stop(&s))
		}
		return c, s, errors.Join(err, c.Close())
	}
	begin := time.Now()
	run := func() error {
		begin = time.Now()
		err := w.OnEach(func(worker int) error {
			for range much.calls {
				w.Part(worker)
			}
			return nil
		})
		window = time.Since(begin)
		return err
	}
	if err := run(); err != nil { // the caches are then as they are between calls, and the window's length is known
		return err
	}
	idle := func() error { return sleep(ctx, window) }
	c, before, err := counts(idle)
	if err == nil {
		var work, after Snapshot
		if _, work, err = counts(run); err == nil {
			tally.Add(pass, c, work)
			if _, after, err = counts(idle); err == nil {
				tally.AddIdle(pass, c, before.lower(after))
			}
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		plan.Fail(pass, true, err)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
