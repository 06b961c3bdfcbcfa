package half

import (
	"math"
	"testing"
)

// Rounding goes to the nearer neighbour, half way to the even one, and just beside half way to the nearer again.
func TestRoundingToBF16(t *testing.T) {
	number := func(bits int) float32 { return math.Float32frombits(uint32(bits) << 16) }
	for _, sign := range []int{0, 0x8000} {
		for bits := sign; bits < sign+0x7f7f; bits++ {
			low, high := number(bits), number(bits+1)
			middle := float32((float64(low) + float64(high)) / 2) // exact: a float32 has more than one bit to spare
			below, above := math.Nextafter32(middle, low), math.Nextafter32(middle, high)
			for x, want := range map[float32]int{low: bits, below: bits, middle: bits + bits&1, above: bits + 1} {
				if got := RoundBF16(x); int(got) != want && x != 0 {
					t.Fatalf("%g, between %g and %g, becomes %g", x, low, high, number(int(got)))
				}
			}
		}
	}
	inf := float32(math.Inf(1))
	for x, want := range map[float32]uint16{inf: 0x7f80, -inf: 0xff80, math.MaxFloat32: 0x7f80, 1: 0x3f80, 0: 0} {
		if got := RoundBF16(x); got != want {
			t.Errorf("bfloat16 of %g is %#04x, want %#04x", x, got, want)
		}
	}
	for _, bits := range []uint32{0x7fc00000, 0x7f800001, 0xff800001} {
		if x := number(int(RoundBF16(math.Float32frombits(bits)))); x == x {
			t.Errorf("NaN %#x becomes %g", bits, x)
		}
	}
}
