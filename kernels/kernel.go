// Package kernels is the registry of built-in kernels: operation × variant × data type.
// Each kernel declares its work and its needs beside its code, and every run is verified against a plain Go reference.
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
	FLOPs      float64 // algorithmic: matmul 2·m·n·k; attention 4·d per attended (query, key) pair and head
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
