package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
)

var rowTilesArgument = address.Argument{
	"Shapes *byte", "A *byte", "ABytes int", "B *byte", "BBytes int", "BFirst int", "BNext int", "Sums *byte", "SumBytes int", "Groups int", "Blocks int",
}

// The tiles of rowTiles: sums first, then A, then B in turn.
const (
	rowTilesSums = 4
	rowTilesA    = 4
	rowTilesB    = 5
)

// rowTiles generates the functions that multiply few rows of A with tiles of B where it lies. A tile of B is 64 bytes of 16 rows: what AMX takes for a group along K
// are neighbours in a row, of which A's tile multiplies one and has zeros for the others. So a row of A is as many rows of its tile as a group has elements, one for each
// column of a group.
func rowTiles(name string, mul func(b, a, acc int) enc.Inst) {
	rowTilesAlong(name+"Along", mul)
	rowTilesDown(name+"Down", mul)
}

// rowTilesBegin loads what both take: RDX 64, R8 from row to row of B, R13 from tile to tile of sums, R14 of A, R15 64 columns further.
func rowTilesBegin(name, doc string) (at func(string) Mem) {
	TEXT(name, NOSPLIT, rowTilesArgument.Signature())
	Doc(name + " " + doc + "; see NarrowTiles.")
	Load(Param("p"), RDI)
	at = func(name string) Mem { return rowTilesArgument.Field(RDI, name) }
	MOVQ(at("Shapes"), RAX)
	enc.Emit(enc.LdTileCfg(enc.Mem{Base: RAX}))
	MOVQ(U32(64), RDX)
	MOVQ(at("BBytes"), R8)
	MOVQ(at("SumBytes"), R13)
	MOVQ(at("ABytes"), R14)
	return at
}

func rowTilesAlong(name string, mul func(b, a, acc int) enc.Inst) {
	at := rowTilesBegin(name, "goes along whole rows of B, a group of 16 after the other, and adds to sums in memory")
	MOVQ(at("A"), R11)
	MOVQ(at("B"), RSI)
	MOVQ(at("Groups"), RBX)
	MOVQ(at("BFirst"), R12)
	Label("group")
	enc.Emit(enc.TileLoad(enc.Mem{Base: R11, Index: RDX, Scale: 1}, rowTilesA))
	MOVQ(RSI, R9)
	MOVQ(at("Sums"), R10)
	MOVQ(at("Blocks"), RCX)
	one := func(i int) {
		enc.Emit(enc.TileLoad(enc.Mem{Base: R10, Index: RDX, Scale: 1}, i))
		enc.Emit(enc.TileLoad(enc.Mem{Base: R9, Index: R8, Scale: 1}, rowTilesB+i))
		enc.Emit(mul(rowTilesB+i, rowTilesA, i))
		enc.Emit(enc.TileStore(i, enc.Mem{Base: R10, Index: RDX, Scale: 1}))
		ADDQ(Imm(64), R9)
		ADDQ(R13, R10)
	}
	BTRQ(Imm(0), RCX)
	JCC(LabelRef("even"))
	one(0)
	Label("even")
	TESTQ(RCX, RCX)
	JE(LabelRef("next"))
	Label("blocks")
	one(0)
	one(1)
	SUBQ(Imm(2), RCX)
	JNZ(LabelRef("blocks"))
	Label("next")
	ADDQ(R12, RSI)
	MOVQ(at("BNext"), R12)
	ADDQ(R14, R11)
	DECQ(RBX)
	JNZ(LabelRef("group"))
	enc.Emit(enc.TileRelease())
	RET()
}

func rowTilesDown(name string, mul func(b, a, acc int) enc.Inst) {
	at := rowTilesBegin(name, "goes down some columns of B after the others, with sums in tiles")
	MOVQ(at("B"), RSI)
	MOVQ(at("Sums"), R10)
	some := func(label string, n int) {
		Label(label)
		SUBQ(Imm(uint64(n)), at("Blocks"))
		JL(LabelRef(label + "_end"))
		for i := range n {
			enc.Emit(enc.TileZero(i))
		}
		MOVQ(at("A"), R11)
		MOVQ(RSI, R9)
		MOVQ(at("Groups"), RBX)
		MOVQ(at("BFirst"), R12)
		Label(label + "_group")
		enc.Emit(enc.TileLoad(enc.Mem{Base: R11, Index: RDX, Scale: 1}, rowTilesA))
		for i := range n {
			enc.Emit(enc.TileLoad(enc.Mem{Base: R9, Index: R8, Scale: 1, Disp: int32(64 * i)}, rowTilesB+i%3))
			enc.Emit(mul(rowTilesB+i%3, rowTilesA, i))
		}
		ADDQ(R12, R9)
		MOVQ(at("BNext"), R12)
		ADDQ(R14, R11)
		DECQ(RBX)
		JNZ(LabelRef(label + "_group"))
		for i := range n {
			enc.Emit(enc.TileStore(i, enc.Mem{Base: R10, Index: RDX, Scale: 1}))
			ADDQ(R13, R10)
		}
		ADDQ(U32(uint32(64*n)), RSI)
		JMP(LabelRef(label))
		Label(label + "_end")
		ADDQ(Imm(uint64(n)), at("Blocks"))
	}
	some("four", rowTilesSums)
	some("one", 1)
	enc.Emit(enc.TileRelease())
	RET()
}

// spread generates the function that puts elements of a row of A, 16 in a group, into the rows of tiles that are for it: row q has them in place q of what AMX takes.
func spread(e element) {
	name := "NarrowSpread" + map[int]string{2: "Pairs", 4: "Quads"}[e.group] + "AVX512"
	TEXT(name, NOSPLIT, "func(dst *byte, dstBytes int, src *byte, groups int)")
	Doc(name + " writes groups of 16 elements of src to rows of tiles, dstBytes from tile to tile, each with zeros beside the elements; see NarrowTiles.")
	dst, bytes, src, n := Load(Param("dst"), GP64()), Load(Param("dstBytes"), GP64()), Load(Param("src"), GP64()), Load(Param("groups"), GP64())
	Label("group")
	if e.bytes == 2 {
		VPMOVZXWD(Mem{Base: src}, Z0)
	} else {
		VPMOVZXBD(Mem{Base: src}, Z0)
	}
	VMOVDQU64(Z0, Mem{Base: dst})
	for q := 1; q < e.group; q++ {
		VPSLLD(Imm(uint64(8*e.bytes*q)), Z0, zmm(q))
		VMOVDQU64(zmm(q), Mem{Base: dst, Disp: 64 * q})
	}
	ADDQ(bytes, dst)
	ADDQ(U32(uint32(16*e.bytes)), src)
	DECQ(n)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}
