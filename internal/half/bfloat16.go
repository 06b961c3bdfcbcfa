package half

import "math"

// RoundBF16 returns the bits of the bfloat16 (the upper half of a float32: 8 bits of exponent, 8 of precision) nearest to x, ties to
// even. A NaN stays one; what exceeds the largest number by half a last place becomes infinite.
func RoundBF16(x float32) uint16 {
	bits := math.Float32bits(x)
	if x != x {
		return uint16(bits>>16 | 0x40) // quiet, so that no set bit is lost
	}
	return uint16((bits + 0x7fff + bits>>16&1) >> 16)
}
