package enc

import (
	"fmt"

	"github.com/mmcloughlin/avo/reg"
)

// Opcode maps of EVEX.
const (
	map0F38 byte = 2
	map5    byte = 5
	map6    byte = 6
)

// z returns the number of a 512-bit register, y of a 256-bit one.
func z(v reg.VecPhysical) byte { return vector(v, 64) }
func y(v reg.VecPhysical) byte { return vector(v, 32) }

func vector(v reg.VecPhysical, size uint) byte {
	if v.Size() != size {
		panic(fmt.Sprintf("enc: %s does not have %d bytes", v.Asm(), size))
	}
	return byte(v.PhysicalIndex())
}

// evex encodes a register-only 512-bit instruction, W0, without mask: dst in ModRM.reg, src2 in ModRM.rm, src1 in vvvv.
func evex(pp, opMap, opcode, src2, src1, dst byte) []byte {
	inv := func(v, bit byte) byte { return ^v >> bit & 1 }
	return []byte{
		0x62,
		inv(dst, 3)<<7 | inv(src2, 4)<<6 | inv(src2, 3)<<5 | inv(dst, 4)<<4 | opMap,
		(^src1&15)<<3 | 1<<2 | pp,
		2<<5 | inv(src1, 4)<<3,
		opcode,
		0xc0 | dst&7<<3 | src2&7,
	}
}

// three encodes a three-operand instruction on 512-bit registers.
func three(name string, pp, opMap, opcode byte, isa string, src2, src1, dst reg.VecPhysical) Inst {
	return Inst{
		Text:  fmt.Sprintf("%s %%zmm%d,%%zmm%d,%%zmm%d", name, z(src2), z(src1), z(dst)),
		Bytes: evex(pp, opMap, opcode, z(src2), z(src1), z(dst)), ISA: []string{"AVX512F", isa},
	}
}

// The operand order is that of Go and GNU assembly: the destination comes last, and a subtraction or division is
// src1 − src2 or src1 ÷ src2.

// VADDPH adds 32 halves.
func VADDPH(src2, src1, dst reg.VecPhysical) Inst {
	return three("vaddph", np, map5, 0x58, "AVX512FP16", src2, src1, dst)
}

// VSUBPH subtracts 32 halves.
func VSUBPH(src2, src1, dst reg.VecPhysical) Inst {
	return three("vsubph", np, map5, 0x5c, "AVX512FP16", src2, src1, dst)
}

// VMULPH multiplies 32 halves.
func VMULPH(src2, src1, dst reg.VecPhysical) Inst {
	return three("vmulph", np, map5, 0x59, "AVX512FP16", src2, src1, dst)
}

// VFMADD213PH is dst = src1·dst + src2 on 32 halves.
func VFMADD213PH(src2, src1, dst reg.VecPhysical) Inst {
	return three("vfmadd213ph", p66, map6, 0xa8, "AVX512FP16", src2, src1, dst)
}

// VFMADD231PH is dst += src1·src2 on 32 halves.
func VFMADD231PH(src2, src1, dst reg.VecPhysical) Inst {
	return three("vfmadd231ph", p66, map6, 0xb8, "AVX512FP16", src2, src1, dst)
}

// VDPBF16PS adds the products of pairs of bf16 to 16 floats, or 8: dst += src1·src2, where each lane sums two products.
func VDPBF16PS(src2, src1, dst reg.VecPhysical) Inst {
	if dst.Size() == 64 {
		return three("vdpbf16ps", pF3, map0F38, 0x52, "AVX512BF16", src2, src1, dst)
	}
	code := evex(pF3, map0F38, 0x52, y(src2), y(src1), y(dst))
	code[3] ^= 3 << 5 // 256 bits
	return Inst{
		Text:  fmt.Sprintf("vdpbf16ps %%ymm%d,%%ymm%d,%%ymm%d", y(src2), y(src1), y(dst)),
		Bytes: code, ISA: []string{"AVX512VL", "AVX512BF16"},
	}
}

// VDPBF16PSBroadcast is VDPBF16PS with one pair of memory, 4 bytes, in every lane as src2.
func VDPBF16PSBroadcast(pair Mem, src1, dst reg.VecPhysical) Inst {
	x, b := pair.extend()
	size, length := dst.Size(), byte(2)
	if size == 32 {
		length = 1
	}
	code := evex(pF3, map0F38, 0x52, b<<3|x<<4, vector(src1, size), vector(dst, size)) // of a register, bit 4 is where that of an index is
	code[3] = code[3]&^(3<<5) | length<<5 | 1<<4
	m := pair
	if m.Disp%4 == 0 && m.Disp >= -4*128 && m.Disp < 4*128 {
		m.Disp /= 4 // displacements of a byte count pairs
	} else if m.Disp >= -128 && m.Disp < 128 {
		panic(fmt.Sprintf("enc: %d is no whole number of pairs", m.Disp))
	}
	return Inst{
		Text:  fmt.Sprintf("vdpbf16ps %s{1to%d},%%%[3]cmm%[4]d,%%%[3]cmm%[5]d", pair.text(), size/4, "xyz"[length], vector(src1, size), vector(dst, size)),
		Bytes: append(code[:5], m.modrm(vector(dst, size), false)...), ISA: []string{"AVX512VL", "AVX512BF16"},
	}
}

// VCVTNE2PS2BF16 rounds 2×16 floats to bf16; src2 gives the lower half of dst.
func VCVTNE2PS2BF16(src2, src1, dst reg.VecPhysical) Inst {
	return three("vcvtne2ps2bf16", pF2, map0F38, 0x72, "AVX512BF16", src2, src1, dst)
}

// VCVTNEPS2BF16 rounds 16 floats to bf16.
func VCVTNEPS2BF16(src, dst reg.VecPhysical) Inst {
	return Inst{
		Text:  fmt.Sprintf("vcvtneps2bf16 %%zmm%d,%%ymm%d", z(src), y(dst)),
		Bytes: evex(pF3, map0F38, 0x72, z(src), 0, y(dst)), ISA: []string{"AVX512F", "AVX512BF16"},
	}
}

// VCVTPH2PSX widens 16 halves to floats.
func VCVTPH2PSX(src, dst reg.VecPhysical) Inst {
	return Inst{
		Text:  fmt.Sprintf("vcvtph2psx %%ymm%d,%%zmm%d", y(src), z(dst)),
		Bytes: evex(p66, map6, 0x13, y(src), 0, z(dst)), ISA: []string{"AVX512F", "AVX512FP16"},
	}
}
