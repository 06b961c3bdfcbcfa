package ccall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/roofline-go/roofline/internal/subprocess"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/analysis"
	"github.com/roofline-go/roofline/roofline/measure"
)

// Plan says what to measure and with what means.
type Plan struct {
	Spec     Spec
	Count    []string // this program and the command that calls ServeCounts
	Time     []string // the same for ServeTime
	Env      []string // of the processes that time, beside this one's
	Budget   time.Duration
	Limit    time.Duration     // that each process may take, beside the budget that it was given; 0 for no limit
	Sources  []perf.SourceName // best first
	Counting event.Options     // of the source pmu
	Choice   perf.Choice
	Ceilings []roofline.Ceiling
	Machine  roofline.Machine
	Floor    float64 // see measure.Plan
	Warnings []roofline.Warning
	Progress func(what string) // nil: nobody is told
}

// Measure counts the function in children, times it in another, and places it. The result is there in any case, without a run
// when the function could not be called; the error says why.
func Measure(ctx context.Context, p Plan) (*roofline.Result, error) {
	res := roofline.NewResult(p.Machine)
	res.Ceilings, res.Warnings = p.Ceilings, p.Warnings
	w := portable{spec: p.Spec}
	var all []map[perf.Quantity]perf.Count
	var details []*perf.Detail
	for _, name := range p.Sources {
		counts, detail, err := p.count(ctx, w, name)
		if ctx.Err() != nil {
			return res, fmt.Errorf("measure %s: interrupted: %w", p.Spec.ID(), context.Cause(ctx))
		}
		if late := (*limitError)(nil); fatal(err) || errors.As(err, &late) && name != perf.SourceSimulated { // the simulation alone may be slow
			return without(res, p.Spec, err)
		}
		if err != nil {
			counts = perf.AllMissing(name, perf.Known, err.Error())
		}
		all, details = append(all, counts), append(details, detail)
	}
	p.report("time " + p.Spec.ID())
	reply, err := p.time(ctx, p.roof(all))
	if ctx.Err() != nil {
		err = fmt.Errorf("interrupted: %w", context.Cause(ctx))
	}
	if err != nil {
		return without(res, p.Spec, err)
	}
	run := *reply.Run
	run.Analysis = roofline.Describe(details...)
	all = append(all, bySource(run.Counts)...)
	p.fill(&run, all)
	for _, w := range reply.Warnings {
		w.About = run.ID()
		res.Warnings = append(res.Warnings, w)
	}
	for _, note := range reply.Notes {
		res.Warnings = append(res.Warnings, roofline.Warning{About: run.ID(), Text: note})
	}
	res.Warnings = append(res.Warnings, roofline.Place(&run, p.Ceilings)...)
	analysis.Fill(&run, analysis.Context{Machine: p.Machine, Ceilings: p.Ceilings, Floor: p.Floor})
	res.Runs = []roofline.Run{run}
	return res, nil
}

// without adds to the result why it has no run.
func without(res *roofline.Result, spec Spec, err error) (*roofline.Result, error) {
	why := err.Error()
	for _, verb := range []string{"count ", "simulate "} { // sources name the function, too
		why = strings.TrimPrefix(why, verb+spec.ID()+": ")
	}
	res.Warnings = append(res.Warnings, roofline.Warning{About: spec.ID(), Text: "not measured: " + why})
	return res, fmt.Errorf("measure %s: %s", spec.ID(), why)
}

// limitError says that a process took longer than it may.
type limitError struct {
	limit      time.Duration
	simulating bool
}

func (e *limitError) Error() string {
	if e.simulating {
		return fmt.Sprintf("not done after %v (raise --time-limit, a third of that, or choose a smaller size)", e.limit)
	}
	return fmt.Sprintf("no answer within %v: does it loop for ever? (if it is only slow, raise --time-limit or choose a smaller size)", e.limit)
}

// limited is a context that ends with a *limitError.
func (p Plan) limited(ctx context.Context, more time.Duration) (context.Context, context.CancelFunc) {
	return p.limitedBy(ctx, &limitError{limit: p.Limit + more})
}

func (p Plan) limitedBy(ctx context.Context, e *limitError) (context.Context, context.CancelFunc) {
	if p.Limit <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, e.limit, e)
}

// fatal says that there is no use in calling the function again.
func fatal(err error) bool {
	return errors.As(err, new(*instrument.FinalError))
}

func (p Plan) report(what string) {
	if p.Progress != nil {
		p.Progress(what)
	}
}

// patience is how many times the limit the simulation may take: each access that misses L1 costs it 100 ns, and by the time
// that it begins the function is known to return.
const patience = 3

// count asks one source that runs the function in a child; others are asked when it is timed.
func (p Plan) count(ctx context.Context, w portable, name perf.SourceName) (map[perf.Quantity]perf.Count, *perf.Detail, error) {
	child := instrument.Child{Command: p.Count}
	late := &limitError{limit: p.Limit}
	if name == perf.SourceSimulated {
		late = &limitError{limit: patience * p.Limit, simulating: true}
	}
	ctx, cancel := p.limitedBy(ctx, late)
	defer cancel()
	want := slices.DeleteFunc(slices.Clone(perf.Known), perf.Quantity.OfSystem)
	switch name {
	case perf.SourceInstrumented:
		p.report("count " + p.Spec.ID())
		return instrument.Source{Child: child}.CountInDetail(ctx, w, want)
	case perf.SourceSimulated:
		p.report("simulate " + p.Spec.ID())
		return instrument.Simulated{Child: child}.CountInDetail(ctx, w, want)
	}
	return nil, nil, nil
}

// Workload shows a function to sources that have children run it, those of ServeCounts.
func Workload(spec Spec) instrument.Portable { return portable{spec} }

// portable is the function as a workload that only children run.
type portable struct{ spec Spec }

func (w portable) ID() string   { return w.spec.ID() }
func (w portable) Workers() int { return 1 }
func (w portable) OnEach(func(int) error) error {
	return errors.New("run function: only a child process does")
}
func (w portable) Part(int)                            {}
func (w portable) Declared() map[perf.Quantity]float64 { return nil }
func (w portable) Portable() (spec []byte, whyNot string) {
	spec, err := json.Marshal(w.spec)
	if err != nil {
		return nil, err.Error()
	}
	return spec, ""
}

// bySource takes counts apart again.
func bySource(counts map[perf.Quantity][]perf.Count) (all []map[perf.Quantity]perf.Count) {
	index := map[perf.SourceName]int{}
	for q, list := range counts {
		for _, c := range list {
			i, ok := index[c.Source]
			if !ok {
				i = len(all)
				index[c.Source] = i
				all = append(all, map[perf.Quantity]perf.Count{})
			}
			all[i][q] = c
		}
	}
	return all
}

// found is of each quantity the first count that is not missing.
func found(all []map[perf.Quantity]perf.Count) map[perf.Quantity]perf.Count {
	best := map[perf.Quantity]perf.Count{}
	for _, counts := range slices.Backward(all) {
		for q, c := range counts {
			if c.Quality != perf.Missing {
				best[q] = c
			}
		}
	}
	return best
}

// fill puts the counts into the run, and what they tell of its type and instructions.
func (p Plan) fill(run *roofline.Run, all []map[perf.Quantity]perf.Count) {
	isa, dtype := measure.Classify(found(all))
	run.ISA = isa
	if run.DType == "" || p.Spec.As == "" && dtype != "" {
		run.DType = dtype
	}
	choice := p.Choice
	choice.Sources = p.Sources
	run.Counts = choice.Merge(run.DType, all...)
	run.Object = &roofline.Object{File: p.Spec.Object, Function: p.Spec.Function, As: p.Spec.As, Signature: p.Spec.Signature}
}

// roof is the compute ceiling of the function where it was counted that most of its operations are in vectors as wide as that
// ceiling's, else nil: its loop may then run behind the function.
func (p Plan) roof(all []map[perf.Quantity]perf.Count) *roofline.Ceiling {
	isa, dtype := measure.Classify(found(all))
	roof, ok := roofline.Run{DType: dtype, Threads: 1}.ComputeRoof(p.Ceilings)
	if !ok || dtype == "" || roof.ISA != isa {
		return nil
	}
	return &roof
}

// time has a child time the function, and the loop of a roof behind it.
func (p Plan) time(ctx context.Context, roof *roofline.Ceiling) (*timeReply, error) {
	ctx, cancel := p.limited(ctx, p.Budget)
	defer cancel()
	req := timeRequest{
		Spec: p.Spec, Budget: p.Budget, Machine: p.Machine, Counting: p.Counting,
		PMU: slices.Contains(p.Sources, perf.SourcePMU), Analytic: slices.Contains(p.Sources, perf.SourceAnalytic), Roof: roof,
	}
	var reply timeReply
	if err := subprocess.Ask(ctx, p.Time, p.Env, req, &reply); err != nil {
		return nil, fmt.Errorf("time function: %w", err)
	}
	if reply.Error != "" {
		return nil, errors.New(reply.Error)
	}
	if reply.Run == nil {
		return nil, errors.New("time function: the answer of the child process has no run")
	}
	return &reply, nil
}
