package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// A block of 2×2 tiles of C takes all eight: tmm0-3 are C, tmm4 and 5 are rows 0-15 and 16-31 of A, tmm6 and 7 columns 0-15
// and 16-31 of B. Four loads feed four products; a larger block would need more tiles. B streams by once for each panel, so
// its loads carry the hint that says so, and leave L1 to the panel of A.
//
// The registers: RDI the MatmulPanel, RDX 64, the distance of rows of packed tiles, R8 and R11 those of A and C, R9 B, R10 C,
// R13 C's row 16, RSI and RBX A's rows 0 and 16, RCX steps left, R12 tiles left, RAX for passing use.
type blockOfTiles struct {
	rows int // of tiles: 1 or 2
	mul  func(b, a, acc int) enc.Inst
}

// amx generates the functions for panels of up to 16 and up to 32 rows.
func amx(name string, mul func(b, a, acc int) enc.Inst) {
	for rows := 1; rows <= 2; rows++ {
		blockOfTiles{rows, mul}.function(fmt.Sprintf("Matmul%sR%d", name, 16*rows))
	}
}

func (t blockOfTiles) function(name string) {
	TEXT(name, NOSPLIT, signature)
	Doc(fmt.Sprintf("%s multiplies panels of up to %d rows with tiles; see MatmulPanel.", name, 16*t.rows))
	Load(Param("p"), RDI)
	MOVQ(field(RDI, "ABytes"), R8)
	MOVQ(field(RDI, "CBytes"), R11)
	MOVQ(U32(64), RDX)

	Label("shaped")
	MOVQ(field(RDI, "Shapes"), RAX)
	CMPQ(field(RDI, "Tiles"), Imm(0))
	JE(LabelRef("panel"))
	enc.Emit(enc.LdTileCfg(enc.Mem{Base: RAX}))
	Label("panel")
	MOVQ(field(RDI, "B"), R9)
	MOVQ(field(RDI, "C"), R10)
	MOVQ(field(RDI, "Tiles"), R12)
	TESTQ(R12, R12)
	JE(LabelRef("tail"))
	Label("tile")
	t.product("tile", 2)
	ADDQ(U32(128), R10)
	DECQ(R12)
	JNZ(LabelRef("tile"))

	Label("tail")
	CMPQ(field(RDI, "Tail"), Imm(0))
	JE(LabelRef("next"))
	MOVQ(field(RDI, "Shapes"), RAX)
	enc.Emit(enc.LdTileCfg(enc.Mem{Base: RAX, Disp: 64}))
	CMPQ(field(RDI, "Tail"), Imm(16))
	JG(LabelRef("wide"))
	t.product("narrow", 1)
	JMP(LabelRef("next"))
	Label("wide")
	t.product("wide", 2)

	Label("next")
	DECQ(field(RDI, "Panels"))
	JE(LabelRef("done"))
	for _, m := range []struct {
		base  string
		bytes Register
	}{{"A", R8}, {"C", R11}} {
		MOVQ(field(RDI, "Rows"), RAX)
		IMULQ(m.bytes, RAX)
		ADDQ(RAX, field(RDI, m.base))
	}
	CMPQ(field(RDI, "Tail"), Imm(0))
	JE(LabelRef("panel")) // the shapes are those of full tiles
	JMP(LabelRef("shaped"))
	Label("done")
	enc.Emit(enc.TileRelease())
	VZEROUPPER()
	RET()
}

// product computes one block of C, cols tiles wide, from K steps. It leaves B at the next sliver.
func (t blockOfTiles) product(name string, cols int) {
	MOVQ(R11, R13)
	SHLQ(Imm(4), R13)
	ADDQ(R10, R13)
	each := func(f func(c enc.Mem, tile int)) {
		for i := range t.rows {
			for j := range cols {
				f(enc.Mem{Base: []GPPhysical{R10, R13}[i], Index: R11, Scale: 1, Disp: int32(64 * j)}, 2*i+j)
			}
		}
	}
	CMPQ(field(RDI, "Accumulate"), Imm(0))
	JE(LabelRef(name + "_zero"))
	each(func(c enc.Mem, tile int) { enc.Emit(enc.TileLoad(c, tile)) })
	JMP(LabelRef(name + "_start"))
	Label(name + "_zero")
	each(func(_ enc.Mem, tile int) { enc.Emit(enc.TileZero(tile)) })
	Label(name + "_start")
	MOVQ(field(RDI, "A"), RSI)
	if t.rows == 2 {
		MOVQ(R8, RBX)
		SHLQ(Imm(4), RBX)
		ADDQ(RSI, RBX)
	}
	MOVQ(field(RDI, "K"), RCX)
	vec.Align()
	Label(name + "_k")
	enc.Emit(enc.TileLoad(enc.Mem{Base: RSI, Index: R8, Scale: 1}, 4))
	for j := range cols {
		enc.Emit(enc.TileLoadT1(enc.Mem{Base: R9, Index: RDX, Scale: 1, Disp: int32(1024 * j)}, 6+j))
		enc.Emit(t.mul(6+j, 4, j))
	}
	if t.rows == 2 {
		enc.Emit(enc.TileLoad(enc.Mem{Base: RBX, Index: R8, Scale: 1}, 5))
		for j := range cols {
			enc.Emit(t.mul(6+j, 5, 2+j))
		}
		ADDQ(Imm(64), RBX)
	}
	ADDQ(Imm(64), RSI)
	ADDQ(U32(2048), R9)
	DECQ(RCX)
	JNZ(LabelRef(name + "_k"))
	each(func(c enc.Mem, tile int) { enc.Emit(enc.TileStore(tile, c)) })
}
