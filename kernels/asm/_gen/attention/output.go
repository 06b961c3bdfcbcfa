package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// output adds Vᵀ·Pᵀ to Ot, which it begins with the first keys, tiles of mr columns of V. Keys beyond the diagonal of a vector's queries
// have no weight in it: they are left out, in whole pairs.
func (b *block) output() {
	c := b.columns()
	Label("output_tiles")
	b.outputTile(c, beside{})
	SUBQ(U32(uint32(b.mr)), c.left)
	JNZ(LabelRef("output_tiles"))
}

// columns are where the next tile of columns lies, and how many columns are left.
type columns struct{ v, ldv, ot, left reg.GPVirtual }

func (b *block) columns() columns {
	c := columns{b.get("V"), b.get("LdV"), b.get("Ot"), b.get("D")}
	if b.pairs() {
		SHLQ(Imm(1), c.ldv) // pairs of keys
	}
	return c
}

// keyStep is how many keys a step of the output takes.
func (b *block) keyStep() int {
	if b.pairs() {
		return 2
	}
	return 1
}

// outputTile adds the columns of one tile and moves on to the next; other work is done beside it.
func (b *block) outputTile(c columns, other beside) {
	other.begin(b)
	st := b.get("St")
	var value reg.Register = GP64()
	if b.unit == dot {
		value = reg.R13
	}
	MOVQ(c.v, value)
	each := func(f func(acc reg.VecPhysical, m Mem)) {
		for i := range b.mr {
			for j := range b.nv {
				f(b.acc(i, j), Mem{Base: c.ot, Disp: i*b.row() + j*b.isa.Bytes})
			}
		}
	}
	name := "output" + other.name
	CMPQ(b.field("First"), Imm(0))
	JNE(LabelRef(name + "_first"))
	each(func(acc reg.VecPhysical, m Mem) { VMOVUPS(m, acc) })
	JMP(LabelRef(name + "_keys"))
	Label(name + "_first")
	each(func(acc reg.VecPhysical, m Mem) { b.isa.Zero(acc) })
	Label(name + "_keys")
	fetch, turns := b.fetches()
	done := GP64() // keys that are done
	XORQ(done, done)
	for from := range b.nv {
		loop := fmt.Sprintf("%s_from%d", name, from)
		last := b.get("Now")
		if from < b.nv-1 { // keys that vector from attends: up to its last query's diagonal
			attended := b.get("Diagonal")
			ADDQ(I32(int32(b.isa.Lanes()*(from+1))), attended)
			if b.pairs() {
				ADDQ(Imm(1), attended)
				ANDQ(I32(-2), attended)
			}
			CMPQ(attended, last)
			CMOVQLT(attended, last)
		}
		SUBQ(done, last)
		JLE(LabelRef(loop + "_done"))
		ADDQ(last, done)
		vec.Align()
		Label(loop)
		b.step(from, b.mr, func(j int) Mem { return Mem{Base: st, Disp: j * b.isa.Bytes} },
			func(i int) Mem { return Mem{Base: value, Disp: 4 * i} },
			other.broadcasts(b), other.steps(b, st, from))
		b.fetch(fetch, turns, loop+"_no_fetch")
		b.fetchValues(value, c.ldv)
		ADDQ(U32(uint32(b.row())), st)
		other.next(b)
		ADDQ(c.ldv, value)
		SUBQ(Imm(uint64(b.keyStep())), last)
		JG(LabelRef(loop))
		Label(loop + "_done")
	}
	each(func(acc reg.VecPhysical, m Mem) { VMOVUPS(acc, m) })
	other.end(b)
	b.fetched(fetch, turns, name)
	ADDQ(U32(uint32(b.mr*b.row())), c.ot)
	ADDQ(U32(uint32(4*b.mr)), c.v)
}

// fetches is where the next fetch is made, and in which of the next 64 steps there is one.
func (b *block) fetches() (at, turns reg.GPVirtual) {
	r := b.get("Fetch")
	at, turns = GP64(), GP64()
	MOVQ(Mem{Base: r}, at)
	MOVQ(Mem{Base: r, Disp: 16}, turns)
	return at, turns
}

// fetch fetches a line where it is this step's turn. Fetching lines again and again until they are behind would be simpler, but took a Zen 5 up to 4 %
// of the time.
func (b *block) fetch(at, turns reg.Register, none string) {
	RORQ(Imm(1), turns)
	JCC(LabelRef(none))
	PREFETCHT1(Mem{Base: at})
	ADDQ(Imm(line), at)
	Label(none)
}

// line is the bytes of a cache line.
const line = 64

// fetched counts the fetches before at and goes on with the next range behind the last.
func (b *block) fetched(at, turns reg.Register, name string) {
	r, n := b.get("Fetch"), GP64()
	MOVQ(at, n)
	SUBQ(Mem{Base: r}, n)
	MOVQ(at, Mem{Base: r})
	MOVQ(turns, Mem{Base: r, Disp: 16})
	SUBQ(n, Mem{Base: r, Disp: 8})
	JG(LabelRef(name + "_fetched"))
	TESTQ(turns, turns)
	JZ(LabelRef(name + "_fetched"))
	ADDQ(Imm(24), b.field("Fetch"))
	Label(name + "_fetched")
}
