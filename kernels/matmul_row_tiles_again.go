package kernels

import "github.com/roofline-go/roofline/internal/shape"

// Zeros in A's tile do not make up for infinities and NaN in B: they reach columns beside their own. So vectors compute again each line of columns, copied for them, that has a sum of
// bf16 which is not finite. Lines are the same for any number of workers, and so are the bits.
type spoiledLine[I element, O result] struct {
	*product[I, O]
	multiply func(int)
}

// spoiledShape is the product of a line of columns.
func spoiledShape[I element](m, k int) shape.Shape {
	return shape.Shape{M: m, N: lineElems[I](), K: k}
}

// newSpoiledLine allocates room for a line, and plans its product.
func newSpoiledLine[I element, O result](p *product[I, O], vectors multiplier[I, O]) spoiledLine[I, O] {
	m, n, k := p.c.rows, lineElems[I](), p.a.cols
	q := &product[I, O]{a: p.a, b: matrix[I]{alloc[I](k * n), k, n, n}, c: matrix[O]{alloc[O](m * n), m, n, n}}
	keep(&p.scratch, "columns of B", q.b.data)
	keep(&p.scratch, "columns of C", q.c.data)
	l := spoiledLine[I, O]{q, vectors.prepare(q, 1)}
	p.scratch = append(p.scratch, q.scratch...)
	return l
}

// again computes the lines of p's columns, from column from on, whose sums are not finite: of each pass a tile for each line.
func (l spoiledLine[I, O]) again(p *product[I, O], sums []O, from, passes, tile int) {
	x := any(sums).([]float32)
	if allFinite(x) {
		return
	}
	pass := len(x) / passes
	for at := 0; at < pass; at, from = at+tile, from+l.c.cols {
		finite := true
		for i := at; i < len(x); i += pass {
			finite = finite && allFinite(x[i:][:tile])
		}
		if finite {
			continue
		}
		for q := range l.b.rows {
			copy(l.b.row(q), p.b.at(q, from))
		}
		l.multiply(0)
		for r := range l.c.rows {
			copy(p.c.at(r, from), l.c.row(r))
		}
	}
}

// allFinite reports whether all of x is finite: zero times anything else is not zero.
func allFinite(x []float32) bool {
	sum := float32(0)
	for ; len(x) > 0; x = x[min(len(x), len(zeros)):] {
		n := min(len(x), len(zeros))
		sum += avx512VectorsF32.dot(x[:n], zeros[:n])
	}
	return sum == 0
}

var zeros [4096]float32
