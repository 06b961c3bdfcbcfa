package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Where L1 holds a panel of A because a block of B is no deeper, one operand comes from L2, not both, which leaves L2 time for what comes from L3. Sums of blocks
// of other depths are in C then. They are added on the way from the buffer to C, by vectors: tiles that are loaded from C would wait for it.
//
// K1 is 0 unless Accumulate says that there are such sums. R12 is what is prefetched of the panel below.

// sumsMask says whether blocks are added to what is in C.
var sumsMask = K1

// linesAsked is how many lines of the panel below a step prefetches, in the order in which they lie.
const linesAsked = 3

// loadMask sets sumsMask.
func loadMask() {
	KXORW(sumsMask, sumsMask, sumsMask)
	CMPQ(field(RDI, "Accumulate"), Imm(0))
	JE(LabelRef("anew"))
	KXNORW(sumsMask, sumsMask, sumsMask)
	Label("anew")
}

// pointBelow points R12 at the panel below.
func pointBelow() {
	MOVQ(field(RDI, "Rows"), R12)
	IMULQ(R8, R12)
	ADDQ(field(RDI, "NowA"), R12)
}

// askInOrder is quarter n of a step's prefetches.
func (p product) askInOrder(n int) {
	if n < linesAsked {
		PREFETCHT1(Mem{Base: R12, Disp: 64 * n})
	}
	if n == linesAsked {
		ADDQ(U32(64*linesAsked), R12)
	}
}
