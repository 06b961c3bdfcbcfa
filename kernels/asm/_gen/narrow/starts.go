package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// starts computes what the sums of rows of int8 start from. B is taken with 128 added to every element, as bytes are multiplied unsigned
// by signed; so each row's sums come out 128·Σ A[row, k] too large.
func starts() {
	TEXT("NarrowStartsAVX512VNNI", NOSPLIT, "func(dst *int32, a *byte, aBytes, rows, k int)")
	Doc("NarrowStartsAVX512VNNI writes −128·Σ a[0:k] for each of rows ≥ 1 rows of k ≥ 1 int8, aBytes apart.")
	dst, a, aBytes, rows := Load(Param("dst"), GP64()), Load(Param("a"), GP64()), Load(Param("aBytes"), GP64()), Load(Param("rows"), GP64())
	whole, one, mask, three := GP64(), GP32(), GP64(), GP64() // mask is 0 where the last vector is whole
	ones := Z31
	MOVL(U32(0x01010101), one)
	VPBROADCASTD(one, ones)
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
			VPDPBUSD(zmm(8+i), ones, zmm(i))
		}
		ADDQ(Imm(64), row)
		JMP(LabelRef(name + "_vector"))
		Label(name + "_last")
		TESTQ(mask, mask) // a load of no lanes at all beyond the last page would be slow, though not wrong
		JZ(LabelRef(name + "_lanes"))
		for i := range n {
			VMOVDQU8_Z(rowsAt[i], tail, zmm(8+i))
			VPDPBUSD(zmm(8+i), ones, zmm(i))
		}
		Label(name + "_lanes")
		for i := range n { // to 8 lanes
			VEXTRACTI64X4(Imm(1), zmm(i), zmm(8+i).AsY())
			VPADDD(zmm(8+i).AsY(), zmm(i).AsY(), zmm(i).AsY())
		}
	}
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

// negate is −128 times the lanes of X0.
func negate() {
	VPSLLD(Imm(7), X0, X0)
	VPXOR(X1, X1, X1)
	VPSUBD(X0, X1, X0)
}
