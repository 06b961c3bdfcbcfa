package userkernel

import (
	"math"

	"github.com/roofline-go/roofline/internal/fenced"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
)

// scalar is what axpy and triad multiply with. It has no fraction beyond three bits, so that products with eighths are exact.
const scalar = 0.75

// newVectors prepares axpy, triad, dot or copy.
func newVectors(obj Object, fn uintptr, s native.Signature) (*instance, error) {
	n := s.Shape.N
	in := &instance{workers: 1, prepare: func() {}}
	var err error
	array := func(name string, input bool, stream uint64) *operand {
		if err != nil {
			return nil
		}
		var o *operand
		if o, err = newOperand(name, s.DType, n, input, fenced.Alloc); err != nil {
			return nil
		}
		if stream > 0 {
			o.fillEighths(stream)
		}
		in.operands = append(in.operands, o)
		return o
	}
	bind := func(returns Kind, args ...Arg) func() uint64 {
		return in.bind(obj, fn, append([]Arg{integer(n)}, args...), returns)
	}
	a, tolerance := number(s.DType, scalar), 2*roundoff(s.DType)
	// elementwise compares every element of an output with want, relative to scale.
	elementwise := func(o *operand, bound float64, want func(i int) (want, scale float64)) func() comparison {
		return func() comparison {
			c := comparison{operand: o.name, tolerance: bound}
			for i := range n {
				w, scale := want(i)
				c.see(o.at(i), w, scale, i)
			}
			return c
		}
	}
	sum := func(x, y float64) (float64, float64) { return x + y, math.Abs(x) + math.Abs(y) }
	switch s.Op {
	case "axpy":
		x, y := array("x", true, 1), array("y", false, 2)
		if err != nil {
			return nil, err
		}
		bind(Int, a, x.arg(), y.arg())
		before := make([]float64, n)
		in.prepare = func() {
			for i := range before {
				before[i] = y.at(i)
			}
		}
		in.compare = elementwise(y, tolerance, func(i int) (float64, float64) { return sum(before[i], scalar*x.at(i)) })
	case "triad":
		b, c, out := array("b", true, 1), array("c", true, 2), array("a", false, 0)
		if err != nil {
			return nil, err
		}
		bind(Int, a, b.arg(), c.arg(), out.arg())
		in.prepare = out.poison
		in.compare = elementwise(out, tolerance, func(i int) (float64, float64) { return sum(b.at(i), scalar*c.at(i)) })
	case "dot":
		x, y := array("x", true, 1), array("y", true, 2)
		if err != nil {
			return nil, err
		}
		returns := Float
		if s.DType == kernels.F64 {
			returns = Double
		}
		result := bind(returns, x.arg(), y.arg())
		in.compare = func() comparison { return compareDot(x, y, floatOf(s.DType, result())) }
	default:
		src, dst := array("src", true, 1), array("dst", false, 0)
		if err != nil {
			return nil, err
		}
		bind(Int, src.arg(), dst.arg())
		in.prepare = dst.poison
		in.compare = elementwise(dst, 0, func(i int) (float64, float64) { return src.at(i), 1 })
	}
	return in, nil
}

// compareDot compares a sum of products of eighths, which is exact in any order.
func compareDot(x, y *operand, got float64) comparison {
	var want, scale float64
	for i := range x.n {
		xy := x.at(i) * y.at(i)
		want += xy
		scale += math.Abs(xy)
	}
	c := comparison{operand: "the returned sum"}
	c.see(got, want, scale)
	return c
}

// floatOf is the number that a function returned.
func floatOf(d kernels.DType, bits uint64) float64 {
	if d == kernels.F64 {
		return math.Float64frombits(bits)
	}
	return float64(math.Float32frombits(uint32(bits)))
}
