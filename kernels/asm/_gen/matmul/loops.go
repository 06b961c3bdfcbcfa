package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// How a tile goes along K.

// repeat multiplies n ≥ 1 columns with packed rows of B, two at a time but of pairs: fewer instructions are then not multiply-adds.
func (t *tile) repeat(name string, n Register) {
	if t.group == 2 {
		vec.Align()
		Label(name)
		t.loadB(2)
		t.step(2)
		DECQ(n)
		JNZ(LabelRef(name))
		return
	}
	BTRQ(Imm(0), n)
	JCC(LabelRef(name + "_even"))
	t.loadB(2)
	t.step(2)
	Label(name + "_even")
	TESTQ(n, n)
	JE(LabelRef(name + "_done"))
	vec.Align()
	Label(name)
	t.twoSteps(n, name)
	Label(name + "_done")
}

// twoSteps multiplies two columns, and goes to the label until n is 0.
func (t *tile) twoSteps(n Register, label string) {
	for s := range 2 {
		for j := range 2 {
			t.Mov(Mem{Base: t.b, Disp: (2*s + j) * t.Bytes}, t.V(2*t.rows+j))
		}
		t.column(2, s*t.Elem)
	}
	ADDQ(U32(uint32(4*t.Bytes)), t.b)
	t.a.Advance(U32(uint32(2 * t.Elem)))
	SUBQ(Imm(2), n)
	JNZ(LabelRef(label))
}

// foreseen is how many steps are taken by two between branches whose outcome a processor foresees: of longer loops an Intel Xeon with AMX
// probably guesses the end wrong: in one loop, tiles of 64 and 128 steps took 2 and 1 % longer.
const foreseen = 16

// inPieces multiplies the columns that are left, at least one, in loops of foreseen steps after what is left beside them.
func (t *tile) inPieces(name string) {
	n := GP64()
	BTRQ(Imm(0), t.k)
	JCC(LabelRef(name + "_even"))
	t.loadB(2)
	t.step(2)
	Label(name + "_even")
	MOVQ(t.k, n)
	ANDQ(Imm(foreseen-1), n)
	SUBQ(n, t.k)
	TESTQ(n, n)
	JNE(LabelRef(name))
	Label(name + "_piece")
	SUBQ(U32(foreseen), t.k)
	JL(LabelRef(name + "_done"))
	MOVQ(U32(foreseen), n)
	vec.Align()
	Label(name)
	t.twoSteps(n, name)
	JMP(LabelRef(name + "_piece"))
	Label(name + "_done")
}

// loop runs the remaining k steps of a tile of two vectors.
func (t *tile) loop(name string, load func()) {
	TESTQ(t.k, t.k)
	JE(LabelRef(name + "_sum"))
	vec.Align()
	Label(name + "_k")
	load()
	t.step(2)
	DECQ(t.k)
	JNZ(LabelRef(name + "_k"))
	Label(name + "_sum")
}
