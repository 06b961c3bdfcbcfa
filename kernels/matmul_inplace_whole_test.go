package kernels

import (
	"fmt"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
)

// Whole rows of every width, with a last vector of all lanes, of one and of all but one, for workers that share them.
func TestInPlaceWholeRows(t *testing.T) {
	testInPlaceWholeRows[float32](t, avx512InPlaceF32)
	testInPlaceWholeRows[float64](t, avx512InPlaceF64)
}

func testInPlaceWholeRows[T float](t *testing.T, u inPlace) {
	t.Run(fmt.Sprintf("matmul/avx512/%s", dtypeOf[T]()), func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
		c, lanes := caches{l1: 1 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20}, lineElems[T]()
		for m := 1; m <= len(u.wide); m++ {
			for vectors := len(u.tiles)/2 + 1; vectors <= len(u.tiles)/2+len(u.wide[m-1]); vectors++ {
				for i, tail := range []int{1, lanes - 1, lanes} {
					n, k := (vectors-1)*lanes+tail, []int{3, 4, 67}[(vectors+i)%3]
					if !u.takesWhole(m, n, k, sizeof[T](), c) {
						t.Fatalf("%d×%d×%d is not taken whole", m, n, k)
					}
					for workers := 1; workers <= 3; workers++ {
						checkProduct(t, m, n, k, i, workers, func(p *product[T, T], workers int) func(int) {
							return multiplyInPlace(p, workers, u, c)
						})
					}
				}
			}
		}
	})
}

// Where B stays in L1, or its rows fit the other tiles or no tile, they are not taken whole, nor for more rows of A.
func TestInPlaceWholeRowsLimits(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	c := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20}
	for _, tt := range []struct {
		m, n, k int
		want    bool
	}{
		{1, 129, 1000, true}, {1, 128, 1000, false}, {1, 448, 1000, true}, {1, 449, 1000, false},
		{2, 224, 1000, true}, {2, 225, 1000, false}, {3, 129, 1000, false}, {1, 256, 40, false}, {1, 256, 48, true}, {1, 256, 1 << 20, true},
	} {
		if got := avx512InPlaceF32.takesWhole(tt.m, tt.n, tt.k, 4, c); got != tt.want {
			t.Errorf("%d×%d×%d: %v", tt.m, tt.n, tt.k, got)
		}
	}
}

// Calls are short however deep a product is, and pieces of K and of columns leave the sums as they are.
func TestInPlaceWholeRowsInPieces(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	const m, n, k = 2, 150, 40000
	c := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20}
	p := newProduct[float32, float32](shape.Shape{M: m, N: n, K: k})
	plan := planInPlace(p, 1, 0, avx512InPlaceF32, c)
	if least := 2 * m * n * k / inPlaceFLOPs; float64(len(plan.calls)) < least {
		t.Errorf("%d calls, want %.1f or more", len(plan.calls), least)
	}
	product := func(workers int) []float32 {
		clear(p.c.data)
		part := multiplyInPlace(p, workers, avx512InPlaceF32, c)
		for w := range workers {
			part(w)
		}
		return slices.Clone(p.c.data)
	}
	one := product(1)
	for workers := 2; workers <= 4; workers++ {
		if !slices.Equal(product(workers), one) {
			t.Errorf("%d workers compute other bits", workers)
		}
	}
	plan = inPlacePlan[float32]{p: p, u: avx512InPlaceF32}
	plan.add(columnPart{tiles: 1, halves: 20, lanes: n % 16}, 0, k, 0, m, false)
	plan.calls[0].run(&plan.calls[0].args)
	if !slices.Equal(p.c.data, one) {
		t.Error("a call for all of K computes other bits")
	}
}
