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
	for bits, want := range map[BF16]float32{0: 0, 1: 0x1p-133, 0x80: 0x1p-126, 0x3f80: 1, 0x3f81: 1 + 0x1p-7, 0xc040: -3, 0x7f80: inf} {
		if got := bits.Float32(); got != want {
			t.Errorf("bfloat16 %#04x is %g, want %g", bits, got, want)
		}
	}
}

// Every bit pattern comes back from the number it stands for; NaN as a NaN.
func TestRoundTrip(t *testing.T) {
	for i := range 1 << 16 {
		b, h := BF16(i), F16(i)
		if x := b.Float32(); RoundBF16(x) != b && !(x != x && RoundBF16(x).Float32() != RoundBF16(x).Float32()) {
			t.Fatalf("bfloat16 %#04x becomes %#04x", i, RoundBF16(x))
		}
		if x := h.Float32(); RoundF16(x) != h && !(x != x && RoundF16(x).Float32() != RoundF16(x).Float32()) {
			t.Fatalf("binary16 %#04x becomes %#04x", i, RoundF16(x))
		}
	}
}

// Rounding goes to the nearer neighbour, half way to the even one, and just beside half way to the nearer again.
func TestRounding(t *testing.T) {
	check := func(format string, bits int, number func(int) float32, round func(float32) int) {
		low, high := float64(number(bits)), float64(number(bits+1))
		middle := float32((low + high) / 2) // exact: a float32 has more than one bit to spare
		even := bits + bits&1
		below, above := math.Nextafter32(middle, float32(low)), math.Nextafter32(middle, float32(high))
		if round(middle) != even || round(below) != bits || round(above) != bits+1 {
			t.Fatalf("%s: between %g and %g: %g → %#x, %g → %#x, %g → %#x", format, low, high, below, round(below), middle, round(middle), above, round(above))
		}
	}
	for _, sign := range []int{0, 0x8000} {
		for i := range 0x7bff {
			check("binary16", sign+i, func(i int) float32 { return F16(i).Float32() }, func(x float32) int { return int(RoundF16(x)) })
		}
		for i := range 0x7f7f {
			check("bfloat16", sign+i, func(i int) float32 { return BF16(i).Float32() }, func(x float32) int { return int(RoundBF16(x)) })
		}
	}
	for x, want := range map[float32]F16{65519: 0x7bff, 65520: 0x7c00, -1e30: 0xfc00, 0x1p-25: 0, 0x1.1p-25: 1} {
		if got := RoundF16(x); got != want {
			t.Errorf("binary16 of %g is %#04x, want %#04x", x, got, want)
		}
	}
	if got := RoundBF16(math.MaxFloat32); got != 0x7f80 {
		t.Errorf("bfloat16 of the largest float32 is %#04x", got)
	}
}
