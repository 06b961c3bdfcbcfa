package native

import (
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
)

// Size is the bytes of an element.
func Size(d kernels.DType) int {
	switch d {
	case kernels.F64:
		return 8
	case kernels.F32, "int32":
		return 4
	case kernels.F16, kernels.BF16:
		return 2
	}
	return 1
}

// Work is what one call must do at least, from the shape: the zero Work for a struct, which declares its own.
//
//	matmul     2·m·n·k FLOPs; A and B read, C written
//	attention  4·d per attended pair and head; q, k and v read, o written; decode the same
//	axpy       2·n FLOPs; x and y read, y written
//	triad      2·n FLOPs; b and c read, a written
//	dot        2·n FLOPs; x and y read
//	copy       no FLOPs; src read, dst written
func (s Signature) Work() kernels.Work { return Problem{s.Op, s.DType, s.Shape}.Work() }

// CheckMemory says when the operands do not fit in available bytes (0: unknown, everything fits). A struct says what it needs itself.
func (s Signature) CheckMemory(available int64) error {
	if s.Form == Struct {
		return nil
	}
	return kernels.CheckMemory(&kernels.Kernel{Op: s.Op, Work: func(shape.Shape) kernels.Work { return s.Work() }}, s.Shape, available)
}

// Problem is what a function computes, of which type and how large.
type Problem struct {
	Op    string        `json:"op"` // as in Signature, or decode
	DType kernels.DType `json:"dtype"`
	Shape shape.Shape   `json:"shape"`
}

// Work is what a call must do at least, as that of a Signature.
func (s Problem) Work() kernels.Work {
	es := float64(Size(s.DType))
	vector := func(flops, loads, stores, arrays float64) kernels.Work {
		n := float64(s.Shape.N)
		return kernels.Work{FLOPs: flops * n, LoadBytes: loads * es * n, StoreBytes: stores * es * n, WorkingSet: int64(arrays * es * n)}
	}
	switch s.Op {
	case "matmul":
		m, n, k := float64(s.Shape.M), float64(s.Shape.N), float64(s.Shape.K)
		load, store := es*k*(m+n), float64(Size(Result(s.DType)))*m*n
		return kernels.Work{FLOPs: 2 * m * n * k, LoadBytes: load, StoreBytes: store, WorkingSet: int64(load + store)}
	case "attention", "decode":
		return kernels.AttentionWork(s.Shape, s.DType)
	case "axpy":
		return vector(2, 2, 1, 2)
	case "triad":
		return vector(2, 2, 1, 3)
	case "dot":
		return vector(2, 2, 0, 2)
	case "copy":
		return vector(0, 1, 1, 2)
	}
	return kernels.Work{}
}
