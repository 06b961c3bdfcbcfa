package instrument

// vectorTemplates are those of templates for vectors and masks.
var vectorTemplates = []func(g *generator){
	func(g *generator) { // VEX arithmetic of vectors
		op := []byte{0x58, 0x59, 0x5c, 0x5e, 0x5d, 0x5f, 0x54, 0x57, 0x14}[g.r.IntN(9)]
		g.vex(1, byte(g.r.IntN(2)), 0, byte(g.r.IntN(2)), op, g.xmm(), g.xmm(), g.either(g.xmm()))
	},
	func(g *generator) { // scalars
		g.vex(1, byte(2+g.r.IntN(2)), 0, 0, []byte{0x58, 0x59, 0x5c, 0x5e, 0x5d, 0x51}[g.r.IntN(6)], g.xmm(), g.xmm(), g.either(g.xmm()))
	},
	func(g *generator) { // fused multiply-adds
		g.vex(2, 1, byte(g.r.IntN(2)), byte(g.r.IntN(2)), []byte{0x98, 0xa8, 0xb8, 0xbc, 0x96, 0x99, 0xbb}[g.r.IntN(7)], g.xmm(), g.xmm(), g.either(g.xmm()))
	},
	func(g *generator) { // integer vectors
		g.vex(1, 1, 0, byte(g.r.IntN(2)), []byte{0xfe, 0xfa, 0xdb, 0xef, 0x76, 0x66, 0xd5, 0xf4, 0x62}[g.r.IntN(9)], g.xmm(), g.xmm(), g.either(g.xmm()))
	},
	func(g *generator) { // loads and stores
		g.vex(1, 0, 0, byte(g.r.IntN(2)), byte(0x10+g.r.IntN(2)), g.xmm(), 0, g.memory())
	},
	func(g *generator) { // old SSE: addps, mulsd, movups, movsd
		switch g.r.IntN(4) {
		case 0:
			g.legacy(0, false, []byte{0x0f, 0x58}, g.xmm(), reg(g.xmm()), nil)
		case 1:
			g.legacy(0xf2, false, []byte{0x0f, 0x59}, g.xmm(), g.either(g.xmm()), nil)
		case 2:
			g.legacy(0, false, []byte{0x0f, byte(0x10 + g.r.IntN(2))}, g.xmm(), g.memory(), nil)
		case 3:
			g.legacy(0xf2, false, []byte{0x0f, byte(0x10 + g.r.IntN(2))}, g.xmm(), g.memory(), nil)
		}
	},
	func(g *generator) { // ucomisd, vptest set flags
		if g.chance(2) {
			g.vex(1, 1, 0, 0, 0x2e, g.xmm(), 0, g.either(g.xmm()))
		} else {
			g.vex(2, 1, 0, byte(g.r.IntN(2)), 0x17, g.xmm(), 0, g.either(g.xmm()))
		}
		g.defined = flags
	},
	func(g *generator) { // between register files
		switch g.r.IntN(4) {
		case 0:
			g.vex(1, 1, 1, 0, 0x6e, g.xmm(), 0, reg(g.data()))
		case 1:
			g.vex(1, 1, 1, 0, 0x7e, g.xmm(), 0, reg(g.data()))
		case 2:
			g.vex(1, 0, 0, 1, 0x50, g.data(), 0, reg(g.xmm()))
		case 3:
			g.vex(1, 3, 1, 0, 0x2d, g.data(), 0, g.either(g.xmm()))
		}
	},
	func(g *generator) { // vmaskmovps, vpmaskmovq
		op, w := []byte{0x2c, 0x2e}[g.r.IntN(2)], byte(0)
		if g.chance(2) {
			op, w = []byte{0x8c, 0x8e}[g.r.IntN(2)], byte(g.r.IntN(2))
		}
		g.vex(2, 1, w, byte(g.r.IntN(2)), op, g.xmm(), g.xmm(), g.memory())
	},
	func(g *generator) { // AVX2 gather: indices made small first
		l, w := byte(g.r.IntN(2)), byte(g.r.IntN(2))
		g.vex(1, 1, 0, 1, 0xdb, 5, g.xmm(), rip(genMiddle)) // vpand ymm5, …, constant
		g.vex(1, 1, 0, 1, 0xdb, 5, 5, rip(genSmall))
		g.vex(2, 1, w, l, byte(0x90+g.r.IntN(4)), 6, 7, operand{mem: true, base: int(g.ptr[0]), index: 5, scale: g.r.IntN(3)})
	},
	func(g *generator) { // AVX-512 arithmetic under masks
		if g.avx512 {
			k, pp := uint8(g.r.IntN(8)), byte(g.r.IntN(2))
			op := []byte{0x58, 0x59, 0x5c, 0x5e, 0x5d, 0x5f, 0x51}[g.r.IntN(7)]
			v := g.zmm()
			if op == 0x51 {
				v = 0
			}
			g.evex(1, pp, pp, byte(g.r.IntN(3)), op, g.zmm(), v, g.eitherVec(), k, g.chance(2))
		}
	},
	func(g *generator) { // fused, scalars among them
		if g.avx512 {
			op := []byte{0x98, 0xa8, 0xb8, 0xbc, 0x96, 0x99, 0xbb}[g.r.IntN(7)]
			g.evex(2, 1, byte(g.r.IntN(2)), byte(g.r.IntN(3)), op, g.zmm(), g.zmm(), g.eitherVec(), uint8(g.r.IntN(8)), g.chance(2))
		}
	},
	func(g *generator) { // loads and stores under masks, of 4, 8, 1, 2 bytes
		if g.avx512 {
			k := uint8(g.r.IntN(8))
			w := byte(g.r.IntN(2))
			pp := []byte{2, 3}[g.r.IntN(2)]
			if g.chance(2) {
				g.evex(1, pp, w, byte(g.r.IntN(3)), 0x6f, g.zmm(), 0, g.memory(), k, g.chance(2))
			} else {
				g.evex(1, pp, w, byte(g.r.IntN(3)), 0x7f, g.zmm(), 0, g.memory(), k, false)
			}
		}
	},
	func(g *generator) { // compares into masks
		if g.avx512 {
			g.evex(3, 1, byte(g.r.IntN(2)), byte(g.r.IntN(3)), 0x1f, uint8(1+g.r.IntN(7)), g.zmm(), g.eitherVec(), uint8(g.r.IntN(8)), false, byte(g.r.IntN(8)))
		}
	},
	func(g *generator) { // masks from and to registers and memory
		if !g.avx512 {
			return
		}
		k := uint8(1 + g.r.IntN(7))
		switch g.r.IntN(5) {
		case 0:
			g.vex(1, 3, 1, 0, 0x92, k, 0, reg(g.data()))
		case 1:
			g.vex(1, 3, 1, 0, 0x93, g.data(), 0, reg(k))
		case 2:
			g.vex(1, 0, 1, 0, 0x90, k, 0, g.memory())
		case 3:
			g.vex(1, 0, 1, 1, []byte{0x41, 0x42, 0x45, 0x46, 0x47}[g.r.IntN(5)], k, uint8(g.r.IntN(8)), reg(uint8(g.r.IntN(8))))
		case 4:
			g.vex(1, 0, 1, 0, 0x98, k, 0, reg(uint8(g.r.IntN(8)))) // kortestq
			g.defined = flags
		}
	},
	func(g *generator) { // compress, expand
		if g.avx512 {
			g.evex(2, 1, byte(g.r.IntN(2)), byte(g.r.IntN(3)), []byte{0x8a, 0x8b, 0x88, 0x89}[g.r.IntN(4)], g.zmm(), 0, g.memory(), uint8(g.r.IntN(8)), false)
		}
	},
	func(g *generator) { // AVX-512 gathers and scatters
		if !g.avx512 {
			return
		}
		k, n := uint8(1+g.r.IntN(7)), uint8(20+g.r.IntN(3))
		g.evex(1, 1, 0, 2, 0xdb, n, g.zmm(), rip(genSmall), 0, false) // vpandd: small indices
		g.vex(1, 3, 1, 0, 0x92, k, 0, reg(g.data()))                  // a fresh mask
		w, ll := byte(g.r.IntN(2)), byte(g.r.IntN(3))
		o := operand{mem: true, base: int(g.ptr[0]), index: int(n), scale: g.r.IntN(3), disp: 64}
		g.evex(2, 1, w, ll, byte(0x90+g.r.IntN(4)+0x10*g.r.IntN(2)), 25, 0, o, k, false)
	},
	func(g *generator) { // broadcasts and permutations
		if g.avx512 {
			switch g.r.IntN(3) {
			case 0:
				g.evex(2, 1, byte(g.r.IntN(2)), 2, 0x7c, g.zmm(), 0, reg(g.data()), uint8(g.r.IntN(8)), g.chance(2))
			case 1:
				g.evex(2, 1, 0, 2, 0x36, g.zmm(), g.zmm(), g.eitherVec(), uint8(g.r.IntN(8)), g.chance(2))
			case 2:
				g.evex(2, 1, 0, 2, 0x18, g.zmm(), 0, g.eitherVec(), uint8(g.r.IntN(8)), g.chance(2))
			}
		}
	},
	func(g *generator) { // memory broadcast by the instruction itself
		if g.avx512 {
			g.broadcastOp()
		}
	},
}

// xmm picks a vector register below 16; 5 to 7 belong to the gathers.
func (g *generator) xmm() uint8 { return []uint8{0, 1, 2, 3, 4, 8, 9, 12, 15, 7}[g.r.IntN(10)] }

// zmm picks a vector register.
func (g *generator) zmm() uint8 { return uint8(g.r.IntN(32)) }

func (g *generator) eitherVec() operand {
	if g.chance(2) {
		return g.memory()
	}
	return reg(g.zmm())
}

// broadcastOp emits vaddps zmm{k}, zmm, m32{1to16}.
func (g *generator) broadcastOp() {
	o := g.memory()
	at := len(g.code)
	g.evex(1, 0, 0, 2, 0x58, g.zmm(), g.zmm(), o, uint8(g.r.IntN(8)), false)
	g.code[at+3] |= 0x10
}
