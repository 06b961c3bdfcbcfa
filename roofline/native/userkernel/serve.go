package userkernel

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline/doctor"
	"github.com/roofline-go/roofline/roofline/measure"
	"github.com/roofline-go/roofline/roofline/native"
)

// Opener loads a shared object.
type Opener func(path string) (Object, native.Loaded, error)

// Serve does what a request asks for and sends the answer: a result, what is wrong with it, or an error. empty is a C
// function that does nothing, to time a call with; 0 when there is none.
// self is the path of the helper.
func Serve(ctx context.Context, req native.Request, open Opener, empty uintptr, self string, send func(native.Message)) {
	outcome, wrong, err := serve(ctx, req, open, empty, self, send)
	switch {
	case wrong != nil:
		send(native.Message{Wrong: wrong})
	case err != nil:
		send(native.Message{Error: err.Error()})
	default:
		send(native.Message{Result: outcome})
	}
}

func serve(ctx context.Context, req native.Request, open Opener, empty uintptr, self string, send func(native.Message)) (*native.Outcome, *native.Wrong, error) {
	if req.Protocol != native.Protocol {
		return nil, nil, fmt.Errorf("read request: protocol %d, this helper speaks %d (install roofline and roofline-native of the same version)", req.Protocol, native.Protocol)
	}
	send(native.Message{Phase: native.Loading})
	obj, loaded, err := open(req.Object)
	if err != nil {
		return nil, nil, fmt.Errorf("load %s: %w", req.Object, err)
	}
	send(native.Message{Loaded: &loaded})
	fn, err := obj.Symbol(req.Function)
	if err != nil {
		return nil, nil, fmt.Errorf("find function: %w (%s)", err, native.Declare(req.Signature, req.Function))
	}
	if err := checkKind(req.Object, req.Function, req.Signature); err != nil {
		return nil, nil, err
	}
	send(native.Message{Phase: native.SettingUp})
	k, in, err := newKernel(obj, fn, req)
	if err != nil {
		return nil, nil, err
	}
	var places []native.Range
	for _, o := range in.operands {
		places = append(places, o.place())
	}
	if len(places) > 0 {
		send(native.Message{Operands: places})
	}
	phase := native.Timing
	if req.First {
		phase = native.Verifying
	}
	send(native.Message{Phase: phase})
	outcome, err := timed(ctx, req, k, self, send)
	if in.found != nil {
		return nil, in.found, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if empty != 0 {
		outcome.Overhead = overhead(obj, empty)
	}
	return outcome, nil, nil
}

// Kernel makes the kernel of a function with a known signature, to be called by obj in this process on one thread.
func Kernel(obj Object, fn uintptr, name string, s native.Signature) (*kernels.Kernel, error) {
	k, _, err := newKernel(obj, fn, native.Request{Function: name, Signature: s, Threads: 1})
	return k, err
}

// newKernel makes the kernel that package measure runs. It has been built already.
func newKernel(obj Object, fn uintptr, req native.Request) (*kernels.Kernel, *instance, error) {
	s := req.Signature
	if req.Threads < 1 || req.Threads > s.MaxThreads() {
		return nil, nil, fmt.Errorf("run on %d threads: %s knows nothing of workers", req.Threads, s.Name)
	}
	k := &kernels.Kernel{Op: s.Op, Variant: req.Function, DType: s.DType, ISA: "native", Work: func(shape.Shape) kernels.Work { return s.Work() }}
	var in *instance
	var err error
	switch {
	case s.Form == native.Struct:
		c, err := newCustom(obj, fn, s, req.Threads)
		if err != nil {
			return nil, nil, err
		}
		in, k.Op, k.DType = c.instance, c.op, c.dtype
		k.Work = func(shape.Shape) kernels.Work { return c.work }
	case s.Op == "matmul":
		in, err = newMatmul(obj, fn, s)
	case s.Op == "attention":
		in, err = newAttention(obj, fn, s)
	default:
		in, err = newVectors(obj, fn, s)
	}
	k.Build = func(shape.Shape, int) (kernels.Instance, error) { return in, nil }
	return k, in, err
}

// timed measures the kernel in this process.
func timed(ctx context.Context, req native.Request, k *kernels.Kernel, self string, send func(native.Message)) (*native.Outcome, error) {
	plan := measure.Plan{
		Items: []measure.Item{{Kernel: k, Shape: req.Signature.Shape}}, Threads: req.Threads, Budget: req.Budget,
		Machine: req.Machine, Verified: !req.First, Brief: !req.First,
	}
	phase := native.Phase("")
	plan.Progress = func(done, _ int, what string) {
		for word, p := range map[string]native.Phase{"time ": native.Timing, "count ": native.Counting} {
			if strings.HasPrefix(what, word) && p != phase {
				phase = p
				send(native.Message{Phase: p})
			}
		}
	}
	if req.First {
		list, err := sources(req, self)
		if err != nil {
			return nil, err
		}
		plan.Sources = list
		plan.Choice = perf.Choice{Explicit: req.Explicit, Verdicts: doctor.Stored(req.Machine, "")}
	}
	res, err := measure.Run(ctx, plan, nil)
	for small := (*measure.BudgetError)(nil); errors.As(err, &small) && small.Need < slowest; { // a slow kernel takes what it needs
		plan.Budget = 2 * small.Need // it may need more the next time: the machine may be busy
		res, err = measure.Run(ctx, plan, nil)
	}
	if err != nil {
		return nil, err
	}
	if len(res.Runs) != 1 {
		return nil, errors.New("measure: it has no run")
	}
	run := res.Runs[0]
	if isa, _ := measure.Classify(first(run.Counts)); isa != "" { // that of its code, where it was counted
		run.ISA = isa
	}
	return &native.Outcome{Run: run, PeakRSS: run.Memory.PeakRSS}, nil
}

// first are the counts that stand for a run.
func first(counts map[perf.Quantity][]perf.Count) map[perf.Quantity]perf.Count {
	m := map[perf.Quantity]perf.Count{}
	for q, list := range counts {
		if len(list) > 0 && list[0].Quality != perf.Missing {
			m[q] = list[0]
		}
	}
	return m
}

// slowest is the time for samples beyond which a kernel is given up, rather than given still more.
const slowest = 10 * time.Minute

// overhead is the time of a call of a function that does nothing: the least of several batches.
func overhead(obj Object, empty uintptr) float64 {
	const batches, calls = 20, 500
	call, _ := obj.Bind(empty, []Arg{integer(1)}, Int)
	least := time.Duration(1<<63 - 1)
	for range batches {
		begin := time.Now()
		for range calls {
			call()
		}
		least = min(least, time.Since(begin))
	}
	return least.Seconds() / calls
}
