package kernels

import (
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
)

// Panels of A that are cut into chunks: of several depths of B, with a last step, chunk, row and columns that are not whole, packed before or not.
func TestMatmulInChunks(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AMXBF16))
	for _, tt := range [][3]int{{32, 32, 544}, {70, 100, 1024}, {130, 37, 1100}, {33, 64, 2048}, {16, 96, 2112}, {100, 15, 1700}, {67, 161, 4100}} {
		for _, workers := range []int{1, 3} {
			testChunks[bf16, float32](t, amxBF16, tt, workers)
			if cpu.Has(cpu.AMXINT8) {
				testChunks[int8, int32](t, amxInt8, tt, workers)
			}
		}
	}
}

func testChunks[I element, O result](t *testing.T, of *microKernel, s [3]int, workers int) {
	t.Helper()
	u := *of
	u.chunks = always
	checkProduct(t, s[0], s[1], s[2], 0, workers, tiledMatmul[I, O](&u).prepare)
	checkProduct(t, s[0], s[1], s[2], 5, workers, packedMatmul[I, O](&u).prepare)
}

// The bits of a product that is cut so do not depend on workers, each of which has a part that would not be.
func TestChunksDoNotDependOnWorkers(t *testing.T) {
	c := largeCore
	one := amxBF16.ofWhole(2048, 2048, 2048, 2048, 2, c)
	for _, n := range []int{2048, 1024, 64} {
		if g := one.blocking(2048, n, 2048, 2, c); g.depth != 512 || !g.chunks {
			t.Errorf("%d columns: depth %d, in chunks %v; want 512 in chunks", n, g.depth, g.chunks)
		}
	}
	if g := amxBF16.ofWhole(2048, 1024, 2048, 2048, 2, c).blocking(2048, 2048, 2048, 2, c); g.chunks {
		t.Error("a part of a product that is not cut in chunks is cut so")
	}
}
