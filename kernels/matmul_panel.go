package kernels

import "cmp"

// copies are the rows of a worker's part of A at the columns of one block of B, where they do not compete for sets of L1 and whole
// steps are filled up. Rows are copied as the first block of columns needs them, and serve the other ones.
type copies[I element] struct {
	matrix[I]
	before []I // the same from a piece before the first row on
	done   int // rows
	rest   int // of the last of these rows, whose last piece is still to be copied
}

// pointA points the arguments at rows from … to−1 of A, at columns k … k+depth−1, or at their copies, and at the panel after
// them, to be prefetched and, where there is time enough, copied meanwhile.
func (t *tiled[I, O]) pointA(from, to, k, depth int) {
	args, es, rows, piece := &t.args, sizeof[I](), to-from, t.u.piece()
	pieces := (depth + piece - 1) / piece
	copied := t.copied(to, depth)
	args.K, args.Shift = t.u.steps(depth), 0
	if rest := depth % t.u.group(); rest > 0 && !copied {
		args.K, args.Shift = depth/t.u.group(), 8*(t.u.group()-rest)*es
	}
	args.Rounds, args.Pace = t.pacing(args.Tiles, rows, depth)

	raw := matrix[I]{t.p.a.at(t.mine.row, k), t.mine.rows, depth, t.p.a.stride}
	this, next := raw, raw
	n := min(to, raw.rows-1)
	args.Copy, args.CopyEnd = nil, nil
	if copied {
		t.copyLast(raw)
		t.copyUpTo(to, raw)
		this = t.copies.matrix
		if t.copiesNext(to, rows, pieces, depth) {
			args.Copy, args.CopyBytes = pointer(t.copies.before[n*this.stride:]), this.stride*es
			args.CopyEnd = pointer(this.at(n, depth-piece))
			t.copies.done = to + rows
			if args.Tiles*args.Rounds == pieces {
				t.copies.rest = rows
			}
		} else if t.copies.done > to {
			next = this
		}
	}
	args.A, args.ABytes = pointer(this.at(from, 0)), this.stride*es
	args.NextA, args.NextEnd, args.NextBytes = pointer(next.at(n, 0)), pointer(next.at(n, depth-1)), next.stride*es
	if args.Copy != nil {
		args.NextEnd = pointer(next.at(n, depth))
	} else if t.cut.near {
		args.Pace = unpaced
	}
	if t.amx.rest {
		t.pointRest(to)
	}
}

// unpaced is more steps than any tile has.
const unpaced = 1 << 30

// copied says whether a panel that ends before row to is read from copies.
func (t *tiled[I, O]) copied(to, depth int) bool {
	return t.copyA && !t.amx.rest && to <= t.copies.rows && (t.copyAll || depth != t.u.padded(depth))
}

// severalOps bounds the work of a call on several panels: a millisecond at 0.05 Top/s, less than what a slow core shared with others does.
// severalBytes bounds what they have of A and C, which takes longer where rows are short: a millisecond at 2 GB/s.
const (
	severalOps   = 0.05e9
	severalBytes = 2 << 20
)

// mostPanels is up to how many panels of so many rows, columns and inner elements are in a call of so many operations at most.
func (t *tiled[I, O]) mostPanels(ops float64, rows, cols, depth int) int {
	return min(int(ops/float64(2*rows*cols*depth)), severalBytes/(rows*(depth*sizeof[I]()+cols*sizeof[O]())))
}

// several completes the arguments of a call that multiplies as many panels from panel q on as have its height, lie in A, or in copies that are
// there, copy nothing, fetch nothing of next and stay below severalOps and severalBytes. It returns how many, and where they end.
func (t *tiled[I, O]) several(next *ahead[I], q, j, cols, k, depth int) (n, end int) {
	args := &t.args
	from, end := t.panelRows(next.panels, q)
	args.Panels = 1
	if args.Copy != nil || args.FetchBytes > 0 || t.u.starts != nil && !t.plan.fits && j == t.mine.col {
		return 1, end
	}
	copied := t.copied(end, depth)
	n, end = t.alike(q, next.panels, t.mostPanels(severalOps, end-from, cols, depth), func(q, to int) bool {
		_, fetches := next.part(q)
		return !fetches && copied == t.copied(to, depth) && (!copied || to <= t.copies.done)
	})
	this := matrix[I]{t.p.a.at(t.mine.row, k), t.mine.rows, depth, t.p.a.stride}
	if copied {
		this = t.copies.matrix
	}
	args.Panels, args.Across, args.Span = n, args.Tiles, (depth-1)*sizeof[I]()
	args.After = pointer(this.at(min(end, this.rows-1), 0))
	return n, end
}

// alike is how many panels one call takes from panel q on, at most so many but at least one: those that have its height and join it. The last
// one ends before row end.
func (t *tiled[I, O]) alike(q, panels, most int, joins func(q, to int) bool) (n, end int) {
	from, end := t.panelRows(panels, q)
	rows := end - from
	for n = 1; n < most && q+n < panels; n++ {
		from, to := t.panelRows(panels, q+n)
		if to-from != rows || !joins(q+n, to) {
			break
		}
		end = to
	}
	return n, end
}

// addUp points the arguments at what the sums of rows from … to−1 of A start from, which the first block of columns computes for all of them.
func (t *tiled[I, O]) addUp(from, to, depth int, first bool) {
	if t.u.starts == nil {
		return
	}
	if first {
		t.u.starts(&t.starts[from], t.args.A, t.args.ABytes, to-from, depth)
	}
	t.args.Starts = pointer(t.starts[from:])
}

// copiesNext says whether the call can copy as many rows as it multiplies, the next panel's and at most one more. They are
// copied a round after they were prefetched: where no round is left for the last piece, copyLast copies it.
func (t *tiled[I, O]) copiesNext(to, rows, pieces, depth int) bool {
	args := &t.args
	return t.u.copiesNext && args.Raw == nil && t.copies.done < to+rows && to+rows <= t.mine.rows && rows > 1 &&
		depth >= t.u.piece() && depth == t.u.padded(depth) && t.u.pacedSteps(args.K) >= rows*args.Rounds && args.Tiles*args.Rounds >= pieces
}

// copyUpTo copies the rows of A that have not been.
func (t *tiled[I, O]) copyUpTo(to int, a matrix[I]) {
	if c, es := &t.copies, sizeof[I](); t.u.copyRows != nil && c.done < to {
		t.u.copyRows(pointer(c.at(c.done, 0)), pointer(a.at(c.done, 0)), c.stride*es, a.stride*es, to-c.done, a.cols*es)
		c.done = to
	}
	for c := &t.copies; c.done < to; c.done++ {
		row := c.at(c.done, 0)[:t.u.padded(a.cols)]
		clear(row[copy(row, a.row(c.done)):])
	}
}

// copyLast copies the last piece of rows that the call before has left.
func (t *tiled[I, O]) copyLast(a matrix[I]) {
	c, last := &t.copies, a.cols-t.u.piece()
	for i := c.done - c.rest; i < c.done; i++ {
		copy(c.at(i, last)[:t.u.piece()], a.at(i, last))
	}
	c.rest = 0
}

// pacing is how many pieces of each row of the next panel a tile prefetches, one every so many steps, where panels have so many tiles and rows: there
// is one more than pieces need, for copying, but where L2 is large: prefetching the lines of C twice in a tile there took 4 % of the time.
func (t *tiled[I, O]) pacing(tiles, rows, depth int) (rounds, pace int) {
	u, more := t.u, tiles
	if t.large {
		more = tiles - 1
	}
	steps, pieces := u.pacedSteps(u.steps(depth)), (depth+u.piece()-1)/u.piece()
	rounds = max(min((pieces+more)/max(tiles, 1), steps/rows), 1)
	return rounds, max(steps/(rows*rounds), 1)
}

// pacedSteps is beside how many of k steps of a tile there is time to prefetch and copy.
func (u *microKernel) pacedSteps(k int) int { return max(min(k, cmp.Or(u.chunk, k))-u.endSteps, 0) }

// piece is the elements of a row of A that are prefetched or copied at once.
func (u *microKernel) piece() int { return u.cols * u.group() }

// copyRoom is the elements that copies of rows of A take, of depth elements of es bytes each and stride elements apart, with a piece before
// each; 0 where none are copied.
func (u *microKernel) copyRoom(rows, depth, stride, es int, b blocking, c caches) int {
	if rows = u.copiedRows(rows, depth, stride, es, b, c); rows == 0 {
		return 0
	}
	return u.piece() + rows*b.copyStride
}

// copiedRows is how many of so many rows are copied: none where they do not compete for L1 and fill whole steps, or fill one that the code
// shifts to its place. Rows of less than a step are loaded with what is before them, but the first ones, before which there may be nothing.
func (u *microKernel) copiedRows(rows, depth, stride, es int, b blocking, c caches) int {
	switch {
	case b.line:
		return 0
	case b.chunks:
		return rows
	case u.loadsRest(rows, depth, stride):
		return restCopies * u.rows
	case u.copyAll(rows, stride, es, b, c):
		return rows
	case u.padded(depth) == depth || u.shifts && depth >= u.group():
		return 0
	case u.shifts:
		return min(rows, u.rows)
	}
	return rows
}

// copyAll reports whether rows of A are copied whether they fill whole steps or not.
func (u *microKernel) copyAll(rows, stride, es int, b blocking, c caches) bool {
	most := cmp.Or(u.inSet, 100)
	if b.once {
		most = cmp.Or(u.inSetOnce, most)
	}
	return u.copy.choose(c.collide(stride*es, min(u.rows, rows)*100/most) && (!u.tiles || u.panelInL1(b.depth, es, c)))
}

// place gives the copies their room.
func (c *copies[I]) place(room []I, piece int, b blocking) {
	c.before, c.matrix = room, matrix[I]{room[piece:], (len(room) - piece) / b.copyStride, b.depth, b.copyStride}
}
