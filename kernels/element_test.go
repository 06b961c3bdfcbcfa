package kernels

import (
	"math"
	"testing"
)

// Every bfloat16 survives, and every other number goes to the nearer neighbour, at ties to the even one.
func TestBF16Rounds(t *testing.T) {
	for bits := range 1 << 16 {
		b := bf16(bits)
		x := b.float32()
		if x != x {
			if y := toBF16(x).float32(); y == y {
				t.Fatalf("%#x: NaN became %v", bits, y)
			}
			continue
		}
		if toBF16(x) != b {
			t.Fatalf("%#x: value %v became %#x", bits, x, toBF16(x))
		}
		next := (b + 1).float32()
		if next-next != 0 || x-x != 0 {
			continue // no finite neighbour
		}
		middle := float32((float64(x) + float64(next)) / 2)
		even := b + b&1
		for _, tt := range []struct {
			x    float32
			want bf16
		}{{middle, even}, {math.Nextafter32(middle, x), b}, {math.Nextafter32(middle, next), b + 1}} {
			if got := toBF16(tt.x); got != tt.want {
				t.Fatalf("%v lies between %v and %v: rounded to %#x, want %#x", tt.x, x, next, got, tt.want)
			}
		}
	}
	largest := bf16(0x7f7f).float32()
	if got := toBF16(math.Nextafter32(math.MaxFloat32, 0)).float32(); !math.IsInf(float64(got), 1) {
		t.Errorf("the largest float32 became %v, not infinite like everything half a last place above %v", got, largest)
	}
}
