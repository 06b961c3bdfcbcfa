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
		for m := 1; m*r.group <= rowTilesGroup; m++ {
			for _, s := range [][2]int{{64, 16}, {192, 160}, {320, 48}, {1024, 16}, {4096, 160}} {
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
	var first []float32
	for _, workers := range kerneltest.Workers {
		p := newProduct[bf16, float32](shape.Shape{M: 3, N: 192, K: 608})
		r := rand.New(rand.NewPCG(1, 1))
		for _, data := range [][]bf16{p.a.data, p.b.data} {
			for i := range data {
				data[i] = toBF16(float32(r.NormFloat64()))
			}
		}
		p.b.row(7)[101] = 0x7f80
		p.a.row(1)[7] = 0
		part := multiplyRowTiles(p, workers, &rowTilesBF16, vectors, ownCaches())
		for w := range workers {
			part(w)
		}
		if first == nil {
			first = p.c.data
		}
		for i := range 3 {
			for j, x := range p.c.row(i) {
				if finite(x) == (j == 101) {
					t.Errorf("element (%d, %d) is %v", i, j, x)
				}
				if other := first[i*p.c.stride+j]; x != other && finite(x) {
					t.Errorf("element (%d, %d) is %v, of %d workers %v", i, j, other, workers, x)
				}
			}
		}
	}
}

func TestRowTilesTake(t *testing.T) {
	r := &rowTiles{group: 2}
	c := caches{l1: 48 << 10, l1Ways: 12, l2: 2 << 20, last: 480 << 20, far: true}
	for _, tt := range []struct {
		m, n, k int
		want    bool
	}{
		{1, 512, 256, true}, {8, 4096, 4096, true}, {9, 4096, 4096, false}, {4, 100, 1024, false}, {4, 1024, 100, false}, {4, 64, 64, false},
	} {
		if got := r.takes(tt.m, tt.n, tt.k, 2, c); got != tt.want {
			t.Errorf("%d×%d×%d: %v, want %v", tt.m, tt.n, tt.k, got, tt.want)
		}
	}
}
