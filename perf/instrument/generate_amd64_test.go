package instrument

import (
	"encoding/binary"
	"math/rand/v2"
)

// Generated functions load all registers from a state block, compute, and leave all registers in a result block, on a stack
// and with memory of their own, so that everything they did can be compared. Offsets in the memory around them:
const (
	genState  = 0x20000 // the code stands before; from here on memory is writable. Registers before
	genResult = 0x22000 // registers after
	genTruth  = 0x24000 // how often each marked place was reached, by the function's own count
	genSmall  = 0x25f00 // a vector that makes indices small
	genTable  = 0x26000 // jump targets
	genLoops  = 0x27000 // counters of loops
	genStack  = 0x30000 // stack pointer at the begin
	genBuffer = 0x40000
	genSize   = 0x80000
	genMiddle = (genBuffer + genSize) / 2 // what memory operands are near to
)

// Offsets in the state and the result.
const (
	gprOff   = 0
	flagsOff = 128
	spOff    = 136
	bpOff    = 144
	kOff     = 192
	vecOff   = 256
)

// Status flags.
const (
	flagC = 1 << 0
	flagP = 1 << 2
	flagA = 1 << 4
	flagZ = 1 << 6
	flagS = 1 << 7
	flagO = 1 << 11
	flags = flagC | flagP | flagA | flagZ | flagS | flagO
)

const (
	ax = iota
	cx
	dx
	bx
	sp
	bp
	si
	di
)

// generator makes one function.
type generator struct {
	r       *rand.Rand
	base    uint64 // address of the memory
	code    []byte
	marks   []uint64 // addresses of the marked places
	tables  []uint64 // jump targets
	pool    []uint8  // registers for data
	ptr     []uint8  // registers that point into the buffer
	idx     uint8    // register for indices
	defined uint32   // status flags that have a defined value
	finally uint32   // those at the end
	leaf    bool     // the return address is on the stack
	left    int      // instructions still to be emitted
	avx512  bool
	noPushf bool
	loops   int   // that have a counter in memory
	calls   []int // places of branch offsets to the leaf function
}

func newGenerator(seed, base uint64, avx512 bool) *generator {
	g := &generator{r: rand.New(rand.NewPCG(seed, 0)), base: base, avx512: avx512 && seed%4 != 0}
	regs := []uint8{0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	g.r.Shuffle(len(regs), func(i, j int) { regs[i], regs[j] = regs[j], regs[i] })
	g.ptr, g.idx = regs[:1+g.r.IntN(3)], regs[3]
	g.pool = regs[4 : 5+g.r.IntN(11)] // small pools leave registers to be borrowed
	g.left = 10 + g.r.IntN(150)
	return g
}

func (g *generator) b(bytes ...byte)   { g.code = append(g.code, bytes...) }
func (g *generator) i32(v int)         { g.code = binary.LittleEndian.AppendUint32(g.code, uint32(v)) }
func (g *generator) chance(n int) bool { return g.r.IntN(n) == 0 }
func (g *generator) data() uint8       { return g.pool[g.r.IntN(len(g.pool))] }
func (g *generator) needs(f uint32) bool {
	return g.defined&f == f
}
func (g *generator) has(regs ...uint8) bool {
	for _, r := range regs {
		ok := false
		for _, p := range g.pool {
			ok = ok || p == r
		}
		if !ok {
			return false
		}
	}
	return true
}

// operand is a register, or memory: at an offset of the generator's memory (RIP-relative), or by registers.
type operand struct {
	reg         uint8
	mem, rip    bool
	base, index int // GPR or vector numbers; -1: none
	scale       int // 0 … 3
	disp        int
}

func reg(r uint8) operand { return operand{reg: r} }
func rip(off int) operand { return operand{mem: true, rip: true, disp: off, index: -1} }

// memory picks a memory operand. An index register is set to a small value before, without touching flags.
func (g *generator) memory() operand {
	p := int(g.ptr[g.r.IntN(len(g.ptr))])
	switch n := g.r.IntN(6); {
	case n == 0:
		return rip(genMiddle + 8*g.r.IntN(128))
	case n == 1 && !g.leaf:
		return operand{mem: true, base: sp, index: -1, disp: 8 * g.r.IntN(16)}
	case n <= 3:
		g.b(0x40|g.idx>>3, 0xb8|g.idx&7) // mov idx, 0 … 255
		g.i32(g.r.IntN(256))
		if g.chance(2) {
			g.legacy(0, false, []byte{0x0f, 0xb6}, g.idx, reg(g.data()), nil) // movzx idx, byte
		}
		return operand{mem: true, base: p, index: int(g.idx), scale: g.r.IntN(4), disp: g.r.IntN(512) - 256}
	}
	return operand{mem: true, base: p, index: -1, disp: []int{0, 8, -16, 100, -1000}[g.r.IntN(5)]}
}

// either picks a register or a memory operand.
func (g *generator) either(r uint8) operand {
	if g.chance(2) {
		return g.memory()
	}
	return reg(r)
}

func bit(v, n int) byte { return byte(v>>n) & 1 }

// extension are the bits X and B that an operand needs in a prefix.
func (o operand) extension() (x, b byte) {
	switch {
	case !o.mem:
		return 0, bit(int(o.reg), 3)
	case o.rip:
		return 0, 0
	}
	return bit(max(o.index, 0), 3), bit(o.base, 3)
}

// tail emits ModRM, SIB, displacement and immediate. scaled: a displacement of 8 bits means something else (EVEX).
func (g *generator) tail(r uint8, o operand, imm []byte, scaled bool) {
	r = r & 7 << 3
	switch {
	case !o.mem:
		g.b(0xc0 | r | o.reg&7)
	case o.rip:
		g.b(r | 5)
		g.i32(o.disp - len(g.code) - 4 - len(imm))
	default:
		mod, small := byte(0x80), o.disp == int(int8(o.disp)) && !scaled && g.chance(2)
		if small {
			mod = 0x40
		}
		if o.index >= 0 || o.base&7 == sp {
			index := byte(4)
			if o.index >= 0 {
				index = byte(o.index & 7)
			}
			g.b(mod|r|4, byte(o.scale)<<6|index<<3|byte(o.base&7))
		} else {
			g.b(mod | r | byte(o.base&7))
		}
		if small {
			g.b(byte(o.disp))
		} else {
			g.i32(o.disp)
		}
	}
	g.b(imm...)
}

// legacy emits an instruction with a mandatory or size prefix (0: none), REX and opcode bytes.
func (g *generator) legacy(prefix byte, w bool, op []byte, r uint8, o operand, imm []byte) {
	if prefix != 0 {
		g.b(prefix)
	}
	x, b := o.extension()
	rex := 0x40 | bit(int(r), 3)<<2 | x<<1 | b
	if w {
		rex |= 8
	}
	g.b(rex)
	g.b(op...)
	g.tail(r, o, imm, false)
}

// sized emits an integer instruction for 1, 2, 4 or 8 bytes; op is the opcode for 1 byte, the others are one more.
func (g *generator) sized(size int, op byte, r uint8, o operand, imm []byte) {
	prefix := byte(0)
	if size == 2 {
		prefix = 0x66
	}
	if size > 1 {
		op++
	}
	g.legacy(prefix, size == 8, []byte{op}, r, o, imm)
}

// vex emits a VEX instruction; pp: none, 66, F3, F2.
func (g *generator) vex(m, pp, w, l, op byte, r, v uint8, o operand, imm ...byte) {
	x, b := o.extension()
	g.b(0xc4, (bit(int(r), 3)^1)<<7|(x^1)<<6|(b^1)<<5|m, w<<7|(^v&15)<<3|l<<2|pp, op)
	g.tail(r, o, imm, false)
}

// evex emits an EVEX instruction with mask k (0: none).
func (g *generator) evex(m, pp, w, ll, op byte, r, v uint8, o operand, k uint8, z bool, imm ...byte) {
	x, b := o.extension()
	if !o.mem {
		x = bit(int(o.reg), 4)
	}
	v4 := bit(int(v), 4)
	if o.mem && !o.rip && o.index >= 16 {
		v4 = 1
	}
	zz := byte(0)
	if z && k != 0 {
		zz = 1
	}
	g.b(0x62, (bit(int(r), 3)^1)<<7|(x^1)<<6|(b^1)<<5|(bit(int(r), 4)^1)<<4|m, w<<7|(^v&15)<<3|4|pp, zz<<7|ll<<5|(v4^1)<<3|k, op)
	g.tail(r, o, imm, true)
}

func imm32(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

// mark counts a place in the function's own way.
func (g *generator) mark() {
	g.marks = append(g.marks, g.base+uint64(len(g.code)))
	g.legacy(0, true, []byte{0x83}, 0, rip(genTruth+8*(len(g.marks)-1)), []byte{1}) // add qword, 1
	g.defined = flags
}
