package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// columnsDepth bounds K, and with it a call: of a panel, or packing, takes well under a millisecond.
const columnsDepth = 1 << 14

// columnsBytes bounds what one call reads of A, which for one column is more than the products take: some 100 µs from memory.
const columnsBytes = 4 << 20

// columnsGroups is up to how many times A is read for dot products.
const columnsGroups = 2

// halfColumnSums is how many sums inPlace.halfColumns have: rows times columns.
const halfColumnSums = 8

// groupsOf cuts n columns evenly into groups that are computed at once.
func (u inPlace) groupsOf(n int) (groups []int) {
	for n > 0 {
		left := (n + len(u.columns) - 1) / len(u.columns)
		groups = append(groups, (n+left-1)/left)
		n -= (n + left - 1) / left
	}
	return groups
}

// columnsPlan computes some of the last columns of C from dot products along K.
type columnsPlan[T float] struct {
	p      *product[T, T]
	col    int
	packed []T
	pack   func(dst, src *byte, srcBytes, rows int)
	calls  []call[asm.MatmulColumns]
}

// planColumns plans n columns from col on, in rows from to to.
func planColumns[T float](p *product[T, T], u inPlace, caches caches, col, n, from, to int) columnsPlan[T] {
	lanes, k := lineElems[T](), p.a.cols
	steps := (k - 1) / lanes
	l := columnsPlan[T]{p: p, col: col, packed: p.b.data}
	if n > 1 || p.b.stride > 1 {
		l.pack, l.packed = u.packColumns[n-1], alloc[T]((steps+1)*n*lanes)
		keep(&p.scratch, "packed columns of B", l.packed)
	}
	// add plans panels of so many rows, step rows apart, of which the next one begins next rows later.
	add := func(run func(*asm.MatmulColumns), rows, panels, step, next int) {
		end := from + panels*rows
		most := max(min(int(inPlaceFLOPs/float64(2*rows*n*k)), columnsBytes/(rows*k*sizeof[T]())), 1)
		for at := from; panels > 0; {
			count := min(panels, most)
			l.calls = append(l.calls, call[asm.MatmulColumns]{run, asm.MatmulColumns{
				A: pointer(p.a.at(at, 0)), ABytes: step * p.a.stride * sizeof[T](), ANext: next * p.a.stride * sizeof[T](),
				B: pointer(l.packed), C: pointer(p.c.at(at, col)), CBytes: step * p.c.stride * sizeof[T](), CNext: next * p.c.stride * sizeof[T](),
				Steps: steps, RestLanes: &tailLanes[len(tailLanes)/2-(k-steps*lanes)*sizeof[T]()], Panels: count,
			}})
			at += count * next
			panels -= count
		}
		from = end
	}
	es := sizeof[T]()
	if n <= len(u.halfColumns) && k <= lanes/2 {
		rows := halfColumnSums / n
		add(u.halfColumns[n-1], rows, (to-from)/rows, 1, rows)
	}
	highest := columnsHeight(len(u.columns[n-1])-1, n, p.a.stride*es, k*es, caches)
	if a := p.a.rows * k * es; n == 1 && a > caches.l1 || a > caches.l2/2 {
		panels := (to - from) >> highest
		for tries := 8; tries > 0 && panels > 1 && nearPage(panels*p.a.stride*es); tries-- {
			panels--
		}
		add(u.columns[n-1][highest], 1<<highest, panels, panels, 1)
	}
	for h := highest; h >= 0; h-- {
		add(u.columns[n-1][h], 1<<h, (to-from)>>h, 1, 1<<h)
	}
	return l
}

// columnsHeight is the logarithm of how many rows of A are multiplied at once, at most highest: fewer if n columns of B do not stay in L1
// beside them, but do beside two.
func columnsHeight(highest, n, stride, row int, c caches) int {
	h := highest
	if stride%page == 0 { // streams would all be in the same sets
		h = min(h, 1)
	}
	for ; h > 0; h-- {
		if (1<<h+n)*row <= c.l1 {
			return h
		}
	}
	return highest
}

// nearPage reports whether streams at such a distance crowd a few sets of L1.
func nearPage(bytes int) bool { return (bytes+page/16)%page < page/8 }

func (l *columnsPlan[T]) run() {
	b := l.p.b
	if l.pack != nil {
		l.pack(pointer(l.packed), pointer(b.at(0, l.col)), b.stride*sizeof[T](), b.rows)
	}
	for i := range l.calls {
		l.calls[i].run(&l.calls[i].args)
	}
}

// columnsCycles estimates what n columns take, of m rows and a depth k; again says that A is read once more.
func (u inPlace) columnsCycles(m, n, k, lanes int, again bool) float64 {
	const perPack, perCall = 2.5, 75
	perSum := 1.2 // with the lanes of a vector of 8 added up
	if lanes > 8 {
		perSum = 1.7
	}
	rows := 1 << (len(u.columns[n-1]) - 1)
	vector := max(1, 1/float64(n)+1/float64(rows))
	if again {
		vector *= 1.1
	}
	return float64(m*n)*(float64((k-1)/lanes+1)*vector+perSum) + float64((n+3)/4*k)*perPack + perCall
}
