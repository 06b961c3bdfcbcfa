package kernels

import (
	"unsafe"

	"github.com/roofline-go/roofline/kernels/asm"
)

// rowStream is the assembly that multiplies few rows of A. Groups of rows of B are added at once: far ones, the largest first, have their
// rows far apart, so that each is a stream; near ones lie one after the other, and are many where there is code for more than near has;
// those ahead, where there are any, also prefetch the group that follows. rest are for what is left, the largest first; single takes one row.
type rowStream struct {
	width             int // bytes of a vector
	far               []rowGroup
	near, many, ahead rowGroup
	rest              []rowGroup
	single            func(*asm.MatmulRows)
}

// rowGroup adds k rows of B at once.
type rowGroup struct {
	k   int
	run func(*asm.MatmulRows)
}

// choose returns the group for K rows of B, of so many bytes each, how far apart its rows are to be, and up to how many bytes of a row are to
// be taken at a time. The rows under way are to fit half of L1, so that C stays there beside them: streams are for short rows, and for pages of
// long ones. Pieces that begin within a page break the streams too often; then many rows are added, so that C is loaded and stored
// less. The choice does not depend on the number of workers, so that the sums do not.
func (s rowStream) choose(rows, row, k int, fromMemory bool, c caches) (g rowGroup, far, piece int) {
	if fromMemory {
		return s.near, 1, row
	}
	if g := s.fromL2(row, row*k > c.l2); c.streams && s.staysInL1(g, rows, row, c) {
		return g, max(k/g.k, 1), row
	}
	for _, g := range s.far {
		if g.k*row <= c.l1/2 {
			return g, max(k/g.k, 1), row
		}
	}
	switch {
	case s.many.k == 0:
		return s.near, 1, row
	case row%page == 0 && s.far[0].k*page <= c.l1/2:
		return s.far[0], max(k/s.far[0].k, 1), page
	}
	return s.many, 1, row
}

// fromL2 is the group for streams where L2 sends a line in every cycle: the largest where loads of B take two lines, so that C takes few more. From
// beyond L2 fewer streams come faster.
func (s rowStream) fromL2(row int, beyond bool) rowGroup {
	if len(s.far) > 0 && (row%64 == 0 || beyond) {
		return s.far[0]
	}
	return s.near
}

// longestStream is up to how long rows of B are read far apart beside one row of C though C does not stay in L1.
const longestStream = 16 << 10

// staysInL1 reports whether rows of C stay in L1 while so many rows of B, one far from the other, pass beside them.
func (s rowStream) staysInL1(g rowGroup, rows, row int, c caches) bool {
	return (g.k+rows)*row <= c.l1 || rows == 1 && row < longestStream
}

// streamsFromL2 reports whether m rows of A meet rows of B that stay in L2, but not in L1, as streams: tiles take pieces of rows, which
// processors do not foresee. Many rows of A take long to multiply beside that, and few rows of B do not pay for reading and writing C.
func streamsFromL2(m, row, k int, c caches) bool {
	return c.streams && row*k > c.l1*min(m, 2) && k >= streamDepth[m-1] && (m < 3 || 11*row <= c.l1)
}

// streamDepth is for each number of rows of A from how many rows of B on they are streams.
var streamDepth = [...]int{16, 48, 100, 128}

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
	row, depth := p.c.cols*es, p.a.cols
	fromMemory := s.ahead.run != nil && caches.streamsFromMemory(rows, row*depth)
	group, far, piece := s.choose(rows, row, depth, fromMemory, caches)
	block = min(block, piece/es)
	if fromMemory && workers == 1 && rows*row <= caches.l2/8 {
		block, group = p.c.cols, s.ahead
	}
	block = min(block, (p.c.cols+lanes-1)/lanes*lanes)
	stride := apart(block*es, rows) / es
	all := make([]fewRows[T], workers)
	for w := range all {
		all[w].c = matrix[T]{alloc[T](rows*stride + page/es), rows, block, stride}
		keep(&p.scratch, "rows of C", all[w].c.data)
	}
	direct := rows == 1 && p.b.stride*es%page != 0 // else C is computed where it is in no way of B, and copied
	return func(worker int) {
		from, to := share(p.c.cols, lanes, workers, worker)
		for j := from; j < to; j += block {
			cols := min(block, to-j)
			c := matrix[T]{p.c.at(0, j)[:cols], 1, cols, cols}
			if !direct {
				c = all[worker].away(pointer(p.b.at(0, j)))
			}
			clear(c.data)
			streamBlock(p, &all[worker].args, c, s, group, far, j, cols)
			for i := 0; i < rows && !direct; i++ {
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

// streamBlock adds all products of columns j:j+cols to rows of C, by groups of rows of B that lie far apart.
func streamBlock[T float](p *product[T, T], args *asm.MatmulRows, c matrix[T], s rowStream, group rowGroup, far, j, cols int) {
	es, depth := sizeof[T](), p.a.cols
	width := s.width / es
	tail := cols % width
	*args = asm.MatmulRows{
		ABytes: p.a.stride * es, C: pointer(c.data), CBytes: c.stride * es,
		Vectors: cols / width, Tail: tail, TailLanes: &tailLanes[len(tailLanes)/2-tail*es],
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
	groups := depth / group.k
	if far > 1 {
		run(group.run, 0, group.k, far, 1, groups)
	} else {
		run(group.run, 0, group.k, 1, group.k, groups)
	}
	done := groups * group.k
	if group.k > s.near.k {
		groups = (depth - done) / s.near.k
		run(s.near.run, done, s.near.k, 1, s.near.k, groups)
		done += groups * s.near.k
	}
	for _, g := range s.rest {
		groups = (depth - done) / g.k
		run(g.run, done, g.k, 1, g.k, groups)
		done += groups * g.k
	}
	run(s.single, done, 1, 1, 1, depth-done)
}
