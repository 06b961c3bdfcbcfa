package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
)

// Where all of A passes by the columns of B that share a line of memory, the next line's columns are packed beside the products: the ports
// that shuffle have little else to do. Two buffers for packed columns take turns, and all lines are one call, so that tiles are
// configured once and the sums of a line's last block leave beside the first products of the next line.
//
// The registers are those of blockOfTiles, but for RCX, where in C the next rows are to come into L1, R12, the rows that are packed next, R13, where to, and
// RBX, which is free outside of A's loads. NowBelow is how many lines are left, NowNext where the next one is in B, NowCopy the buffer that is
// multiplied, NowJump where R13 ends in the other one.

// lines generates the function for Below lines, of which the first has been packed, and equal panels of 17 to 32 rows.
func (t blockOfTiles) lines(name string) {
	TEXT(name, NOSPLIT, argument.Signature())
	Doc(fmt.Sprintf("%s multiplies panels of up to %d rows by all lines of B, and packs all but the first meanwhile; A is loaded past L1. See MatmulPanel.", name, 16*t.rows))
	Load(Param("p"), RDI)
	MOVQ(field(RDI, "ABytes"), R8)
	MOVQ(field(RDI, "CBytes"), R11)
	MOVQ(U32(64), RDX)
	XORQ(R14, R14)
	for _, f := range [][2]string{{"B", "NowCopy"}, {"Raw", "NowNext"}, {"Below", "NowBelow"}} {
		MOVQ(field(RDI, f[0]), RAX)
		MOVQ(RAX, field(RDI, f[1]))
	}
	t.loadOrder()
	MOVQ(field(RDI, "Shapes"), RAX)
	enc.Emit(enc.LdTileCfg(enc.Mem{Base: RAX}))

	Label("line")
	for _, f := range []string{"A", "Panels"} {
		MOVQ(field(RDI, f), RAX)
		MOVQ(RAX, field(RDI, "Now"+f))
	}
	MOVQ(field(RDI, "Below"), RAX)
	SUBQ(field(RDI, "NowBelow"), RAX)
	IMUL3Q(I32(int32(128*t.line)), RAX, RAX)
	ADDQ(field(RDI, "C"), RAX)
	MOVQ(RAX, field(RDI, "NowC"))
	MOVQ(field(RDI, "NowNext"), R12)
	t.otherBuffer(R13)
	t.sliverBytes(RAX)
	CMPQ(field(RDI, "NowBelow"), Imm(1))
	JNE(LabelRef("more_lines"))
	XORQ(RAX, RAX) // there is nothing to pack
	Label("more_lines")
	ADDQ(R13, RAX)
	MOVQ(RAX, field(RDI, "NowJump"))

	Label("panel")
	MOVQ(field(RDI, "NowCopy"), R9)
	MOVQ(field(RDI, "NowC"), R10)
	MOVQ(U32(uint32(t.line)), RAX)
	MOVQ(RAX, field(RDI, "Left"))
	Label("tile")
	MOVQ(field(RDI, "Left"), RAX)
	if t.line%2 != 0 {
		MOVQ(field(RDI, "NowBelow"), RAX)
	}
	XORQ(field(RDI, "Turn"), RAX)
	t.eitherWay()
	ADDQ(U32(128), R10)
	DECQ(field(RDI, "Left"))
	JNZ(LabelRef("tile"))
	t.below("packing", []move{{"A", R8}, {"C", R11}})
	JMP(LabelRef("panel"))

	Label("packing") // what few panels have left
	t.packBeside("rest")
	CMPQ(R13, field(RDI, "NowJump"))
	JNE(LabelRef("packing"))
	DECQ(field(RDI, "NowBelow"))
	JE(LabelRef("done"))
	ADDQ(Imm(64), field(RDI, "NowNext"))
	t.otherBuffer(RAX)
	MOVQ(RAX, field(RDI, "NowCopy"))
	JMP(LabelRef("line"))
	t.done()
}

// otherBuffer points at the buffer that is not multiplied.
func (t blockOfTiles) otherBuffer(at Register) {
	t.sliverBytes(at)
	if t.line == 2 {
		ADDQ(at, at)
	}
	ADDQ(field(RDI, "B"), at)
	ADDQ(field(RDI, "B"), at)
	SUBQ(field(RDI, "NowCopy"), at)
}

// sliverBytes is the size of a packed sliver.
func (t blockOfTiles) sliverBytes(in Register) {
	MOVQ(field(RDI, "K"), in)
	SHLQ(Imm(11), in)
}

// groupsPerStep is how many groups of rows are packed beside a step: with eight panels that is a line while the one before passes.
func (t blockOfTiles) groupsPerStep() int { return map[int]int{1: 2, 2: 1}[t.line] }

// loadOrder loads the index of the permutation that packBeside uses.
func (t blockOfTiles) loadOrder() {
	if t.line == 1 {
		VMOVDQU64(orders[2], index)
	} else {
		VMOVDQU64(orders[8], twiceIndex)
	}
}

// packBeside packs the next group of rows of the next line's columns, if one is left: two rows of bfloat16 into two vectors, four of int8 into
// two for each of two slivers.
func (t blockOfTiles) packBeside(name string) {
	none := name + "_packed"
	CMPQ(R13, field(RDI, "NowJump"))
	JE(LabelRef(none))
	MOVQ(field(RDI, "RawBytes"), RBX)
	for i := 0; i < 2*t.line; i += 2 {
		VMOVDQU64(Mem{Base: R12}, zmm(i))
		VMOVDQU64(Mem{Base: R12, Index: RBX, Scale: 1}, zmm(i+1))
		LEAQ(Mem{Base: R12, Index: RBX, Scale: 2}, R12)
	}
	if t.line == 1 {
		interleavePairs(index, Z0, Z1, Z4, Z5)
	} else {
		interleaveTwice(twiceIndex, []VecPhysical{Z0, Z1, Z2, Z3}, Z4, Z5)
		t.sliverBytes(RBX)
	}
	storeTiles(R13, RBX, t.line)
	ADDQ(Imm(64), R13)
	TESTQ(U32(1023), R13) // buffers begin at a multiple of 1024 bytes
	JNE(LabelRef(none))
	ADDQ(U32(1024), R13)
	Label(none)
}
