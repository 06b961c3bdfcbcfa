package kernels

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

// Dot products along K for every number of columns, in products as narrow and behind tiles.
func TestMatmulColumns(t *testing.T) {
	testColumns[float32](t, avx512InPlaceF32)
	testColumns[float64](t, avx512InPlaceF64)
}

func testColumns[T float](t *testing.T, u inPlace) {
	t.Run(fmt.Sprintf("matmul/avx512/%s", dtypeOf[T]()), func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
		for n := 1; n <= len(u.columns); n++ {
			for i, m := range kerneltest.Sizes(8) {
				for _, k := range kerneltest.Sizes(lineElems[T]()) {
					checkProduct(t, m, n, k, i%2*(k%4), kerneltest.Workers[k%3], func(p *product[T, T], workers int) func(int) {
						return func(worker int) {
							from, to := share(m, 1, workers, worker)
							l := planColumns(p, u, []caches{{}, ownCaches()}[k%2], 0, n, from, to) // the first is too small for anything
							l.run()
						}
					})
				}
			}
		}
	})
}

// Dot products of K in pieces: every number of columns, in one group and two, all rows at once and in blocks, with rows to come prefetched.
func TestMatmulColumnsInPieces(t *testing.T) {
	testColumnsInPieces[float32](t, avx512InPlaceF32)
	testColumnsInPieces[float64](t, avx512InPlaceF64)
}

func testColumnsInPieces[T float](t *testing.T, u inPlace) {
	t.Run(fmt.Sprintf("matmul/avx512/%s", dtypeOf[T]()), func(t *testing.T) {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
		beside, memory := caches{l1: 2 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20}, caches{l1: 2 << 10, l1Ways: 8, l2: 16 << 10, last: 32 << 10}
		cuts := map[bool]int{}
		for n := 1; n <= 2*len(u.columns); n++ {
			for i, m := range []int{8, 17, 29, 70} {
				for j, k := range []int{4096 / sizeof[T](), 12*lineElems[T]() + 1, 25*lineElems[T]() - 3} {
					c := []caches{beside, memory}[(i+j)%2]
					checkProduct(t, m, n, k, i%2*(k%4), kerneltest.Workers[k%3], func(p *product[T, T], workers int) func(int) {
						var plans []*columnsPlan[T]
						for w := range workers {
							from, to := share(m, 1, workers, w)
							plans = append(plans, planColumns(p, u, c, 0, n, from, to))
						}
						cuts[plans[0].way.depth < k]++
						return func(worker int) { plans[worker].run() }
					})
				}
			}
		}
		if cuts[true] < cuts[false] {
			t.Errorf("K in pieces in %d cases, in one in %d", cuts[true], cuts[false])
		}
	})
}

// What a piece of K leaves packed behind the end of a shorter one does not count: infinities of B, by zeros, would be no number.
func TestMatmulColumnsOfInfinities(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	const m, n, k = 16, 4, 65
	p := newProduct[float64, float64](shape.Shape{M: m, N: n, K: k})
	for i := range p.a.data {
		p.a.data[i] = 1
	}
	for i := range p.b.data {
		p.b.data[i] = math.Inf(1)
	}
	plan := planColumns(p, avx512InPlaceF64, caches{l1: 2 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20}, 0, n, 0, m)
	if plan.way.depth >= k {
		t.Fatalf("K is not cut: %+v", plan.way)
	}
	plan.run()
	for i, c := range p.c.data {
		if !math.IsInf(c, 1) {
			t.Fatalf("element %d is %v, want +Inf", i, c)
		}
	}
}

// Dot products of more elements than one call takes, which several pack.
func TestMatmulColumnsOfManyElements(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	p := newProduct[float32, float32](shape.Shape{M: 5, N: 2, K: columnsPacked + 3})
	packed := []int{}
	for _, s := range planColumns(p, avx512InPlaceF32, ownCaches(), 0, 2, 0, 5).steps {
		if s.pack != nil {
			packed = append(packed, s.packRows)
		}
	}
	if !slices.Equal(packed, []int{columnsPacked, 3}) {
		t.Errorf("%d rows of B are packed by each call", packed)
	}
	for n := 1; n <= 3; n++ {
		checkProduct(t, 5, n, columnsDepth+3, 0, 2, func(p *product[float32, float32], workers int) func(int) {
			return multiplyInPlace(p, workers, avx512InPlaceF32, ownCaches())
		})
	}
}

// One row and one column, in every number of steps for four chains.
func TestMatmulColumnsInChains(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	for k := 1; k <= 10*lineElems[float64](); k++ {
		checkProduct(t, 1, 1, k, k%2, 1, func(p *product[float64, float64], workers int) func(int) {
			return multiplyInPlace(p, workers, avx512InPlaceF64, ownCaches())
		})
		checkProduct(t, 1, 1, 2*k, k%2, 1, func(p *product[float32, float32], workers int) func(int) {
			return multiplyInPlace(p, workers, avx512InPlaceF32, ownCaches())
		})
	}
}

// A worker's only row is summed up as it is among others.
func TestMatmulColumnOfARowEach(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	const m, k = 2, 700
	p := newProduct[float32, float32](shape.Shape{M: m, N: 1, K: k})
	product := func(workers int) []float32 {
		part := multiplyInPlace(p, workers, avx512InPlaceF32, ownCaches())
		for w := range workers {
			part(w)
		}
		return slices.Clone(p.c.data)
	}
	if one, two := product(1), product(2); !slices.Equal(one, two) {
		t.Errorf("%v by one worker, %v by two", one, two)
	}
}

// How dot products are computed.
func TestColumnsWay(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	c := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20}
	for _, tt := range []struct {
		m, n, k int
		want    columnsWay
	}{
		{100, 4, 300, columnsWay{300, 2, false, false}},  // B's columns stay in L1
		{60, 4, 1700, columnsWay{344, 2, true, false}},   // and here pieces of them
		{60, 6, 1700, columnsWay{1700, 2, true, false}},  // many products hide their lines
		{40, 6, 2048, columnsWay{344, 2, true, false}},   // but not where rows are in the same sets
		{4, 4, 1700, columnsWay{1700, 2, false, false}},  // one panel
		{1000, 4, 4096, columnsWay{376, 2, true, true}},  // A from memory
		{1000, 2, 4100, columnsWay{4100, 3, true, true}}, // as whole rows of few columns
		{1000, 1, 4100, columnsWay{4100, 3, true, false}},
		{10, 1, 200000, columnsWay{50000, 3, true, false}}, // pieces that calls may take
		{4, 3, 40000, columnsWay{384, 3, true, false}},     // B beyond half of L2
	} {
		if got := avx512InPlaceF64.columnsWay(tt.m, tt.n, tt.k, tt.k, 8, c); got != tt.want {
			t.Errorf("%d×%d×%d: %+v, want %+v", tt.m, tt.n, tt.k, got, tt.want)
		}
	}
}

// Tiles take all columns where A is so large that to read it once more, for dot products, takes longer than these save.
func TestColumnsOfLargeA(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	u := avx512InPlaceF64
	u.near, u.l2 = 40<<10, 1<<20
	for _, tt := range []struct{ m, n, columns int }{{100, 13, 5}, {3236, 13, 0}, {100, 7, 7}, {3471, 7, 0}, {100, 4, 4}, {3471, 4, 4}} {
		if _, got := u.parts(tt.m, tt.n, 726, 4, 2); got != tt.columns {
			t.Errorf("%d×%d×726: dot products of %d columns, want %d", tt.m, tt.n, got, tt.columns)
		}
	}
}
