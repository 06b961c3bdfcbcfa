package kernels

import (
	"unsafe"

	"github.com/roofline-go/roofline/kernels/asm"
)

// rowStream is the assembly that multiplies few rows of A. Groups of rows of B are added at once: far ones, the largest first, have their
// rows far apart, so that each is a stream; near ones lie one after the other, and are many where there is code for more than near has;
// those ahead, where there are any, also prefetch the group that follows, and those soon each row before it is used. rest are for what is left, the largest first; single takes one row.
type rowStream struct {
	width             int // bytes of a vector
	far               []rowGroup
	near, many, ahead rowGroup
	soon              rowGroup
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
		g, far := s.fromMemory(rows, k, c)
		return g, far, row
	}
	if g := s.fromL2(rows, row, row*k, c); c.farStreams() && s.staysInL1(g, rows, row, c) {
		return g, max(k/g.k, 1), row
	}
	if rows == 2 && pairOfLongRows(row, c) && row < longestStream && row%64 != 0 && row*k <= c.l2 {
		return s.near, max(k/s.near.k, 1), row
	}
	if rows == 2 && c.farLast() && row%page == 0 && row*k > c.piecesComeFrom() {
		return s.near, max(k/s.near.k, 1), row
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

// fromMemory is the group for B from memory, and how far its rows are apart. Where L2 sends a line in every cycle, or the last cache is far, most comes if those under way
// are far apart; the more rows of C are loaded and stored, the more of B are to be added at once.
func (s rowStream) fromMemory(rows, k int, c caches) (g rowGroup, far int) {
	switch {
	case !c.farStreams() || rows == 2:
		return s.near, 1
	case s.soon.k > 0:
		return s.soon, max(k/s.soon.k, 1)
	}
	return s.far[0], max(k/s.far[0].k, 1)
}

// fromL2 is the group for streams where L2 sends a line in every cycle, or the last cache is far: the largest where loads of B take two lines, so that C
// takes few more. From beyond L2 fewer streams come faster, and three rows are longer in L1 beside fewer.
func (s rowStream) fromL2(rows, row, b int, c caches) rowGroup {
	fewer := row%64 == 0 || b > c.l2 || rows == 3 && !s.staysInL1(s.near, rows, row, c)
	if fewer && len(s.rest) > 0 && s.rest[0].k == 4 {
		return s.rest[0]
	}
	return s.near
}

// longestStream is up to how long rows of B are read far apart though C does not stay in L1: beside one row of C, and of a B in L2 that do not begin at
// lines beside two.
const longestStream = 16 << 10

// staysInL1 reports whether rows of C stay in L1 while so many rows of B, one far from the other, pass beside them.
func (s rowStream) staysInL1(g rowGroup, rows, row int, c caches) bool {
	return (g.k+rows)*row <= c.l1 || rows == 1 && row < longestStream
}

// streamsFromL2 reports whether m rows of A meet rows of B that stay in L2, but not in L1, or that come from beyond L2 where the last cache is far, as
// streams: tiles take pieces of rows, which processors do not foresee. Many rows of A take long to multiply beside that, and few rows of B do not pay for reading and writing C.
func streamsFromL2(m, row, k int, c caches) bool {
	switch {
	case c.farLast():
		return streamsFarLast(m, row, k, c)
	case !c.streams || k < streamDepth[m-1]:
		return false
	case m == 2 && pairOfLongRows(row, c) && row*k > c.l2*7/8:
		return false
	case m == 3:
		return row*k > c.l1*2 && 7*row <= c.l1
	case m == 4:
		return row*k > c.l2/3 && 11*row <= c.l1
	}
	return row*k > c.l1*m
}

// streamsFarLast is streamsFromL2 where c.farLast(): wherever B comes from beyond L2, and from L2 where up to three rows of A meet rows of B that do not
// begin at lines, so that tiles would load most lines twice, or one and two a B that takes much of L2.
func streamsFarLast(m, row, k int, c caches) bool {
	b := row * k
	switch {
	case c.piecesFarLast(b):
		return true
	case k < streamDepth[m-1] || m == inPlaceRows:
		return false
	case row%lineBytes != 0:
		return b > 2*(m+1)*c.l1
	}
	return m < 3 && b >= c.l2*(m+1)/4
}

// pairOfLongRows reports whether rows of B are so long, where L2 sends a line in every cycle, that two rows of C leave L1 beside four of them. Tiles
// take pieces of these rows faster from beyond L2, unless they are whole pages.
func pairOfLongRows(row int, c caches) bool { return c.streams && 6*row > c.l1 && row%page != 0 }

// streamDepth is for each number of rows of A from how many rows of B on they are streams.
var streamDepth = [...]int{16, 48, 64, 128}

// streamBytes bounds what one call reads of B: a millisecond at 0.5 GB/s.
const streamBytes = 512 << 10

// fewRows is one worker's scratch for few rows: C's, an odd number of lines apart so that they share no set of L1, as they
// would in C where its rows are a power of two apart, A's in the order of groups, if they need it, and arguments.
type fewRows[T float] struct {
	_    ownLines
	a, c matrix[T]
	args asm.MatmulRows
	_    ownLines
}

// streamPlan is how few rows of A pass by B: a group of its rows after the other, far apart, a block of columns after the other. With
// arranged, what the rows of a group are multiplied by is copied to where it lies together.
type streamPlan struct {
	group         rowGroup
	far, block    int
	stride, lanes int // elements from row to row of C's scratch; of a vector
	arranged      bool
}

// factorsInRegisters is up to how many elements of A a group's function keeps in registers. More are taken from memory, side by side, as are all of
// those that prefetch soon.
const factorsInRegisters = 24

// planRows plans products of so many rows, with elements of es bytes. Where B comes from memory, whole rows are read if their part of C fits a
// piece of L2: where they lie one after the other they can be prefetched in that order, and far ones stay long streams.
func (s rowStream) planRows(rows, cols, depth, es, workers int, caches caches) (l streamPlan) {
	l.lanes = 64 / es
	l.block = max(caches.l1/2/(rows*es)/l.lanes*l.lanes, 8*l.lanes)
	row := cols * es
	fromMemory := s.ahead.run != nil && caches.streamsFromMemory(rows, row, depth)
	group, far, piece := s.choose(rows, row, depth, fromMemory, caches)
	l.block = min(l.block, piece/es)
	switch {
	case fromMemory && caches.farStreams() && rows*row <= caches.l2/4:
		l.block = cols
	case fromMemory && !caches.farStreams() && workers == 1 && rows*row <= caches.l2/8:
		l.block, group = cols, s.ahead
	}
	l.block = min(l.block, (cols+l.lanes-1)/l.lanes*l.lanes)
	l.group, l.far, l.stride = group, far, apart(l.block*es, rows)/es
	soon := fromMemory && caches.farStreams() && s.soon.k > 0
	l.arranged = far > 1 && (soon || rows*group.k > factorsInRegisters)
	return l
}

// elements is how many of rows of C and of A a worker has as scratch.
func (l streamPlan) elements(rows, depth int) (a, c int) {
	if l.arranged {
		a = rows * depth
	}
	return a, rows*l.stride + page/64*l.lanes
}

// scratch is how many bytes one worker has as scratch.
func (s rowStream) scratch(rows, cols, depth, es int, caches caches) int64 {
	a, c := s.planRows(rows, cols, depth, es, 1, caches).elements(rows, depth)
	return int64((a + c) * es)
}

// streamRows computes the few rows of C a block of columns at a time, so narrow that its rows stay in L1 while B streams by.
// Workers share columns.
func streamRows[T float](p *product[T, T], workers int, s rowStream, caches caches) func(int) {
	lanes, es, rows, depth := lineElems[T](), sizeof[T](), p.c.rows, p.a.cols
	l := s.planRows(rows, p.c.cols, depth, es, workers, caches)
	inA, inC := l.elements(rows, depth)
	all := make([]fewRows[T], workers)
	for w := range all {
		all[w].a, all[w].c = p.a, matrix[T]{allocApart[T](inC), rows, l.block, l.stride}
		keep(&p.scratch, "rows of C", all[w].c.data)
		if l.arranged {
			all[w].a = matrix[T]{alloc[T](inA), rows, depth, depth}
			keep(&p.scratch, "rows of A", all[w].a.data)
		}
	}
	direct := rows == 1 && p.b.stride*es%page != 0 // else C is computed where it is in no way of B, and copied
	return func(worker int) {
		from, to := share(p.c.cols, lanes, workers, worker)
		f := &all[worker]
		if l.arranged && from < to {
			arrange(f.a, p.a, l.group.k)
		}
		for j := from; j < to; j += l.block {
			cols := min(l.block, to-j)
			c := matrix[T]{p.c.at(0, j)[:cols], 1, cols, cols}
			if !direct {
				c = f.away(pointer(p.b.at(0, j)))
			}
			clear(c.data)
			streamBlock(p, f, c, s, l, j, cols)
			for i := 0; i < rows && !direct; i++ {
				copy(p.c.at(i, j)[:cols], c.row(i))
			}
		}
	}
}

// arrange copies rows of a so that the elements which belong to a group of k rows of B, evenly far apart, lie together.
func arrange[T float](dst, a matrix[T], k int) {
	groups := a.cols / k
	for i := range a.rows {
		from, to := a.row(i), dst.row(i)
		for q := range k {
			for g, x := range from[q*groups:][:groups] {
				to[g*k+q] = x
			}
		}
		copy(to[groups*k:], from[groups*k:])
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
func streamBlock[T float](p *product[T, T], f *fewRows[T], c matrix[T], s rowStream, l streamPlan, j, cols int) {
	es, depth, group, far, args := sizeof[T](), p.a.cols, l.group, l.far, &f.args
	width := s.width / es
	tail := cols % width
	*args = asm.MatmulRows{
		ABytes: f.a.stride * es, C: pointer(c.data), CBytes: c.stride * es,
		Vectors: cols / width, Tail: tail, TailLanes: &tailLanes[len(tailLanes)/2-tail*es],
	}
	// run takes groups of rows that are step rows apart, and begin next rows apart.
	run := func(call func(*asm.MatmulRows), k, rows, step, next, groups int) {
		a, aNext := k, next
		if l.arranged && step > 1 {
			aNext = rows
		}
		args.AStep, args.ANext, args.BBytes, args.BNext = step*es, aNext*es, step*p.b.stride*es, next*p.b.stride*es
		args.Ahead = args.BNext
		most := max(streamBytes/(rows*cols*es), 1) // groups in a call
		for groups > 0 {
			args.Groups = min(groups, most)
			groups -= args.Groups
			n := args.Groups
			args.A, args.B = pointer(f.a.at(0, a)), pointer(p.b.at(k, j))
			call(args)
			a, k = a+n*aNext, k+n*next
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
