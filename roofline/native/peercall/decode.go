package peercall

import (
	"errors"
	"fmt"
	"math"

	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// gemvSoftmax is decode by two products with a vector, and a softmax of ours between them.
const gemvSoftmax = "cblas_sgemv + softmax"

// bindDecode binds scores = K·q/√d, weights = exp(scores − max), o = Vᵀ·weights / Σ weights, head after head.
func bindDecode(l Library, p native.Problem, operands []userkernel.Arg) (bound, error) {
	fn, err := l.Symbol("cblas_sgemv")
	if err != nil {
		return bound{}, fmt.Errorf("find cblas_sgemv: %w", err)
	}
	if softmaxAddress == 0 {
		return bound{}, errors.New("bind softmax: there is no code for it on this architecture")
	}
	const rowMajor, noTrans, trans = 101, 111, 112
	s := p.Shape
	at, err := memory(4 * s.KV)
	if err != nil {
		return bound{}, err
	}
	scores, sum := pointer(at), slotAddress((&arena{}).slots(1))
	keys, d, one, zero := integer(s.KV), integer(s.D), integer(1), float(0)
	var calls []userkernel.Call
	for h := range s.H {
		row := func(operand, rows int) userkernel.Arg {
			return userkernel.Arg{Kind: userkernel.Int, Bits: operands[operand].Bits + uint64(4*h*rows*s.D)}
		}
		q, k, v, o := row(0, 1), row(1, s.KV), row(2, s.KV), row(3, 1)
		calls = append(calls,
			userkernel.Call{Addr: fn, Args: []userkernel.Arg{integer(rowMajor), integer(noTrans), keys, d, float(float32(1 / math.Sqrt(float64(s.D)))), k, d, q, one, zero, scores, one}},
			userkernel.Call{Addr: softmaxAddress, Args: []userkernel.Arg{scores, keys, sum}},
			userkernel.Call{Addr: fn, Args: []userkernel.Arg{integer(rowMajor), integer(trans), keys, d, float(1), v, d, scores, one, zero, o, one}},
			userkernel.Call{Addr: divideAddress, Args: []userkernel.Arg{o, d, sum}})
	}
	return bound{repeat: l.Repeat(calls...)}, nil
}
