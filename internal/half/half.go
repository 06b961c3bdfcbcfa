// Package half is the 16-bit format of floating-point numbers of IEEE 754-2008, binary16: 5 bits of exponent, 11 of precision. It
// rounds to bfloat16, too. It converts and does no arithmetic.
package half

import "math"

// F16 is the bits of a binary16.
type F16 uint16

// Float32 is the number; every binary16 is a float32.
func (h F16) Float32() float32 {
	sign, exponent, fraction := uint32(h&0x8000)<<16, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch {
	case exponent == 0x1f: // infinity, NaN
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	case exponent == 0: // a multiple of 2^-24, zero too
		x := float32(fraction) * 0x1p-24
		return math.Float32frombits(sign | math.Float32bits(x))
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// RoundF16 returns the binary16 nearest to x, ties to even: infinity from 65520 on. A NaN stays one.
func RoundF16(x float32) F16 {
	bits := math.Float32bits(x)
	sign, magnitude := F16(bits>>16&0x8000), bits&^(1<<31)
	switch {
	case x != x:
		return sign | 0x7e00
	case magnitude >= 0x477ff000: // 65520
		return sign | 0x7c00
	case magnitude < 0x38800000: // 2^-14: a multiple of 2^-24 at most
		return sign | F16(math.RoundToEven(float64(math.Float32frombits(magnitude))*0x1p24))
	}
	magnitude += 0xfff + magnitude>>13&1
	return sign | F16(magnitude>>13-(127-15)<<10)
}
