package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// A panel of A that L1 does not hold is cut along k into chunks that it does hold, each of which all slivers of a block of B pass: the sums so far wait in L2. Tiles then
// come from L2 for one operand only, which leaves L2 time to take in what comes from L3. Rows of A are copied, so that those of a chunk spread over all sets of
// L1. Bits depend on where a panel is cut: by k alone, so that they do not depend on workers.

// chunkSteps is how many steps of a panel L1 has room for, beside what passes by.
func (u *microKernel) chunkSteps(c caches) int { return max(c.l1*2/3/(u.rows*lineBytes), 1) }

// chunksOfDepth is how many chunks are as deep as a block of B then. As many steps, or fewer, are not cut unless a setting says so.
const chunksOfDepth = 2

// blocksOfChunks is how many blocks of columns there are at least: rows of A are copied for all of them, and that must pay.
const blocksOfChunks = 4

// cutsPanels says whether panels of A are cut, of a whole product, whatever the workers' parts are: bits must not depend on these. It pays where rows of A, so many
// elements apart, compete for sets of L1 anyway: elsewhere it was 0.97 to 1.01 times as fast.
func (u *microKernel) cutsPanels(m, n, k, stride, es int, c caches) bool {
	if u.chunked == nil || u.steps(k) <= u.chunkSteps(c) || u.line == always || u.turns == always {
		return false
	}
	most := u.chunkSteps(c) * chunksOfDepth
	block := c.l2 * u.shareOfL2(c) / 100 / (most * lineBytes)
	return u.chunks.choose(c.largeL2() && c.collide(stride*es, u.rows) && u.steps(k) > most && m >= rowsOfChunks && n >= blocksOfChunks*block)
}

// rowsOfChunks is how many rows there are at least.
const rowsOfChunks = 1024

// ofWhole is u for the parts of a whole product.
func (u *microKernel) ofWhole(m, n, k, stride, es int, c caches) *microKernel {
	if !u.tiles {
		return u
	}
	decided := *u
	decided.chunks = never
	if u.cutsPanels(m, n, k, stride, es, c) {
		decided.chunks = always
	}
	return &decided
}

// chunkOf is how many steps a chunk of a panel has.
func (u *microKernel) chunkOf(depth int, c caches) int {
	steps, most := u.steps(depth), u.chunkSteps(c)
	pieces := (steps + most - 1) / most
	return (steps + pieces - 1) / pieces
}

// chunkedStride is how many lines copied rows are apart then, at least so many: twice an odd number, so that 32 rows of 16 lines take the same part of each set.
func chunkedStride(lines int) int { return (lines+1)/4*4 + 2 }

// sumsBuffer is what the sums of a sliver so far take.
const sumsBuffer = tileBuffer + 5*lineBytes

// shapeChunks completes the arguments of a call that multiplies panels of rows by chunks.
func (t *tiled[I, O]) shapeChunks(args *asm.MatmulPanel) {
	args.Chunk, args.Buffer = t.cut.chunk, pointer(t.amx.buffer)
}

// copyChunks copies all rows of A, from column k on.
func (t *tiled[I, O]) copyChunks(k, depth int) {
	a := matrix[I]{t.p.a.at(t.mine.row, k), t.mine.rows, depth, t.p.a.stride}
	t.copies.done = 0
	for to := 0; to < t.copies.rows; {
		to = min(to+planRows, t.copies.rows)
		t.copyUpTo(to, a)
	}
}
