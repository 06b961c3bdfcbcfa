package measure

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf/event"
)

const (
	minSample   = 100 * time.Microsecond // shortest sample
	timerFactor = 1000                   // a sample is at least so many times the cost of reading the timer
	margin      = 1.25                   // batches are chosen so much longer, since a call may get faster than it was
	maxBatch    = 1 << 24
)

// job is one item on its way through the pipeline.
type job struct {
	order   int // in the plan
	item    Item
	threads int
	work    kernels.Work

	instance kernels.Instance
	part     func(worker int) // the instance's Part, made once: a method value allocates
	verified kernels.Verification
	failure  error // why it is not measured

	elsewhere Elsewhere     // the instance, where it runs in another process; else nil
	faraway   event.OSDelta // what happened there in this turn
	farWaited time.Duration // for a CPU, in the last batch there

	after *afterwards // the loop of its compute ceiling, run behind its samples; nil: none

	batch    int
	call     time.Duration // of one call, as calibrated; at least 1 ns
	samples  []float64     // seconds per call, in order
	waited   []float64     // of each sample, seconds per call without a CPU
	turns    int
	perTurn  int // samples in each turn
	spent    time.Duration
	allocs   float64 // per call: the least of any turn, since whatever else runs can only add
	calls    int     // within the watch
	noise    event.OSDelta
	finished bool
	unfit    bool // disturbed, or its interval is wide
}

// id is what messages call the job; roofline.Run.ID gives the same.
func (j *job) id() string {
	id := j.item.Kernel.ID() + " " + j.item.Shape.String()
	if j.threads > 1 {
		id += fmt.Sprintf(" t%d", j.threads)
	}
	return id
}

// prepare builds, verifies and calibrates the jobs of a group. What fails is noted in the job.
func (b *bench) prepare(ctx context.Context, group []*job) {
	for _, j := range group {
		if ctx.Err() != nil {
			return
		}
		b.report("verify " + j.id())
		if j.failure = b.build(j); j.failure != nil {
			continue
		}
		if !b.plan.Verified {
			if j.failure = b.verify(j); j.failure != nil {
				continue
			}
		}
		if b.calibrate(j); j.failure != nil {
			j.batch = 0
		}
		j.after = b.afterwards(j)
	}
}

// build allocates the operands, on the first worker: the memory is then near its CPU.
func (b *bench) build(j *job) error {
	err := b.onFirst(func() (err error) {
		j.instance, err = j.item.Kernel.Build(j.item.Shape, b.pool.N())
		return err
	})
	if err != nil {
		j.instance = nil
		return fmt.Errorf("build %s: %w", j.id(), err)
	}
	j.part = j.instance.Part
	j.elsewhere, _ = j.instance.(Elsewhere)
	return nil
}

// onFirst runs f on the first worker's thread. A panic of f is an error.
func (b *bench) onFirst(f func() error) error {
	return b.pool.Each(func(worker int) error {
		if worker != 0 {
			return nil
		}
		return f()
	})
}

// rebuild builds again what was released after its verification: operands are reproducible, so it is the same problem.
func (b *bench) rebuild(ctx context.Context, group []*job) {
	for _, j := range group {
		if j.failure == nil && j.instance == nil && j.batch > 0 && ctx.Err() == nil {
			j.failure = b.build(j)
		}
	}
}

// release lets go of the operands of a group.
func (b *bench) release(group []*job) {
	for _, j := range group {
		j.close()
		j.instance, j.part = nil, nil
	}
	b.host.collect()
}

// verify compares the kernel with its reference.
func (b *bench) verify(j *job) error {
	var v kernels.Verification
	err := b.onFirst(func() (err error) {
		v, err = j.instance.Verify()
		return err
	})
	if err != nil {
		return fmt.Errorf("verify %s: %w", j.id(), err)
	}
	if !(v.MaxError <= v.Tolerance) { // NaN is wrong, too
		return &WrongResultError{j.id(), v.Against, v.MaxError, v.Tolerance}
	}
	j.verified = v
	return nil
}

// calibrate warms up and finds the batch with which a sample is long enough.
func (b *bench) calibrate(j *job) {
	target := max(minSample, timerFactor*b.timer)
	batch := 1
	took := b.time(j, batch)
	for took < target && batch < maxBatch && j.failure == nil {
		grow := math.Min(10, margin*float64(target)/float64(max(took, 1)))
		batch = min(max(2*batch, int(math.Ceil(float64(batch)*grow))), maxBatch)
		took = b.time(j, batch)
	}
	if took < 10*target { // the first calls were the cold ones
		took = min(took, b.time(j, batch), b.time(j, batch))
	} else if took < 1000*target { // or it was disturbed: samples of the batch that it asks for would be of one short call
		took = min(took, b.time(j, batch))
	}
	j.call = max(took/time.Duration(batch), 1)
	j.batch = min(max(1, int(math.Ceil(margin*float64(target)/float64(took)*float64(batch)))), maxBatch)
}

// sampleTime is how long a sample takes.
func (j *job) sampleTime() time.Duration { return j.call * time.Duration(j.batch) }

// planTurns sets how many samples each turn of a job has: what fits into turnTime, and fewer where the budget would not
// suffice for the fewest turns that have an interval, warm-up included. All turns of a job have the same size, so that
// the result tells which samples belong together. The error is for a budget too small for turns of one sample, if not Brief.
func (b *bench) planTurns() error {
	var need time.Duration
	jobs := 0
	for most := turnSamples; most >= 1; most-- {
		need, jobs = 0, 0
		for _, j := range b.jobs {
			if j.batch > 0 {
				j.perTurn = int(min(max(1, turnTime/j.sampleTime()), time.Duration(most)))
				need += time.Duration(b.plan.leastTurns()) * (time.Duration(j.perTurn)*j.sampleTime() + j.warmUp())
				jobs++
			}
		}
		if need <= b.plan.Budget {
			return nil
		}
	}
	if b.plan.Brief {
		return nil
	}
	need += need / 4
	if b.plan.Elastic {
		b.plan.Budget = need
		return nil
	}
	return &BudgetError{Budget: b.plan.Budget, Need: need, Kernels: jobs}
}
