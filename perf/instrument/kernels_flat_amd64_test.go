package instrument

import "testing"

// Flat products compute whole vectors of C in the order of memory, of as many rows as vectors end with: nothing is empty but what fills up
// the last rows. The first element of k is multiplied, the others are multiplied and added.
func TestFlatMatmulExecutesItsVectors(t *testing.T) {
	for id, sizes := range map[string][]string{
		"matmul/avx512/f32": {"1588x1x2", "1000x1x4", "333x3x2", "401x9x1"},
		"matmul/avx512/f64": {"1000x1x1", "471x9x1", "335x3x2"},
	} {
		for _, size := range sizes {
			_, s, in := build(t, id, size, 1)
			total := countCall(t, in, 1)
			rows := matmulTiles[id][1]
			for n := s.N; n%2 == 0 && rows > 1; n /= 2 {
				rows /= 2
			}
			elements := uint64((s.M + rows - 1) / rows * rows * s.N)
			if want := elements * uint64(2*(s.K-1)); total.FMA != want {
				t.Errorf("%s %s: %d operations of fused multiply-adds, want 2·(%d−1) for %d elements = %d", id, size, total.FMA, s.K, elements, want)
			}
			if products := total.FLOPs() - total.FMA; products != elements {
				t.Errorf("%s %s: %d products by themselves, want one for each of %d elements", id, size, products, elements)
			}
		}
	}
}
