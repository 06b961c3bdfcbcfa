package kernels

import (
	"unsafe"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels/asm"
)

// rowStream is the assembly that multiplies few rows of A: group takes k rows of B at once, single one, and ahead, where there
// is one, aheadRows while it prefetches as many.
type rowStream struct {
	width         int // bytes of a vector
	k             int
	group, single func(*asm.MatmulRows)
	ahead         func(*asm.MatmulRows)
}

// farRows is up to how many rows of A take so few operations for an element of B that the rows of a group are better far apart.
const farRows = 2

// aheadRows is how many rows of B are read at once from memory.
const aheadRows = 8

// plainMatmulOf is tiledMatmul, but for shapes that have nothing to tile: of few rows or columns, so that an element of the
// large operand is used a few times only. It is then read in place along its rows, once.
func plainMatmulOf[T float](u *microKernel, small inPlace, streams []rowStream, v vectors[T]) multiplier[T, T] {
	m := tiledMatmul[T, T](u)
	tiled, blocks := m.prepare, m.scratch
	dots := func(s shape.Shape) bool { return s.N <= fewDots && (small.tiles == nil || s.K > columnsDepth) }
	inPlace := func(s shape.Shape) bool { return small.suits(s.M, s.N, s.K, sizeof[T](), ownCaches()) }
	m.scratch = func(s shape.Shape) int64 {
		copied := 0 // columns of B
		switch {
		case dots(s):
			copied = s.N
		case inPlace(s):
			_, copied = small.parts(s.M, s.N, s.K, lineElems[T]()/2, s.N*s.K*sizeof[T]() > ownCaches().l2/2)
		case s.M > len(streams):
			return blocks(s)
		}
		return int64(copied*s.K*sizeof[T]()) + page
	}
	m.prepare = func(p *product[T, T], workers int) func(int) {
		s := shape.Shape{M: p.c.rows, N: p.c.cols, K: p.a.cols}
		switch {
		case dots(s):
			return dotColumns(p, workers, v)
		case inPlace(s) && len(p.set) == 0:
			return multiplyInPlace(p, workers, small, ownCaches())
		case s.M <= len(streams):
			return streamRows(p, workers, streams[s.M-1], ownCaches())
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
// Workers share columns. Where B comes from memory, whole rows are read if their part of C fits a piece of L2: they lie one after the
// other, and can be prefetched in that order.
func streamRows[T float](p *product[T, T], workers int, s rowStream, caches caches) func(int) {
	lanes, es, rows := lineElems[T](), sizeof[T](), p.c.rows
	block := max(caches.l1/2/(rows*es)/lanes*lanes, 8*lanes)
	fromMemory := s.ahead != nil && caches.fromMemory(p.c.cols*p.a.cols*es, rows)
	if fromMemory && workers == 1 && p.c.cols*rows*es <= caches.l2/8 {
		block = p.c.cols
	} else {
		s.ahead = nil
	}
	far := 0 // the sums are the same for any number of workers
	if rows <= farRows && !fromMemory {
		far = p.a.cols / s.k
	}
	block = min(block, (p.c.cols+lanes-1)/lanes*lanes)
	stride := apart(block*es, rows) / es
	all := make([]fewRows[T], workers)
	for w := range all {
		all[w].c = matrix[T]{alloc[T](rows*stride + page/es), rows, block, stride}
		keep(&p.scratch, "rows of C", all[w].c.data)
	}
	return func(worker int) {
		from, to := share(p.c.cols, lanes, workers, worker)
		for j := from; j < to; j += block {
			cols := min(block, to-j)
			c := all[worker].away(pointer(p.b.at(0, j)))
			clear(c.data)
			streamBlock(p, &all[worker].args, c, s, far, j, cols)
			for i := range c.rows {
				copy(p.c.at(i, j)[:cols], c.row(i))
			}
		}
	}
}

// apart is the distance in bytes of so many rows of C, of size bytes each, that lie evenly in the offsets in a page: processors
// take a load for one of what was just stored at the same offset in another page, and wait.
func apart(size, rows int) int {
	const line = 64
	return (size+page-1)/page*page + page/rows/line*line
}

// away is C's rows where no offset in a page is that of a row of B that begins at b, or soon will be.
func (f *fewRows[T]) away(b *byte) matrix[T] {
	c, es := f.c, sizeof[T]()
	shift := int(uintptr(unsafe.Pointer(b))-uintptr(unsafe.Pointer(pointer(c.data)))) + page/2/c.rows
	c.data = c.data[shift&(page-1)/64*64/es:][:c.rows*c.stride]
	return c
}

// streamBlock adds all products of columns j:j+cols to rows of C. With far the rows
// of a group are as many rows apart, so that each is one stream from its first group to its last.
func streamBlock[T float](p *product[T, T], args *asm.MatmulRows, c matrix[T], s rowStream, far, j, cols int) {
	es, depth := sizeof[T](), p.a.cols
	width := s.width / es
	tail := cols % width
	*args = asm.MatmulRows{
		ABytes: p.a.stride * es, C: pointer(c.data), CBytes: c.stride * es,
		Vectors: cols / width, Tail: tail, TailLanes: &tailLanes[len(tailLanes)/2-tail*es],
	}
	call, rows := s.group, s.k
	if s.ahead != nil {
		call, rows = s.ahead, aheadRows
	}
	// run takes groups of rows that are step rows apart, and begin next rows apart.
	run := func(call func(*asm.MatmulRows), k, rows, step, next, groups int) {
		args.AStep, args.ANext, args.BBytes, args.BNext = step*es, next*es, step*p.b.stride*es, next*p.b.stride*es
		args.Ahead = args.BNext
		most := max(streamBytes/(rows*cols*es), 1) // groups in a call
		for groups > 0 {
			args.Groups = min(groups, most)
			groups -= args.Groups
			n := args.Groups
			args.A, args.B = pointer(p.a.at(0, k)), pointer(p.b.at(k, j))
			call(args)
			k += n * next
		}
	}
	groups := depth / rows
	if far > 0 {
		run(call, 0, rows, far, 1, far)
	} else {
		run(call, 0, rows, 1, rows, groups)
	}
	run(s.single, groups*rows, 1, 1, 1, depth-groups*rows)
}

// fewDots is up to how many columns C is computed by dot products where no code computes it in place, or K is large.
const fewDots = 4

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
