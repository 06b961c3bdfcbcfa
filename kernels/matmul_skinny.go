package kernels

import (
	"github.com/roofline-go/roofline/kernels/asm"
)

// rowStream is the assembly that multiplies few rows of A: group takes k rows of B at once, single one.
type rowStream struct {
	width         int // bytes of a vector
	k             int
	group, single func(*asm.MatmulRows)
}

// plainMatmulOf is tiledMatmul, but for shapes that have nothing to tile: of few rows or columns, so that an element of the
// large operand is used a few times only. It is then read in place along its rows, once.
func plainMatmulOf[T float](u *microKernel, streams []rowStream, v vectors[T]) multiplier[T, T] {
	m := tiledMatmul[T, T](u)
	tiled := m.prepare
	m.prepare = func(p *product[T, T], workers int) func(int) {
		switch {
		case p.c.cols <= fewDots || p.c.cols <= manyDots && p.a.cols >= longDot && streams[0].width == 64:
			return dotColumns(p, workers, v)
		case p.c.rows <= len(streams):
			return streamRows(p, workers, streams[p.c.rows-1])
		}
		return tiled(p, workers)
	}
	return m
}

// streamBytes bounds what one call reads of B: a millisecond at 0.5 GB/s.
const streamBytes = 512 << 10

// fewRows is one worker's scratch for few rows: C's, an odd number of lines apart so that they share no set of L1, as they
// would in C where its rows are a power of two apart, and arguments.
type fewRows[T float] struct {
	c    matrix[T]
	args asm.MatmulRows
}

// streamRows computes the few rows of C a block of columns at a time, so narrow that its rows stay in L1 while B streams by.
// Workers share columns.
func streamRows[T float](p *product[T, T], workers int, s rowStream) func(int) {
	lanes := lineElems[T]()
	block := max(ownCaches().l1/2/(p.c.rows*sizeof[T]())/lanes*lanes, 8*lanes)
	block = min(block, (p.c.cols+lanes-1)/lanes*lanes)
	stride := (block/lanes | 1) * lanes
	all := make([]fewRows[T], workers)
	for w := range all {
		all[w].c = matrix[T]{alloc[T](p.c.rows * stride), p.c.rows, block, stride}
		keep(&p.scratch, "rows of C", all[w].c.data)
	}
	return func(worker int) {
		from, to := share(p.c.cols, lanes, workers, worker)
		for j := from; j < to; j += block {
			cols, c := min(block, to-j), all[worker].c
			clear(c.data)
			streamBlock(p, &all[worker], s, j, cols)
			for i := range c.rows {
				copy(p.c.at(i, j)[:cols], c.row(i))
			}
		}
	}
}

// streamBlock adds all products of columns j:j+cols to a worker's rows of C.
func streamBlock[T float](p *product[T, T], f *fewRows[T], s rowStream, j, cols int) {
	es, depth := sizeof[T](), p.a.cols
	width := s.width / es
	tail := cols % width
	f.args = asm.MatmulRows{
		ABytes: p.a.stride * es, BBytes: p.b.stride * es, C: pointer(f.c.data), CBytes: f.c.stride * es,
		Vectors: cols / width, Tail: tail, TailLanes: &tailLanes[len(tailLanes)/2-tail*es],
	}
	most := max(streamBytes/(s.k*cols*es), 1) // groups in a call
	for k := 0; k < depth; {
		call, rows := s.group, s.k
		f.args.Groups = min((depth-k)/s.k, most)
		if f.args.Groups == 0 {
			call, rows, f.args.Groups = s.single, 1, depth-k
		}
		n := f.args.Groups * rows
		f.args.A, f.args.B = pointer(p.a.at(0, k)), pointer(p.b.at(k, j))
		call(&f.args)
		k += n
	}
}

// The number of columns up to which C is computed by dot products: fewDots, or manyDots where a tile would leave half of a
// vector of 64 bytes idle and the products are longDot or longer, so that the sums across vectors weigh little.
const (
	fewDots  = 4
	manyDots = 8
	longDot  = 256
)

// dotDepth is how many elements of the rows of A are multiplied with all columns of B before the next: eight rows of them
// stay in L1.
const dotDepth = 512

// dotColumns computes the few columns of C from dot products of rows of A with the columns of B, which each worker copies
// to where their elements are side by side. Workers share rows.
func dotColumns[T float](p *product[T, T], workers int, v vectors[T]) func(int) {
	depth, cols := p.a.cols, p.c.cols
	type scratch struct{ b, y []T }
	all := make([]scratch, workers)
	for w := range all {
		all[w] = scratch{alloc[T](depth * cols), alloc[T](gemvRows)}
		keep(&p.scratch, "packed B", all[w].b)
		keep(&p.scratch, "sums", all[w].y)
	}
	step := gemvCols // a single column reads A once: only its own piece must stay in L1
	if cols > 1 {
		step = dotDepth
	}
	return func(worker int) {
		from, to := share(p.c.rows, lineElems[T](), workers, worker)
		if from == to {
			return
		}
		b, y := all[worker].b, all[worker].y
		for k := range depth {
			for j, x := range p.b.row(k) {
				b[j*depth+k] = x
			}
		}
		for i := from; i < to; i += gemvRows {
			rows := min(gemvRows, to-i)
			for r := range rows {
				clear(p.c.row(i + r))
			}
			for k := 0; k < depth; k += step {
				n := min(step, depth-k)
				a := matrix[T]{p.a.at(i, k), rows, n, p.a.stride}
				for j := range cols {
					clear(y)
					v.gemv(y[:rows], a, b[j*depth+k:][:n])
					for r := range rows {
						p.c.row(i + r)[j] += y[r]
					}
				}
			}
		}
	}
}
