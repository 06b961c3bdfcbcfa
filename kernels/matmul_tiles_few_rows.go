package kernels

// Where few rows of A meet a B that L1 does not hold beside all else, packed columns that are stored, leave L1 and come back take longer than a call for
// each block of some columns, whose rows of A come again: B is packed in blocks of a quarter of L1 then, each of which the next one takes the place of.

// Up to how many rows that is faster: of up to lowRows in any case, of more where rows of C are whole lines, or blocks are short and do not pass through
// a buffer, which every call empties by itself.
const (
	mostRows = 72
	lowRows  = 24
)

// blockOfFewRows is how many columns a block has then, whole lines of B; 0: all, or as many as they are elsewhere.
func (u *microKernel) blockOfFewRows(m, n, k, es int, c caches) int {
	if !u.tiles || u.before || u.share != 0 || m > mostRows || k > u.depth {
		return 0
	}
	row, width := u.padded(k)*es, u.lineCols(es)
	most, lines := c.l1/4/(width*row), (n+width-1)/width
	if 2*row < 3*m || most == 0 || most >= lines || (m*k+k*n)*es+lines*width*row+4*m*n <= c.l1 { // of less depth all but C is little
		return 0
	}
	blocks := (lines + most - 1) / most
	cols := (lines + blocks - 1) / blocks * width
	if m > lowRows && 4*n%lineBytes != 0 && (u.steps(k) >= bufferSteps/2 || cols*row <= c.l1/6) {
		return 0
	}
	return cols
}

// A block of B from a far last cache that few rows meet is shallowBytes/es rows deep: their packing is what takes the time, and long pieces of rows come faster
// than deep columns. Up to shallowMost rows of A gain more by that than sums that are added to C again cost, as long as half of L2 holds C.
const (
	shallowBytes = 512
	shallowMost  = 256
)

// cutsShallow says whether blocks are so shallow.
func (u *microKernel) cutsShallow(m, n, k, es int, c caches) bool {
	whole := u.padded(k) == k && k*es%lineBytes == 0 && n*es%lineBytes == 0
	return u.shallow.choose(whole && u.tiles && !u.before && !u.depthSet && m <= shallowMost && c.piecesFarLast(n*k*es) && 4*m*n <= c.l2/2)
}
