package kernels

// Panels whose heights differ take a configuration of tiles and a call each. Where the rows that are left over find room in every panel, all are so
// much higher and overlap: rows that two panels share are computed twice, with the same result.

// overlapBytes is up to how much of C is computed twice: more takes longer than the calls that are saved.
const overlapBytes = 4096

// overlap is how many rows a panel begins below the one above where all have one height so; 0: they are equal anyway, the low ones need no second tile, there
// are too many rows left over, or C is added to, which would count them twice.
func (t *tiled[I, O]) overlap() int {
	panels := (t.mine.rows + t.u.rows - 1) / t.u.rows
	if panels < 2 || t.p.a.cols > t.cut.depth || !t.inPlan() {
		return 0
	}
	low, left := t.mine.rows/panels, t.mine.rows%panels
	if left == 0 || low <= t.u.rows/2 || low+left > t.u.rows || left*(panels-1)*t.mine.cols*sizeof[O]() > overlapBytes {
		return 0
	}
	return low
}

// panelRows is where panel q of so many begins and ends.
func (t *tiled[I, O]) panelRows(panels, q int) (from, to int) {
	if t.amx.across > 0 {
		return q * t.amx.across, t.mine.rows - (panels-1-q)*t.amx.across
	}
	return share(t.mine.rows, 1, panels, q)
}
