package kernels

import (
	"math"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/asm"
)

// TestExp2Assembly holds the vector polynomials to 2 ulp over all normal results that softmax can produce: scores
// exceed the reference maximum by at most the threshold of 8.
func TestExp2Assembly(t *testing.T) {
	for _, tt := range []struct {
		isa  cpu.ISA
		name string
		exp2 func(dst, src *float32, n int)
	}{{cpu.AVX2, "", asm.Exp2AVX2}, {cpu.AVX512, "", asm.Exp2AVX512}, {cpu.AVX512, "/table", asm.Exp2TableAVX512}} {
		t.Run(string(tt.isa)+tt.name, func(t *testing.T) {
			if err := cpu.Usable(tt.isa); err != nil {
				testkit.SkipUnsupported(t, err)
			}
			exp2 := func(dst, src []float32) {
				var in, out [1 << 12]float32
				copy(in[:], src)
				tt.exp2(&out[0], &in[0], (len(src)+15)&^15)
				copy(dst, out[:])
			}
			worst, at, points := sweepExp2(t, exp2, -126, 8, 401)
			t.Logf("max error %.3f ulp at %v over %d points", worst, at, points)
			if worst > 2 || points < sweepPoints() {
				t.Errorf("max error %.3f ulp at %v over %d points, want ≤ 2 over ≥ %d", worst, at, points, sweepPoints())
			}
			inf := float32(math.Inf(-1))
			src := []float32{-151, -200, -1e10, -1e30, -math.MaxFloat32, inf, 0, 1, -1, 8}
			want := []float32{0, 0, 0, 0, 0, 0, 1, 2, 0.5, 256}
			dst := make([]float32, len(src))
			exp2(dst, src)
			for i := range src {
				if dst[i] != want[i] {
					t.Errorf("2^%v = %v, want %v", src[i], dst[i], want[i])
				}
			}
		})
	}
}

// TestShortExp2 holds the polynomial for weights that are rounded to bf16 to 1e-4 relative to the true value, and to 1 at 0.
func TestShortExp2(t *testing.T) {
	if err := cpu.Usable(cpu.AVX512); err != nil {
		testkit.SkipUnsupported(t, err)
	}
	var src, dst [1 << 12]float32
	points := 0
	for x := float32(-126); x < 8; {
		for i := range src {
			src[i] = x
			x += 1.0 / 256 / 41 // in no step with the fraction
		}
		asm.Exp2ShortAVX512(&dst[0], &src[0], len(src))
		for i, x := range src {
			want := math.Exp2(float64(x))
			if err := math.Abs(float64(dst[i])/want - 1); !(err <= 1e-4) {
				t.Fatalf("2^%v = %v, want %v", x, dst[i], want)
			}
		}
		points += len(src)
	}
	if points < 1e6 {
		t.Errorf("%d points", points)
	}
	src[0], src[1], src[2] = 0, float32(math.Inf(-1)), -3
	asm.Exp2ShortAVX512(&dst[0], &src[0], 16)
	if dst[0] != 1 || dst[1] != 0 || dst[2] != 0.125 {
		t.Errorf("2^0, 2^-Inf, 2^-3 = %v", dst[:3])
	}
}
