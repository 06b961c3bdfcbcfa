package kernels

import (
	"fmt"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
)

// Few rows multiply blocks of whole lines of columns where L1 does not hold all.
func TestBlocksOfFewRows(t *testing.T) {
	u := &microKernel{rows: 32, cols: 32, depth: 2048, tiles: true, step: 32}
	before := *u
	before.before = true
	c := caches{l1: 48 << 10, l1Ways: 12, l2: 2 << 20}
	for _, tt := range []struct {
		u           *microKernel
		m, n, k, es int
		cols        int
	}{
		{u, 16, 192, 64, 2, 96},
		{&before, 16, 192, 64, 2, 0},
		{u, 16, 96, 64, 2, 0},    // L1 holds all
		{u, 16, 192, 128, 2, 32}, // 8 KiB
		{u, 16, 192, 256, 2, 0},  // 16 KiB
		{u, 67, 129, 43, 2, 96},
		{u, 67, 129, 128, 2, 0}, // blocks of C pass through a buffer
		{u, 67, 100, 43, 2, 0},  // and in 8 KiB
		{u, 67, 160, 128, 2, 32},
		{u, 67, 256, 30, 2, 0}, // C is most of it
		{u, 73, 192, 64, 2, 0},
		{u, 16, 500, 128, 1, 64},
	} {
		if cols := tt.u.blockOfFewRows(tt.m, tt.n, tt.k, tt.es, c); cols != tt.cols {
			t.Errorf("%dx%dx%d of %d bytes: %d columns, want %d", tt.m, tt.n, tt.k, tt.es, cols, tt.cols)
		}
	}
}

func TestFewRowsInBlocks(t *testing.T) {
	for _, s := range [][3]int{{16, 500, 100}, {45, 192, 64}, {67, 129, 43}, {33, 1024, 1920}} {
		for _, workers := range []int{1, 2} {
			t.Run(fmt.Sprint(s, workers), func(t *testing.T) {
				testkit.SkipUnsupported(t, cpu.Usable(cpu.AMXINT8))
				checkProduct(t, s[0], s[1], s[2], 0, workers, tiledMatmul[int8, int32](amxInt8).prepare)
				checkProduct(t, s[0], s[1], s[2], 3, workers, tiledMatmul[bf16, float32](amxBF16).prepare)
			})
		}
	}
}

// Few rows of whole lines meet shallow blocks of a B that comes from far.
func TestShallowBlocksOfFewRows(t *testing.T) {
	u := &microKernel{rows: 32, cols: 32, depth: 2048, tiles: true, step: 32}
	before, set := *u, *u
	before.before, set.depthSet = true, true
	far := caches{l1: 48 << 10, l1Ways: 12, l2: 2 << 20, last: 480 << 20, far: true}
	for _, tt := range []struct {
		u       *microKernel
		m, n, k int
		c       caches
		depth   int
	}{
		{u, 32, 1024, 4096, far, 256},
		{u, 256, 1024, 4096, far, 256},
		{u, 257, 1024, 4096, far, 2048},
		{u, 128, 4096, 4096, far, 2048}, // C is large
		{u, 32, 1024, 256, far, 256},    // L2 has B
		{u, 32, 1000, 4096, far, 2048},
		{u, 32, 1024, 4000, far, 256},
		{u, 32, 1024, 4010, far, 2016},
		{&before, 32, 1024, 4096, far, 2048},
		{&set, 32, 1024, 4096, far, 2048},
		{u, 32, 1024, 4096, caches{l1: 48 << 10, l1Ways: 12, l2: 2 << 20, last: 32 << 20}, 2048},
	} {
		if g := tt.u.blocking(tt.m, tt.n, tt.k, 2, tt.c); g.depth != tt.depth {
			t.Errorf("%dx%dx%d: %d deep, want %d", tt.m, tt.n, tt.k, g.depth, tt.depth)
		}
	}
}

// The depth of blocks, and with it the bits, is that of the whole product, whatever part of B a worker has.
func TestShallowBlocksDoNotDependOnWorkers(t *testing.T) {
	whole := amxBF16.ofWhole(44, 1024, 1024, 1024, 2, largeCore)
	want := whole.blocking(44, 1024, 1024, 2, largeCore).depth
	if want != shallowBytes/2 {
		t.Fatalf("depth %d, want %d", want, shallowBytes/2)
	}
	for _, n := range []int{512, 256, 32} {
		if got := whole.blocking(44, n, 1024, 2, largeCore).depth; got != want {
			t.Errorf("%d columns: depth %d, want %d", n, got, want)
		}
	}
	deep := amxBF16.ofWhole(44, 512, 1024, 1024, 2, largeCore)
	if got := deep.blocking(44, 1024, 1024, 2, largeCore).depth; got == want {
		t.Errorf("depth %d in a part of a product of deep blocks", got)
	}
}
