// Package measure is the pipeline from kernels to placed runs. Run is the whole of it.
//
// Terms:
//
//	call     one execution of a kernel at a shape, by all workers together
//	batch    calls per sample, chosen so that a sample is long against the timer
//	sample   the time of one batch, divided by the batch
//	turn     a few samples of one kernel in a row, after an untimed warm-up; it counts once, by its median, since what
//	         disturbs one of its samples disturbs the others too
//	round    one turn of every kernel of a group that is not finished: kernels are interleaved, so that a change of the
//	         machine's mood meets all of them alike
//	group    kernels whose operands are held in memory together
//
// The package refuses to time what it has not verified, to count while it times, and to fill in what was not counted.
package measure

import (
	"context"
	"errors"
	"fmt"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/analysis"
)

// Run measures the plan's items and returns them in the plan's order. The result is valid in any case, and nil only when
// nothing was begun: the plan is impossible, or its budget too small (*BudgetError).
//
// A kernel that cannot be built or computes a wrong result (*WrongResultError) is left out with a warning, the others go
// on, and the error says so at the end. When ctx is cancelled, the runs that have samples are summarised as they are, and
// the error wraps the context's.
func Run(ctx context.Context, p Plan, sink Sink) (*roofline.Result, error) {
	return run(ctx, p, sink, thisMachine)
}

func run(ctx context.Context, p Plan, sink Sink, on host) (*roofline.Result, error) {
	groups, err := p.schedule()
	if err != nil {
		return nil, err
	}
	pool, watch, err := on.open(p.Threads)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	defer watch.close()
	b := newBench(&p, on, pool, watch, groups)
	defer b.close()

	for _, group := range groups {
		b.prepare(ctx, group) // build, verify, calibrate
		if len(groups) > 1 {
			b.release(group)
		}
	}
	if err := b.planTurns(); err != nil {
		return nil, err
	}
	res := roofline.NewResult(p.Machine)
	res.Ceilings = p.Ceilings
	b.begin(res, sink)
	for _, group := range groups {
		b.rebuild(ctx, group)
		err = b.sample(ctx, group, func(j *job) error {
			run := b.summarize(j)
			counts, details := b.count(ctx, j)
			run.Counts, run.Analysis = counts, roofline.Describe(details...)
			b.note(j, roofline.Place(&run, p.Ceilings))
			analysis.Fill(&run, analysis.Context{Machine: p.Machine, Ceilings: p.Ceilings, Floor: p.Floor})
			return b.keep(j, run)
		})
		b.release(group)
		if err != nil {
			break
		}
	}
	return b.finish(), errors.Join(append(b.failures(), err, interrupted(ctx))...)
}

// interrupted is the context's error in the words of this package.
func interrupted(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("measure kernels: interrupted: %w", err)
	}
	return nil
}
