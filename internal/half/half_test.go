package half

import (
	"math"
	"testing"
)

func TestKnownNumbers(t *testing.T) {
	inf := float32(math.Inf(1))
	for bits, want := range map[F16]float32{
		0: 0, 1: 0x1p-24, 0x3ff: 0x1p-14 - 0x1p-24, 0x400: 0x1p-14, 0x3c00: 1, 0x3c01: 1 + 0x1p-10, 0x7bff: 65504, 0xc000: -2, 0x7c00: inf, 0xfc00: -inf,
	} {
		if got := bits.Float32(); got != want {
			t.Errorf("binary16 %#04x is %g, want %g", bits, got, want)
		}
	}
}

// Every bit pattern comes back from the number it stands for; NaN as a NaN.
func TestRoundTrip(t *testing.T) {
	for i := range 1 << 16 {
		h := F16(i)
		if x := h.Float32(); RoundF16(x) != h && !(x != x && RoundF16(x).Float32() != RoundF16(x).Float32()) {
			t.Fatalf("binary16 %#04x becomes %#04x", i, RoundF16(x))
		}
	}
}

// Rounding goes to the nearer neighbour, half way to the even one, and just beside half way to the nearer again.
func TestRounding(t *testing.T) {
	number := func(bits int) float32 { return F16(bits).Float32() }
	for _, sign := range []int{0, 0x8000} {
		for bits := sign; bits < sign+0x7bff; bits++ {
			low, high := number(bits), number(bits+1)
			middle := float32((float64(low) + float64(high)) / 2) // exact: a float32 has more than one bit to spare
			below, above := math.Nextafter32(middle, low), math.Nextafter32(middle, high)
			for x, want := range map[float32]int{below: bits, middle: bits + bits&1, above: bits + 1} {
				if got := RoundF16(x); int(got) != want {
					t.Fatalf("%g, between %g and %g, becomes %g", x, low, high, got.Float32())
				}
			}
		}
	}
	for x, want := range map[float32]F16{65519: 0x7bff, 65520: 0x7c00, -1e30: 0xfc00, 0x1p-25: 0, 0x1.1p-25: 1} {
		if got := RoundF16(x); got != want {
			t.Errorf("binary16 of %g is %#04x, want %#04x", x, got, want)
		}
	}
}
