package kernels

import (
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
)

// Tiles and last columns by turns, whole rounds and a rest, for workers that share the rows.
func TestInPlaceRounds(t *testing.T) {
	t.Run("matmul/avx512/f32", func(t *testing.T) { testInPlaceRounds[float32](t, avx512InPlaceF32) })
	t.Run("matmul/avx512/f64", func(t *testing.T) { testInPlaceRounds[float64](t, avx512InPlaceF64) })
}

func testInPlaceRounds[T float](t *testing.T, u inPlace) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	c := caches{l1: 48 << 10, l1Ways: 12, l2: 2 << 20, last: 480 << 20, far: true}
	u = u.on(c)
	for i, s := range [][3]int{{300, 17, 129}, {301, 33, 100}, {155, 18, 139}, {444, 17, 67}, {600, 17, 1000}, {240, 18, 2000}} {
		m, n, k := s[0], s[1], s[2]
		if plan := planInPlace(newProduct[T, T](shape.Shape{M: m, N: n, K: k}), 1, 0, u, c); len(plan.rounds) < 2 {
			t.Errorf("%v: %d rounds", s, len(plan.rounds))
		}
		for workers := 1; workers <= 3; workers++ {
			checkProduct(t, m, n, k, i, workers, func(p *product[T, T], workers int) func(int) { return multiplyInPlace(p, workers, u, c) })
		}
	}
	if plan := planInPlace(newProduct[T, T](shape.Shape{M: 300, N: 17, K: 129}), 1, 0, u, caches{l1: 48 << 10, l1Ways: 12, l2: 1 << 20, last: 32 << 20}); plan.rounds != nil {
		t.Error("rounds where L2 is small")
	}
}
