package userkernel

import (
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
)

// newAttention prepares O = softmax(Q·Kᵀ/√d)·V, operands [head][row][column].
func newAttention(obj Object, fn uintptr, s native.Signature) (*instance, error) {
	sh := s.Shape
	var operands []*operand
	for i, o := range []struct {
		name  string
		rows  int
		input bool
	}{{"q", sh.Q, true}, {"k", sh.KV, true}, {"v", sh.KV, true}, {"o", sh.Q, false}} {
		op, err := newOperand(o.name, kernels.F32, sh.H*o.rows*sh.D, o.input)
		if err != nil {
			return nil, err
		}
		if o.input {
			op.fill(uint64(1 + i))
		}
		operands = append(operands, op)
	}
	q, k, v, o := operands[0], operands[1], operands[2], operands[3]
	causal := 0
	if sh.Causal {
		causal = 1
	}
	in := &instance{operands: operands, workers: 1, prepare: func() {}}
	in.bind(obj, fn, []Arg{q.arg(), k.arg(), v.arg(), o.arg(), integer(sh.H), integer(sh.Q), integer(sh.KV), integer(sh.D), integer(causal)}, Int)
	// VerifyAttention poisons the output and calls, so that the call of Verify is one too many, which does no harm.
	in.compare = func() comparison {
		verified, wrong := kernels.VerifyAttention(sh, view[float32](q), view[float32](k), view[float32](v), view[float32](o), func() { in.call(0) })
		return comparison{operand: "o", tolerance: verified.Tolerance, max: verified.MaxError, first: wrong}
	}
	return in, nil
}
