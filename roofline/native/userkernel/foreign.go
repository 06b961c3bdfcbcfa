package userkernel

import (
	"fmt"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
)

// Foreign is a problem on operands of this package that something else solves: compute is told where the operands are, A, B and C
// of matmul or q, k, v and o of attention and decode, and returns the call. Places are those of the operands.
func Foreign(p native.Problem, use native.PeerUse, compute func(operands []Arg) (call func(), err error)) (v Verifier, places []native.Range, err error) {
	in, err := foreign(p, use.Scores == kernels.BF16)
	if err != nil {
		return nil, nil, err
	}
	var args []Arg
	for _, o := range in.operands {
		args, places = append(args, o.arg()), append(places, o.place())
	}
	call, err := compute(args)
	if err != nil {
		return nil, nil, err
	}
	in.call = func(int) { call() }
	return in, places, nil
}

func foreign(p native.Problem, roundedScores bool) (*instance, error) {
	if err := kernels.Check(p.Op, p.Shape); err != nil {
		return nil, err
	}
	switch p.Op {
	case "matmul":
		s := native.Signature{Form: native.Plain, Op: p.Op, DType: p.DType, Shape: p.Shape}
		m, n, k, in := p.Shape.M, p.Shape.N, p.Shape.K, native.Size(p.DType)
		room, err := newRoom(in*m*k, in*k*n, native.Size(native.Result(p.DType))*m*n)
		if err != nil {
			return nil, err
		}
		product, err := newProduct(s, room)
		if err != nil {
			return nil, err
		}
		return product.instance(s), nil
	case "attention", "decode":
		if p.DType != kernels.F32 && p.DType != kernels.BF16 {
			return nil, fmt.Errorf("allocate %s: no operands of %s", p.Op, p.DType)
		}
		queries, keys, in := p.Shape.H*max(p.Shape.Q, 1)*p.Shape.D, p.Shape.H*p.Shape.KV*p.Shape.D, native.Size(p.DType)
		room, err := newRoom(in*queries, in*keys, in*keys, native.Size(kernels.F32)*queries)
		if err != nil {
			return nil, err
		}
		a, err := newAttentionOperands(p.Shape, p.DType, room)
		if err != nil {
			return nil, err
		}
		return a.instance(roundedScores), nil
	}
	return nil, fmt.Errorf("allocate %s: it is not known", p.Op)
}
