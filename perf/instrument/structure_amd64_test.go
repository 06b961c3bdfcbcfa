package instrument

import "encoding/binary"

// function makes the whole function: registers in, body, registers out, and perhaps a leaf function that the body calls.
func (g *generator) function() {
	g.in()
	g.defined = flags
	g.mark()
	for g.left > 0 {
		g.structure(0)
	}
	g.finally = g.defined
	g.out()
	if len(g.calls) > 0 {
		for len(g.code)%16 != 0 {
			g.b(0x90)
		}
		leaf := len(g.code)
		for _, place := range g.calls {
			g.patch(place, leaf)
		}
		g.leaf, g.defined, g.left = true, 0, 12
		g.mark()
		for g.left > 0 {
			g.instruction()
		}
		g.b(0xc3)
	}
}

// in loads all registers from the state.
func (g *generator) in() {
	for i, off := range []int{spOff, bpOff} {
		g.legacy(0, true, []byte{0x89}, uint8(4+i), rip(genResult+off), nil)
	}
	for v := range uint8(32) {
		if g.avx512 {
			g.evex(1, 2, 1, 2, 0x6f, v, 0, rip(genState+vecOff+64*int(v)), 0, false)
		} else if v < 16 {
			g.vex(1, 2, 0, 1, 0x6f, v, 0, rip(genState+vecOff+64*int(v)))
		}
	}
	for k := range uint8(8) {
		if g.avx512 {
			g.vex(1, 0, 1, 0, 0x90, k, 0, rip(genState+kOff+8*int(k)))
		}
	}
	g.legacy(0, true, []byte{0x8d}, sp, rip(genStack), nil)
	g.legacy(0, false, []byte{0xff}, 6, rip(genState+flagsOff), nil) // push
	g.b(0x9d)
	for r := range uint8(16) {
		if r != sp {
			g.legacy(0, true, []byte{0x8b}, r, rip(genState+gprOff+8*int(r)), nil)
		}
	}
}

// out stores all registers in the result and returns.
func (g *generator) out() {
	for r := range uint8(16) {
		g.legacy(0, true, []byte{0x89}, r, rip(genResult+gprOff+8*int(r)), nil)
	}
	g.b(0x9c)
	g.legacy(0, false, []byte{0x8f}, 0, rip(genResult+flagsOff), nil) // pop
	for v := range uint8(32) {
		if g.avx512 {
			g.evex(1, 2, 1, 2, 0x7f, v, 0, rip(genResult+vecOff+64*int(v)), 0, false)
		} else if v < 16 {
			g.vex(1, 2, 0, 1, 0x7f, v, 0, rip(genResult+vecOff+64*int(v)))
		}
	}
	for k := range uint8(8) {
		if g.avx512 {
			g.vex(1, 0, 1, 0, 0x91, k, 0, rip(genResult+kOff+8*int(k)))
		}
	}
	for i, off := range []int{spOff, bpOff} {
		g.legacy(0, true, []byte{0x8b}, uint8(4+i), rip(genResult+off), nil)
	}
	g.b(0xc5, 0xf8, 0x77, 0xc3) // vzeroupper; ret
}

func (g *generator) instruction() {
	g.left--
	templates[g.r.IntN(len(templates))](g)
}

// structure emits a few instructions, a choice, a loop, a call or a switch.
func (g *generator) structure(depth int) {
	switch n := g.r.IntN(16); {
	case n < 3 && depth < 3:
		g.choice(depth)
	case n < 7 && depth < 2:
		g.loop(depth)
	case n == 7 && depth < 2:
		g.selfLoop()
	case n == 8 && !g.leaf:
		g.b(0xe8)
		g.calls = append(g.calls, len(g.code))
		g.i32(0)
		g.defined = 0
	case n == 9 && depth < 2:
		g.jumpTable(depth)
	default:
		for range 1 + g.r.IntN(6) {
			g.instruction()
		}
	}
}

func (g *generator) patch(place, to int) {
	binary.LittleEndian.PutUint32(g.code[place:], uint32(to-place-4))
}

// branch emits a conditional jump, or an unconditional one for -1, and returns the place of its offset.
func (g *generator) branch(condition int) int {
	if condition < 0 {
		g.b(0xe9)
	} else {
		g.b(0x0f, 0x80|byte(condition))
	}
	g.i32(0)
	return len(g.code) - 4
}

func (g *generator) choice(depth int) {
	c := g.condition()
	if c < 0 {
		g.legacy(0, true, []byte{0x39}, g.data(), reg(g.data()), nil) // cmp
		g.defined = flags
		c = g.r.IntN(16)
	}
	other := g.branch(c)
	before := g.defined
	if g.chance(2) {
		g.mark()
	}
	g.structure(depth + 1)
	after := g.defined
	if g.chance(2) {
		g.patch(other, len(g.code))
		g.defined &= before
		return
	}
	end := g.branch(-1)
	g.patch(other, len(g.code))
	g.defined = before
	g.structure(depth + 1)
	g.patch(end, len(g.code))
	g.defined &= after
}

// loop counts down in memory, so that all registers are left to the body.
func (g *generator) loop(depth int) {
	counter := rip(genLoops + 8*g.loops)
	g.loops++
	g.legacy(0, true, []byte{0xc7}, 0, counter, imm32(1+g.r.IntN(12>>(2*depth)+1)))
	head := len(g.code)
	g.defined = 0
	if g.chance(2) {
		g.mark()
	}
	for range 1 + g.r.IntN(2) {
		g.structure(depth + 1)
	}
	g.legacy(0, true, []byte{0xff}, 1, counter, nil) // dec
	g.patch(g.branch(5), head)                       // jne
	g.defined |= flags &^ flagC
}

// selfLoop is one block that jumps to itself, with its counter in a register; a carry may go round.
func (g *generator) selfLoop() {
	counter := g.idx
	g.b(0x40|counter>>3, 0xb8|counter&7)
	g.i32(1 + g.r.IntN(30))
	saved := g.pool
	carry := g.chance(2)
	if carry {
		g.b(0xf8)
	}
	head := len(g.code)
	if carry {
		g.legacy(0, true, []byte{0x8b}, g.data(), operand{mem: true, base: int(g.ptr[0]), index: -1, disp: 8}, nil)
		g.legacy(0, true, []byte{0x11}, g.data(), operand{mem: true, base: int(g.ptr[0]), index: -1}, nil) // adc
		g.legacy(0, true, []byte{0x8d}, g.ptr[0], operand{mem: true, base: int(g.ptr[0]), index: -1, disp: 8}, nil)
	} else {
		if g.chance(2) {
			g.mark()
		}
		g.vex(2, 1, 1, 1, 0xb8, 1, 2, operand{mem: true, base: int(g.ptr[0]), index: -1})
		g.vex(1, 0, 0, 1, 0x11, 1, 0, operand{mem: true, base: int(g.ptr[0]), index: int(counter), scale: 3, disp: 64})
		if g.avx512 {
			g.evex(1, 1, 1, 2, 0x58, 3, 4, operand{mem: true, base: int(g.ptr[0]), index: -1}, 3, false)
			g.evex(1, 2, 0, 2, 0x7f, 3, 0, operand{mem: true, base: int(g.ptr[0]), index: -1, disp: 128}, 3, false)
		}
		g.legacy(0, true, []byte{0x83}, 0, reg(g.ptr[0]), []byte{8})
	}
	g.legacy(0, true, []byte{0xff}, 1, reg(counter), nil) // dec
	g.patch(g.branch(5), head)
	g.defined = flags &^ flagC
	if carry {
		g.defined = flags
	}
	g.pool = saved
}

// jumpTable jumps to one of four cases by an address in memory.
func (g *generator) jumpTable(depth int) {
	if len(g.tables)+4 > 500 {
		return
	}
	first := len(g.tables)
	g.tables = append(g.tables, 0, 0, 0, 0)
	g.b(0x40|g.idx>>3, 0xb8|g.idx&7)
	g.i32(g.r.IntN(4))
	g.legacy(0, true, []byte{0x33}, g.idx, reg(g.data()), nil) // xor idx, data
	g.legacy(0, false, []byte{0x83}, 4, reg(g.idx), []byte{3}) // and idx, 3
	t := g.data()
	g.legacy(0, true, []byte{0x8d}, t, rip(genTable+8*first), nil)
	o := operand{mem: true, base: int(t), index: int(g.idx), scale: 3}
	if g.chance(2) {
		g.legacy(0, false, []byte{0xff}, 4, o, nil)
	} else {
		g.legacy(0, true, []byte{0x8b}, t, o, nil)
		g.legacy(0, false, []byte{0xff}, 4, reg(t), nil)
	}
	var ends []int
	for c := range 4 {
		g.tables[first+c] = g.base + uint64(len(g.code))
		g.defined = 0
		if g.chance(2) {
			g.mark()
		}
		for range 1 + g.r.IntN(3) {
			g.instruction()
		}
		ends = append(ends, g.branch(-1))
	}
	for _, place := range ends {
		g.patch(place, len(g.code))
	}
	g.defined = 0
}
