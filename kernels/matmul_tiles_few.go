package kernels

import "github.com/roofline-go/roofline/internal/shape"

// vectorShapes is where vectors multiply faster than tiles: of few rows or columns tiles are mostly empty, or packing B takes longer than all products,
// and of a small depth nearly all time goes into storing C, which vectors do in longer pieces.
type vectorShapes struct {
	rows, rowsSmall int // up to so many rows, or so many where B takes no more than a quarter of L1
	rowsNarrow      int // or so many of less than a line of columns
	rowsLarge       int // or so many where B takes half of L2 or more
	rowsFar         int // or so many where B takes more than 7/8 of L2 and a row of it is not longer than four columns
	rowsCrowded     int // or so many where rows of such a B compete for sets of L1 as well
	cols            int // up to so many columns
	depth           int // up to such a depth where C is large
}

// Times were taken on a Xeon with AMX, whose vectors multiply few rows of bfloat16 as float32.
var (
	vectorsBF16 = vectorShapes{rows: 5, rowsSmall: 3, rowsNarrow: 5, rowsLarge: 8, rowsFar: 8, rowsCrowded: 8, cols: 1, depth: 6}
	vectorsInt8 = vectorShapes{rows: 8, rowsSmall: 5, rowsNarrow: 2, rowsLarge: 8, rowsFar: 12, rowsCrowded: 16, cols: 2, depth: 24}
)

// suits says whether a product of elements of es bytes is multiplied by vectors.
func (v vectorShapes) suits(m, n, k, es int, c caches) bool {
	rows := v.rows
	switch {
	case n*k*es <= c.l1/4:
		rows = v.rowsSmall
	case n*es < lineBytes:
		rows = v.rowsNarrow
	case n*k*es > c.l2*7/8 && n <= 4*k && c.collide(n*es, 4*narrowPass):
		rows = v.rowsCrowded
	case n*k*es > c.l2*7/8 && n <= 4*k:
		rows = v.rowsFar
	case n*k*es >= c.l2/2:
		rows = v.rowsLarge
	}
	return m <= rows || n <= v.cols || k <= v.depth && 4*m*n > c.l1
}

// tileMatmulOf is tiledMatmul of tiles, but for shapes for which vectors are faster, unless a setting says how tiles are to multiply.
func tileMatmulOf[I element, O result](u *microKernel, vectors multiplier[I, O], shapes vectorShapes) multiplier[I, O] {
	m := tiledMatmul[I, O](u)
	tiles := m
	suits := func(m, n, k int) bool {
		c := ownCaches()
		if m == shapes.rows && u.blockOfFewRows(m, n, k, sizeof[I](), c) > 0 { // tiles are as fast then
			return false
		}
		return shapes.suits(m, n, k, sizeof[I](), c)
	}
	m.scratch = func(s shape.Shape) int64 {
		if r := rowTilesOf[I](); r.takes(s.M, s.N, s.K, sizeof[I](), ownCaches()) {
			return rowTilesScratch(r, s, vectors)
		}
		if suits(s.M, s.N, s.K) {
			return vectors.scratch(s)
		}
		return tiles.scratch(s)
	}
	m.prepare = func(p *product[I, O], workers int) func(int) {
		if r := rowTilesOf[I](); len(p.set) == 0 && r.takes(p.c.rows, p.c.cols, p.a.cols, sizeof[I](), ownCaches()) {
			return multiplyRowTiles(p, workers, r, vectors, ownCaches())
		}
		if len(p.set) == 0 && suits(p.c.rows, p.c.cols, p.a.cols) {
			return vectors.prepare(p, workers)
		}
		return tiles.prepare(p, workers)
	}
	return m
}

// rowTilesOf are those of a type.
func rowTilesOf[I element]() *rowTiles {
	if dtypeOf[I]() == BF16 {
		return &rowTilesBF16
	}
	return &rowTilesInt8
}
