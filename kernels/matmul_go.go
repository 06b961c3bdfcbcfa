package kernels

import "github.com/roofline-go/roofline/internal/shape"

// naiveMatmul is the textbook order that reads B and C along their rows.
func naiveMatmul[T float]() multiplier[T, T] { return naive(naiveRow[T]) }

// naive computes C row by row.
func naive[I element, O result](row func(c []O, a []I, b matrix[I])) multiplier[I, O] {
	return multiplier[I, O]{
		scratch: func(shape.Shape) int64 { return 0 },
		prepare: func(p *product[I, O], workers int) func(int) {
			return func(worker int) {
				from, to := share(p.c.rows, 1, workers, worker)
				for i := from; i < to; i++ {
					row(p.c.row(i), p.a.row(i), p.b)
				}
			}
		},
	}
}

// naiveRow computes one row, c = a·B.
func naiveRow[T float](c, a []T, b matrix[T]) {
	clear(c)
	for k, x := range a {
		row := b.row(k)[:len(c)]
		for j := range c {
			c[j] += x * row[j]
		}
	}
}

// The blocked kernel holds 2 rows × 4 columns of C in registers and reads B from a copy of its 4 columns, goDepth rows
// at a time, which stays in L1 while A streams by.
const (
	goRows  = 2
	goCols  = 4
	goDepth = 512
)

// blockedMatmul keeps a tile of C in registers and the matching columns of B in L1.
func blockedMatmul[T float]() multiplier[T, T] {
	return multiplier[T, T]{
		scratch: func(s shape.Shape) int64 { return int64(min(s.K, goDepth) * goCols * sizeof[T]()) },
		prepare: func(p *product[T, T], workers int) func(int) {
			packed := make([][]T, workers)
			for w := range packed {
				packed[w] = alloc[T](min(p.a.cols, goDepth) * goCols)
			}
			return func(worker int) {
				bl := blockOf(p.c.rows, p.c.cols, goRows, goCols, workers, worker)
				for j := 0; j < bl.cols; j += goCols {
					for k := 0; k < p.a.cols; k += goDepth {
						blockedColumns(p, bl, bl.col+j, min(goCols, bl.cols-j), k, packed[worker])
					}
				}
			}
		},
	}
}

// blockedColumns adds A[:, k:k+goDepth]·B[k:k+goDepth, j:j+cols] to the rows of bl, or stores it when k is 0.
func blockedColumns[T float](p *product[T, T], bl block, j, cols, k int, packed []T) {
	depth := min(goDepth, p.a.cols-k)
	packed = packed[:depth*goCols]
	for q := range depth {
		row := packed[q*goCols:][:goCols]
		clear(row)
		copy(row, p.b.at(k+q, j)[:cols])
	}
	for i := bl.row; i < bl.row+bl.rows; i += goRows {
		last := min(i+goRows, bl.row+bl.rows) - 1 // the same row twice at an odd end
		tile := goTile(p.a.at(i, k)[:depth], p.a.at(last, k)[:depth], packed)
		for r := i; r <= last; r++ {
			c := p.c.at(r, j)[:cols]
			for q := range c {
				if k == 0 {
					c[q] = 0
				}
				c[q] += tile[(r-i)*goCols+q]
			}
		}
	}
}

// goTile returns the 2×4 products of two rows of A with four packed columns of B. The eight sums are eight independent
// chains, enough to hide the latency of an add.
//
// How B is walked matters: checked once per step like this, the compiler keeps all sums in registers; with an array
// pointer or indices it spills one of them, and every step waits for it.
func goTile[T float](a0, a1, b []T) [goRows * goCols]T {
	var c00, c01, c02, c03, c10, c11, c12, c13 T
	a1 = a1[:len(a0)]
	for k, x0 := range a0 {
		if len(b) < goCols {
			break // never: there are as many packed rows as elements in a row of A
		}
		x1 := a1[k]
		y0, y1, y2, y3 := b[0], b[1], b[2], b[3]
		c00 += x0 * y0
		c01 += x0 * y1
		c02 += x0 * y2
		c03 += x0 * y3
		c10 += x1 * y0
		c11 += x1 * y1
		c12 += x1 * y2
		c13 += x1 * y3
		b = b[goCols:]
	}
	return [...]T{c00, c01, c02, c03, c10, c11, c12, c13}
}
