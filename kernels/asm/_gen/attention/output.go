package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// output adds Vᵀ·Pᵀ to Ot, which it begins with the first keys, tiles of mr columns of V. Keys beyond the diagonal of a vector's queries have no weight in it: they
// are left out, in whole pairs.
func (b *block) output() {
	v, ldv, columns := b.get("V"), b.get("LdV"), b.get("D")
	ot, keyStep := b.get("Ot"), 1
	if b.pairs() {
		keyStep = 2
		SHLQ(Imm(1), ldv) // pairs of keys
	}
	Label("output_tiles")
	st, value := b.get("St"), GP64()
	MOVQ(v, value)
	each := func(f func(acc reg.VecPhysical, m Mem)) {
		for i := range b.mr {
			for j := range b.nv {
				f(b.acc(i, j), Mem{Base: ot, Disp: i*b.row() + j*b.isa.Bytes})
			}
		}
	}
	CMPQ(b.field("First"), Imm(0))
	JNE(LabelRef("output_first"))
	each(func(acc reg.VecPhysical, m Mem) { VMOVUPS(m, acc) })
	JMP(LabelRef("output_keys"))
	Label("output_first")
	each(func(acc reg.VecPhysical, m Mem) { b.isa.Zero(acc) })
	Label("output_keys")
	fetch, fetchStep := b.fetches()
	done := GP64() // keys that are done
	XORQ(done, done)
	for from := range b.nv {
		name := fmt.Sprintf("output_from%d", from)
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
		JLE(LabelRef(name + "_done"))
		ADDQ(last, done)
		vec.Align()
		Label(name)
		b.step(from, b.mr, func(j int) Mem { return Mem{Base: st, Disp: j * b.isa.Bytes} },
			func(i int) Mem { return Mem{Base: value, Disp: 4 * i} })
		PREFETCHT1(Mem{Base: fetch})
		ADDQ(fetchStep, fetch)
		ADDQ(U32(uint32(b.row())), st)
		ADDQ(ldv, value)
		SUBQ(Imm(uint64(keyStep)), last)
		JG(LabelRef(name))
		Label(name + "_done")
	}
	each(func(acc reg.VecPhysical, m Mem) { VMOVUPS(acc, m) })
	b.fetched(fetch, fetchStep)
	ADDQ(U32(uint32(b.mr*b.row())), ot)
	ADDQ(U32(uint32(4*b.mr)), v)
	SUBQ(U32(uint32(b.mr)), columns)
	JNZ(LabelRef("output_tiles"))
}

// fetches is where the next fetch is made, and how far the one after it is.
func (b *block) fetches() (at, step reg.GPVirtual) {
	r := b.get("Fetch")
	at, step = GP64(), GP64()
	MOVQ(Mem{Base: r}, at)
	MOVQ(Mem{Base: r, Disp: 16}, step)
	return at, step
}

// fetched counts the fetches before at and goes on with the next range behind the last.
func (b *block) fetched(at, step reg.Register) {
	r, n := b.get("Fetch"), GP64()
	MOVQ(at, n)
	SUBQ(Mem{Base: r}, n)
	MOVQ(at, Mem{Base: r})
	SUBQ(n, Mem{Base: r, Disp: 8})
	JG(LabelRef("output_fetched"))
	TESTQ(step, step)
	JZ(LabelRef("output_fetched"))
	ADDQ(Imm(24), b.field("Fetch"))
	Label("output_fetched")
}
