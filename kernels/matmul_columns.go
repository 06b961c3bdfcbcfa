package kernels

import (
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels/asm"
)

// columnsDepth bounds the piece of K that a call takes: of a panel it is well under a millisecond.
const columnsDepth = 1 << 16

// columnsPacked is how many rows of B a call packs: each may be on a page of its own, whose address takes some 30 ns on a Zen 5.
const columnsPacked = 1 << 14

// columnsBytes bounds what one call reads of A, which for one column is more than the products take: some 100 µs from memory.
const columnsBytes = 4 << 20

// columnsGroups is up to how many times A is read for dot products.
const columnsGroups = 2

// groupsOf cuts n columns evenly into groups that are computed at once.
func (u inPlace) groupsOf(n int) (groups []int) {
	for n > 0 {
		left := (n + len(u.columns) - 1) / len(u.columns)
		groups = append(groups, (n+left-1)/left)
		n -= (n + left - 1) / left
	}
	return groups
}

// columnsPlan computes the last columns of C from dot products along K, in groups of columns.
type columnsPlan[T float] struct {
	p      *product[T, T]
	u      inPlace
	groups []columnsGroup[T]
	way    columnsWay
	steps  []columnsStep[T]
}

// columnsStep is the packing of columns of B, or, without it, panels of rows.
type columnsStep[T float] struct {
	pack               func(dst, src *byte, srcBytes, rows int)
	packed, b          []T
	rest               []T // of packed, the last vector of columns where a longer piece was packed before
	srcBytes, packRows int
	call[asm.MatmulColumns]
}

// columnsGroup is columns of C that are computed at once.
type columnsGroup[T float] struct {
	col, n int
	packed []T // a piece of B's columns; nil: a single one that is read where it lies
	sums   []T // over pieces of K, in the order of panels
}

// planColumns plans n columns from col on, in rows from to to.
func planColumns[T float](p *product[T, T], u inPlace, caches caches, col, n, from, to int) *columnsPlan[T] {
	lanes, k, es := lineElems[T](), p.a.cols, sizeof[T]()
	l := &columnsPlan[T]{p: p, u: u}
	if from == to {
		return l
	}
	groups := u.groupsOf(n)
	l.way = u.columnsWay(p.a.rows, groups[0], k, p.a.stride, es, caches)
	rows := to - from
	if len(groups) > 1 && (l.way.ahead || caches.piecesFarLast(p.a.rows*k*es)) {
		rows = max(caches.l2/4/(l.way.depth*es)/8, 1) * 8
	}
	for _, g := range groups {
		c := columnsGroup[T]{col: col, n: g}
		if g > 1 || p.b.stride > 1 {
			c.packed = allocApart[T]((l.way.depth + lanes - 1) / lanes * g * lanes)
			keep(&p.scratch, "packed columns of B", c.packed)
		}
		if l.way.depth < k {
			c.sums = allocApart[T]((to-from)*g + lanes)
			keep(&p.scratch, "sums of pieces of K", c.sums)
		}
		l.groups = append(l.groups, c)
		col += g
	}
	for at := 0; at < k; at += l.way.depth {
		for i := range l.groups {
			l.pack(&l.groups[i], at)
		}
		for row := from; row < to; row += rows {
			for i := range l.groups {
				l.add(&l.groups[i], at, row, min(row+rows, to), (row-from)*l.groups[i].n, i == 0)
			}
		}
	}
	return l
}

// columnsScratch is how many bytes one worker's packed columns and sums take, of n columns of a product.
func (u inPlace) columnsScratch(s shape.Shape, n, es int, c caches) int64 {
	if n == 0 {
		return 0
	}
	w, elements := u.columnsWay(s.M, u.groupsOf(n)[0], s.K, s.K, es, c), 0
	if s.N > 1 {
		elements = w.depth * n
	}
	if w.depth < s.K {
		elements += s.M * n
	}
	return int64(elements * es)
}

// pack plans the packing of what a group of columns has of B in the piece of K from at on.
func (l *columnsPlan[T]) pack(g *columnsGroup[T], at int) {
	if g.packed == nil {
		return
	}
	rows := min(l.way.depth, l.p.b.rows-at)
	for from := 0; from < rows; from += columnsPacked {
		l.steps = append(l.steps, columnsStep[T]{
			pack: l.u.packColumns[g.n-1], packed: g.packed[from*g.n:], b: l.p.b.at(at+from, g.col),
			srcBytes: l.p.b.stride * sizeof[T](), packRows: min(columnsPacked, rows-from),
		})
	}
	if vector := lineElems[T]() * g.n; rows < l.way.depth {
		l.steps[len(l.steps)-1].rest = g.packed[(rows-1)/lineElems[T]()*vector:][:vector] // an infinity there would be multiplied by zeros
	}
}

// add plans rows from to to of a group, and of K the piece from at on; first says that no group has read these rows before. Their sums begin
// at sums.
func (l *columnsPlan[T]) add(g *columnsGroup[T], at, from, to, sums int, first bool) {
	p, lanes, es := l.p, lineElems[T](), sizeof[T]()
	n, k := g.n, min(l.way.depth, p.a.cols-at)
	steps, b := (k-1)/lanes, g.packed
	if b == nil {
		b = p.b.at(at, g.col)
	}
	// plan plans panels of so many rows, step rows apart, of which the next one begins next rows later.
	plan := func(run func(*asm.MatmulColumns), rows, panels, step, next int) {
		end := from + panels*rows
		most := max(min(int(inPlaceFLOPs/float64(2*rows*n*k)), columnsBytes/(rows*k*es)), 1)
		for row := from; panels > 0; {
			count := min(panels, most)
			c := call[asm.MatmulColumns]{run, asm.MatmulColumns{
				A: pointer(p.a.at(row, at)), ABytes: step * p.a.stride * es, ANext: next * p.a.stride * es,
				B: pointer(b), C: pointer(p.c.at(row, g.col)), CBytes: step * p.c.stride * es, CNext: next * p.c.stride * es,
				Steps: steps, RestLanes: &tailLanes[len(tailLanes)/2-(k-steps*lanes)*es], Panels: count,
			}}
			if l.way.ahead && first {
				c.args.Ahead = c.args.ANext
			}
			if at > 0 {
				c.args.Sums = pointer(g.sums[sums:])
			}
			if at+k < p.a.cols {
				c.args.C, c.args.CBytes, c.args.CNext = pointer(g.sums[sums:]), n*es, rows*n*es
			}
			sums += count * rows * n
			l.steps = append(l.steps, columnsStep[T]{call: c})
			row += count * next
			panels -= count
		}
		from = end
	}
	switch {
	case p.a.rows*n == 1: // nothing that depends on how rows are shared
		plan(l.u.single, 1, 1, 1, 1)
		return
	case n == 1 && p.a.cols <= lanes/2 && l.u.halfColumn != nil:
		const rows = 8
		plan(l.u.halfColumn, rows, (to-from)/rows, 1, rows)
	}
	highest := min(l.way.height, len(l.u.columns[n-1])-1)
	if l.way.far {
		panels := (to - from) >> highest
		for tries := 8; tries > 0 && panels > 1 && nearPage(panels*p.a.stride*es); tries-- {
			panels--
		}
		plan(l.u.columns[n-1][highest], 1<<highest, panels, panels, 1)
	}
	for h := highest; h >= 0; h-- {
		plan(l.u.columns[n-1][h], 1<<h, (to-from)>>h, 1, 1<<h)
	}
}

// columnsWay is how dot products are computed.
type columnsWay struct {
	depth  int  // of a piece of K: a multiple of a vector, or all
	height int  // logarithm of how many rows of A are multiplied at once, at most
	far    bool // these lie far apart, so that each is a stream
	ahead  bool // the rows to come are prefetched
}

// columnsWay chooses how n columns at once are computed in a product of m rows. It depends on the shape alone, so that any number of workers
// computes the same bits.
//
// K is cut where B's columns would come from L2 again and again, and that takes longer than the products. Two or three columns are not
// cut where A comes from memory, or a far last cache: its rows arrive faster whole. Five or six hide the lines of B behind their products unless those of A take long.
func (u inPlace) columnsWay(m, n, k, stride, es int, c caches) columnsWay {
	const fromL2 = 2             // cycles for a line
	piece := max(c.l1*3/32, 128) // of a row: four rows and six columns stay in L1, as eight and two do
	a, row, rows := m*k*es, k*es, 1<<(len(u.columns[n-1])-1)
	memory, far := c.fromMemory(a), c.piecesFarLast(a)
	cut := n > 1 && row > piece*3/2 && m >= 2*rows
	switch {
	case n*row > c.l2/2: // they would not even stay in L2
		cut = n > 1
	case memory, far:
		cut = cut && n > 3
	case stride*es%page == 0: // lines of A's rows crowd a few sets of L1
	case a > 4*c.l2:
		cut = cut && (n == 4 || n == 5)
	default:
		cut = cut && fromL2*(n+rows) >= n*rows
	}
	w := columnsWay{
		depth: k, height: len(u.columns[n-1]) - 1,
		far:   n == 1 && a > c.l1 || a > c.l2/2,
		ahead: n > 1 && memory || n > 3 && cut && a > 2*c.l2,
	}
	pieces := (k-1)/columnsDepth + 1
	if cut {
		pieces = (row-1)/piece + 1
	} else {
		w.height = columnsHeight(w.height, n, stride*es, row, a, c)
	}
	if pieces > 1 {
		lanes := 64 / es
		w.depth = ((k-1)/lanes + pieces) / pieces * lanes
	}
	return w
}

// columnsHeight is the logarithm of how many rows of A are multiplied at once, at most highest: four, if they and n columns of B stay in L1.
// Of very short rows adding up lanes takes the most, and few sums of one or two columns are at hand; a single column waits for A.
func columnsHeight(highest, n, stride, row, a int, c caches) int {
	h := min(highest, 2)
	if stride%page == 0 { // streams would all be in the same sets
		h = 1
	}
	if (1<<h+n)*row > c.l1*7/8 || n < 3 && row <= 256 || n == 1 && row <= c.l1/16 && a > c.l2/2 {
		return highest
	}
	return h
}

// nearPage reports whether streams at such a distance crowd a few sets of L1.
func nearPage(bytes int) bool { return (bytes+page/16)%page < page/8 }

func (l *columnsPlan[T]) run() { l.runSteps(0, len(l.steps)) }

func (l *columnsPlan[T]) runSteps(from, to int) {
	for i := from; i < to; i++ {
		s := &l.steps[i]
		if s.pack != nil {
			clear(s.rest)
			s.pack(pointer(s.packed), pointer(s.b), s.srcBytes, s.packRows)
			continue
		}
		s.run(&s.args)
	}
}

// columnsCycles estimates what n columns take, of m rows and a depth k; again says that A is read once more, all that they are all of B's, which
// then lie together, and long that B does not stay near.
func (u inPlace) columnsCycles(m, n, k, lanes int, again, all, long bool) float64 {
	if u.near > 0 {
		return u.wholeColumnsCycles(m, n, k, lanes, again, all)
	}
	const perCall = 35
	perSum, perPack := 1.2, 1.9 // with the lanes of a vector of 8 added up, and 4 columns packed of rows that lie together
	if lanes > 8 {
		perSum, perPack = 1.7, 1.35
	}
	if lanes == 8 && n < 4 && k > lanes/2 && k <= 2*lanes {
		perSum += 0.9 // few products hide it
		if all && n > 1 {
			perSum -= 0.6
		}
	}
	if !all {
		perPack = 2.5
	}
	switch {
	case n == 1 && all:
		perPack = 0
	case long && (!all || lanes <= 8):
		perPack *= 1.9
	}
	rows := 1 << (len(u.columns[n-1]) - 1)
	vector := max(1, 1/float64(n)+1/float64(rows))
	if again {
		vector *= 1.1
	}
	return float64(m*n)*(float64((k-1)/lanes+1)*vector+perSum) + float64((n+3)/4*k)*perPack + perCall
}
