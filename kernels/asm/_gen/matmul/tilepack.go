package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// packTiles generates what packs B for AMX, rows of bfloat16 in pairs or of int8 in groups of four. A step is written as a whole,
// sliver after sliver, so that stores fill lines side by side: lines of one group of rows, a sliver apart in many slivers,
// would compete for one set of L1. The rows of the sliver after the next are prefetched meanwhile.
//
// twice, if not nil, is the body for two slivers at once, which takes fewer shuffles.
func packTiles(name string, rows int, body, twice func()) {
	TEXT(name, NOSPLIT, "func(dst, src *byte, srcBytes, steps, tiles, sliverBytes int)")
	what := map[int]string{2: "32 rows of 16-bit elements", 4: "64 rows of bytes"}[rows]
	Doc(name+" packs steps ≥ 1 of "+what+", srcBytes apart, of tiles ≥ 1 times 32 columns into slivers that are",
		"sliverBytes apart: for each step two tiles of 1024 bytes, 16 groups of rows × 16 columns.")
	dst, src, srcBytes := Load(Param("dst"), RDI), Load(Param("src"), RSI), Load(Param("srcBytes"), RDX)
	steps, sliver := Load(Param("steps"), R8), Load(Param("sliverBytes"), R9)
	tiles, three, from, to, row, at, groups := RCX, R12, R10, R11, R13, R15, RAX
	LEAQ(Mem{Base: srcBytes, Index: srcBytes, Scale: 2}, three)
	VMOVDQU64(table(name, rows, orderOf[rows]), index)
	if twice != nil {
		VMOVDQU64(table(name+"Twice", rows, orderOfTwice), twiceIndex)
	}

	Label("step")
	MOVQ(src, from)
	MOVQ(dst, to)
	Load(Param("tiles"), tiles)
	// groupsOf packs 16 groups of so many slivers' columns, and moves on to the next.
	groupsOf := func(name string, slivers int, body func()) {
		MOVQ(from, row)
		MOVQ(to, at)
		MOVQ(U32(16), groups)
		vec.Align()
		Label(name)
		for i, m := range address.Four(row, srcBytes, three)[:rows] {
			loadRow(rows, slivers, m, i)
			m.Disp = 128
			PREFETCHT1(m)
		}
		body()
		bringTiles(at, R9, slivers)
		storeTiles(at, sliver, slivers)
		LEAQ(Mem{Base: row, Index: srcBytes, Scale: uint8(rows)}, row)
		ADDQ(U32(64), at)
		DECQ(groups)
		JNZ(LabelRef(name))
		ADDQ(U32(uint32(slivers*64/(rows/2))), from)
		LEAQ(Mem{Base: to, Index: sliver, Scale: uint8(slivers)}, to)
		SUBQ(Imm(uint64(slivers)), tiles)
	}
	if twice != nil {
		Label("pair")
		CMPQ(tiles, Imm(2))
		JL(LabelRef("tile"))
		groupsOf("pair_group", 2, twice)
		JNZ(LabelRef("pair"))
		JMP(LabelRef("packed"))
	}
	Label("tile")
	groupsOf("group", 1, body)
	JNZ(LabelRef("tile"))
	Label("packed")
	MOVQ(srcBytes, row)
	SHLQ(Imm(map[int]uint64{2: 5, 4: 6}[rows]), row)
	ADDQ(row, src)
	ADDQ(U32(2048), dst)
	DECQ(steps)
	JNZ(LabelRef("step"))
	VZEROUPPER()
	RET()
}

// storeTiles stores what was interleaved to the two tiles of a sliver, and of a second one so many bytes behind.
func storeTiles(at, sliver Register, slivers int) {
	packed := []VecPhysical{Z4, Z5}
	if slivers == 2 {
		packed = []VecPhysical{Z1, Z3, Z0, Z2} // where interleaveTwice leaves them
	}
	for i, v := range packed {
		m := Mem{Base: at, Disp: i % 2 * 1024}
		if i >= 2 {
			m.Index, m.Scale = sliver, 1
		}
		VMOVDQU64(v, m)
	}
}

// tilesAhead is how many groups of rows before they are stored lines of packed tiles are brought into L1.
const tilesAhead = 8

// bringTiles brings what storeTiles stores soon into L1. Behind the end of a tile that is of no use.
func bringTiles(at, sliver GPPhysical, slivers int) {
	for i := range 2 * slivers {
		m := enc.Mem{Base: at, Disp: int32(i%2*1024 + 64*tilesAhead)}
		if i >= 2 {
			m.Index, m.Scale = sliver, 1
		}
		enc.Emit(enc.PrefetchW(m))
	}
}
