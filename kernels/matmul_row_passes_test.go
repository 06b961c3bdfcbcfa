package kernels

import (
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

// Rows of A that are all streams, and some that tiles multiply, beside whole rows of B and blocks of them, by one worker and by several, with the same bits.
func TestStreamsThenTiles(t *testing.T) {
	testStreamsThenTiles[float32](t, "f32", avx512RowsF32, avx512InPlaceF32)
	testStreamsThenTiles[float64](t, "f64", avx512RowsF64, avx512InPlaceF64)
}

func testStreamsThenTiles[T float](t *testing.T, name string, streams []rowStream, u inPlace) {
	t.Run(name, func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
		for _, l2 := range []int{2 << 10, 20 << 10, 100 << 10, 2 << 20} {
			c := caches{l1: 48 << 10, l1Ways: 12, l2: l2, last: 1 << 30, far: true}
			prepare := func(p *product[T, T], workers int) func(int) {
				return streamThenTiles(p, workers, streams, u.on(c), c)
			}
			for _, s := range [][3]int{{5, 131, 193}, {6, 256, 40}, {8, 33, 300}, {9, 65, 64}, {10, 401, 21}, {13, 170, 70}, {32, 200, 33}, {37, 1000, 7}} {
				for _, workers := range kerneltest.Workers {
					checkProduct(t, s[0], s[1], s[2], 5, workers, prepare)
				}
			}
			for _, m := range []int{5, 8, 9, 12, 17} {
				streamsAreStable(t, m, prepare)
			}
		}
	})
}

func TestPassesFarLast(t *testing.T) {
	far := caches{l1: 48 << 10, l1Ways: 12, l2: 2 << 20, last: 480 << 20, far: true}
	zen5 := caches{l1: 48 << 10, l1Ways: 12, l2: 1 << 20, last: 16 << 20, streams: true}
	for _, s := range []struct {
		c           caches
		m, n, k, es int
		want        bool
	}{
		{far, 4, 4096, 4096, 4, false}, {far, 5, 4096, 4096, 4, true}, {far, 32, 4096, 4096, 8, true}, {far, 33, 4096, 4096, 4, false},
		{far, 48, 1000, 1000, 4, true}, {far, 49, 1000, 1000, 4, false}, {far, 8, 600, 600, 4, false}, {far, 8, 20000, 100, 4, false},
		{far, 8, 100, 20000, 4, false}, {zen5, 8, 4096, 4096, 4, false},
	} {
		if got := passesFarLast(s.m, s.n, s.k, s.es, s.c); got != s.want {
			t.Errorf("%d×%d×%d of %d bytes, %+v: %v, want %v", s.m, s.n, s.k, s.es, s.c, got, s.want)
		}
	}
}
