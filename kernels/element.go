package kernels

import (
	"math"
	"unsafe"
)

// element is what operands consist of: numbers in plain precision, or narrow ones that kernels widen.
type element interface {
	float32 | float64 | bf16 | uint16 | int8 | uint8 | int32
}

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
	bits := math.Float32bits(x)
	if x != x {
		return bf16(bits>>16 | 0x40) // quiet, so that no set bit is lost
	}
	return bf16((bits + 0x7fff + bits>>16&1) >> 16)
}

// float32 is the value of b, exactly.
func (b bf16) float32() float32 { return math.Float32frombits(uint32(b) << 16) }
