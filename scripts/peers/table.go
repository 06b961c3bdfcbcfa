package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/measure"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/peer"
	"github.com/roofline-go/roofline/roofline/stats"
)

// table is that of one type.
type table struct {
	options
	*subject
	shapes    []shape.Shape
	host      roofline.Machine
	libraries []*peer.Library
	dtype     kernels.DType
}

// print measures and prints row by row.
func (t table) print(ctx context.Context, w io.Writer) error {
	k, missing := ours(t.op, t.dtype, t.variant)
	t.libraries = slices.DeleteFunc(slices.Clone(t.libraries), func(l *peer.Library) bool { return l.Kernel(t.op, t.dtype, t.shapes[0]) == nil })
	var all []*roofline.Result
	name := t.op + " of " + string(t.dtype)
	if missing != nil {
		fmt.Fprintf(w, "\n%v\n", missing)
	} else {
		name = k.ID()
	}
	fmt.Fprintf(w, "\n%s, %s: median (95 %% interval)\n\n", name, t.unit)
	head := []string{t.column, "roof", "ours", "of the roof", "at its clock"}
	for _, l := range t.libraries {
		head = append(head, l.Variant)
	}
	head = append(head, "ours ÷ best peer")
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	var errs []error
	var parts []string
	for _, s := range t.shapes {
		res, err := t.measure(ctx, k, s)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			errs = append(errs, err)
		}
		if res == nil {
			continue
		}
		all = append(all, res)
		fmt.Fprintf(w, "| %s |\n", strings.Join(t.row(res, k, s), " | "))
		share, err := t.held(res, k, s)
		if err != nil {
			errs = append(errs, err)
		}
		if share > 0 {
			parts = append(parts, fmt.Sprintf("%s %.1f %%", t.name(s), 100*share))
		}
	}
	var runs []roofline.Run
	for _, res := range all {
		runs = append(runs, res.Runs...)
	}
	fmt.Fprintf(w, "\n%s%s", heldText(parts), peer.Summary(runs))
	return errors.Join(errs...)
}

// measure times a row; k may be nil, where there is none of ours.
func (t table) measure(ctx context.Context, k *kernels.Kernel, s shape.Shape) (*roofline.Result, error) {
	var items []measure.Item
	add := func(k *kernels.Kernel) {
		if k != nil {
			items = append(items, measure.Item{Kernel: k, Shape: s})
		}
	}
	add(k)
	for _, l := range t.libraries {
		add(l.Kernel(t.op, t.dtype, s))
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("nothing computes %s of %s here", t.op, t.dtype)
	}
	if t.memory(s) {
		items = append(items, memoryCeiling(items[0].Kernel.Work(s))...)
	}
	limit := cpu.AMX
	if k != nil {
		limit = k.ISA
	}
	loops := computeCeilings(t.dtype, limit)
	p := measure.Plan{Items: append(items, loops...), Threads: t.threads, Budget: t.budget, Memory: math.MaxInt64, Machine: t.host, Ceilings: roofs(loops, t.threads),
		Sources: []perf.Source{perf.AnalyticSource{}}}
	res, err := measure.Run(ctx, p, nil)
	if small := (*measure.BudgetError)(nil); errors.As(err, &small) {
		fmt.Fprintf(os.Stderr, "a row at %s takes %v at least\n", s, small.Need.Round(100*time.Millisecond))
		p.Budget = 2 * small.Need
		res, err = measure.Run(ctx, p, nil)
	}
	return res, err
}

// row words the runs of one shape.
func (t table) row(res *roofline.Result, k *kernels.Kernel, s shape.Shape) []string {
	work := native.Problem{Op: t.op, DType: t.dtype, Shape: s}.Work()
	if k != nil {
		work = k.Work(s)
	}
	amount, flops := t.amount(work), work.FLOPs
	find := func(variant string) *roofline.Run { return t.find(res, variant) }
	none := "–"
	cells := []string{t.name(s), none, none, none, none}
	var mine, best *roofline.Run
	if k != nil {
		mine = find(k.Variant)
	}
	limit := roof(res, flops)
	if limit != nil {
		cells[1] = fmt.Sprintf("%.4g%s", amount/limit.seconds(flops)/1e9, limit.mark)
	}
	if mine != nil {
		cells[2] = rate(mine, amount)
	}
	if mine != nil && limit != nil {
		cells[3] = percent(ratio(turns(limit.run), turns(mine)).Scale(limit.scale(flops)))
		if a := mine.AtClock; a != nil && a.Fraction != nil && a.By == limit.run.Variant {
			cells[4] = percent(*a.Fraction)
		}
	}
	for _, l := range t.libraries {
		r := find(l.Variant)
		if r == nil {
			cells = append(cells, none)
			continue
		}
		cells = append(cells, rate(r, amount))
		if best == nil || r.Time.Median < best.Time.Median {
			best = r
		}
	}
	if best == nil || mine == nil {
		return append(cells, none)
	}
	e := ratio(turns(best), turns(mine))
	return append(cells, fmt.Sprintf("%.3f (%.3f–%.3f) %s", e.Median, e.Lo, e.Hi, best.Variant))
}

// find is the run of a variant of the operation, nil if there is none.
func (t table) find(res *roofline.Result, variant string) *roofline.Run {
	for i, r := range res.Runs {
		if r.Kernel == t.op && r.Variant == variant {
			return &res.Runs[i]
		}
	}
	return nil
}

// ceilingRun is a run that stands for a ceiling.
type ceilingRun struct {
	run    *roofline.Run
	memory bool // its time is that of moving the operands' bytes
	mark   string
}

// scale is what its times are to be multiplied with to be those that so many operations take at least.
func (c ceilingRun) scale(flops float64) float64 {
	if c.memory {
		return 1
	}
	return flops / (c.run.FLOPs() * float64(c.run.Threads))
}

func (c ceilingRun) seconds(flops float64) float64 {
	return c.scale(flops) * stats.Summarize(turns(c.run)).Median
}

// fastest is the ceiling for compute: of the register loops the fastest, nil if there is none.
func fastest(res *roofline.Result, flops float64) (best *ceilingRun) {
	for i, r := range res.Runs {
		if r.Kernel != computeOp {
			continue
		}
		if c := (&ceilingRun{run: &res.Runs[i]}); best == nil || c.seconds(flops) < best.seconds(flops) {
			best = c
		}
	}
	return best
}

// roof is the ceiling that binds: of those for compute the fastest, of compute and memory the slower.
func roof(res *roofline.Result, flops float64) *ceilingRun {
	compute, memory := fastest(res, flops), (*ceilingRun)(nil)
	for i, r := range res.Runs {
		if r.Kernel == memoryOp {
			memory = &ceilingRun{&res.Runs[i], true, " (memory)"}
		}
	}
	if compute == nil || memory != nil && memory.seconds(flops) > compute.seconds(flops) {
		return memory
	}
	return compute
}

// turns are the times of a run's turns: the medians of their samples, and of a ceiling the best, as package ceilings has it:
// what disturbs a sample can only make it worse than what the machine can do.
func turns(r *roofline.Run) (list []float64) {
	n := max(1, r.Time.N/max(1, r.Time.Turns))
	for i := 0; i+n <= len(r.Time.Samples); i += n {
		turn := r.Time.Samples[i : i+n]
		if r.Kernel == computeOp || r.Kernel == memoryOp {
			list = append(list, slices.Min(turn))
		} else {
			list = append(list, stats.Summarize(turn).Median)
		}
	}
	return list
}

// ratio is base ÷ new of turns that were taken side by side.
func ratio(base, new []float64) stats.Estimate {
	n := min(len(base), len(new))
	return stats.ComparePairs(base[:n], new[:n], 1).Speedup
}

func rate(r *roofline.Run, amount float64) string {
	e := r.Time.Over(amount / 1e9)
	return fmt.Sprintf("%.4g (%.4g–%.4g)", e.Median, e.Lo, e.Hi)
}

func percent(e stats.Estimate) string {
	return fmt.Sprintf("%.1f %% (%.1f–%.1f)", 100*e.Median, 100*e.Lo, 100*e.Hi)
}
