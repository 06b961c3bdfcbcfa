package kernels

import (
	"math"
	"unsafe"
)

// twoBF16 splits each element of q into two bf16, first all high digits, then all low ones: their sum is q within 2⁻¹⁷.
func twoBF16(to, q []float32) {
	digits := unsafe.Slice((*bf16)(unsafe.Pointer(&to[0])), 2*len(q))
	for c, x := range q {
		high := toBF16(x)
		digits[c], digits[len(q)+c] = high, toBF16(x-high.float32())
	}
}

// twoInt8 quantises q to integers of 16 bits, 256·high + low, and writes all high digits, all low ones, what sums over the
// lanes of a vector begin with, and the unit of the integers: an element is that times its integer, within half of it. The keys
// count as unsigned, 128 more than they are, so sums begin with -128 times the digits that a lane multiplies.
func twoInt8(to, q []float32) {
	d := len(q)
	digits := unsafe.Slice((*int8)(unsafe.Pointer(&to[0])), 2*d)
	starts := unsafe.Slice((*int32)(unsafe.Pointer(&to[d/2])), 32)
	clear(starts)
	const most = 127 * 256
	largest := float32(0)
	for _, x := range q {
		largest = max(largest, float32(math.Abs(float64(x)))) // NaN if there is one
	}
	unit := largest / most
	to[d/2+32] = unit
	for c, x := range q {
		n := 0
		if unit > 0 {
			n = int(math.RoundToEven(float64(x) / float64(unit)))
		}
		low := int8(n)
		high := int8((n - int(low)) / 256)
		digits[c], digits[d+c] = high, low
		lane := c / 4 % 16
		starts[lane] -= 128 * int32(high)
		starts[16+lane] -= 128 * int32(low)
	}
}
