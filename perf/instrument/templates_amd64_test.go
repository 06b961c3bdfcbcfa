package instrument

import "slices"

// templates emit one instruction, or a few that belong together, and say nothing when they do not suit.
var templates = slices.Concat(integerTemplates, vectorTemplates)

var integerTemplates = []func(g *generator){
	func(g *generator) { // add or adc sbb and sub xor cmp
		kind := byte(g.r.IntN(8))
		if (kind == 2 || kind == 3) && !g.needs(flagC) {
			return
		}
		size := []int{1, 2, 4, 8}[g.r.IntN(4)]
		r := g.data()
		switch g.r.IntN(3) {
		case 0:
			g.sized(size, kind<<3, g.data(), g.either(r), nil)
		case 1:
			g.sized(size, kind<<3|2, r, g.either(g.data()), nil)
		case 2:
			o := g.either(r)
			if size == 1 {
				g.legacy(0, false, []byte{0x80}, kind, o, []byte{byte(g.r.IntN(256))})
			} else {
				prefix := byte(0)
				if size == 2 {
					prefix = 0x66
				}
				g.legacy(prefix, size == 8, []byte{0x83}, kind, o, []byte{byte(g.r.IntN(256))})
			}
		}
		g.defined = flags
		if kind == 1 || kind == 4 || kind == 6 {
			g.defined &^= flagA
		}
	},
	func(g *generator) { // mov, both ways and constants
		size := []int{1, 2, 4, 8}[g.r.IntN(4)]
		switch g.r.IntN(3) {
		case 0:
			g.sized(size, 0x88, g.data(), g.either(g.data()), nil)
		case 1:
			g.sized(size, 0x8a, g.data(), g.either(g.data()), nil)
		case 2:
			g.legacy(0, true, []byte{0xc7}, 0, g.either(g.data()), imm32(int(g.r.Int32())))
		}
	},
	func(g *generator) { // movzx, movsx, movsxd
		op := [][]byte{{0x0f, 0xb6}, {0x0f, 0xb7}, {0x0f, 0xbe}, {0x0f, 0xbf}, {0x63}}[g.r.IntN(5)]
		g.legacy(0, g.chance(2) || op[0] == 0x63, op, g.data(), g.either(g.data()), nil)
	},
	func(g *generator) { g.legacy(0, true, []byte{0x8d}, g.data(), g.memory(), nil) },      // lea
	func(g *generator) { g.sized(8, 0x86, g.data(), g.either(g.data()), nil) },             // xchg
	func(g *generator) { r := g.data(); g.b(0x48|r>>3, 0x0f, 0xc8|r&7) },                   // bswap
	func(g *generator) { g.legacy(0, true, []byte{0xf7}, 2, g.either(g.data()), nil) },     // not
	func(g *generator) { g.sized(8, 0xf6, 3, g.either(g.data()), nil); g.defined = flags }, // neg
	func(g *generator) { // inc, dec keep CF
		g.sized([]int{1, 4, 8}[g.r.IntN(3)], 0xfe, uint8(g.r.IntN(2)), g.either(g.data()), nil)
		g.defined |= flags &^ flagC
	},
	func(g *generator) { // pointers move by constants
		p := g.ptr[g.r.IntN(len(g.ptr))]
		by := byte(g.r.IntN(33) - 16)
		switch g.r.IntN(3) {
		case 0:
			g.legacy(0, true, []byte{0x83}, 0, reg(p), []byte{by})
			g.defined = flags
		case 1:
			g.legacy(0, true, []byte{0x83}, 5, reg(p), []byte{by})
			g.defined = flags
		case 2:
			g.legacy(0, true, []byte{0x8d}, p, operand{mem: true, base: int(p), index: -1, disp: int(int8(by))}, nil)
		}
	},
	func(g *generator) { // shifts and rotates by a constant that is not 0
		n, kind := byte(1+g.r.IntN(31)), []uint8{0, 1, 4, 5, 7}[g.r.IntN(5)]
		g.sized(8, 0xc0, kind, g.either(g.data()), []byte{n})
		if kind < 2 {
			g.defined |= flagC
		} else {
			g.defined = flagC | flagP | flagZ | flagS
		}
		if n == 1 {
			g.defined |= flagO
		} else {
			g.defined &^= flagO
		}
	},
	func(g *generator) { // by CL, which may be 0
		g.sized(8, 0xd2, []uint8{4, 5, 7}[g.r.IntN(3)], g.either(g.data()), nil)
		g.defined &= flagC | flagP | flagZ | flagS
	},
	func(g *generator) { // imul
		if g.chance(2) {
			g.legacy(0, true, []byte{0x0f, 0xaf}, g.data(), g.either(g.data()), nil)
		} else {
			g.legacy(0, true, []byte{0x69}, g.data(), g.either(g.data()), imm32(int(g.r.Int32())))
		}
		g.defined = flagC | flagO
	},
	func(g *generator) { // mul
		if g.has(ax, dx) {
			g.sized(8, 0xf6, 4, g.either(g.data()), nil)
			g.defined = flagC | flagO
		}
	},
	func(g *generator) { // bit tests: by constant, and of memory by register
		if g.chance(2) {
			g.legacy(0, true, []byte{0x0f, 0xba}, uint8(4+g.r.IntN(4)), g.either(g.data()), []byte{byte(g.r.IntN(256))})
		} else {
			o := operand{mem: true, base: int(g.ptr[0]), index: -1}
			g.b(0x40|g.idx>>3, 0xb8|g.idx&7) // mov idx, constant
			n := g.r.IntN(2048) - 1024
			g.i32(n)
			g.legacy([]byte{0, 0x66}[g.r.IntN(2)], false, []byte{0x0f, []byte{0xa3, 0xab, 0xb3, 0xbb}[g.r.IntN(4)]}, g.idx, o, nil)
		}
		g.defined = g.defined&flagZ | flagC
	},
	func(g *generator) { // popcnt, tzcnt, lzcnt
		op := []byte{0xb8, 0xbc, 0xbd}[g.r.IntN(3)]
		g.legacy(0xf3, true, []byte{0x0f, op}, g.data(), g.either(g.data()), nil)
		g.defined = flagC | flagZ
		if op == 0xb8 {
			g.defined = flags
		}
	},
	func(g *generator) { // cmov
		c := g.condition()
		if c >= 0 {
			g.legacy(0, g.chance(2), []byte{0x0f, 0x40 | byte(c)}, g.data(), g.either(g.data()), nil)
		}
	},
	func(g *generator) { // setcc
		c := g.condition()
		if c >= 0 {
			g.legacy(0, false, []byte{0x0f, 0x90 | byte(c)}, 0, g.either(g.data()), nil)
		}
	},
	func(g *generator) { // lock xadd, cmpxchg
		if g.has(ax) {
			g.b(0xf0)
			g.legacy(0, true, []byte{0x0f, []byte{0xc1, 0xb1}[g.r.IntN(2)]}, g.data(), operand{mem: true, base: int(g.ptr[0]), index: -1}, nil)
			g.defined = flags
		}
	},
	func(g *generator) { // clc, stc, cmc
		switch g.r.IntN(3) {
		case 0:
			g.b(0xf8)
		case 1:
			g.b(0xf9)
		case 2:
			if !g.needs(flagC) {
				return
			}
			g.b(0xf5)
		}
		g.defined |= flagC
	},
	func(g *generator) { // lahf, sahf
		if !g.has(ax) {
			return
		}
		if g.chance(2) && g.needs(flags&^flagO) {
			g.b(0x9f)
		} else {
			g.b(0x9e)
			g.defined |= flags &^ flagO
		}
	},
	func(g *generator) { // pushf, pop
		if g.needs(flags) && !g.noPushf {
			g.b(0x9c)
			r := g.data()
			g.b(0x40|r>>3, 0x58|r&7)
		}
	},
	func(g *generator) { // push, something, pop
		r, leaf := g.data(), g.leaf
		if g.chance(2) {
			g.b(0x40|r>>3, 0x50|r&7)
		} else {
			o := g.memory()
			g.legacy(0, false, []byte{0xff}, 6, o, nil)
		}
		g.leaf = leaf
		g.legacy(0, true, []byte{0x8b}, g.data(), operand{mem: true, base: sp, index: -1}, nil)
		r = g.data()
		g.b(0x40|r>>3, 0x58|r&7)
	},
	func(g *generator) { // cqo, cdqe
		if g.has(ax, dx) {
			g.b(0x48, 0x98, 0x48, 0x99)
		}
	},
	func(g *generator) { // shlx, sarx, shrx, rorx
		switch n := byte(g.r.IntN(4)); n {
		case 0:
			g.vex(3, 3, 1, 0, 0xf0, g.data(), 0, g.either(g.data()), byte(g.r.IntN(64)))
		default:
			g.vex(2, n, 1, 0, 0xf7, g.data(), g.data(), g.either(g.data()))
		}
	},
	func(g *generator) { // pdep, pext, mulx
		switch g.r.IntN(3) {
		case 0:
			g.vex(2, 3, 1, 0, 0xf5, g.data(), g.data(), g.either(g.data()))
		case 1:
			g.vex(2, 2, 1, 0, 0xf5, g.data(), g.data(), g.either(g.data()))
		case 2:
			if g.has(dx) {
				g.vex(2, 3, 1, 0, 0xf6, g.data(), g.data(), g.either(g.data()))
			}
		}
	},
	func(g *generator) { // andn, blsr
		if g.chance(2) {
			g.vex(2, 0, 1, 0, 0xf2, g.data(), g.data(), g.either(g.data()))
			g.defined = flagC | flagZ | flagS | flagO
		} else {
			g.vex(2, 0, 1, 0, 0xf3, 1, g.data(), g.either(g.data()))
			g.defined = flagC | flagZ | flagS | flagO
		}
	},
	func(g *generator) { // string instructions, repeated
		if !g.has(cx, si, di) {
			return
		}
		g.legacy(0, true, []byte{0x8d}, si, rip(genMiddle+g.r.IntN(512)), nil)
		g.legacy(0, true, []byte{0x8d}, di, rip(genMiddle+g.r.IntN(512)), nil)
		g.b(0xb9)
		g.i32(g.r.IntN(20))
		wide := [][]byte{{}, {0x48}, {0x66}}[g.r.IntN(3)]
		switch g.r.IntN(4) {
		case 0:
			g.b(0xf3)
			g.prefixed(wide, 0xa4) // movs
		case 1:
			g.b(0xf3)
			g.prefixed(wide, 0xaa) // stos
		case 2: // repe cmps: at least one, so that flags are defined
			g.b(0xb9)
			g.i32(1 + g.r.IntN(20))
			g.b(0xf3)
			g.prefixed(wide, 0xa6)
			g.defined = flags
		case 3: // repne scas
			g.b(0xb9)
			g.i32(1 + g.r.IntN(20))
			g.b(0xf2)
			g.prefixed(wide, 0xae)
			g.defined = flags
		}
	},
	func(g *generator) { // and once
		if g.has(si, di) {
			g.legacy(0, true, []byte{0x8d}, si, rip(genMiddle+g.r.IntN(512)), nil)
			g.legacy(0, true, []byte{0x8d}, di, rip(genMiddle+g.r.IntN(512)), nil)
			g.b(0x48, 0xa5)
		}
	},
	// Vectors.
}

// prefixed emits a string instruction of 1 byte (no prefix), 2 or 8.
func (g *generator) prefixed(prefix []byte, op byte) {
	g.b(prefix...)
	if len(prefix) > 0 {
		op++
	}
	g.b(op)
}

// condition picks a condition whose flags are defined; -1: there is none at hand.
func (g *generator) condition() int {
	c := g.r.IntN(16)
	need := []uint32{flagO, flagC, flagZ, flagC | flagZ, flagS, flagP, flagS | flagO, flagZ | flagS | flagO}[c/2]
	if !g.needs(need) {
		return -1
	}
	return c
}
