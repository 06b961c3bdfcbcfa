package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// How a tile ends. A store of 512 bits takes two cycles on a Zen 4. Where what it stores was computed a while ago, it takes them from
// multiply-adds as well: 24 stores after the last step took 40 cycles, wherever the next tile's products stood, and 32 between those of the
// last step. Beside two steps that go row by row, so that each store follows its sums and has two products beside it, they took 0 to 2.

// endSteps is how many groups of K are multiplied that way.
const endSteps = 2

// beforeLast takes the last two groups off k, a partial one included, and goes to name_single where there is only one.
func (t *tile) beforeLast(name string) {
	if t.shifts {
		bits := GP64()
		MOVQ(t.field("Shift"), bits)
		CMPQ(bits, Imm(1)) // carry: all groups are whole
		SBBQ(Imm(endSteps-1), t.k)
	} else {
		SUBQ(Imm(endSteps), t.k)
	}
	JLT(LabelRef(name + "_single"))
}

// end multiplies what is left of K and stores the tile.
func (t *tile) end(name string, width int, masks []vec.Mask) {
	if !t.beside {
		t.store(name, width, masks)
		return
	}
	CMPQ(t.field("Accumulate"), Imm(0))
	JNE(LabelRef(name + "_add"))
	if t.shifts {
		CMPQ(t.field("Shift"), Imm(0))
		JNE(LabelRef(name + "_shifted"))
	}
	t.storeBeside(width, masks, false, false)
	JMP(LabelRef(name + "_stored"))
	if t.shifts {
		Label(name + "_shifted")
		t.storeBeside(width, masks, true, false)
		JMP(LabelRef(name + "_stored"))
	}
	Label(name + "_add")
	if masks == nil {
		if t.shifts {
			CMPQ(t.field("Shift"), Imm(0))
			JNE(LabelRef(name + "_both"))
		}
		t.storeBeside(width, masks, false, true)
		JMP(LabelRef(name + "_stored"))
	}
	Label(name + "_both")
	t.loadB(width)
	t.step(width)
	Label(name + "_single")
	t.loadB(width)
	if t.shifts {
		CMPQ(t.field("Shift"), Imm(0))
		JE(LabelRef(name + "_whole"))
		back := t.back()
		for i := range t.rows {
			t.multiplyPart(i, width, t.rows*width, t.a.At(i, 0), back, t.V(t.Regs()-1))
		}
		JMP(LabelRef(name + "_summed"))
		Label(name + "_whole")
	}
	t.step(width)
	Label(name + "_summed")
	t.store(name, width, masks)
	Label(name + "_stored")
}

// storeBeside multiplies the last two groups row by row, and stores each row beside the products of the next one, added to what is there or
// not. A branch for each row instead made tiles of a vector 5 % slower where K is large.
func (t *tile) storeBeside(width int, masks []vec.Mask, partial, add bool) {
	b := t.rows * width
	for s := range endSteps {
		t.loadRowOfB(width, b+s*width)
	}
	first, n := b+endSteps*width, 0
	next := func() VecPhysical {
		n++
		return t.V(first + n%min(4, t.Regs()-first))
	}
	c := GP64()
	var back Register
	if partial {
		back = t.back()
	}
	MOVQ(t.c, c)
	for i := range t.rows {
		m := t.a.At(i, 0)
		t.multiply(i, width, b, m, next())
		m.Disp += t.Elem
		if partial {
			t.multiplyPart(i, width, b+width, m, back, next())
		} else {
			t.multiply(i, width, b+width, m, next())
		}
		if i > 0 {
			t.storeRow(c, i-1, width, masks, add)
		}
	}
	t.storeRow(c, t.rows-1, width, masks, add)
}

// back is by how many bytes a partial group is loaded before its place, less than 0, so that the row's elements end it.
func (t *tile) back() Register {
	back := GP64()
	MOVQ(t.field("Shift"), back)
	SHRQ(Imm(3), back)
	NEGQ(back)
	return back
}

// multiplyPart is multiply for a partial group. It is loaded with what is before it in the row, which is shifted out, so that zeros follow it.
func (t *tile) multiplyPart(i, width, b int, m Mem, back Register, x VecPhysical) {
	at := GP64()
	LEAQ(m, at)
	t.Broadcast(Mem{Base: at, Index: back, Scale: 1}, x)
	VPSRLVD_BCST(t.field("Shift"), x, x)
	t.multiplyBy(i, width, b, x)
}

// storeRow writes row i of the tile to c, or adds it to what is there, and goes on to the next row.
func (t *tile) storeRow(c Register, i, width int, masks []vec.Mask, add bool) {
	for j := range width {
		m, v := Mem{Base: c, Disp: j * t.Bytes}, t.acc(i, j, width)
		if masks == nil {
			if add {
				t.Add(m, v, v)
			}
			t.Mov(v, m)
		} else {
			masks[j].Store(v, m)
		}
	}
	if i < t.rows-1 {
		ADDQ(t.cBytes, c)
	}
}
