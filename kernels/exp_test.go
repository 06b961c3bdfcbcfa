package kernels

import (
	"math"
	"testing"
)

// sweepExp2 evaluates exp2 over float32 bit patterns from lo to hi in steps of stride ulps and returns the largest
// error in units of the last place of the true value, and where.
func sweepExp2(t *testing.T, exp2 func(dst, src []float32), lo, hi float32, stride uint32) (worst float64, at float32, points int) {
	t.Helper()
	if testing.Short() {
		stride *= 10
	}
	const batch = 1 << 12
	src, dst := make([]float32, 0, batch), make([]float32, batch)
	flush := func() {
		exp2(dst[:len(src)], src)
		for i, x := range src {
			want := math.Exp2(float64(x))
			_, e := math.Frexp(want)
			if err := math.Abs(float64(dst[i])-want) / math.Ldexp(1, e-24); !(err <= worst) {
				worst, at = err, x
			}
		}
		points += len(src)
		src = src[:0]
	}
	push := func(x float32) {
		if src = append(src, x); len(src) == batch {
			flush()
		}
	}
	for b := uint32(0); math.Float32frombits(b) <= hi; b += stride {
		push(math.Float32frombits(b))
	}
	for b := uint32(0); math.Float32frombits(b) <= -lo; b += stride {
		push(-math.Float32frombits(b))
	}
	flush()
	return worst, at, points
}

// sweepPoints is how many points a sweep must meet at least.
func sweepPoints() int {
	if testing.Short() {
		return 4e5
	}
	return 4e6
}

func TestExp2f(t *testing.T) {
	slow := func(dst, src []float32) {
		for i, x := range src {
			dst[i] = exp2f(x)
		}
	}
	worst, at, points := sweepExp2(t, slow, -126, 127, 401)
	t.Logf("max error %.3f ulp at %v over %d points", worst, at, points)
	if worst > 1.5 || points < sweepPoints() {
		t.Errorf("max error %.3f ulp at %v over %d points, want ≤ 1.5 over ≥ %d", worst, at, points, sweepPoints())
	}
	for _, x := range []float32{-127, -150, -1e30, float32(math.Inf(-1))} {
		if got := exp2f(x); got != 0 {
			t.Errorf("exp2f(%v) = %v, want 0", x, got)
		}
	}
	if got := exp2f(float32(math.NaN())); got == got {
		t.Errorf("exp2f(NaN) = %v", got)
	}
}
