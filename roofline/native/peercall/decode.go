package peercall

import (
	"errors"
	"fmt"
	"math"
	"unsafe"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// Decode by two products with a vector, and a softmax of ours between them. In bf16 a function of the library rounds the weights.
const (
	gemvSoftmax   = "cblas_sgemv + softmax"
	sbgemvSoftmax = "cblas_sbgemv + softmax + cblas_sbstobf16"
)

// bindDecode binds scores = K·q/√d, weights = exp(scores − max), o = Vᵀ·weights / Σ weights, head after head.
func bindDecode(l Library, p native.Problem, operands []userkernel.Arg) (bound, error) {
	name, size := "cblas_sgemv", uint64(4)
	if p.DType == kernels.BF16 {
		name, size = "cblas_sbgemv", 2
	}
	fn, err := l.Symbol(name)
	if err != nil {
		return bound{}, fmt.Errorf("find %s: this build does not export it", name)
	}
	if softmaxAddress == 0 {
		return bound{}, errors.New("bind softmax: there is no code for it on this architecture")
	}
	const rowMajor, noTrans, trans = 101, 111, 112
	s := p.Shape
	at, err := memory(6 * s.KV)
	if err != nil {
		return bound{}, err
	}
	scores, sum := pointer(at), slotAddress((&arena{}).slots(1))
	keys, d, one, zero := integer(s.KV), integer(s.D), integer(1), float(0)
	weights, round := scores, []userkernel.Call(nil)
	if p.DType == kernels.BF16 {
		convert, err := l.Symbol("cblas_sbstobf16")
		if err != nil {
			return bound{}, errors.New("find cblas_sbstobf16: this build does not export it")
		}
		weights = pointer(unsafe.Add(at, 4*s.KV))
		round = []userkernel.Call{{Addr: convert, Args: []userkernel.Arg{keys, scores, one, weights, one}}}
	}
	var calls []userkernel.Call
	for h := range s.H {
		row := func(operand, rows int, size uint64) userkernel.Arg {
			return userkernel.Arg{Kind: userkernel.Int, Bits: operands[operand].Bits + size*uint64(h*rows*s.D)}
		}
		q, k, v, o := row(0, 1, size), row(1, s.KV, size), row(2, s.KV, size), row(3, 1, 4)
		calls = append(calls,
			userkernel.Call{Addr: fn, Args: []userkernel.Arg{integer(rowMajor), integer(noTrans), keys, d, float(float32(1 / math.Sqrt(float64(s.D)))), k, d, q, one, zero, scores, one}},
			userkernel.Call{Addr: softmaxAddress, Args: []userkernel.Arg{scores, keys, sum}})
		calls = append(calls, round...)
		calls = append(calls,
			userkernel.Call{Addr: fn, Args: []userkernel.Arg{integer(rowMajor), integer(trans), keys, d, float(1), v, d, weights, one, zero, o, one}},
			userkernel.Call{Addr: divideAddress, Args: []userkernel.Arg{o, d, sum}})
	}
	return bound{repeat: l.Repeat(calls...)}, nil
}
