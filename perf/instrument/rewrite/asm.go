package rewrite

import (
	"encoding/binary"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// assembler appends machine code; the first byte stands at base.
type assembler struct {
	base uint64
	buf  []byte
}

func (a *assembler) pc() uint64 { return a.base + uint64(len(a.buf)) }

func (a *assembler) b(bytes ...byte) { a.buf = append(a.buf, bytes...) }

func (a *assembler) i32(v int32) { a.buf = binary.LittleEndian.AppendUint32(a.buf, uint32(v)) }

// gs emits ModRM, SIB and offset of an operand in the context.
func (a *assembler) gs(reg uint8, off int32) {
	a.b(reg&7<<3|4, 0x25)
	a.i32(off)
}

// opGS emits a 64-bit instruction with a register and an operand in the context.
func (a *assembler) opGS(op byte, reg uint8, off int32) {
	a.b(0x65, 0x48|reg>>3<<2, op)
	a.gs(reg, off)
}

func (a *assembler) store(off int32, reg uint8) { a.opGS(0x89, reg, off) }
func (a *assembler) load(reg uint8, off int32)  { a.opGS(0x8b, reg, off) }

// storeImm sets a word of the context to a small constant.
func (a *assembler) storeImm(off int32, v int32) {
	a.b(0x65, 0x48, 0xc7)
	a.gs(0, off)
	a.i32(v)
}

// increment adds 1 to a word of the context; flags change.
func (a *assembler) increment(off int32) {
	a.b(0x65, 0x48, 0x83)
	a.gs(0, off)
	a.b(1)
}

// address is a memory operand of the copy's own: base and index are GPRs or decode.NoReg.
type address struct {
	base, index int8
	scale       uint8
	disp        int32
}

// rexBits are the REX extension bits of an operand: R of reg, X and B of the address.
func (m address) rexBits(reg uint8) byte {
	rex := reg >> 3 & 1 << 2
	if m.index >= 0 {
		rex |= byte(m.index) >> 3 & 1 << 1
	}
	if m.base >= 0 {
		rex |= byte(m.base) >> 3 & 1
	}
	return rex
}

// modrm emits ModRM, SIB and displacement, always of 32 bits or none: EVEX would scale one of 8.
func (a *assembler) modrm(reg uint8, m address) {
	r := reg & 7 << 3
	scale := map[uint8]byte{0: 0, 1: 0, 2: 1 << 6, 4: 2 << 6, 8: 3 << 6}[m.scale]
	switch {
	case m.base < 0:
		index := byte(4)
		if m.index >= 0 {
			index = byte(m.index) & 7
		}
		a.b(r|4, scale|index<<3|5)
	case m.index < 0 && m.base&7 != decode.RSP:
		a.b(0x80 | r | byte(m.base&7))
	default:
		index := byte(4)
		if m.index >= 0 {
			index = byte(m.index) & 7
		}
		a.b(0x84|r, scale|index<<3|byte(m.base)&7)
	}
	a.i32(m.disp)
}

// op64 emits a 64-bit instruction with a register and a memory operand.
func (a *assembler) op64(op byte, reg uint8, m address) {
	a.b(0x48|m.rexBits(reg), op)
	a.modrm(reg, m)
}

func (a *assembler) lea(reg uint8, m address) { a.op64(0x8d, reg, m) }

// addConst adds a constant to a register and keeps the flags.
func (a *assembler) addConst(reg uint8, v int32) {
	if v == int32(int8(v)) && reg&7 != decode.RSP {
		a.b(0x48|reg>>3<<2|reg>>3, 0x8d, 0x40|reg&7<<3|reg&7, byte(v))
		return
	}
	a.lea(reg, address{base: int8(reg), index: decode.NoReg, disp: v})
}

// saveFlags puts the status flags into RAX, whose value is lost.
func (a *assembler) saveFlags() { a.b(0x9f, 0x0f, 0x90, 0xc0) } // lahf; seto al

// restoreFlags sets the status flags from what saveFlags left in RAX.
func (a *assembler) restoreFlags() { a.b(0x04, 0x7f, 0x9e) } // add al, 127 overflows if al = 1; sahf

// jump emits a jump to a known address of the copy.
func (a *assembler) jump(to uint64) {
	a.b(0xe9)
	a.i32(int32(int64(to) - int64(a.pc()) - 4))
}

// leaRIP loads an address near the copy.
func (a *assembler) leaRIP(reg uint8, to uint64) {
	a.b(0x48|reg>>3<<2, 0x8d, reg&7<<3|5)
	a.i32(int32(int64(to) - int64(a.pc()) - 4))
}

// jumpGS jumps to the address in the context.
func (a *assembler) jumpGS(off int32) {
	a.b(0x65, 0xff)
	a.gs(4, off)
}

// patch32 sets the 32-bit branch offset at place so that it leads to code at the offset to.
func (a *assembler) patch32(place, to int) {
	binary.LittleEndian.PutUint32(a.buf[place:], uint32(int32(to-place-4)))
}

// vex emits a three-byte VEX prefix of map 1 … 3 and the opcode, without a second source.
func (a *assembler) vex(r, x, b uint8, mapNo, w, l, pp, op byte) {
	a.b(0xc4, (r>>3&1^1)<<7|(x>>3&1^1)<<6|(b>>3&1^1)<<5|mapNo, w<<7|0x78|l<<2|pp, op)
}

// kmovStore stores a mask register: 16 bits, or 64.
func (a *assembler) kmovStore(k uint8, m address, wide bool) {
	a.vexMem(k, m, 1, wideBit(wide), 0, 0, 0x91)
}

// vexMem is vex with a memory operand.
func (a *assembler) vexMem(reg uint8, m address, mapNo, w, l, pp, op byte) {
	var x, b uint8
	if m.index >= 0 {
		x = uint8(m.index)
	}
	if m.base >= 0 {
		b = uint8(m.base)
	}
	a.vex(reg, x, b, mapNo, w, l, pp, op)
	a.modrm(reg, m)
}

// kmovGPR copies 16, 32 or 64 bits of a mask into a register.
func (a *assembler) kmovGPR(reg, k uint8, bits int) {
	w, pp := byte(0), byte(0)
	switch bits {
	case 32:
		pp = 3
	case 64:
		w, pp = 1, 3
	}
	a.vex(reg, 0, 0, 1, w, 0, pp, 0x93)
	a.b(0xc0 | reg&7<<3 | k)
}

// signs copies the sign bits of a vector's lanes (4 or 8 bytes) into a register.
func (a *assembler) signs(reg, vec uint8, bytes, elem int) {
	l, pp := byte(0), byte(0)
	if bytes == 32 {
		l = 1
	}
	if elem == 8 {
		pp = 1
	}
	a.vex(reg, 0, vec, 1, 0, l, pp, 0x50)
	a.b(0xc0 | reg&7<<3 | vec&7)
}

// signBytes copies the sign bits of 16 bytes into a register.
func (a *assembler) signBytes(reg, vec uint8) {
	a.b(0x66, 0x40|reg>>3<<2|vec>>3, 0x0f, 0xd7, 0xc0|reg&7<<3|vec&7)
}

// vecStore stores 16, 32 or 64 bytes of a vector register.
func (a *assembler) vecStore(vec uint8, m address, bytes int) {
	if vec < 16 && bytes < 64 {
		l := byte(0)
		if bytes == 32 {
			l = 1
		}
		a.vexMem(vec, m, 1, 0, l, 2, 0x7f) // vmovdqu
		return
	}
	var x, b uint8
	if m.index >= 0 {
		x = uint8(m.index)
	}
	if m.base >= 0 {
		b = uint8(m.base)
	}
	ll := map[int]byte{16: 0, 32: 1, 64: 2}[bytes]
	a.b(0x62, (vec>>3&1^1)<<7|(x>>3&1^1)<<6|(b>>3&1^1)<<5|(vec>>4&1^1)<<4|1, 0xfe, ll<<5|0x08, 0x7f) // vmovdqu64
	a.modrm(vec, m)
}

// andBits keeps some of the low bits of a register; flags change.
func (a *assembler) andBits(reg uint8, mask int32) {
	a.b(0x48|reg>>3, 0x81, 0xe0|reg&7)
	a.i32(mask)
}

// popcount replaces a register by the number of its bits; flags change.
func (a *assembler) popcount(reg uint8) {
	a.b(0xf3, 0x48|reg>>3<<2|reg>>3, 0x0f, 0xb8, 0xc0|reg&7<<3|reg&7)
}

func wideBit(wide bool) byte {
	if wide {
		return 1
	}
	return 0
}
