package kernels

import (
	"math"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

// Rows of A in two and three groups, even and not, beside B in L2 and beyond it, by one worker and by several.
func TestRowsInGroups(t *testing.T) {
	testRowsInGroups[float32](t, "f32", avx2RowsF32)
	testRowsInGroups[float64](t, "f64", avx2RowsF64)
}

func testRowsInGroups[T float](t *testing.T, name string, streams []rowStream) {
	t.Run(name, func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
		for _, c := range []caches{{l1: 32 << 10, l1Ways: 8, l2: 256 << 10, last: 1 << 20}, {l1: 48 << 10, l1Ways: 12, l2: 1 << 20, last: 4 << 20, streams: true}} {
			for _, s := range [][3]int{{5, 131, 193}, {6, 256, 40}, {7, 33, 300}, {8, 65, 64}, {9, 40, 21}, {11, 17, 70}, {12, 200, 33}} {
				for _, workers := range kerneltest.Workers {
					checkProduct(t, s[0], s[1], s[2], 5, workers, func(p *product[T, T], workers int) func(int) {
						return streamGroups(p, workers, streams, c)
					})
				}
			}
		}
	})
}

func TestPassesInGroups(t *testing.T) {
	zen5 := caches{l1: 48 << 10, l1Ways: 12, l2: 1 << 20, last: 16 << 20, streams: true}
	zen2 := caches{l1: 32 << 10, l1Ways: 8, l2: 512 << 10, last: 16 << 20}
	haswell := caches{l1: 32 << 10, l1Ways: 8, l2: 256 << 10, last: 8 << 20}
	unknown := caches{l1: 32 << 10, l1Ways: 8, l2: 256 << 10, last: math.MaxInt}
	for _, s := range []struct {
		c           caches
		m, n, k, es int
		want        bool
	}{
		{zen5, 8, 513, 255, 4, true}, {zen5, 8, 100, 100, 4, false}, {zen5, 12, 513, 255, 4, false}, {zen5, 12, 513, 255, 8, true}, {zen5, 13, 513, 255, 8, false},
		{zen5, 8, 1000, 1000, 4, true}, {zen5, 8, 1000, 1000, 8, false}, {zen5, 6, 3000, 128, 4, false}, {zen5, 6, 24, 4000, 4, false},
		{zen2, 8, 1000, 1000, 4, true}, {zen2, 9, 1000, 1000, 4, false}, {zen2, 8, 1000, 1000, 8, false}, {zen2, 12, 700, 700, 4, true},
		{haswell, 8, 800, 800, 4, true}, {haswell, 8, 1000, 1000, 4, false},
		{unknown, 8, 500, 500, 4, true}, {unknown, 8, 1000, 1000, 4, false},
	} {
		if got := passesInGroups(s.m, s.n, s.k, s.es, 4, s.c); got != s.want {
			t.Errorf("%d×%d×%d of %d bytes, %+v: %v, want %v", s.m, s.n, s.k, s.es, s.c, got, s.want)
		}
	}
}
