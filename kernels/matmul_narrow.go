package kernels

import (
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels/asm"
)

// narrowStream is the assembly that multiplies some number of rows of A with B in place, of narrow elements: group takes groupRows rows of B
// at once, ahead also, and prefetches, single those of one step.
type narrowStream struct {
	group, single, ahead func(*asm.NarrowRows)
}

// narrowRows is that for 1, 2, … rows of A, of one type.
type narrowRows struct {
	streams   []narrowStream
	groupRows int
	order     func(*asm.NarrowSums)
}

// mostNarrowRows is up to how many rows of A B streams by.
const mostNarrowRows = 8

// narrowPiece is the columns of C whose sums fill a vector.
const narrowPiece = 16

// narrowMatmulOf is tiledMatmul, but for few rows and few columns: B, or A, is then read in place, once.
func narrowMatmulOf[I element, O result](u *microKernel, few narrowRows, columns narrowColumns) multiplier[I, O] {
	m := tiledMatmul[I, O](u)
	tiled, blocks := m.prepare, m.scratch
	m.scratch = func(s shape.Shape) int64 {
		if columns.suits(s.M, s.N, s.K) {
			return int64(s.N * (s.K + lineElems[I]()) * sizeof[I]())
		}
		if !few.suits(s.M) {
			return blocks(s)
		}
		cols := narrowBlock[I](s.M, s.N, ownCaches())
		return int64(s.M*cols*sizeof[O]() + u.group()*(cols+s.M)*sizeof[I]())
	}
	m.prepare = func(p *product[I, O], workers int) func(int) {
		if columns.suits(p.c.rows, p.c.cols, p.a.cols) {
			return dotNarrow(p, workers, u, columns)
		}
		if few.suits(p.c.rows) {
			return streamNarrow(p, workers, u, few, ownCaches())
		}
		return tiled(p, workers)
	}
	return m
}

// suits reports whether B streams by m rows of A.
func (f narrowRows) suits(m int) bool { return m <= len(f.streams) }

// narrowBlock is how many of n columns are computed at a time by m rows: so many that their sums stay in L1 while B streams by.
func narrowBlock[I element](m, n int, c caches) int {
	lanes := lineElems[I]()
	return min(max(c.l1/2/(m*4)/lanes*lanes, lanes), (n+lanes-1)/lanes*lanes)
}

// fewNarrow is one worker's scratch.
type fewNarrow[I element, O result] struct {
	sums   []O
	a, b   []I // the last, partial step along K, filled up with zeros
	starts [mostNarrowRows]int32
	part   [mostNarrowRows]int32 // of starts
	args   asm.NarrowRows
	row    asm.NarrowSums
}

// streamNarrow computes the few rows of C a block of columns at a time. Workers share columns.
func streamNarrow[I element, O result](p *product[I, O], workers int, u *microKernel, few narrowRows, caches caches) func(int) {
	lanes, rows, group := lineElems[I](), p.c.rows, u.group()
	block := narrowBlock[I](rows, p.c.cols, caches)
	fromMemory := caches.fromMemory(p.c.cols*p.a.cols*sizeof[I](), rows)
	ahead := fromMemory && workers == 1 && p.c.cols*rows*sizeof[O]() <= caches.l2/8
	if ahead { // whole rows lie one after the other
		block = (p.c.cols + lanes - 1) / lanes * lanes
	}
	all := make([]fewNarrow[I, O], workers)
	for w := range all {
		f := &all[w]
		f.sums, f.a, f.b = alloc[O](rows*block), alloc[I](rows*group), alloc[I](group*block)
		keep(&p.scratch, "sums", f.sums)
		keep(&p.scratch, "edge of A", f.a)
		keep(&p.scratch, "edge of B", f.b)
	}
	return func(worker int) {
		f := &all[worker]
		from, to := share(p.c.cols, lanes, workers, worker)
		if from == to {
			return
		}
		if u.starts != nil {
			f.addUp(p.a, u)
		}
		for j := from; j < to; j += block {
			f.columns(p, u, few, ahead, j, min(block, to-j))
		}
	}
}

// addUp computes what the sums of the rows of A start from, some columns of it in a call.
func (f *fewNarrow[I, O]) addUp(a matrix[I], u *microKernel) {
	clear(f.starts[:])
	most := streamBytes / (a.rows * sizeof[I]())
	for k := 0; k < a.cols; k += most {
		u.starts(&f.part[0], pointer(a.at(0, k)), a.stride*sizeof[I](), a.rows, min(most, a.cols-k))
		for i, x := range f.part[:a.rows] {
			f.starts[i] += x
		}
	}
}

// columns computes columns j:j+cols of C. With ahead the rows of B that follow are prefetched.
func (f *fewNarrow[I, O]) columns(p *product[I, O], u *microKernel, few narrowRows, ahead bool, j, cols int) {
	lanes, in, rows, group := lineElems[I](), sizeof[I](), p.c.rows, u.group()
	blocks, rest := cols/lanes, cols%lanes
	clear(f.sums)
	args := &f.args
	*args = asm.NarrowRows{
		ABytes: p.a.stride * in, BBytes: p.b.stride * in, Sums: pointer(f.sums),
		Blocks: blocks, Pieces: rest / narrowPiece, Tail: rest % narrowPiece, Ahead: few.groupRows * p.b.stride * in,
	}
	s := few.streams[rows-1]
	if ahead {
		s.group = s.ahead
	}
	k := 0
	run := func(call func(*asm.NarrowRows), rows int) {
		most := max(streamBytes/(rows*cols*in), 1) // groups in a call
		for groups := (p.a.cols - k) / rows; groups > 0; {
			args.Groups = min(groups, most)
			groups -= args.Groups
			args.A, args.B = pointer(p.a.at(0, k)), pointer(p.b.at(k, j))
			k += args.Groups * rows
			call(args)
		}
	}
	run(s.group, few.groupRows)
	run(s.single, group)
	if last := p.a.cols - k; last > 0 {
		f.fillEdges(p, k, last, j, cols, group)
		args.A, args.ABytes, args.B, args.BBytes, args.Groups = pointer(f.a), group*in, pointer(f.b), cols*in, 1
		s.single(args)
	}

	vectors := lanes / narrowPiece
	f.row = asm.NarrowSums{
		BlockBytes: rows * vectors * 64, PieceBytes: rows * 64, Blocks: blocks, Pieces: args.Pieces, Tail: args.Tail,
	}
	for i := range rows {
		f.row.Sums, f.row.C, f.row.Start = pointer(f.sums[i*lanes:]), pointer(p.c.at(i, j)), int(f.starts[i])
		if rest > 0 {
			f.row.Rest = pointer(f.sums[rows*blocks*lanes+i*narrowPiece:])
		}
		few.order(&f.row)
	}
}

// fillEdges copies the last rows of B and columns of A from k on to where zeros fill up a step.
func (f *fewNarrow[I, O]) fillEdges(p *product[I, O], k, last, j, cols, group int) {
	clear(f.a)
	for i := range p.c.rows {
		copy(f.a[i*group:], p.a.at(i, k)[:last])
	}
	clear(f.b)
	for q := range last {
		copy(f.b[q*cols:], p.b.at(k+q, j)[:cols])
	}
}
