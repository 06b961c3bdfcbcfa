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

// narrowRows is that for 1, 2, … rows of A, of one type, and far for one row, which takes a row of each of narrowFar equal parts of B at once.
type narrowRows struct {
	streams   []narrowStream
	groupRows int
	far       func(*asm.NarrowRows)
	farTwice  func(*asm.NarrowRows) // takes two
	farAhead  func(*asm.NarrowRows) // prefetches
	order     func(*asm.NarrowSums)
	inPlace   narrowInPlace // nil: there is none
	slow      *narrowRows   // nil, or what is faster where the type's own instruction takes two cycles
}

// of is what a processor multiplies few rows by.
func (n narrowRows) of(c caches) narrowRows {
	if n.slow != nil && c.farLast() {
		return *n.slow
	}
	return n
}

// narrowFar is how many sequential streams one row reads B as: of them the last cache gives the most bytes at once.
const narrowFar = 4

// farAheadBytes is how far ahead each is prefetched at least, if it is.
const farAheadBytes = 8 << 10

// mostNarrowRows is up to how many rows of A B streams by, narrowPass up to how many at once.
const (
	mostNarrowRows = 48
	narrowPass     = 8
)

// fewBytes is the size of B, of at least a piece of columns, up to which packing it takes no longer than what streams take for each call. To that
// comes what they take for each row of A: as much as fewPerRow elements of int8.
const (
	fewBytes  = 6 << 10
	fewPerRow = 3 << 10
)

// narrowPiece is the columns of C whose sums fill a vector.
const narrowPiece = 16

// narrowMatmulOf is tiledMatmul, but for few rows and few columns: B, or A, is then read in place, once.
func narrowMatmulOf[I element, O result](u *microKernel, few narrowRows, columns narrowColumns) multiplier[I, O] {
	m := tiledMatmul[I, O](u)
	tiled, blocks := m.prepare, m.scratch
	m.scratch = func(s shape.Shape) int64 {
		dots := func(n int) int64 { return int64(n*(s.K+lineElems[I]())*sizeof[I]() + packTmp) }
		if columns.suits(s.M, s.N, s.K, sizeof[I](), ownCaches()) {
			return dots(s.N)
		}
		if few.inPlace.takes(s.M, s.N, s.K, sizeof[I](), ownCaches()) {
			return 0
		}
		if len(few.streams) == 0 || !suitsStreams[I](s.M, s.N, s.K, ownCaches()) {
			last := dotsAfterTiles[I](s.M, s.N, s.K, len(columns.panels), ownCaches())
			s.N -= last
			return blocks(s) + dots(last)
		}
		cols := planNarrow[I](s.M, s.N, s.K, 1, few, ownCaches()).cols
		return int64(s.M*cols*sizeof[O]() + u.group()*(cols+s.M)*sizeof[I]())
	}
	m.prepare = func(p *product[I, O], workers int) func(int) {
		few := few.of(ownCaches())
		switch {
		case columns.suits(p.c.rows, p.c.cols, p.a.cols, sizeof[I](), ownCaches()):
			return dotNarrow(p, workers, u, columns, ownCaches())
		case few.inPlace.takes(p.c.rows, p.c.cols, p.a.cols, sizeof[I](), ownCaches()):
			return narrowTiles(p, workers, u.group(), few.inPlace)
		case p.c.rows > narrowPass && len(p.set) > 0: // of blocks
			return tiled(p, workers)
		case suitsStreams[I](p.c.rows, p.c.cols, p.a.cols, ownCaches()):
			return streamNarrow(p, workers, u, few, ownCaches())
		}
		if dots := dotsAfterTiles[I](p.c.rows, p.c.cols, p.a.cols, len(columns.panels), ownCaches()); dots > 0 && len(p.set) == 0 {
			return tilesAndDots(p, dots,
				func(left *product[I, O]) func(int) { return tiled(left, workers) },
				func(right *product[I, O]) func(int) { return dotNarrow(right, workers, u, columns, ownCaches()) })
		}
		return tiled(p, workers)
	}
	return m
}

// streamWidth is up to how many columns for each row of B in L2 it streams by 9 to 16 rows of int8.
const streamWidth = 4

// suitsStreams reports whether B streams by m rows of A: of as many as pass at once but where B is small, of more where it is large, which
// packing would take long. In a stream of int8 a byte of B takes twice as many sums as one of bfloat16; but where rows of int8 that the panel
// that packs prefetches have more lines in one set of L1 than it has ways, packing takes longer still. Where two vectors are multiplied in a
// cycle, packing takes longer beside the products; rows that compete for L1 were measured with it there, too, and fewer of them pay. Where c.streams
// up to 16 rows of int8 were timed anew: B in L2 streams from twice L1 on, unless it has few columns, or so few rows that putting the sums in order counts.
// Where c.farLast() packing and tiles were as fast or faster from 9 rows on, but with rows that compete for L1.
func suitsStreams[I element](m, n, k int, c caches) bool {
	es := sizeof[I]()
	b := n * k * es
	switch {
	case m <= narrowPass:
		return max(n, narrowPiece)*k*es > fewBytes+m*fewPerRow/es
	case n < lineElems[I]():
		return false
	case es == 1 && b >= c.l2 && c.collide(n, 4*narrowPass) && c.multipliesTwo():
		return m <= 3*narrowPass
	case es == 1 && b >= c.l2 && c.collide(n, 4*narrowPass):
		return m <= mostNarrowRows
	case es == 1 && c.farLast():
		return false
	case es == 1 && c.streams && b <= c.l2 && m <= 2*narrowPass:
		return b > 2*c.l1 && n >= 2*lineElems[I]() && n <= streamWidth*k
	case es == 1 && c.multipliesTwo() && b <= c.l2:
		return b > c.l2/4 && m <= 4*narrowPass
	case es == 1:
		return b > c.l2/4 && m <= 2*narrowPass
	}
	return b >= c.l2/16 && m <= 2*narrowPass+min(2*narrowPass*b/c.l2, narrowPass/2)
}

// narrowPlan is how few rows are computed.
type narrowPlan struct {
	passes int  // that the rows of A take, one after the other, by rows of B that L2 keeps
	cols   int  // whose sums are kept at a time
	depth  int  // rows of B of which each pass takes its turn
	ahead  bool // rows of B are prefetched
	far    bool // one row takes B in parts
	twice  bool // two rows of each at a time
}

// planNarrow plans m rows. The sums of whole rows, or of a worker's part of them, are kept where L2 has room for them, as rows of B that lie
// one after the other come the fastest, and are prefetched in that order from beyond L2 where one pass reads them: more find most of them in
// L2. One row takes parts of what the last cache can hold, and prefetches in each where others may have taken their place there. Where L2 sends a
// line in every cycle it takes parts, unless rows are not whole lines of a B of more than twice L2, and prefetches nothing in them; nor do more
// rows, but many of int8 with B from memory: that made them slower. Nor do they where the last cache is far: 3 to 6 % slower. One row takes two rows of a part at a time where the sums and a row of each
// part do not stay in L1, or a worker's columns of a part are no stream. Of bf16 rows of B from L2, too, are taken in parts where that sends a line in
// every cycle, the sums stay in L1, and they are as long as farColumns: two at a time if shorter than twice that.
func planNarrow[I element](m, n, k, workers int, few narrowRows, c caches) narrowPlan {
	const sum = 4 // bytes
	lanes, es := lineElems[I](), sizeof[I]()
	own := (n + lanes*workers - 1) / (lanes * workers) * lanes
	p := narrowPlan{passes: (m + len(few.streams) - 1) / len(few.streams), cols: own, depth: k}
	b := n * k * es                      // of all columns: the sums must not depend on the number of workers
	inL1 := n*(narrowFar*es+sum) <= c.l1 // sums and a row of each part
	streams := c.streams && (n*es%lineBytes == 0 || b <= 2*c.l2)
	nearFar := c.streams && es == 2 && m == 1 && b > c.l1 && inL1 && n >= farColumns
	switch {
	case m == 1 && (streams || !c.fromMemory(b)):
		p.far = b > c.l2 || nearFar
	case m == 1 && inL1 && b <= c.last:
		p.far, p.ahead = true, true
	default:
		several := !c.streams && !c.farLast() || c.streams && es == 1 && m > narrowPass/2 && b > largeStreams*c.l2
		p.ahead = p.passes == 1 && own*k*es >= c.l2 && (m == 1 || several)
	}
	if room := c.l2 / 2 / (m * sum); own > room {
		p.cols = max(room/(narrowAhead*lanes), 1) * narrowAhead * lanes
	}
	if p.passes > 1 {
		p.depth = max(c.l2/4/(p.cols*es)/few.groupRows, 1) * few.groupRows
	}
	p.twice = !p.ahead && (p.cols < n || !inL1 || nearFar && n < 2*farColumns && b <= c.l2)
	return p
}

// farColumns is how many columns of bf16 from L2 a part has at least: on a Zen 5 shorter ones took longer than eight rows side by side.
const farColumns = 128

// narrowAhead is how many lines of a row of B are prefetched one after the other.
const narrowAhead = 8

// fewNarrow is one worker's scratch.
type fewNarrow[I element, O result] struct {
	_ ownLines

	sums   []O
	a, b   []I // the last, partial step along K, filled up with zeros
	starts [mostNarrowRows]int32
	part   [mostNarrowRows]int32 // of starts
	args   asm.NarrowRows
	row    asm.NarrowSums

	_ ownLines
}

// streamNarrow computes the few rows of C, some columns at a time. Workers share columns.
func streamNarrow[I element, O result](p *product[I, O], workers int, u *microKernel, few narrowRows, caches caches) func(int) {
	lanes, rows, group := lineElems[I](), p.c.rows, u.group()
	plan := planNarrow[I](rows, p.c.cols, p.a.cols, workers, few, caches)
	all := make([]fewNarrow[I, O], workers)
	for w := range all {
		f := &all[w]
		f.sums, f.a, f.b = allocApart[O](rows*plan.cols), alloc[I](rows*group), alloc[I](group*plan.cols)
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
		for j := from; j < to; j += plan.cols {
			f.columns(p, u, few, plan, j, min(plan.cols, to-j))
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

// columns computes columns j:j+cols of C.
func (f *fewNarrow[I, O]) columns(p *product[I, O], u *microKernel, few narrowRows, plan narrowPlan, j, cols int) {
	clear(f.sums)
	for k := 0; k < p.a.cols; k += plan.depth {
		for q := range plan.passes {
			i, end := share(p.c.rows, 1, plan.passes, q)
			f.add(p, u, few, plan, block{i, end - i, j, cols}, k, min(k+plan.depth, p.a.cols))
		}
	}
	for q := range plan.passes {
		i, end := share(p.c.rows, 1, plan.passes, q)
		f.order(p, few, block{i, end - i, j, cols})
	}
}

// add adds what rows k to end of B make of a block of C to its sums.
func (f *fewNarrow[I, O]) add(p *product[I, O], u *microKernel, few narrowRows, plan narrowPlan, c block, k, end int) {
	lanes, in, group := lineElems[I](), sizeof[I](), u.group()
	blocks, rest := c.cols/lanes, c.cols%lanes
	args := &f.args
	*args = asm.NarrowRows{
		ABytes: p.a.stride * in, BBytes: p.b.stride * in, Sums: pointer(f.sumsOf(c)),
		Blocks: blocks, Pieces: rest / narrowPiece, Tail: rest % narrowPiece, Ahead: few.groupRows * p.b.stride * in,
	}
	s := few.streams[c.rows-1]
	switch {
	case plan.far || !plan.ahead:
	case c.cols%(narrowAhead*lanes) == 0:
		s.group, args.AheadBytes, args.AheadSkip = s.ahead, c.cols*in, (p.b.stride-c.cols)*in
	case c.cols == p.b.stride:
		s.group = s.ahead
	}
	// run takes groups of rows, which begin next rows apart.
	run := func(call func(*asm.NarrowRows), groups, rows, next int) {
		most := max(streamBytes/(rows*c.cols*in), 1) // groups in a call
		for groups > 0 {
			args.Groups = min(groups, most)
			groups -= args.Groups
			n := args.Groups * next
			args.A, args.B = pointer(p.a.at(c.row, k)), pointer(p.b.at(k, c.col))
			call(args)
			k += n
		}
	}
	if plan.far {
		part := (end - k) / narrowFar
		args.BBytes, args.BNext, args.AStep = part*p.b.stride*in, p.b.stride*in, part*in
		single, far := part, few.far
		switch {
		case plan.ahead:
			far, args.Ahead = few.farAhead, (farAheadBytes/(c.cols*in)+1)*p.b.stride*in
		case plan.twice:
			single = part % 2
			run(few.farTwice, part/2, 2*narrowFar, 2)
		}
		run(far, single, narrowFar, 1)
		k += (narrowFar - 1) * part
		args.BBytes = p.b.stride * in
	}
	run(s.group, (end-k)/few.groupRows, few.groupRows, few.groupRows)
	run(s.single, (end-k)/group, group, group)
	if last := end - k; last > 0 {
		f.fillEdges(p, c, k, last, group)
		args.A, args.ABytes, args.B, args.BBytes, args.Groups = pointer(f.a), group*in, pointer(f.b), c.cols*in, 1
		s.single(args)
	}
}

// sumsOf are the sums of a block and of those below it.
func (f *fewNarrow[I, O]) sumsOf(c block) []O {
	return f.sums[c.row*((c.cols+narrowPiece-1)/narrowPiece*narrowPiece):]
}

// order writes a block of C.
func (f *fewNarrow[I, O]) order(p *product[I, O], few narrowRows, c block) {
	lanes := lineElems[I]()
	vectors := lanes / narrowPiece
	blocks, rest := c.cols/lanes, c.cols%lanes
	sums := f.sumsOf(c)
	f.row = asm.NarrowSums{
		BlockBytes: c.rows * vectors * 64, PieceBytes: c.rows * 64, Blocks: blocks, Pieces: rest / narrowPiece, Tail: rest % narrowPiece,
	}
	for i := range c.rows {
		f.row.Sums, f.row.C, f.row.Start = pointer(sums[i*lanes:]), pointer(p.c.at(c.row+i, c.col)), int(f.starts[c.row+i])
		if rest > 0 {
			f.row.Rest = pointer(sums[c.rows*blocks*lanes+i*narrowPiece:])
		}
		few.order(&f.row)
	}
}

// fillEdges copies the last rows of B and columns of A from k on to where zeros fill up a step.
func (f *fewNarrow[I, O]) fillEdges(p *product[I, O], c block, k, last, group int) {
	clear(f.a)
	for i := range c.rows {
		copy(f.a[i*group:], p.a.at(c.row+i, k)[:last])
	}
	clear(f.b)
	for q := range last {
		copy(f.b[q*c.cols:], p.b.at(k+q, c.col)[:c.cols])
	}
}
