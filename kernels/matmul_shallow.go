package kernels

import (
	"math"

	"github.com/roofline-go/roofline/kernels/asm"
)

// shallowPlan computes C a block of columns at a time, whose part of B is in registers: an element of C takes no more than a few
// multiply-adds and its store.
type shallowPlan[T float] struct {
	p              *product[T, T]
	from, to, rows int // rows of C; so many at a time
	blocks         []shallowBlock
}

// shallowBlock is some columns from col on.
type shallowBlock struct {
	call[asm.MatmulShallow]
	col int
}

// shallowRows is how many rows are computed at a time where C is four times as large as L2: its lines come the faster the longer the pieces are that lie
// together.
const shallowRows = 8

// planShallow plans rows from to to.
func planShallow[T float](p *product[T, T], u inPlace, caches caches, from, to int) (l shallowPlan[T]) {
	es, lanes, n, k := sizeof[T](), lineElems[T](), p.c.cols, p.a.cols
	vectors := (n + lanes - 1) / lanes
	l = shallowPlan[T]{p: p, from: from, to: to, rows: max(int(inPlaceFLOPs/float64(2*lanes*len(u.shallow[k-1])*k)), 1)}
	if p.c.rows*n*es > 4*caches.l2 {
		l.rows = shallowRows
	}
	if u.takesOuter(n, k, es, caches) {
		b := shallowBlock{call: call[asm.MatmulShallow]{run: u.outer}}
		b.args = asm.MatmulShallow{ABytes: p.a.stride * es, B: pointer(p.b.data), CBytes: p.c.stride * es, Vectors: n / lanes}
		if left := n % lanes; left > 0 {
			b.args.Lanes = &tailLanes[len(tailLanes)/2-left*es]
		}
		l.rows, l.blocks = max(int(inPlaceFLOPs/float64(2*n)), 1), []shallowBlock{b}
		return l
	}
	for blocks, at := u.shallowBlocks(vectors, k), 0; blocks > 0; blocks-- {
		width := (vectors - at + blocks - 1) / blocks
		b := shallowBlock{col: at * lanes}
		b.args = asm.MatmulShallow{ABytes: p.a.stride * es, B: pointer(p.b.at(0, b.col)), BBytes: p.b.stride * es, CBytes: p.c.stride * es}
		at += width
		if left := n - (at-1)*lanes; left < lanes {
			b.args.Lanes = &tailLanes[len(tailLanes)/2-left*es]
		}
		if n <= lanes/2 {
			width = 0
		}
		b.run = u.shallow[k-1][width]
		l.blocks = append(l.blocks, b)
	}
	return l
}

// takesOuter reports whether a product of one inner element is computed row by row, with B in half of L1: C, which takes the time, is then written
// as one stream.
func (u inPlace) takesOuter(n, k, es int, c caches) bool {
	return k == 1 && n*es > 64*(len(u.shallow[0])-1) && n*es <= c.l1/2
}

// shallowBlocks is in how many blocks so many vectors of columns are computed.
func (u inPlace) shallowBlocks(vectors, k int) int {
	most := len(u.shallow[k-1]) - 1
	return (vectors + most - 1) / most
}

// shallowDeep is up to how many inner elements more columns than fit one block are computed so: of more, tiles are faster, which are stored beside
// products.
const shallowDeep = 7

// shallowCycles estimates what a product takes on a processor that stores one vector in two cycles. Of up to two vectors it was fitted to
// times on a Zen 4.
func (u inPlace) shallowCycles(m, n, k, lanes int) float64 {
	perRow, perBlock, vectors := 1.5, 40.0, (n+lanes-1)/lanes
	if u.slowLines {
		return u.slowShallowCycles(m, n, k, lanes)
	}
	if vectors <= 2 {
		perBlock += float64(3 * vectors * k)
		perRow = 0.6
		if n > lanes && n <= lanes*3/2 && k > 3 {
			perRow = 1.2 // tiles have half a vector
		}
	}
	if n <= lanes/2 {
		return float64(m)*max(1.4, 0.6*float64(k)-0.1, 0.9*float64(k)-3.1) + perBlock
	}
	blocks := float64(u.shallowBlocks(vectors, k))
	if blocks > 1 && k > shallowDeep {
		return math.Inf(1)
	}
	return float64(m)*(float64(vectors*max(k, 2))+blocks*perRow) + blocks*perBlock
}

func (l *shallowPlan[T]) run() {
	for row := l.from; row < l.to; row += l.rows {
		for i := range l.blocks {
			b := &l.blocks[i]
			b.args.A, b.args.C, b.args.Rows = pointer(l.p.a.at(row, 0)), pointer(l.p.c.at(row, b.col)), min(l.rows, l.to-row)
			b.call.run(&b.args)
		}
	}
}
