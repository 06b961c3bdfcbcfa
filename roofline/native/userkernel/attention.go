package userkernel

import (
	"github.com/roofline-go/roofline/internal/fenced"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
)

// attention is O = softmax(Q·Kᵀ/√d)·V, operands [head][row][column]: the inputs of one type, O of float32.
type attention struct {
	shape      shape.Shape
	q, k, v, o *operand
}

// newAttentionOperands allocates and fills the operands.
func newAttentionOperands(s shape.Shape, dtype kernels.DType, mem memory) (*attention, error) {
	a := &attention{shape: s}
	for i, o := range []struct {
		at    **operand
		name  string
		rows  int
		dtype kernels.DType
		input bool
	}{{&a.q, "q", max(s.Q, 1), dtype, true}, {&a.k, "k", s.KV, dtype, true}, {&a.v, "v", s.KV, dtype, true}, {&a.o, "o", max(s.Q, 1), kernels.F32, false}} {
		op, err := newOperand(o.name, o.dtype, s.H*o.rows*s.D, o.input, mem)
		if err != nil {
			return nil, err
		}
		if o.input {
			op.fill(uint64(1 + i))
		}
		*o.at = op
	}
	return a, nil
}

// instance is the problem with nothing yet that computes it. roundedScores says that what will does so with scores in bf16.
func (a *attention) instance(roundedScores bool) *instance {
	in := &instance{operands: []*operand{a.q, a.k, a.v, a.o}, workers: 1, prepare: func() {}}
	// VerifyAttention poisons the output and calls, so that the call of Verify is one too many, which does no harm.
	in.compare = func() comparison {
		call, o := func() { in.call(0) }, view[float32](a.o)
		c := comparison{operand: "o"}
		var verified kernels.Verification
		if a.q.dtype == kernels.BF16 {
			verified, c.first = kernels.VerifyAttention(a.shape, view[uint16](a.q), view[uint16](a.k), view[uint16](a.v), o, roundedScores, call)
		} else {
			verified, c.first = kernels.VerifyAttention(a.shape, view[float32](a.q), view[float32](a.k), view[float32](a.v), o, false, call)
		}
		c.max, c.tolerance = verified.MaxError, verified.Tolerance
		return c
	}
	return in
}

// newAttention prepares attention of float32 by a function.
func newAttention(obj Object, fn uintptr, s native.Signature) (*instance, error) {
	sh := s.Shape
	a, err := newAttentionOperands(sh, kernels.F32, fenced.Alloc)
	if err != nil {
		return nil, err
	}
	causal := 0
	if sh.Causal {
		causal = 1
	}
	in := a.instance(false)
	in.bind(obj, fn, []Arg{a.q.arg(), a.k.arg(), a.v.arg(), a.o.arg(), integer(sh.H), integer(sh.Q), integer(sh.KV), integer(sh.D), integer(causal)}, Int)
	return in, nil
}
