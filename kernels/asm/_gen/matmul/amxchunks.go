package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A panel of A that L1 does not hold is multiplied chunk by chunk: so many columns of A as L1 has room for by all slivers of B, then the next ones.
// One operand comes from L2 then, not both, which leaves L2 time for what comes from L3. The sums of a block go from its tiles to the buffer in L1,
// and from there are added to those of the chunks before, which wait in L2, in a place for each sliver, while the next block is multiplied. The last
// chunk's sum goes to C, the first one's begins with C where Accumulate says so.
//
// The registers are those of blockOfTiles, but for R14, where the block before goes, rows RCX bytes apart, and R13, what it is added to, rows NowFrom apart, if
// K1 is not 0, and R12, what is prefetched into L2. NowSums is where the sums of the present sliver wait, NowSteps what the chunk has, NowLeft how many steps the panel has from this
// chunk on, NowCopy where the chunk begins in B.

// linesAsked is how many lines of the panel below a step prefetches, in the order in which they lie: so a block of 352 columns, 352 steps, brings nearly all
// of a panel of 32 steps.
const linesAsked = 3

// sumsBytes is the distance of the places of two slivers: rows of neighbours do not lie at the same offset in a page.
const sumsBytes = 32*bufferRow + 5*64

// sumsMask says whether the block before is added to something.
var sumsMask = K1

func (t blockOfTiles) chunked(name string) {
	TEXT(name, NOSPLIT, argument.Signature())
	Doc(fmt.Sprintf("%s multiplies panels of up to %d rows with tiles, Chunk steps by all slivers before the next ones; B is loaded past L1. See MatmulPanel.", name, 16*t.rows))
	t.load()

	Label("shaped")
	t.shape()
	Label("panel")
	CMPQ(field(RDI, "Tiles"), Imm(0))
	JE(LabelRef("columns"))
	MOVQ(field(RDI, "B"), RAX)
	MOVQ(RAX, field(RDI, "NowCopy"))
	MOVQ(field(RDI, "K"), RAX)
	MOVQ(RAX, field(RDI, "NowLeft"))
	MOVQ(field(RDI, "Rows"), R12) // the panel below
	IMULQ(R8, R12)
	ADDQ(field(RDI, "NowA"), R12)

	Label("chunk")
	MOVQ(field(RDI, "Chunk"), RAX)
	CMPQ(RAX, field(RDI, "NowLeft"))
	CMOVQGT(field(RDI, "NowLeft"), RAX)
	MOVQ(RAX, field(RDI, "NowSteps"))
	MOVQ(field(RDI, "NowCopy"), R9)
	MOVQ(field(RDI, "NowC"), R10)
	MOVQ(field(RDI, "Buffer"), RAX)
	ADDQ(U32(32*bufferRow), RAX)
	MOVQ(RAX, field(RDI, "NowSums"))
	MOVQ(field(RDI, "Tiles"), RAX)
	MOVQ(RAX, field(RDI, "Left"))
	Label("tile")
	MOVQ(field(RDI, "Left"), RAX)
	XORQ(field(RDI, "Turn"), RAX)
	t.eitherWay()
	ADDQ(U32(sumsBytes), field(RDI, "NowSums"))
	ADDQ(U32(128), R10)
	MOVQ(field(RDI, "K"), RAX)
	SUBQ(field(RDI, "NowSteps"), RAX)
	SHLQ(Imm(11), RAX)
	ADDQ(RAX, R9)
	DECQ(field(RDI, "Left"))
	JNZ(LabelRef("tile"))
	MOVQ(field(RDI, "NowSteps"), RAX)
	SUBQ(RAX, field(RDI, "NowLeft"))
	SHLQ(Imm(6), RAX)
	ADDQ(RAX, field(RDI, "NowA"))
	SHLQ(Imm(5), RAX)
	ADDQ(RAX, field(RDI, "NowCopy"))
	CMPQ(field(RDI, "NowLeft"), Imm(0))
	JNE(LabelRef("chunk"))
	MOVQ(field(RDI, "K"), RAX)
	SHLQ(Imm(6), RAX)
	SUBQ(RAX, field(RDI, "NowA"))

	Label("columns")
	CMPQ(field(RDI, "Tail"), Imm(0))
	JE(LabelRef("next"))
	MOVQ(field(RDI, "Tiles"), R9)
	MOVQ(R9, R10)
	SHLQ(Imm(7), R10)
	ADDQ(field(RDI, "NowC"), R10)
	IMULQ(field(RDI, "K"), R9)
	SHLQ(Imm(11), R9)
	ADDQ(field(RDI, "B"), R9)
	t.tail()
	Label("next")
	t.nextPanel()
	t.again()
	t.done()
}

// changeChunks is the first step of a block of a chunk, in which the block before leaves its tiles for the buffer. RAX becomes how many of its rows are there, to be
// added and to go on.
func (p product) changeChunks(label func(string) string) {
	TESTQ(R14, R14)
	JE(LabelRef(label("zero")))
	whereTo(label("first"))
	p.step(changing)
	MOVQ(field(RDI, "Buffer"), R15)
	MOVQ(field(RDI, "Rows"), RAX)
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

// complete says where the block goes, and what it is added to.
func (p product) complete(name string) {
	MOVQ(field(RDI, "NowSums"), R13)
	MOVQ(R13, R14)
	MOVQ(U32(bufferRow), RCX)
	MOVQ(RCX, field(RDI, "NowFrom"))
	KXNORW(sumsMask, sumsMask, sumsMask)
	MOVQ(field(RDI, "NowLeft"), RAX)
	CMPQ(RAX, field(RDI, "K"))
	JNE(LabelRef(name + "_more"))
	MOVQ(R10, R13)
	MOVQ(R11, field(RDI, "NowFrom"))
	CMPQ(field(RDI, "Accumulate"), Imm(0))
	JNE(LabelRef(name + "_more"))
	KXORW(sumsMask, sumsMask, sumsMask)
	Label(name + "_more")
	CMPQ(RAX, field(RDI, "NowSteps"))
	CMOVQEQ(R10, R14)
	CMOVQEQ(R11, RCX)
}
