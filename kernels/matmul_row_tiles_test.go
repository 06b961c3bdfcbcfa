package kernels

import (
	"math/rand/v2"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

// Few rows by tiles of B where it lies, along rows and down columns, by one worker and by several, with the same bits.
func TestRowTiles(t *testing.T) {
	t.Run("bf16", func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AMXBF16))
		testRowTiles(t, &rowTilesBF16, narrowMatmulOf[bf16, float32](dotBF16, dotRowsBF16, dotColumnsBF16))
	})
	t.Run("int8", func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AMXINT8))
		testRowTiles(t, &rowTilesInt8, narrowMatmulOf[int8, int32](vnniInt8, vnniRowsInt8, vnniColumnsInt8))
	})
}

func testRowTiles[I element, O result](t *testing.T, r *rowTiles, vectors multiplier[I, O]) {
	for _, l2 := range []int{1 << 10, 2 << 20} {
		c := caches{l1: 48 << 10, l1Ways: 12, l2: l2, last: 480 << 20, far: true}
		prepare := func(p *product[I, O], workers int) func(int) {
			return multiplyRowTiles(p, workers, r, vectors, c)
		}
		most := rowTilesGroup / r.group
		for _, m := range []int{1, 3, most, most + 1, 3*most - 1} {
			for _, s := range [][2]int{{64, 16}, {192, 160}, {4096, 160}, {65, 17}, {127, 100}, {333, 301}, {2051, 159}} {
				var first []O
				for _, workers := range kerneltest.Workers {
					checkProduct(t, m, s[0], s[1], 6, workers, prepare)
					p := newProduct[I, O](shape.Shape{M: m, N: s[0], K: s[1]})
					part := prepare(p, workers)
					for w := range workers {
						part(w)
					}
					if first == nil {
						first = p.c.data
					}
					for i, x := range p.c.data {
						if x != first[i] {
							t.Fatalf("%d rows, %v: %d workers compute other bits", m, s, workers)
						}
					}
				}
			}
		}
	}
}

// An infinity of B reaches its column, and no other, and changes no bit of others, however many workers there are.
func TestRowTilesOfInfinities(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AMXBF16))
	vectors := narrowMatmulOf[bf16, float32](dotBF16, dotRowsBF16, dotColumnsBF16)
	for _, tt := range []struct{ m, n, k, row, col int }{
		{3, 192, 608, 7, 101},
		{13, 203, 618, 7, 191},   // two passes; in the last whole line of columns and in the line that ends with the last
		{13, 203, 618, 617, 202}, // in the second of these alone
		{13, 203, 618, 3, 165},   // in the first alone
	} {
		var first []float32
		for _, workers := range kerneltest.Workers {
			p := newProduct[bf16, float32](shape.Shape{M: tt.m, N: tt.n, K: tt.k})
			r := rand.New(rand.NewPCG(1, 1))
			for _, data := range [][]bf16{p.a.data, p.b.data} {
				for i := range data {
					data[i] = toBF16(float32(r.NormFloat64()))
				}
			}
			p.b.row(tt.row)[tt.col] = 0x7f80
			p.a.row(1)[tt.row] = 0
			part := multiplyRowTiles(p, workers, &rowTilesBF16, vectors, ownCaches())
			for w := range workers {
				part(w)
			}
			if first == nil {
				first = p.c.data
			}
			for i := range tt.m {
				for j, x := range p.c.row(i) {
					if finite(x) == (j == tt.col) {
						t.Errorf("%v: element (%d, %d) is %v", tt, i, j, x)
					}
					if other := first[i*p.c.stride+j]; x != other && finite(x) {
						t.Errorf("%v: element (%d, %d) is %v, of %d workers %v", tt, i, j, other, workers, x)
					}
				}
			}
		}
	}
}

func TestRowTilesTake(t *testing.T) {
	r := &rowTiles{group: 2, most: 2, fewFar: 1}
	c := caches{l1: 48 << 10, l1Ways: 12, l2: 2 << 20, last: 480 << 20, far: true}
	for _, tt := range []struct {
		m, n, k int
		want    bool
	}{
		{1, 512, 256, true}, {8, 4096, 4096, true}, {1, 4096, 4096, false}, {16, 4096, 4096, true}, {17, 4096, 4096, false}, {4, 100, 1024, true}, {4, 1024, 100, true}, {4, 64, 64, false}, {4, 31, 4096, false}, {4, 4096, 15, false},
	} {
		if got := r.takes(tt.m, tt.n, tt.k, 2, c); got != tt.want {
			t.Errorf("%d×%d×%d: %v, want %v", tt.m, tt.n, tt.k, got, tt.want)
		}
	}
}
