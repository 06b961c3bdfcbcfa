package kernels

import "cmp"

// copies are the rows of a worker's part of A at the columns of one block of B, where they do not compete for sets of L1 and whole
// steps are filled up. Rows are copied as the first block of columns needs them, and serve the other ones.
type copies[I element] struct {
	matrix[I]
	before []I // the same from a piece before the first row on
	done   int // rows
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
	steps := t.u.pacedSteps(t.u.steps(depth))
	args.Rounds = max(min(pieces/max(args.Tiles, 1)+1, steps/rows), 1)
	args.Pace = max(steps/(rows*args.Rounds), 1)

	raw := matrix[I]{t.p.a.at(t.mine.row, k), t.mine.rows, depth, t.p.a.stride}
	this, next := raw, raw
	n := min(to, raw.rows-1)
	args.Copy, args.CopyEnd = nil, nil
	if copied {
		t.copyUpTo(to, raw)
		this = t.copies.matrix
		if t.copiesNext(to, rows, pieces, depth) {
			args.Copy, args.CopyBytes = pointer(t.copies.before[n*this.stride:]), this.stride*es
			args.CopyEnd = pointer(this.at(n, depth-piece))
			t.copies.done = to + rows
		} else if t.copies.done > to {
			next = this
		}
	}
	args.A, args.ABytes = pointer(this.at(from, 0)), this.stride*es
	args.NextA, args.NextEnd, args.NextBytes = pointer(next.at(n, 0)), pointer(next.at(n, depth-1)), next.stride*es
	if args.Copy != nil {
		args.NextEnd = pointer(next.at(n, depth))
	}
}

// copied says whether a panel that ends before row to is read from copies.
func (t *tiled[I, O]) copied(to, depth int) bool {
	return t.copyA && to <= t.copies.rows && (t.copyAll || depth != t.u.padded(depth))
}

// several completes the arguments of a call that multiplies as many panels from panel q on as have its height, lie in A, or in copies that are
// there, copy nothing, fetch nothing of next and stay below callFLOPs. It returns how many, and where they end.
func (t *tiled[I, O]) several(next *ahead[I], q, j, cols, k, depth int) (n, end int) {
	args, panels := &t.args, next.panels
	from, end := share(t.mine.rows, 1, panels, q)
	args.Panels = 1
	if args.Copy != nil || args.FetchBytes > 0 || t.u.starts != nil && !t.plan.fits && j == t.mine.col {
		return 1, end
	}
	rows, steps := end-from, t.u.pacedSteps(args.K)
	joins := func(from, to int) bool {
		copied := t.copied(to, depth)
		return to-from == rows && copied == t.copied(end, depth) && (!copied || to <= t.copies.done)
	}
	most := min(int(callFLOPs/float64(2*rows*cols*depth)), panels-q)
	for n = 1; n < most; n++ {
		from, to := share(t.mine.rows, 1, panels, q+n)
		if _, _, fetches := next.part(args, q+n, rows, steps); fetches || !joins(from, to) {
			break
		}
		end = to
	}
	this := matrix[I]{t.p.a.at(t.mine.row, k), t.mine.rows, depth, t.p.a.stride}
	if t.copied(end, depth) {
		this = t.copies.matrix
	}
	args.Panels, args.Across, args.Span = n, args.Tiles, (depth-1)*sizeof[I]()
	args.After = pointer(this.at(min(end, this.rows-1), 0))
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
// copied a round after they were prefetched.
func (t *tiled[I, O]) copiesNext(to, rows, pieces, depth int) bool {
	args := &t.args
	return t.u.copiesNext && args.Raw == nil && t.copies.done < to+rows && to+rows <= t.mine.rows && rows > 1 &&
		depth >= t.u.piece() && depth == t.u.padded(depth) && t.u.pacedSteps(args.K) >= rows*args.Rounds && args.Tiles*args.Rounds > pieces
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
	return u.copy.choose(c.collide(stride*es, min(u.rows, rows)*100/cmp.Or(u.inSet, 100)) && (!u.tiles || u.panelInL1(b.depth, es, c)))
}

// place gives the copies their room.
func (c *copies[I]) place(room []I, piece int, b blocking) {
	c.before, c.matrix = room, matrix[I]{room[piece:], (len(room) - piece) / b.copyStride, b.depth, b.copyStride}
}
