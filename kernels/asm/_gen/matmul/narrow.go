package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// starts computes what the sums of a panel of int8 start from. B is packed with 128 added to every element, as bytes are
// multiplied unsigned by signed; so each row's sums come out 128·Σ A[row, k] too large.
func starts() {
	TEXT("MatmulStartsAVX512VNNI", NOSPLIT, "func(dst *int32, a *byte, aBytes, rows, k int)")
	Doc("MatmulStartsAVX512VNNI writes −128·Σ a[0:k] for each of rows ≥ 1 rows of k ≥ 1 int8, aBytes apart.")
	dst, a, aBytes, rows := Load(Param("dst"), GP64()), Load(Param("a"), GP64()), Load(Param("aBytes"), GP64()), Load(Param("rows"), GP64())
	ones, one, mask := Z31, GP32(), GP64()
	MOVL(U32(0x01010101), one)
	VPBROADCASTD(one, ones)
	Load(Param("k"), RCX)
	ANDQ(Imm(63), RCX)
	MOVQ(U32(1), mask)
	SHLQ(CL, mask)
	DECQ(mask)
	last := K()
	KMOVQ(mask, last)

	Label("row")
	at, left := GP64(), GP64()
	MOVQ(a, at)
	Load(Param("k"), left)
	VPXORD(Z0, Z0, Z0)
	Label("vector")
	SUBQ(Imm(64), left)
	JL(LabelRef("last"))
	VMOVDQU8(Mem{Base: at}, Z1)
	VPDPBUSD(Z1, ones, Z0)
	ADDQ(Imm(64), at)
	JMP(LabelRef("vector"))
	Label("last")
	VMOVDQU8_Z(Mem{Base: at}, last, Z1)
	VPDPBUSD(Z1, ones, Z0)

	VEXTRACTI64X4(Imm(1), Z0, Y1)
	VPADDD(Y1, Y0, Y0)
	VEXTRACTI128(Imm(1), Y0, X1)
	VPADDD(X1, X0, X0)
	VPSHUFD(Imm(0x4e), X0, X1)
	VPADDD(X1, X0, X0)
	VPSHUFD(Imm(0xb1), X0, X1)
	VPADDD(X1, X0, X0)
	VPSLLD(Imm(7), X0, X0)
	VPXOR(X1, X1, X1)
	VPSUBD(X0, X1, X0)
	VMOVD(X0, Mem{Base: dst})
	ADDQ(Imm(4), dst)
	ADDQ(aBytes, a)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}
