package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// takesWhole reports whether one or two rows of A meet whole rows of B, all sums in registers, in a tile wider than the others: B then comes as one
// stream, and no line is loaded again with the next tile. Where B stays in L1 that gains nothing.
func (u inPlace) takesWhole(m, n, k, es int, c caches) bool {
	if b := n * k * es; m > len(u.wide) || b < c.l1*3/2 || c.farLast() && b > c.l2*5/8 {
		return false
	}
	vectors, narrow := (n*es+63)/64, len(u.tiles)/2
	return vectors > narrow && vectors <= narrow+len(u.wide[m-1])
}

// addWhole appends the calls for a worker's share of the columns of whole rows.
func (l *inPlacePlan[T]) addWhole(workers, worker int) {
	m, n, k, lanes := l.p.c.rows, l.p.c.cols, l.p.a.cols, lineElems[T]()
	from, to := share(n, lanes, workers, worker)
	if from == to {
		return
	}
	part := columnPart{col: from, tiles: 1, halves: (to - from + lanes - 1) / lanes * 2, lanes: (to - from) % lanes}
	depth := inPlaceFLOPs / (2 * m * n)
	for at := 0; at < k; at += depth {
		l.add(part, at, min(depth, k-at), 0, m, false)
	}
}

// code is what multiplies rows by the tiles of a part. Permuted tiles of few rows have several sums of each element. Where a part is not chained, panels
// are so low only if they are all of a worker's rows: these take one sum, as the panels of other workers do. Where all panels are low they have two.
func (u inPlace) code(p columnPart, rows int) func(*asm.MatmulInPlace) {
	switch narrow := len(u.tiles); {
	case p.halves > narrow:
		return u.wide[rows-1][(p.halves-narrow)/2-1]
	case u.permutes(p) && (p.chained || rows >= chainedBelow || u.mostRows(p) < chainedBelow):
		return u.permuted[p.halves-1][rows-1]
	case p.chained:
		return u.chained[p.halves-1][rows-1]
	}
	return u.tiles[p.halves-1][rows-1]
}
