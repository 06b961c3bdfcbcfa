package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
)

// starts computes what the sums of rows of int8 start from. B is taken with 128 added to every element, as bytes are multiplied unsigned
// by signed; so each row's sums come out 128·Σ A[row, k] too large. Sixteen rows are added up across lanes with a third of the instructions.
func starts() {
	TEXT("NarrowStartsAVX512VNNI", NOSPLIT, "func(dst *int32, a *byte, aBytes, rows, k int)")
	Doc("NarrowStartsAVX512VNNI writes −128·Σ a[0:k] for each of rows ≥ 1 rows of k ≥ 1 int8, aBytes apart.")
	dst, s := Load(Param("dst"), GP64()), &rowSums{a: Load(Param("a"), GP64()), aBytes: Load(Param("aBytes"), GP64())}
	rows := Load(Param("rows"), GP64())
	s.whole = GP64()
	shifts := GP32()
	s.mask, s.three, s.end = GP64(), GP64(), GP64()
	MOVL(U32(0x80808080), shifts)
	VPBROADCASTD(shifts, shift)
	Load(Param("k"), RCX)
	MOVQ(RCX, s.whole)
	ANDQ(I32(-64), s.whole)
	ANDQ(Imm(63), RCX)
	MOVQ(U32(1), s.mask)
	SHLQ(CL, s.mask)
	DECQ(s.mask)
	KMOVQ(s.mask, tail)
	LEAQ(Mem{Base: s.aBytes, Index: s.aBytes, Scale: 2}, s.three)

	JMP(LabelRef("enough"))
	Label("sixteen")
	s.sixteen()
	VMOVDQU32(Z0, Mem{Base: dst})
	ADDQ(Imm(64), dst)
	SHLQ(Imm(4), s.aBytes)
	ADDQ(s.aBytes, s.a)
	SHRQ(Imm(4), s.aBytes)
	SUBQ(Imm(16), rows)
	Label("enough")
	CMPQ(rows, Imm(16))
	JGE(LabelRef("sixteen"))

	Label("four")
	SUBQ(Imm(4), rows)
	JL(LabelRef("rest"))
	s.few("four", 4)
	for i := 0; i < 4; i += 2 { // two rows to four lanes, in turn
		VPUNPCKLDQ(zmm(i+1).AsY(), zmm(i).AsY(), Y8)
		VPUNPCKHDQ(zmm(i+1).AsY(), zmm(i).AsY(), Y9)
		VPADDD(Y9, Y8, zmm(i).AsY())
	}
	VPUNPCKLQDQ(Y2, Y0, Y8)
	VPUNPCKHQDQ(Y2, Y0, Y9)
	VPADDD(Y9, Y8, Y0)
	VEXTRACTI128(Imm(1), Y0, X1)
	VPADDD(X1, X0, X0)
	negate()
	VMOVDQU(X0, Mem{Base: dst})
	ADDQ(Imm(16), dst)
	LEAQ(Mem{Base: s.a, Index: s.aBytes, Scale: 4}, s.a)
	JMP(LabelRef("four"))

	Label("rest")
	ADDQ(Imm(4), rows)
	JZ(LabelRef("done"))
	Label("one")
	s.few("one", 1)
	VEXTRACTI128(Imm(1), Y0, X1)
	VPADDD(X1, X0, X0)
	for _, order := range []uint64{0x4e, 0xb1} {
		VPSHUFD(Imm(order), X0, X1)
		VPADDD(X1, X0, X0)
	}
	negate()
	VMOVD(X0, Mem{Base: dst})
	ADDQ(Imm(4), dst)
	ADDQ(s.aBytes, s.a)
	DECQ(rows)
	JNZ(LabelRef("one"))
	Label("done")
	VZEROUPPER()
	RET()
}

// rowSums adds up rows of A, shift times each element.
type rowSums struct {
	a             Register // the next row
	aBytes, three Register // from a row to the next, and to the third after it
	whole, end    Register // how many bytes of a row are whole vectors, and where these end in the next row
	mask          Register // of what is left of a row; 0 where nothing is
}

// shift is 128 in each byte.
var shift = Z31

// rowsAt are four rows from at on.
func (s *rowSums) rowsAt(at Register) []Mem { return address.Four(at, s.aBytes, s.three) }

// few leaves the sums of each of up to four rows in 8 lanes.
func (s *rowSums) few(name string, n int) {
	row := GP64()
	MOVQ(s.a, row)
	for i := range n {
		VPXORD(zmm(i), zmm(i), zmm(i))
	}
	MOVQ(s.a, s.end)
	ADDQ(s.whole, s.end)
	rows := s.rowsAt(row)[:n]
	Label(name + "_vector")
	CMPQ(row, s.end)
	JGE(LabelRef(name + "_last"))
	for i, m := range rows {
		VMOVDQU64(m, zmm(8+i))
		VPDPBUSD(zmm(8+i), shift, zmm(i))
	}
	ADDQ(Imm(64), row)
	JMP(LabelRef(name + "_vector"))
	Label(name + "_last")
	TESTQ(s.mask, s.mask) // a load of no lanes at all beyond the last page would be slow, though not wrong
	JZ(LabelRef(name + "_lanes"))
	for i, m := range rows {
		VMOVDQU8_Z(m, tail, zmm(8+i))
		VPDPBUSD(zmm(8+i), shift, zmm(i))
	}
	Label(name + "_lanes")
	for i := range n {
		VEXTRACTI64X4(Imm(1), zmm(i), zmm(8+i).AsY())
		VPADDD(zmm(8+i).AsY(), zmm(i).AsY(), zmm(i).AsY())
	}
}

// sixteen leaves in Z0 what the sums of 16 rows start from.
func (s *rowSums) sixteen() {
	row := []Register{GP64(), GP64(), GP64(), GP64()}
	MOVQ(s.a, row[0])
	for i := 1; i < 4; i++ {
		LEAQ(Mem{Base: row[i-1], Index: s.aBytes, Scale: 4}, row[i])
	}
	var rows []Mem
	for _, r := range row {
		rows = append(rows, s.rowsAt(r)...)
	}
	for i := range 16 {
		VPXORD(zmm(i), zmm(i), zmm(i))
	}
	left := GP64()
	MOVQ(s.whole, left)
	JMP(LabelRef("sixteen_whole"))
	Label("sixteen_vector")
	for i := range 16 {
		VPDPBUSD(rows[i], shift, zmm(i))
	}
	for _, r := range row {
		ADDQ(Imm(64), r)
	}
	Label("sixteen_whole")
	SUBQ(Imm(64), left)
	JGE(LabelRef("sixteen_vector"))
	TESTQ(s.mask, s.mask)
	JZ(LabelRef("sixteen_lanes"))
	for i := range 16 {
		VMOVDQU8_Z(rows[i], tail, zmm(16+i%8))
		VPDPBUSD(zmm(16+i%8), shift, zmm(i))
	}
	Label("sixteen_lanes")
	// sum adds up two vectors' lanes that low and high bring together, in the first one.
	sum := func(i, j int, low, high func(b, a, to VecPhysical)) {
		x, y := zmm(16+i/2%4*2), zmm(17+i/2%4*2)
		low(zmm(j), zmm(i), x)
		high(zmm(j), zmm(i), y)
		VPADDD(y, x, zmm(i))
	}
	for i := 0; i < 16; i += 2 {
		sum(i, i+1, func(b, a, to VecPhysical) { VPUNPCKLDQ(b, a, to) }, func(b, a, to VecPhysical) { VPUNPCKHDQ(b, a, to) })
	}
	for i := 0; i < 16; i += 4 {
		sum(i, i+2, func(b, a, to VecPhysical) { VPUNPCKLQDQ(b, a, to) }, func(b, a, to VecPhysical) { VPUNPCKHQDQ(b, a, to) })
	}
	even := func(b, a, to VecPhysical) { VSHUFI32X4(Imm(0x88), b, a, to) }
	odd := func(b, a, to VecPhysical) { VSHUFI32X4(Imm(0xdd), b, a, to) }
	sum(0, 4, even, odd)
	sum(8, 12, even, odd)
	sum(0, 8, even, odd)
	VPXORD(Z1, Z1, Z1)
	VPSUBD(Z0, Z1, Z0)
}

// negate changes the sign of the lanes of X0.
func negate() {
	VPXOR(X1, X1, X1)
	VPSUBD(X0, X1, X0)
}
