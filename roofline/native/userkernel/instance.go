package userkernel

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
)

// against names the reference.
const against = "go reference"

// instance is a function with operands. It implements kernels.Instance.
type instance struct {
	operands []*operand
	call     func(worker int)
	made     []made // what call calls, of every worker
	workers  int
	prepare  func() // before the call that is verified: outputs are poisoned
	compare  func() comparison
	found    *native.Wrong // by the last Verify; nil when it was right
}

// made is a call of a function with its arguments.
type made struct {
	entry uintptr
	args  []Arg
}

// bind lets the first worker call a function; result gives what it returned.
func (in *instance) bind(obj Object, fn uintptr, args []Arg, returns Kind) (result func() uint64) {
	call, result := obj.Bind(fn, args, returns)
	in.made = append(in.made, made{fn, args})
	in.call = func(worker int) {
		if worker == 0 {
			call()
		}
	}
	return result
}

// Part is a worker's share of a call: all of it is the first worker's, unless the object divides its work itself.
func (in *instance) Part(worker int) { in.call(worker) }

// Verify calls the function on poisoned outputs and compares what it left with the reference. What it did to memory that is
// none of its outputs is wrong, too.
func (in *instance) Verify() (kernels.Verification, error) {
	in.found = nil
	for _, o := range in.operands {
		if o.input {
			o.seal()
		}
	}
	in.prepare()
	for w := range in.workers {
		in.call(w)
	}
	c := in.compare()
	verified := kernels.Verification{Against: cmp.Or(c.against, against), MaxError: c.max, Tolerance: c.tolerance}
	var damage []error
	for _, o := range in.operands {
		damage = append(damage, o.check())
	}
	err := errors.Join(damage...)
	if err == nil && c.max <= c.tolerance {
		return verified, nil
	}
	in.found = c.wrong()
	if err != nil {
		in.found.Note = err.Error()
		return verified, fmt.Errorf("wrong memory access: %w", err)
	}
	return verified, nil
}

// Verifier compares what a call computes with the reference.
type Verifier interface {
	// Compare calls once, on poisoned outputs. ok says that the result is right; how tells how right or wrong.
	Compare() (how *native.Wrong, ok bool)
}

// Compare implements Verifier.
func (in *instance) Compare() (how *native.Wrong, ok bool) {
	v, _ := in.Verify()
	if in.found != nil {
		return in.found, false
	}
	return &native.Wrong{Against: v.Against, MaxError: native.Nullable(v.MaxError), Tolerance: v.Tolerance}, true
}

// comparison gathers what differs between a result and its reference.
type comparison struct {
	against   string // what it is compared with; "": the Go reference
	operand   string
	tolerance float64
	max       float64 // error relative to its scale
	first     *kernels.WrongElement
	bad, all  int
	note      string
}

// see compares one element. scale ≥ 0 is what the error is relative to; where it is 0 nothing can be wrong.
func (c *comparison) see(got, want, scale float64, index ...int) {
	c.all++
	e := math.Abs(got - want)
	switch {
	case e == 0:
	case math.IsNaN(e) || scale == 0:
		e = math.Inf(1)
	default:
		e /= scale
	}
	c.max = max(c.max, e)
	if e <= c.tolerance {
		return
	}
	if c.bad++; c.first == nil {
		c.first = &kernels.WrongElement{Index: append([]int(nil), index...), Got: got, Want: want}
	}
}

func (c *comparison) wrong() *native.Wrong {
	w := &native.Wrong{Against: cmp.Or(c.against, against), MaxError: native.Nullable(c.max), Tolerance: c.tolerance, Operand: c.operand,
		Count: c.bad, Compared: c.all, Note: c.note}
	if c.first != nil {
		w.Index, w.Got, w.Want = c.first.Index, native.Nullable(c.first.Got), c.first.Want
	}
	return w
}

// roundoff is the unit roundoff of the type that sums are kept in.
func roundoff(d kernels.DType) float64 {
	switch native.Result(d) {
	case kernels.F64:
		return 0x1p-53
	case kernels.F32:
		return 0x1p-24
	}
	return 0
}
