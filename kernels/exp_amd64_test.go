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
		exp2 func(dst, src *float32, n int)
	}{{cpu.AVX2, asm.Exp2AVX2}, {cpu.AVX512, asm.Exp2AVX512}} {
		t.Run(string(tt.isa), func(t *testing.T) {
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
