package kernels

import (
	"math/bits"

	"github.com/roofline-go/roofline/kernels/asm"
)

// inPlace is the assembly that multiplies rows of A with B where it lies, and what the choice among it depends on. Lists begin with the
// smallest number, of rows r, half vectors w of columns, inner elements k or columns n.
type inPlace struct {
	tiles, chained [][]func(*asm.MatmulInPlace) // [w-1][r-1]: panels of r rows; chained are tiles so small that they need several sums of each element
	permuted       [][]func(*asm.MatmulInPlace) // [w-1][r-1], for processors that load no more than they multiply; nil on others
	permutedLoads  float64                      // that permuted take for an element of A
	packing        []func(*asm.MatmulInPlace)   // [r-1]: tiles of two vectors that pack B
	wide           [][]func(*asm.MatmulInPlace) // [r-1][i]: i+1 more vectors than the widest of tiles

	shallow [][]func(*asm.MatmulShallow) // [k-1][v]: v vectors of columns, or of 0 half a vector, in registers
	outer   func(*asm.MatmulShallow)     // one inner element and more vectors than these
	short   [][]func(*asm.MatmulShallow) // [k-2][r-1]: r rows at once, along whole rows of C
	flat    [][]func(*asm.MatmulFlat)    // [w][k-1]: w windows

	columns     [][]func(*asm.MatmulColumns)               // [n-1][i]: dot products along K in panels of 1<<i rows
	single      func(*asm.MatmulColumns)                   // of one row and column
	halfColumn  func(*asm.MatmulColumns)                   // of one column of at most half a vector along K, in panels of eight rows
	packColumns []func(dst, src *byte, srcBytes, rows int) // [n-1]

	near int // bytes of B that stay near to tiles on a processor that multiplies whole vectors as fast as halves; 0: it does not
	l2   int // bytes that L2 holds on such a processor

	slowLines bool // such a processor waits for lines of B that are loaded in two parts or come from L2: tiles of two vectors prefetch them, too, those of one nothing
}

// vectorsOf is how many registers a row of a tile takes.
func vectorsOf(halves int) int { return (halves + 1) / 2 }

// chainedBelow is how many sums in registers keep the multiply-adds busy.
const chainedBelow = 8

// The rows of C between which B is better read in place than packed if it fits half of the last cache. Of fewer rows it mostly is only if it
// fits L2, else rowStream reads it faster; of up to four times as many if it is up to four times as large as L2.
const (
	inPlaceRows     = 4
	inPlaceMostRows = 32
)

// inPlaceTogether is up to how many times as large as L2 A, B and C are together so that packing B takes more time than is lost by rows of it
// that lie apart.
const inPlaceTogether = 3

// inPlaceNarrow is up to how many lines wide a product is narrow: it reads A once and B again and again. Streams of so short rows of B
// would load and store C for each.
const inPlaceNarrow = 8

// suits reports whether a product of m×n elements of es bytes, with k inner ones, is better computed in place than packed.
func (u inPlace) suits(m, n, k, es int, c caches) bool {
	b := n * k * es
	switch {
	case u.tiles == nil:
		return false
	case n*es <= inPlaceNarrow*64, u.takesWhole(m, n, k, es, c):
		return true
	case m <= inPlaceRows && streamsFromL2(m, n*es, k, c):
		return false
	case m == 1 && n*es%64 != 0 && b > c.l2/4 && n*es <= page:
		return false // four streams take the lines that are loaded twice one after the other
	case c.streams && takesPieces(m, n*es, k, c):
		return true
	case c.largeL2() && m >= inPlaceCrossing && n*es%64 != 0 && (b > c.l2/6 || drifts(n*es)):
		return false
	case m < inPlaceRows:
		return b <= c.l2*7/8 || m > 1 && n*es > page && n*es%page != 0 && b <= c.l2*5/2
	case m <= inPlaceMostRows && b <= c.last/2, m <= 4*inPlaceMostRows && b <= 4*c.l2:
		return true
	case c.largeL2() && b > c.l2*3/10:
		return false // 416³ and 512³ of f32 take 1.03 and 1.1 times as long in place, 320³ of f64 1.1
	case (m*k+m*n)*es+b < inPlaceTogether*c.l2:
		return true
	}
	thin := k <= len(u.shallow) || c.streams && k <= inPlaceThin && besidePage(n*es) >= 64
	return b <= c.l2/2 && (m*n*es <= c.l2 || thin) // of few inner elements packing B would be much of the work
}

// inPlaceCrossing is from how many rows on B is packed, where L2 is large, rather than read in vectors that cross lines: if it takes more than a
// sixth of L2, or its rows and C's drift.
const inPlaceCrossing = 64

// inPlaceThin is up to how many inner elements B in half of L2 is not packed though C is large, where L2 sends a line in every cycle. Where rows of C
// begin at nearly the same place of a page, tiles in place would be lower, or wait for each other's lines.
const inPlaceThin = 64

// Up to how many rows are one panel of tiles of inPlaceLong half vectors, and of three vectors two: B passes so often.
const (
	inPlaceLongPanel = 6
	inPlaceTwoPanels = 16
)

// takesPieces reports whether m rows of A are better multiplied with pieces of k rows of B, of so many bytes, than packed, where L2 sends a line in
// every cycle: if each piece meets all rows at once, wherever it comes from; if B is not much larger than L2. Two to four rows are streams else.
func takesPieces(m, row, k int, c caches) bool {
	b := row * k
	switch {
	case m == 2 && pairOfLongRows(row, c):
		return b <= c.piecesComeFrom()
	case m < inPlaceRows-1:
		return false
	case m <= inPlaceRows && c.collide(row, inPlaceFar):
		return m == inPlaceRows && b <= c.piecesComeFrom()
	case m < inPlaceRows:
		return b <= largeStreams*c.l2
	case m == inPlaceRows:
		return b <= 14*c.l2
	case m <= inPlaceLongPanel:
		return true
	case m <= inPlaceTwoPanels:
		return b <= 16*c.l2
	case m <= 5*inPlaceLongPanel:
		return b <= 12*c.l2
	}
	return m <= inPlaceMostRows*3/2 && b <= 6*c.l2
}

// columnPart is a number of tiles side by side. Those of a part that is chained have several sums of each element: which
// parts these are depends on the whole product only, so that any number of workers computes the same bits.
type columnPart struct {
	col, tiles, halves int
	lanes              int // of the last vector of a tile; 0: all
	chained            bool
}

// inPlaceLong is as many half vectors as tiles have at least where B does not stay in the nearer half of L2: it comes the faster the
// longer the pieces of its rows are. Tiles that save a pass over B have a vector less, unless rows of B are so few bytes beside pages: then they
// crowd the sets of L2, and only pairs of lines come in time.
const (
	inPlaceLong   = 8
	inPlaceBeside = 32
)

// inPlaceInSet is up to how many rows of A a panel has where its rows compete for a set of L1, which most processors have room for
// eight lines in.
const inPlaceInSet = 6

// drifts reports whether rows so many bytes apart are in the same sets of L1, but begin at other places of their lines: a line is written with
// the tile to the left, and should be there when the tile to the right needs it.
func drifts(stride int) bool {
	off := besidePage(stride)
	return stride > page/2 && off != 0 && off < inPlaceBeside
}

// besidePage is how many bytes a stride is from the nearest multiple of a page.
func besidePage(stride int) int { return min(stride%page, page-stride%page) }

// low is u with panels of so many rows at most. Permuted ones, of processors with sets of 12 lines, have one more: any number of rows from four on
// is then panels of four to seven, which all have two sums of each element.
func (u inPlace) low(rows int) inPlace {
	u.tiles, u.permuted = lowest(u.tiles, rows), lowest(u.permuted, rows+1)
	u.columns = lowest(u.columns, bits.Len(uint(rows)))
	return u
}

// lowest is the first of each list of code, up to n.
func lowest[F any](all [][]F, n int) [][]F {
	lists := make([][]F, len(all))
	for i, list := range all {
		lists[i] = list[:min(n, len(list))]
	}
	return lists
}

// multiplyInPlace computes C in panels of rows. Workers share rows, or columns of tiles where there are few rows for each and in parts
// that are chained. All calls are prepared.
func multiplyInPlace[T float](p *product[T, T], workers int, u inPlace, caches caches) func(int) {
	all := make([]inPlacePlan[T], workers)
	for w := range all {
		all[w] = planInPlace(p, workers, w, u, caches)
	}
	return func(worker int) {
		l := &all[worker]
		if l.rounds != nil {
			l.runRounds()
			return
		}
		for i := range l.calls {
			l.calls[i].run(&l.calls[i].args)
		}
		for i := range l.short {
			l.short[i].run(&l.short[i].args)
		}
		if l.flat != nil { // calls that do nothing would take a tenth of a small product
			l.flat.run()
		}
		if l.shallow.p != nil {
			l.shallow.run()
		}
		if l.columns != nil {
			l.columns.run()
		}
	}
}

// inPlaceFar is how many rows of B ahead those are prefetched that come from far beyond L2: processors do not foresee pieces of rows.
// inPlaceFarLast is the same where caches.farLast(): to L1, where so few rows find room even if they compete for its sets.
// inPlaceSoon is how many rows beyond the next those are that are prefetched to L1 by processors that multiply whole vectors at once.
const (
	inPlaceFar     = 32
	inPlaceFarLast = 8
	inPlaceSoon    = 1
)

// inPlacePair is up to how many vectors tiles have that prefetch only where lines of B hold up a processor, and B fills most of L1: else two
// prefetches for 24 multiply-adds take longer than they save.
const inPlacePair = 2

// Fewer rows than inPlaceSlow wait for the addresses of B's pages, if one tile meets more rows of B than inPlacePages, and these are
// longer than half a page: processors keep 64 addresses or a few more at hand.
const (
	inPlaceSlow  = 4
	inPlacePages = 56
)

// inPlaceCrowded is how many rows of B from beyond L2 are taken at a time where they compete for sets of L1 and L2: panels of A that follow find them
// in L2 then.
const inPlaceCrowded = 128

// inPlacePlan is the calls of one worker.
type inPlacePlan[T float] struct {
	p       *product[T, T]
	u       inPlace
	calls   []call[asm.MatmulInPlace]
	short   []call[asm.MatmulShallow]
	flat    *flatPlan[T]
	shallow shallowPlan[T]
	columns *columnsPlan[T]
	rounds  []inPlaceRound // of calls and columns, by turns; nil: columns are after all calls
	packed  inPlacePacked[T]
	far     int              // rows of B from the next to that which is prefetched
	near    int              // 1: to L1
	narrow  [inPlacePair]int // Near of tiles of one vector, where 1 is that nothing is prefetched, and of two
}

// planInPlace lists the calls of one worker.
func planInPlace[T float](p *product[T, T], workers, worker int, u inPlace, caches caches) inPlacePlan[T] {
	es, half := sizeof[T](), lineElems[T]()/2
	if caches.collide(p.a.stride*es, 2*inPlaceInSet) || !caches.largeL2() && drifts(p.c.stride*es) && p.a.cols > 2*len(u.shallow) {
		u = u.low(inPlaceInSet)
	}
	m, n, k := p.c.rows, p.c.cols, p.a.cols
	from, to := share(m, 1, workers, worker)
	plan := inPlacePlan[T]{p: p, u: u}
	if u.takesShort(m, n, k, 2*half) {
		if m < inPlaceRows*workers {
			first, last := share(n, 2*half, workers, worker)
			plan.short = planShort(p, u, caches, 0, m, first, last)
		} else {
			plan.short = planShort(p, u, caches, from, to, 0, n)
		}
		return plan
	}
	if u.takesWhole(m, n, k, es, caches) {
		plan.addWhole(workers, worker)
		return plan
	}
	parts, columns := u.parts(m, n, k, half, u.narrowestTile(m, n, k, es, caches))
	plan.prefetch(n*k*es, p.b.stride*es, caches)
	if parts == nil && columns == 0 {
		if f, ok := u.takesFlat(m, n, k, 2*half); ok && p.a.stride == k && p.c.stride == n {
			plan.flat = planFlat(p, f, u, caches, from, to)
			return plan
		}
		plan.shallow = planShallow(p, u, caches, from, to)
		plan.shallow.blocks = cloneApart(plan.shallow.blocks)
		return plan
	}
	n -= columns
	if columns > 0 {
		plan.columns = planColumns(p, u, caches, n, columns, from, to)
	}
	if n == 0 {
		return plan
	}
	depth := u.pieceOfK(m, n, k, es, parts[0], caches)
	if u.packsTiles(to-from, n+columns, lineElems[T](), parts[0]) {
		plan.pack(parts[0], depth, from)
	}
	if columns > 0 && plan.byRounds(parts, depth, from, to, workers, caches) {
		return plan
	}
	step := max(to-from, 1)
	if len(parts) > 1 { // both read the same rows of A, the second from L2
		step = min(step, max(caches.l2/4/(depth*es), inPlaceMostRows))
	}
	for at := 0; at < k; at += depth {
		plan.addPiece(parts, at, min(depth, k-at), step, workers, worker, caches)
	}
	return plan
}

// prefetch chooses which rows of a B of so many bytes, a stride apart, tiles prefetch, and whether to L1.
func (l *inPlacePlan[T]) prefetch(bytes, stride int, caches caches) {
	near := l.u.slowLines || l.u.near > 0 && !caches.collide(stride, inPlaceFar)
	switch {
	case caches.piecesFarLast(bytes):
		l.far, near = inPlaceFarLast, true
	case bytes > caches.piecesComeFrom():
		l.far = inPlaceFar
	case near:
		l.far = inPlaceSoon
	case l.u.near > 0:
		l.far = -1 // the row itself: a line that is on its way anyway
	}
	if near {
		l.near = 1
	}
	if l.u.slowLines {
		l.narrow[0] = 1
	}
	if l.u.slowLines && bytes > l.u.near*3/4 {
		l.narrow[1] = 1
	}
}

// pieceOfK cuts K evenly, into pieces one after the other: so deep that what is read again of B stays in L2, or of A in L1.
func (u inPlace) pieceOfK(m, n, k, es int, part columnPart, caches caches) int {
	most := caches.l2 / 2 / (n * es) // rows of B that stay in L2
	if n*es > inPlaceNarrow*64 {
		most = caches.l1 * 3 / 4 / (u.mostRows(part) * es) // columns of a panel of A that stay in L1 while it meets the tiles
	}
	if m < inPlaceSlow && n*es > page/2 && !caches.streams {
		most = min(most, inPlacePages)
	}
	if caches.piecesFarLast(n*k*es) && caches.collide(n*es, inPlaceFar) {
		most = min(most, inPlaceCrowded)
	}
	pieces := (k-1)/max(most, 1) + 1
	return (k + pieces - 1) / pieces
}
