package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
)

// pairQuery generates the function that splits a query into two digits of bf16.
func (b *block) pairQuery() {
	TEXT("DecodeQueryBF16AVX512BF16", NOSPLIT, "func(q *float32, scale float32, to *byte, d int)")
	Pragma("noescape")
	Doc("DecodeQueryBF16AVX512BF16 splits the d elements of q times scale, d a multiple of 32, into two bf16: first all high digits, then",
		"all low ones. Their sum is the element within 2⁻¹⁷ of it.")
	q, to, d, low := Load(Param("q"), GP64()), Load(Param("to"), GP64()), Load(Param("d"), GP64()), GP64()
	scale, x, wide := b.isa.V(0), b.isa.V(1), b.isa.V(3)
	half := b.isa.V(2).AsY().(reg.VecPhysical)
	LEAQ(Mem{Base: to, Index: d, Scale: 2}, low)
	address, _ := Param("scale").Resolve()
	VBROADCASTSS(address.Addr, scale)
	Label("elements")
	VMULPS(Mem{Base: q}, scale, x)
	enc.Emit(enc.VCVTNEPS2BF16(x, half))
	VMOVDQU(half, Mem{Base: to})
	VPMOVZXWD(half, wide)
	VPSLLD(Imm(16), wide, wide)
	VSUBPS(wide, x, x)
	enc.Emit(enc.VCVTNEPS2BF16(x, half))
	VMOVDQU(half, Mem{Base: low})
	ADDQ(Imm(64), q)
	ADDQ(Imm(32), to)
	ADDQ(Imm(32), low)
	SUBQ(Imm(16), d)
	JNZ(LabelRef("elements"))
	VZEROUPPER()
	RET()
}

// quadQuery generates the function that quantises a query to integers of 16 bits, in two digits.
func (b *block) quadQuery() {
	TEXT("DecodeQueryINT8AVX512VNNI", NOSPLIT, "func(q *float32, scale float32, to *byte, d int)")
	Pragma("noescape")
	Doc("DecodeQueryINT8AVX512VNNI quantises the d elements of q times scale, d a multiple of 64, to integers of 16 bits, 256·high + low,",
		"and writes all high digits, all low ones, what sums over the lanes of a vector begin with, and the unit of the integers: an element",
		"is that times its integer, within half of it. The keys count as unsigned, 128 more than they are, so sums begin with -128 times",
		"the digits that a lane multiplies: 16 int32 for the high ones, 16 for the low ones.")
	q, to, d := Load(Param("q"), GP64()), Load(Param("to"), GP64()), Load(Param("d"), GP64())
	p, n, low := GP64(), GP64(), GP64()
	scale, top, nan, zero, x, t := b.isa.V(0), b.isa.V(1), b.isa.V(2), b.isa.V(3), b.isa.V(4), b.isa.V(5)
	unit, half := b.isa.V(6), b.isa.V(7)
	address, _ := Param("scale").Resolve()
	VBROADCASTSS(address.Addr, scale)
	b.isa.Zero(top)
	b.isa.Zero(nan)
	b.isa.Zero(zero)
	MOVQ(q, p)
	MOVQ(d, n)
	Label("largest_element")
	VMULPS(Mem{Base: p}, scale, x)
	VFMADD231PS(zero, x, nan) // 0, or NaN when an element is no finite number
	VSUBPS(x, zero, t)
	VMAXPS(x, t, x)
	VMAXPS(x, top, top)
	ADDQ(Imm(64), p)
	SUBQ(Imm(16), n)
	JNZ(LabelRef("largest_element"))
	b.largest(top, t)
	b.isa.Sum(nan, t)
	VADDSS(nan.AsX(), top.AsX(), top.AsX())
	VBROADCASTSS(top.AsX(), top)
	VDIVPS(softmax.Repeated("largestInt16", math.Float32bits(127*256), 16), top, unit)
	LEAQ(Mem{Base: to, Index: d, Scale: 1}, low)
	LEAQ(Mem{Base: to, Index: d, Scale: 2}, p)
	VMOVSS(unit.AsX(), Mem{Base: p, Disp: 128})
	VMOVDQU32(softmax.Repeated("int128", 128, 16), half)
	MOVQ(d, n)
	Label("digits")
	VMULPS(Mem{Base: q}, scale, x)
	VDIVPS(unit, x, x)
	VCVTPS2DQ(x, x)
	VPMOVDB(x, Mem{Base: low})
	VPADDD(half, x, x)
	VPSRAD(Imm(8), x, x)
	VPMOVDB(x, Mem{Base: to})
	ADDQ(Imm(64), q)
	ADDQ(Imm(16), to)
	ADDQ(Imm(16), low)
	SUBQ(Imm(16), n)
	JNZ(LabelRef("digits"))
	SUBQ(d, to)
	flip := b.isa.V(8)
	high, lows := b.isa.V(9), b.isa.V(10)
	VMOVDQU32(softmax.Repeated("unsignedHalf", 0x80808080, 16), flip)
	b.isa.Zero(high)
	b.isa.Zero(lows)
	MOVQ(d, n)
	Label("starts")
	VPDPBUSD(Mem{Base: to}, flip, high)
	VPDPBUSD(Mem{Base: to, Index: d, Scale: 1}, flip, lows)
	ADDQ(Imm(64), to)
	SUBQ(Imm(64), n)
	JNZ(LabelRef("starts"))
	VPSUBD(high, zero, high)
	VPSUBD(lows, zero, lows)
	VMOVDQU32(high, Mem{Base: p})
	VMOVDQU32(lows, Mem{Base: p, Disp: 64})
	VZEROUPPER()
	RET()
}
