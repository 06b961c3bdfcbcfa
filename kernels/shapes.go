package kernels

import (
	"fmt"
	"math"
	"strings"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/units"
)

// DefaultShape returns the shape an operation is measured at when the user names none. The zero Shape stands for an
// unknown operation.
//
//	matmul     512×512×512: three operands of 1 MiB (f32), compute bound
//	attention  8 heads, 512 queries and keys of 64 elements
//	decode     8 heads, 16384 keys of 64 elements: 64 MiB of keys and values
//	gemv       4096×4096: 64 MiB (f32) read once
//	vectors    16 Mi elements: 64 MiB each (f32)
//
// The last three are meant to be bound by memory, so they are larger than the last cache of most machines.
func DefaultShape(op string) shape.Shape {
	switch whole(op) {
	case "matmul":
		return shape.Shape{M: 512, N: 512, K: 512}
	case "attention":
		return shape.Shape{H: 8, Q: 512, KV: 512, D: 64}
	case "decode":
		return shape.Shape{H: 8, Q: 1, KV: 16384, D: 64}
	case "gemv":
		return shape.Shape{M: 4096, N: 4096}
	case "copy", "triad", "dot":
		return shape.Shape{N: 16 << 20}
	}
	return shape.Shape{}
}

// whole is the operation that op is, or is a part of: attention of attention.scores.
func whole(op string) string {
	op, _, _ = strings.Cut(op, ".")
	return op
}

// ShapeError says that an operation cannot have a shape, and what to ask for instead.
type ShapeError struct {
	Op, Problem, Cure string
}

func (e *ShapeError) Error() string {
	return fmt.Sprintf("check shape of %s: %s (%s)", e.Op, e.Problem, e.Cure)
}

// maxElements bounds every operand so that no offset in bytes can overflow an int64: 2^47 elements are more than an
// address space holds.
const maxElements = 1 << 47

// Check says why op cannot have shape s, as a *ShapeError with the cure; nil when it can. It knows nothing of the
// machine: see CheckMemory.
func Check(op string, s shape.Shape) error {
	switch whole(op) {
	case "matmul":
		return checkDims(op, "want MxNxK, all at least 1, e.g. 512x512x512", s, shape.Shape{M: s.M, N: s.N, K: s.K},
			s.M, s.N, s.K)
	case "gemv":
		return checkDims(op, "want MxN, both at least 1, e.g. 2048x2048", s, shape.Shape{M: s.M, N: s.N}, s.M, s.N)
	case "copy", "triad", "dot":
		return checkDims(op, "want the number of elements, at least 1, e.g. 4194304", s, shape.Shape{N: s.N}, s.N)
	case "attention", "decode":
		return checkHeads(op, s)
	}
	return fmt.Errorf("check shape: unknown operation %q (`roofline list kernels` shows all)", op)
}

// checkDims wants every one of dims ≥ 1, every product of two of them addressable, and nothing in s beyond known.
func checkDims(op, cure string, s, known shape.Shape, dims ...int) error {
	if s != known {
		return &ShapeError{op, fmt.Sprintf("%+v has sizes that %s does not take", s, op), cure}
	}
	for i, d := range dims {
		if d < 1 {
			return &ShapeError{op, fmt.Sprintf("a size is %d", d), cure}
		}
		if float64(d) > maxElements {
			return &ShapeError{op, fmt.Sprintf("%d elements exceed any address space", d), "use a smaller size"}
		}
		for _, e := range dims[:i] {
			if float64(d)*float64(e) > maxElements {
				return &ShapeError{op, fmt.Sprintf("an operand of %d×%d elements exceeds any address space", e, d), "use smaller sizes"}
			}
		}
	}
	return nil
}

// maxHeadSize bounds d of attention and decode, far above any model's, so that no assembly call takes long.
const maxHeadSize = 4096

// checkHeads is Check for attention and decode.
func checkHeads(op string, s shape.Shape) error {
	check, cure := checkAttention, "want e.g. h=8,q=1024,kv=1024,d=64"
	if op == "decode" {
		check, cure = checkDecode, "want e.g. h=8,kv=4096,d=64"
	}
	if err := check(s); err != nil {
		return &ShapeError{op, err.Error(), cure}
	}
	if s.D > maxHeadSize {
		return &ShapeError{op, fmt.Sprintf("head size %d is larger than %d", s.D, maxHeadSize), fmt.Sprintf("use d ≤ %d, perhaps with more heads", maxHeadSize)}
	}
	if float64(s.H)*float64(max(s.Q, s.KV))*float64(s.D) > maxElements {
		return &ShapeError{op, "an operand exceeds any address space", "use smaller sizes"}
	}
	return nil
}

// CheckMemory says when the working set of k at s, which Check has accepted, does not fit in available bytes
// (0: unknown, everything fits). The error is a *ShapeError.
func CheckMemory(k *Kernel, s shape.Shape, available int64) error {
	need := k.Work(s).WorkingSet
	if available <= 0 || need <= available {
		return nil
	}
	scale := float64(available) / float64(need)
	if k.Op == "matmul" || k.Op == "gemv" { // operands grow with two sizes
		scale = math.Sqrt(scale)
	}
	return &ShapeError{
		Op:      k.Op,
		Problem: fmt.Sprintf("needs %s of memory and %s are available", units.Bytes(need), units.Bytes(available)),
		Cure:    fmt.Sprintf("use a smaller shape: sizes about %.2g times these fit", scale*0.95),
	}
}
