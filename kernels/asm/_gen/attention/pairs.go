package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
)

// multiply emits acc += x·v: by element, or the two products of each pair.
func (b *block) multiply(x, v, acc reg.VecPhysical) {
	if b.unit == fma {
		VFMADD231PS(x, v, acc)
	} else {
		enc.Emit(enc.VDPBF16PS(x, v, acc))
	}
}

// multiplyOne is multiply by one scalar, or pair, of memory. The address of a pair has physical registers, which other instructions use
// afterwards: avo cannot see what the encoded ones use.
func (b *block) multiplyOne(m Mem, v, acc reg.VecPhysical) {
	if b.unit == fma {
		VFMADD231PS_BCST(m, v, acc)
		return
	}
	pair := enc.Mem{Base: m.Base.(reg.GPPhysical), Disp: int32(m.Disp)}
	if m.Index != nil {
		pair.Index, pair.Scale = m.Index.(reg.GPPhysical), int(m.Scale)
	}
	enc.Emit(enc.VDPBF16PSBroadcast(pair, v, acc))
}

// pairLoop turns the scores of two keys at a time into weights, rounds them to bf16 (ties up), adds them to the sums in registers
// 0 … nv-1 and leaves them in pairs, key 2i and 2i+1 in row i of to, which may be St itself.
func (b *block) pairLoop(name string, st, to, keys, state reg.Register) {
	pair := GP64()
	if b.unit == tiles {
		b.fixedConstants()
		for j := range b.nv {
			b.fixedReference(state, j, references[j], b.isa.V(5))
		}
	} else {
		VMOVDQU32(b.constants.half, b.half())
		VMOVDQU32(b.constants.upperHalf, b.upperHalf())
	}
	MOVQ(to, pair)
	alignedLoop(name, func() {
		for j := range b.nv {
			score, to := func(i int) Mem { return Mem{Base: st, Disp: i*b.row() + j*b.isa.Bytes} }, Mem{Base: pair, Disp: j * b.isa.Bytes}
			if b.unit == tiles {
				b.fixedWeights(score, j, to, false)
			} else {
				b.pairWeights(score, j, to)
			}
		}
		ADDQ(U32(uint32(2*b.row())), st)
		ADDQ(U32(uint32(b.row())), pair)
		SUBQ(Imm(2), keys)
	})
}

// Registers of pairs, behind those of exp2.
func (b *block) half() reg.VecPhysical      { return b.isa.V(firstConstant + 7) }
func (b *block) scale() reg.VecPhysical     { return b.isa.V(firstConstant + 8) }
func (b *block) upperHalf() reg.VecPhysical { return b.isa.V(firstConstant + 9) }

// pairWeights turns the scores of an even and an odd key, in vector j, into weights.
func (b *block) pairWeights(score func(i int) Mem, j int, to Mem) {
	even, odd, p, f := b.isa.V(3), b.isa.V(4), b.isa.V(5), b.isa.V(6)
	for i, x := range []reg.VecPhysical{even, odd} {
		VMOVUPS(score(i), x)
		b.exp.Emit(x, p, f)
		VPADDD(b.half(), x, x)
		VPANDD(b.upperHalf(), x, x)
		VADDPS(x, b.isa.V(j), b.isa.V(j))
	}
	VPSRLD(Imm(16), even, even)
	VPORD(odd, even, even)
	VMOVDQU32(even, to)
}

// emitPack generates the packing of rows of bf16 in pairs.
func emitPack() {
	TEXT("PackPairsAVX512", NOSPLIT, "func(src *byte, srcRow int, dst *byte, pairs, d int)")
	Pragma("noescape")
	Doc("PackPairsAVX512 interleaves pairs of rows of d elements of 16 bits, d a multiple of 32; rows are srcRow bytes apart.",
		"Row i of dst, 2·d elements, is the elements 0 of the source rows 2i and 2i+1, then their elements 1 …")
	src, row, dst := Load(Param("src"), GP64()), Load(Param("srcRow"), GP64()), Load(Param("dst"), GP64())
	pairs, columns, p := Load(Param("pairs"), GP64()), GP64(), GP64()
	order, a, c, low := reg.Z0, reg.Z1, reg.Z2, reg.Z3
	// Interleaving stays within 128 bits: with the quarters of 64 bits in this order, the lower halves are the first elements.
	VMOVDQU64(softmax.Words("quarters", []uint32{0, 0, 4, 0, 1, 0, 5, 0, 2, 0, 6, 0, 3, 0, 7, 0}), order)
	Label("pairs")
	Load(Param("d"), columns)
	MOVQ(src, p)
	alignedLoop("columns", func() {
		VPERMQ(Mem{Base: p}, order, a)
		VPERMQ(Mem{Base: p, Index: row, Scale: 1}, order, c)
		VPUNPCKLWD(c, a, low)
		VPUNPCKHWD(c, a, a)
		VMOVDQU64(low, Mem{Base: dst})
		VMOVDQU64(a, Mem{Base: dst, Disp: 64})
		ADDQ(Imm(64), p)
		SUBQ(I32(-128), dst)
		SUBQ(Imm(32), columns)
	})
	LEAQ(Mem{Base: src, Index: row, Scale: 2}, src)
	DECQ(pairs)
	JNZ(LabelRef("pairs"))
	VZEROUPPER()
	RET()
}
