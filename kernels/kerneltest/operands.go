// Package kerneltest is the harness in which every kernel is tested: operands between guards, inputs that must not change,
// padding that must be neither read nor written, and sizes that meet every tail.
//
// It knows no kernel, so that tests inside package kernels can use it.
package kerneltest

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math"
	"testing"
	"unsafe"

	"github.com/roofline-go/roofline/internal/testkit"
)

// Float is an element type of results.
type Float interface{ float32 | float64 }

// Element is an element type of inputs.
type Element interface {
	Result | ~uint16 | ~int8 | ~uint8
}

// Workers are the numbers of workers that every kernel is tested with.
var Workers = []int{1, 2, 3}

// Sizes returns the sizes to test a dimension with that code takes width at a time: 1 … width+1, which meets every tail,
// and two multiples of width with neighbours.
func Sizes(width int) []int {
	var s []int
	for n := 1; n <= width+1; n++ {
		s = append(s, n)
	}
	return append(s, 2*width-1, 2*width+1, 3*width, 5*width+1)
}

// Operands are the buffers of one call and what must hold for them afterwards.
type Operands struct {
	t      testing.TB
	checks []func() error
}

// New starts a set of operands, to be released at the end of t.
func New(t testing.TB) *Operands { return &Operands{t: t} }

// Check reports the first operand that was not treated as it must be.
func (o *Operands) Check() error {
	for _, check := range o.checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// Input returns a rows×cols matrix of the values f(i, j), rows stride elements apart, between guards.
// The padding is NaN (-1 or 255 in integers), so that code that reads it computes NaN. Check reports when a bit of it has
// changed.
func Input[T Element](o *Operands, name string, rows, cols, stride int, f func(i, j int) T) []T {
	s, check := guarded[T](o.t, name, rows, cols, stride)
	for i := range rows {
		for j := range cols {
			s[i*stride+j] = f(i, j)
		}
	}
	before := append([]T(nil), s...)
	o.checks = append(o.checks, check, func() error {
		for i := range s {
			if !same(s[i], before[i]) {
				return fmt.Errorf("input %s: element (%d, %d) was changed", name, i/stride, i%stride)
			}
		}
		return nil
	})
	return s
}

// Result is an element type of outputs.
type Result interface{ Float | int32 }

// Output returns a rows×cols matrix of NaN, or of the least int32, rows stride elements apart, between guards. Check
// reports when those or the padding have changed, or an element has remained as it was.
func Output[T Result](o *Operands, name string, rows, cols, stride int) []T {
	s, check := guarded[T](o.t, name, rows, cols, stride)
	for i := range s {
		s[i] = unwritten[T]() // the one that code under test may poison its output with, padding included
	}
	padding := s[0]
	o.checks = append(o.checks, check, func() error {
		for i, x := range s {
			row, col := i/stride, i%stride
			switch {
			case col < cols && (x != x || x == padding):
				return fmt.Errorf("output %s: element (%d, %d) is %v, perhaps was not written", name, row, col, x)
			case col >= cols && !same(x, padding):
				return fmt.Errorf("output %s: padding of row %d was overwritten", name, row)
			}
		}
		return nil
	})
	return s
}

func unwritten[T Result]() (x T) {
	if integer, ok := any(&x).(*int32); ok {
		*integer = math.MinInt32
		return x
	}
	return T(math.NaN())
}

// margin is the number of guard values on the side of a buffer where no guard page is.
const margin = 64

// guarded returns a strided matrix of elements of which every bit is set, NaN for all that are floating-point, without
// padding behind the last row, between guard values and a guard page. The page, where reads fault, too, is on the one side or the
// other: the neighbour of a size has it on the other side, and a short test what a long one has not.
func guarded[T Element](t testing.TB, name string, rows, cols, stride int) ([]T, func() error) {
	h := fnv.New32a()
	fmt.Fprint(h, name, rows, cols, stride)
	return guardedOn[T](t, name, rows, cols, stride, (h.Sum32()>>16&1 == 0) != testing.Short())
}

// guardedOn is guarded with the page before the matrix or behind it.
func guardedOn[T Element](t testing.TB, name string, rows, cols, stride int, before bool) ([]T, func() error) {
	n := (rows-1)*stride + cols
	var all, s, values []T
	where := "before"
	if before {
		all = testkit.GuardedStart[T](t, n+margin)
		s, values, where = all[:n:n], all[n:], "behind"
	} else {
		all = testkit.GuardedPage[T](t, margin+n)
		s, values = all[margin:], all[:margin]
	}
	raw := unsafe.Slice((*byte)(unsafe.Pointer(&all[0])), len(all)*int(unsafe.Sizeof(all[0])))
	for i := range raw {
		raw[i] = 0xff
	}
	guard := values[0]
	return s, func() error {
		for i, x := range values {
			if !same(x, guard) {
				if !before {
					i = margin - 1 - i
				}
				return fmt.Errorf("%s: element %d %s the buffer was overwritten", name, i+1, where)
			}
		}
		return nil
	}
}

// same compares bits, so that NaN equals itself.
func same[T Element](a, b T) bool {
	size := unsafe.Sizeof(a)
	return bytes.Equal(unsafe.Slice((*byte)(unsafe.Pointer(&a)), size), unsafe.Slice((*byte)(unsafe.Pointer(&b)), size))
}
