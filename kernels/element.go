package kernels

import (
	"math"
	"unsafe"

	"github.com/roofline-go/roofline/internal/half"
)

// element is what operands consist of: numbers in plain precision, or narrow ones that kernels widen.
type element interface {
	float32 | float64 | bf16 | f16 | uint16 | int8 | uint8 | int32
}

// f16 is a number of IEEE half precision.
type f16 = half.F16

// sizeof returns the bytes of one element.
func sizeof[T element]() int {
	var t T
	return int(unsafe.Sizeof(t))
}

// bf16 is a bfloat16 number: the upper half of a float32, with its 8 bits of exponent and 8 of significand.
type bf16 uint16

// toBF16 rounds x to the nearest bfloat16, to even at ties. A NaN stays one; what exceeds the largest number by half a
// last place becomes infinite.
func toBF16(x float32) bf16 {
	return bf16(half.RoundBF16(x))
}

// float32 is the value of b, exactly.
func (b bf16) float32() float32 { return math.Float32frombits(uint32(b) << 16) }

// dtypeOf returns the name of the element type.
func dtypeOf[T element]() DType {
	var t T
	switch any(t).(type) {
	case float64:
		return F64
	case float32:
		return F32
	case f16:
		return F16
	case bf16:
		return BF16
	}
	return INT8
}

// values writes the numbers of src to dst.
func values[T element](dst []float64, src []T) {
	switch src := any(src).(type) {
	case []float64:
		copy(dst, src)
	case []float32:
		widen(dst, src)
	case []int8:
		widen(dst, src)
	case []int32:
		widen(dst, src)
	case []bf16:
		for i, x := range src {
			dst[i] = float64(x.float32())
		}
	case []f16:
		for i, x := range src {
			dst[i] = float64(x.Float32())
		}
	}
}

func widen[T float32 | int8 | int32](dst []float64, src []T) {
	for i, x := range src {
		dst[i] = float64(x)
	}
}

// value is the number of one element.
func value[T element](x T) float64 {
	var v [1]float64
	values(v[:], []T{x})
	return v[0]
}
