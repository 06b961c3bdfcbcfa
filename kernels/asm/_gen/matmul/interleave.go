package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// interleaves generates what packs narrow elements: 2 rows of bfloat16 or 4 of int8, 32 columns each, become two vectors of
// 16 columns in which the elements of one column stand together. The vectors of one group of rows lie side by side, as
// panels in AVX-512 take them, biased by 128 where instructions multiply unsigned by signed bytes; or in the tiles of 16
// groups that AMX takes.
func interleaves() {
	pairs := func() { interleavePairs(index, Z0, Z1, Z4, Z5) }
	quads := func() { interleaveQuads(index, Z0, Z1, Z2, Z3, Z4, Z5) }
	rows := []VecPhysical{Z0, Z1, Z2, Z3}
	interleave("MatmulPackPairsAVX512", 2, false, pairs)
	interleave("MatmulPackQuadsAVX512", 4, true, quads)
	packTiles("MatmulPackPairsTilesAVX512", 2, pairs, nil)
	packTiles("MatmulPackQuadsTilesAVX512", 4, quads, func() { interleaveTwice(twiceIndex, rows, Z4, Z5) })
}

// The registers of an interleave: rows, then constants.
var (
	index      = Z30
	bias       = Z31
	twiceIndex = Z31 // where there is no bias
)

func interleave(name string, rows int, biased bool, body func()) {
	TEXT(name, NOSPLIT, "func(dst, src *byte, srcBytes, groups, tiles, sliverBytes int)")
	what := map[int]string{2: "pairs of rows of 16-bit elements", 4: "groups of 4 rows of bytes"}[rows]
	doc := fmt.Sprintf("%s packs groups ≥ 1 %s, srcBytes apart, of tiles ≥ 1 times 32 columns into slivers that are", name, what)
	more := "sliverBytes apart: two vectors of 16 columns for each group, side by side."
	if biased {
		more += " 0x80 is added to every byte."
	}
	Doc(doc, more)
	dst, src := Load(Param("dst"), RDI), Load(Param("src"), RSI)
	srcBytes, groups := Load(Param("srcBytes"), RDX), Load(Param("groups"), R8)
	sliver, tiles, three := Load(Param("sliverBytes"), R9), RCX, R12
	from, to := R10, R11
	LEAQ(Mem{Base: srcBytes, Index: srcBytes, Scale: 2}, three)
	VMOVDQU64(table(name, rows, orderOf[rows]), index)
	if biased {
		MOVL(U32(0x80808080), EAX)
		VPBROADCASTD(EAX, bias)
	}

	Label("group")
	MOVQ(src, from)
	MOVQ(dst, to)
	Load(Param("tiles"), tiles)
	vec.Align()
	Label("tile")
	for i, m := range address.Four(from, srcBytes, three)[:rows] {
		loadRow(rows, 1, m, i)
	}
	body()
	if biased {
		VPXORD(bias, Z4, Z4)
		VPXORD(bias, Z5, Z5)
	}
	VMOVDQU64(Z4, Mem{Base: to})
	VMOVDQU64(Z5, Mem{Base: to, Disp: 64})
	ADDQ(U32(uint32(64/(rows/2))), from)
	ADDQ(sliver, to)
	DECQ(tiles)
	JNZ(LabelRef("tile"))
	LEAQ(Mem{Base: src, Index: srcBytes, Scale: uint8(rows)}, src)
	ADDQ(U32(128), dst)
	DECQ(groups)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}

// orderOf is the order in which quadwords of rows in pairs, and doublewords of rows in groups of four, are permuted.
var orderOf = map[int][]uint32{2: {0, 4, 1, 5, 2, 6, 3, 7}, 4: {0, 4, 0, 4, 1, 5, 1, 5, 2, 6, 2, 6, 3, 7, 3, 7}}

// orderOfTwice is the order of doublewords of rows in groups of four for two slivers.
var orderOfTwice = []uint32{0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15}

// loadRow loads 32 elements of row i of a group for each of some slivers.
func loadRow(rows, slivers int, m Mem, i int) {
	if 2*slivers == rows {
		VMOVDQU64(m, zmm(i))
	} else {
		VMOVDQU(m, zmm(i).AsY())
	}
}

// table is the index of a permutation in read-only memory: of quadwords for pairs, of doublewords for quads.
func table(name string, rows int, order []uint32) Mem {
	m := GLOBL(name+"Order", RODATA|NOPTR)
	for i, v := range order {
		if rows == 2 {
			DATA(8*i, U64(v))
		} else {
			DATA(4*i, U32(v))
		}
	}
	return m
}

// interleavePairs interleaves two rows, which it changes, into two other vectors. Words 4i … 4i+3 and 16+4i … 16+4i+3 meet in lane i, so that
// the low and the high unpacking come out in the order of columns.
func interleavePairs(index, a, b, low, high VecPhysical) {
	VPERMQ(a, index, a)
	VPERMQ(b, index, b)
	VPUNPCKLWD(b, a, low)
	VPUNPCKHWD(b, a, high)
}

// interleaveQuads interleaves the 32 bytes of each of four rows, which it changes, likewise. The results may be in b and d.
func interleaveQuads(index, a, b, c, d, low, high VecPhysical) {
	for _, row := range []VecPhysical{a, b, c, d} {
		VPERMD(row, index, row)
	}
	VPUNPCKLBW(b, a, a)
	VPUNPCKLBW(d, c, c)
	VPUNPCKLWD(c, a, low)
	VPUNPCKHWD(c, a, high)
}

// interleaveTwice interleaves the 64 bytes of each of four rows a, b, c and d: of the first sliver into b and d, of the second into a and c. Doublewords i,
// 4+i, 8+i and 12+i meet in lane i.
func interleaveTwice(index VecPhysical, rows []VecPhysical, x, y VecPhysical) {
	for _, r := range rows {
		VPERMD(r, index, r)
	}
	a, b, c, d := rows[0], rows[1], rows[2], rows[3]
	VPUNPCKHBW(b, a, x)
	VPUNPCKLBW(b, a, a)
	VPUNPCKHBW(d, c, y)
	VPUNPCKLBW(d, c, c)
	VPUNPCKLWD(c, a, b)
	VPUNPCKHWD(c, a, d)
	VPUNPCKLWD(y, x, a)
	VPUNPCKHWD(y, x, c)
}

func zmm(i int) VecPhysical { return vec.ZMM[i] }
