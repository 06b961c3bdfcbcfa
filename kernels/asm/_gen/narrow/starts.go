package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// starts computes what the sums of rows of int8 start from. B is taken with 128 added to every element, as bytes are multiplied unsigned
// by signed; so each row's sums come out 128·Σ A[row, k] too large. Sixteen rows are added up across lanes with a third of the instructions.
func starts() {
	TEXT("NarrowStartsAVX512VNNI", NOSPLIT, "func(dst *int32, a *byte, aBytes, rows, k int)")
	Doc("NarrowStartsAVX512VNNI writes −128·Σ a[0:k] for each of rows ≥ 1 rows of k ≥ 1 int8, aBytes apart.")
	dst, a, aBytes, rows := Load(Param("dst"), GP64()), Load(Param("a"), GP64()), Load(Param("aBytes"), GP64()), Load(Param("rows"), GP64())
	whole, shifts, mask, three := GP64(), GP32(), GP64(), GP64() // mask is 0 where the last vector is whole
	shift := Z31                                                 // 128 in each byte
	MOVL(U32(0x80808080), shifts)
	VPBROADCASTD(shifts, shift)
	Load(Param("k"), RCX)
	MOVQ(RCX, whole)
	ANDQ(I32(-64), whole)
	ANDQ(Imm(63), RCX)
	MOVQ(U32(1), mask)
	SHLQ(CL, mask)
	DECQ(mask)
	KMOVQ(mask, tail)
	LEAQ(Mem{Base: aBytes, Index: aBytes, Scale: 2}, three)
	end := GP64()

	// sum leaves the sums of a row's bytes in 16 lanes.
	sum := func(name string, n int) {
		row := GP64()
		MOVQ(a, row)
		for i := range n {
			VPXORD(zmm(i), zmm(i), zmm(i))
		}
		MOVQ(a, end)
		ADDQ(whole, end)
		rowsAt := []Mem{{Base: row}, {Base: row, Index: aBytes, Scale: 1}, {Base: row, Index: aBytes, Scale: 2}, {Base: row, Index: three, Scale: 1}}
		Label(name + "_vector")
		CMPQ(row, end)
		JGE(LabelRef(name + "_last"))
		for i := range n {
			VMOVDQU64(rowsAt[i], zmm(8+i))
			VPDPBUSD(zmm(8+i), shift, zmm(i))
		}
		ADDQ(Imm(64), row)
		JMP(LabelRef(name + "_vector"))
		Label(name + "_last")
		TESTQ(mask, mask) // a load of no lanes at all beyond the last page would be slow, though not wrong
		JZ(LabelRef(name + "_lanes"))
		for i := range n {
			VMOVDQU8_Z(rowsAt[i], tail, zmm(8+i))
			VPDPBUSD(zmm(8+i), shift, zmm(i))
		}
		Label(name + "_lanes")
		for i := range n { // to 8 lanes
			VEXTRACTI64X4(Imm(1), zmm(i), zmm(8+i).AsY())
			VPADDD(zmm(8+i).AsY(), zmm(i).AsY(), zmm(i).AsY())
		}
	}
	JMP(LabelRef("enough"))
	Label("sixteen")
	sixteen(a, aBytes, three, whole, mask, shift)
	VMOVDQU32(Z0, Mem{Base: dst})
	ADDQ(Imm(64), dst)
	SHLQ(Imm(4), aBytes)
	ADDQ(aBytes, a)
	SHRQ(Imm(4), aBytes)
	SUBQ(Imm(16), rows)
	Label("enough")
	CMPQ(rows, Imm(16))
	JGE(LabelRef("sixteen"))

	Label("four")
	SUBQ(Imm(4), rows)
	JL(LabelRef("rest"))
	sum("four", 4)
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
	LEAQ(Mem{Base: a, Index: aBytes, Scale: 4}, a)
	JMP(LabelRef("four"))

	Label("rest")
	ADDQ(Imm(4), rows)
	JZ(LabelRef("done"))
	Label("one")
	sum("one", 1)
	VEXTRACTI128(Imm(1), Y0, X1)
	VPADDD(X1, X0, X0)
	for _, order := range []uint64{0x4e, 0xb1} {
		VPSHUFD(Imm(order), X0, X1)
		VPADDD(X1, X0, X0)
	}
	negate()
	VMOVD(X0, Mem{Base: dst})
	ADDQ(Imm(4), dst)
	ADDQ(aBytes, a)
	DECQ(rows)
	JNZ(LabelRef("one"))
	Label("done")
	VZEROUPPER()
	RET()
}

// sixteen leaves in Z0 what the sums of 16 rows start from.
func sixteen(a, aBytes, three, whole, mask, shift Register) {
	row := []Register{GP64(), GP64(), GP64(), GP64()}
	MOVQ(a, row[0])
	for i := 1; i < 4; i++ {
		LEAQ(Mem{Base: row[i-1], Index: aBytes, Scale: 4}, row[i])
	}
	var rowsAt []Mem
	for _, r := range row {
		rowsAt = append(rowsAt, Mem{Base: r}, Mem{Base: r, Index: aBytes, Scale: 1}, Mem{Base: r, Index: aBytes, Scale: 2}, Mem{Base: r, Index: three, Scale: 1})
	}
	for i := range 16 {
		VPXORD(zmm(i), zmm(i), zmm(i))
	}
	left := GP64()
	MOVQ(whole, left)
	JMP(LabelRef("sixteen_whole"))
	Label("sixteen_vector")
	for i := range 16 {
		VPDPBUSD(rowsAt[i], shift, zmm(i))
	}
	for _, r := range row {
		ADDQ(Imm(64), r)
	}
	Label("sixteen_whole")
	SUBQ(Imm(64), left)
	JGE(LabelRef("sixteen_vector"))
	TESTQ(mask, mask)
	JZ(LabelRef("sixteen_lanes"))
	for i := range 16 {
		VMOVDQU8_Z(rowsAt[i], tail, zmm(16+i%8))
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
