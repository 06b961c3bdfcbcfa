package measure

import (
	"context"
	"fmt"
	"slices"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/roofline"
)

// wanted is what every source is asked for: all that is known but the operating system's events, which are counted around
// the timed samples themselves.
var wanted = slices.DeleteFunc(slices.Clone(perf.Known), perf.Quantity.OfSystem)

// workload shows a kernel to the sources: perf and kernels don't know each other.
type workload struct {
	id       string
	pool     pool
	instance kernels.Instance
	declared map[perf.Quantity]float64
	absent   map[perf.Quantity]string
	spec     []byte // for another process
	whyNot   string // why there is none
}

func newWorkload(j *job, p pool, m roofline.Machine) *workload {
	w := &workload{id: j.id(), pool: p, instance: j.instance}
	w.declared, w.absent = roofline.Compulsory(j.work.LoadBytes+j.work.StoreBytes, j.work.WorkingSet, m.Caches, p.N())
	w.declared[perf.FLOPs] = j.work.FLOPs
	w.spec, w.whyNot = Spec(j.item, p.N())
	return w
}

// ID implements perf.Workload, as do the other methods.
func (w *workload) ID() string                            { return w.id }
func (w *workload) Workers() int                          { return w.pool.N() }
func (w *workload) OnEach(f func(worker int) error) error { return w.pool.Each(f) }
func (w *workload) Part(worker int)                       { w.instance.Part(worker) }
func (w *workload) Declared() map[perf.Quantity]float64   { return w.declared }
func (w *workload) WhyNotDeclared(q perf.Quantity) string { return w.absent[q] }
func (w *workload) Portable() (spec []byte, why string)   { return w.spec, w.whyNot }

// count asks every source, chooses of each quantity whose count is used, and adds the operating system's events seen during
// the samples. A source that fails as a whole leaves its quantities missing with the error as their reason. After an interruption nothing is run any more;
// the analytic source runs nothing.
// What the sources tell beside their counts is returned, too.
func (b *bench) count(ctx context.Context, j *job) (map[perf.Quantity][]perf.Count, []*perf.Detail) {
	w := newWorkload(j, b.pool, b.plan.Machine)
	choice := b.plan.Choice
	choice.Sources = nil
	var all []map[perf.Quantity]perf.Count
	var details []*perf.Detail
	for _, source := range b.plan.Sources {
		name := source.Name()
		choice.Sources = append(choice.Sources, name)
		if ctx.Err() != nil && name != perf.SourceAnalytic {
			all = append(all, perf.AllMissing(name, wanted, "interrupted before it was counted"))
			continue
		}
		if j.elsewhere != nil && name != perf.SourceAnalytic {
			all = append(all, perf.AllMissing(name, wanted, runsElsewhere))
			continue
		}
		b.report(fmt.Sprintf("count %s (%s)", w.id, name))
		counts, detail, err := perf.InDetail(unlessAnalytic(ctx, name), source, w, wanted)
		if err != nil {
			counts = perf.AllMissing(name, wanted, err.Error())
		}
		switch {
		case name == perf.SourceAnalytic:
		case j.item.Kernel.Integers:
			countIntegers(counts, name)
		case j.item.Kernel.DType == kernels.INT8:
			addIntegers(counts)
		}
		all, details = append(all, counts), append(details, detail)
	}
	all = append(all, j.osCounts(b.watch.whyNoMigrations()))
	return choice.Merge(string(j.item.Kernel.DType), all...), details
}

// countIntegers puts the operations of integer dot products where floating-point ones stand, for kernels that count those.
func countIntegers(counts map[perf.Quantity]perf.Count, name perf.SourceName) {
	flops, counted := counts[perf.FLOPs]
	if !counted || flops.Quality == perf.Missing {
		return
	}
	if dots, ok := counts[perf.IntOpsOf(string(kernels.INT8), "")]; ok && dots.Value > 0 {
		counts[perf.FLOPs] = dots
		return
	}
	counts[perf.FLOPs] = perf.NotCounted(name, "integer operations of scalar code are not told apart from those on indices")
}

// addIntegers adds the operations of integer dot products to floating-point ones, for kernels that use both, as decode does on a
// cache of int8.
func addIntegers(counts map[perf.Quantity]perf.Count) {
	flops, wanted := counts[perf.FLOPs]
	dots := counts[perf.IntOpsOf(string(kernels.INT8), "")]
	if !wanted || flops.Quality == perf.Missing || dots.Quality == perf.Missing || dots.Value == 0 {
		return
	}
	flops.Value += dots.Value
	counts[perf.FLOPs] = flops
}

func unlessAnalytic(ctx context.Context, name perf.SourceName) context.Context {
	if name == perf.SourceAnalytic {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// osCounts are the operating system's events per call, warm-up calls included. Of the context switches only the involuntary
// ones tell of a disturbance: the workers themselves go to sleep between samples.
func (j *job) osCounts(whyNot string) map[perf.Quantity]perf.Count {
	if whyNot == "" {
		whyNot = "the operating system's events could not be read"
	}
	counts := map[perf.Quantity]perf.Count{}
	for q, n := range map[perf.Quantity]int64{
		perf.ContextSwitches: j.noise.ContextSwitches, perf.InvoluntarySwitches: j.noise.Involuntary,
		perf.Migrations: j.noise.Migrations, perf.PageFaults: j.noise.PageFaults,
	} {
		if n == event.NotCounted {
			counts[q] = perf.NotCounted(perf.SourceOS, whyNot)
			continue
		}
		counts[q] = perf.Count{Value: float64(n) / float64(max(j.calls, 1)), Source: perf.SourceOS, Quality: perf.Exact}
	}
	return counts
}
