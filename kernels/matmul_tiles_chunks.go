package kernels

// Where products are large, a block of B is no deeper than the chunk of a panel of A that L1 holds: tiles then come from L2 for one operand only, which leaves L2 time
// to take in what comes from L3. What is in C is added by vectors. Rows of A are copied before, so that those of a chunk spread over all sets of L1 and lie in the
// order in which they are used.

// chunkSteps is how many steps of a panel L1 has room for, beside what passes by.
func (u *microKernel) chunkSteps(c caches) int { return max(c.l1*2/3/(u.rows*lineBytes), 1) }

// leastChunks is more than how many chunks a row has so that products are cut, and rowsOfChunks and colsOfChunks how large they are at least: rows are copied for all columns,
// and C is read and written for each chunk, which must pay.
const (
	leastChunks  = 2
	rowsOfChunks = 1024
	colsOfChunks = 1536
)

// cutsPanels says whether a whole product is cut so, whatever the workers' parts are: bits depend on it. It pays where rows of A, so many elements apart, compete
// for sets of L1 anyway: elsewhere it was 0.97 to 1.01 times as fast.
func (u *microKernel) cutsPanels(m, n, k, stride, es int, c caches) bool {
	if u.chunked == nil || u.steps(k) <= u.chunkSteps(c) || u.line == always || u.turns == always {
		return false
	}
	return u.chunks.choose(c.largeL2() && c.collide(stride*es, u.rows) && u.steps(k) > leastChunks*u.chunkSteps(c) && m >= rowsOfChunks && n >= colsOfChunks)
}

// ofWhole is u for the parts of a whole product.
func (u *microKernel) ofWhole(m, n, k, stride, es int, c caches) *microKernel {
	if !u.tiles {
		return u
	}
	decided := *u
	decided.chunks, decided.shallow = never, never
	if u.cutsPanels(m, n, k, stride, es, c) {
		decided.chunks = always
	} else if u.cutsShallow(m, n, k, es, c) {
		decided.shallow = always
	}
	return &decided
}

// chunkedStride is how many lines copied rows are apart, at least so many: twice an odd number, so that 32 rows of 16 lines take the same part of each set.
func chunkedStride(lines int) int { return (lines+1)/4*4 + 2 }

// copyChunks copies all rows of A, from column k on, in calls of up to severalBytes.
func (t *tiled[I, O]) copyChunks(k, depth int) {
	a := matrix[I]{t.p.a.at(t.mine.row, k), t.mine.rows, depth, t.p.a.stride}
	rows := max(severalBytes/(depth*sizeof[I]()), 1)
	t.copies.done = 0
	for to := 0; to < t.copies.rows; {
		to = min(to+rows, t.copies.rows)
		t.copyUpTo(to, a)
	}
}
