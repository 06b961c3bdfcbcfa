package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// packTiles generates what packs B for AMX, rows of bfloat16 in pairs or of int8 in groups of four. A step is written as a whole,
// sliver after sliver, so that stores fill lines side by side: lines of one group of rows, a sliver apart in many slivers,
// would compete for one set of L1. The rows of the sliver after the next are prefetched meanwhile.
func packTiles(name string, rows int, body func()) {
	TEXT(name, NOSPLIT, "func(dst, src *byte, srcBytes, steps, tiles, sliverBytes int)")
	what := map[int]string{2: "32 rows of 16-bit elements", 4: "64 rows of bytes"}[rows]
	Doc(name+" packs steps ≥ 1 of "+what+", srcBytes apart, of tiles ≥ 1 times 32 columns into slivers that are",
		"sliverBytes apart: for each step two tiles of 1024 bytes, 16 groups of rows × 16 columns.")
	dst, src, srcBytes := Load(Param("dst"), RDI), Load(Param("src"), RSI), Load(Param("srcBytes"), RDX)
	steps, sliver := Load(Param("steps"), R8), Load(Param("sliverBytes"), R9)
	tiles, three, from, to, row, at, groups := RCX, R12, R10, R11, R13, R15, RAX
	LEAQ(Mem{Base: srcBytes, Index: srcBytes, Scale: 2}, three)
	VMOVDQU64(table(name, rows, orderOf[rows]), index)

	Label("step")
	MOVQ(src, from)
	MOVQ(dst, to)
	Load(Param("tiles"), tiles)
	Label("tile")
	MOVQ(from, row)
	MOVQ(to, at)
	MOVQ(U32(16), groups)
	vec.Align()
	Label("group")
	for i, m := range rowsFrom(row, rows, srcBytes, three) {
		loadRow(rows, m, i)
		m.Disp = 128
		PREFETCHT1(m)
	}
	body()
	VMOVDQU64(Z4, Mem{Base: at})
	VMOVDQU64(Z5, Mem{Base: at, Disp: 1024})
	LEAQ(Mem{Base: row, Index: srcBytes, Scale: uint8(rows)}, row)
	ADDQ(U32(64), at)
	DECQ(groups)
	JNZ(LabelRef("group"))
	ADDQ(U32(uint32(64/(rows/2))), from)
	ADDQ(sliver, to)
	DECQ(tiles)
	JNZ(LabelRef("tile"))
	MOVQ(row, src)
	Load(Param("tiles"), tiles)
	SHLQ(Imm(6), tiles)
	if rows == 4 {
		SHRQ(Imm(1), tiles)
	}
	ADDQ(U32(uint32(64/(rows/2))), src)
	SUBQ(tiles, src) // the last sliver's column, back to the first
	ADDQ(U32(2048), dst)
	DECQ(steps)
	JNZ(LabelRef("step"))
	VZEROUPPER()
	RET()
}
