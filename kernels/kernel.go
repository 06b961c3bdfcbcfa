// Package kernels is the registry of built-in kernels: operation × variant × data type.
// Each kernel declares its work and its needs beside its code, and every run is verified against a plain Go reference.
//
// Operations, their shapes (package shape), and the FLOPs of a call, which are integer operations where Kernel.Integers says so:
//
//	matmul     MxNxK                  C = A·B, row-major without padding           2·m·n·k
//	attention  h=,q=,kv=,d=[,causal]  o = softmax(q·kᵀ/√d)·v, [head][row][column]  4·d for each attended pair and head
//	decode     the same, q=1          one query for each head                      the same
//	gemv       MxN                    y = A·x                                      2·m·n
//	dot        N                      Σ x·y                                        2·n
//	triad      N                      a = b + s·c                                  2·n
//	copy       N                      dst = src                                    none
//
// A causal query i attends the keys up to i + kv − q. matmul.pack, attention.scores and the like are parts of an operation at its
// shape. Products of f16, bf16 and int8 are matrices of f32, f32 and int32, the output of attention and decode is f32; decode has queries
// of f32 beside keys and values of its type.
//
// Units are FLOP and bytes of one call of all workers together. Errors are relative: of a sum of products to the sum of their
// magnitudes (SumTolerance: Higham and Mary, SIAM J. Sci. Comput. 41, 2019), of attention to the largest value, of triad to what is
// added. Sums of int8, dot products (of operands that leave no rounding) and copies must be exact.
//
// The package refuses shapes that an operation cannot have (ShapeError), and leaves to others whether the machine can run a kernel
// (Needs) and has the memory (CheckMemory). It counts and times nothing.
package kernels

import (
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// DType is an element type.
type DType string

// The element types.
const (
	F64  DType = "f64"
	F32  DType = "f32"
	F16  DType = "f16"
	BF16 DType = "bf16"
	INT8 DType = "int8"
)

// Kernel is one implementation of an operation.
type Kernel struct {
	Op      string // matmul, attention, decode, copy, triad, dot, gemv
	Variant string // naive, blocked, flash, avx2, avx512, amx …
	DType   DType
	ISA     cpu.ISA   // level that --isa caps: go, avx2, avx512, amx-*
	Needs   []cpu.ISA // every group the code uses; checked against the generator's own instruction list
	Doc     string    // one line for `roofline list kernels`
	Params  []Param   // what can be tuned; none for most
	Roof    string    // ID of the compute ceiling this code could reach at best, e.g. compute.fma.avx512.f32
	// Integers says that the operations of this kernel's work are on integers: where FLOPs stand in its work, in counts
	// and in rates, they are integer operations.
	Integers bool

	// Fits says why this implementation cannot take a shape that its operation can have, as a *ShapeError with the cure;
	// nil takes all. Ask Check.
	Fits func(s shape.Shape) error
	// Work declares the work of one call at a valid shape.
	Work func(s shape.Shape) Work
	// Build allocates operands (filled with reproducible values) for one call shared by workers.
	Build func(s shape.Shape, workers int) (Instance, error)
}

// ID is op/variant/dtype, e.g. matmul/avx512/f32.
func (k *Kernel) ID() string { return k.Op + "/" + k.Variant + "/" + string(k.DType) }

// Check says why k cannot have shape s, as a *ShapeError with the cure; nil when it can. It knows nothing of the
// machine: see CheckMemory.
func (k *Kernel) Check(s shape.Shape) error {
	if err := Check(k.Op, s); err != nil || k.Fits == nil {
		return err
	}
	return k.Fits(s)
}

// Work is what one call must do at least, derived from the shape.
type Work struct {
	FLOPs      float64 // algorithmic: matmul 2·m·n·k; attention 4·d per attended (query, key) pair and head, softmax not counted
	LoadBytes  float64 // compulsory: every input element read once
	StoreBytes float64 // compulsory: every output element written once
	WorkingSet int64   // bytes of all operands and scratch buffers
}

// Instance is a kernel with its operands, ready to run.
type Instance interface {
	// Part computes worker's share of one call. Shares are disjoint in what they write or take turns, need no barrier between them,
	// allocate nothing, and spend no more than about a millisecond in one assembly call.
	Part(worker int)
	// Verify runs the whole call (all parts, on the calling goroutine) and compares it with the Go reference.
	// An error means the result could not be compared; a wrong result is MaxError > Tolerance.
	Verify() (Verification, error)
}

// Verification is the outcome of comparing a kernel with its reference.
type Verification struct {
	Against   string  // "go reference"
	MaxError  float64 // largest error seen, in the measure that Tolerance bounds
	Tolerance float64 // stated bound
}
