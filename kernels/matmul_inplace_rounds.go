package kernels

// inPlaceRound is where the calls on some rows end, and the steps of the last columns on the same rows.
type inPlaceRound struct{ calls, steps int }

// roundRows is what the rows of a round are a multiple of: whole panels of tiles and of dot products.
const roundRows = 24

// byRounds plans tiles and dot products of the last columns by turns, each round on as many rows of A as stay in L1, so that dot products find
// them there; where a panel does not, and A comes from a far last cache, in a quarter of L2. It does so where L2 is large, and only where nothing is cut along K.
func (l *inPlacePlan[T]) byRounds(parts []columnPart, depth, from, to, workers int, c caches) bool {
	row := l.p.a.stride * sizeof[T]()
	rows := c.l1 * 3 / 4 / row / roundRows * roundRows
	if rows == 0 && c.piecesFarLast(l.p.a.rows*row) {
		rows = c.l2 / 4 / row / roundRows * roundRows
	}
	d := l.columns
	if !c.largeL2() || rows == 0 || to-from < 2*rows || l.p.c.rows < inPlaceRows*workers || depth < l.p.a.cols || d.way.depth < l.p.a.cols || len(d.groups) > 1 {
		return false
	}
	for _, p := range parts {
		if p.chained {
			return false
		}
	}
	d.steps, d.way.far = nil, false
	d.pack(&d.groups[0], 0)
	for at := from; at < to; at += rows {
		end := min(at+rows, to)
		for i, part := range parts {
			l.add(part, 0, depth, at, end, i == 0 && depth == l.p.a.stride)
		}
		d.add(&d.groups[0], 0, at, end, 0, false)
		l.rounds = append(l.rounds, inPlaceRound{len(l.calls), len(d.steps)})
	}
	return true
}

// runRounds computes what byRounds has planned.
func (l *inPlacePlan[T]) runRounds() {
	call, step := 0, 0
	for _, r := range l.rounds {
		for ; call < r.calls; call++ {
			c := &l.calls[call]
			c.run(&c.args)
		}
		l.columns.runSteps(step, r.steps)
		step = r.steps
	}
}
