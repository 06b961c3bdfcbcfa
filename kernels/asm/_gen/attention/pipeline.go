package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// The tile unit and the vector units work side by side: while the scores of the next block of keys are multiplied, those of the
// block before become weights. Each step of 32 elements of d, four products of tiles, carries as many pairs of keys with it as
// let the 16 pairs of 32 keys end with the steps of d = 64 or 128; what is left follows. A tile of scores is stored just before
// the product of the next keys that needs it: there it waits for no other.

// emitPipeline generates the block function of AMX. St holds the scores, then the weights of a block, Spare meanwhile gets the
// scores of the next: they change places from block to block. While the weights of a block multiply values, the largest scores of the
// next are found.
func (b *block) emitPipeline() {
	TEXT(b.name(), NOSPLIT, signature)
	Pragma("noescape")
	Doc(b.name() + " updates 32 queries, in lanes; see AttentionBlocks.")
	b.configure()
	b.take("Keys", "Now")
	MOVQ(I32(0), b.field("Done"))
	b.tileScores()
	Label("block")
	b.mask()
	now, done := b.get("Now"), b.get("Done")
	TESTQ(done, done)
	JZ(LabelRef("first"))
	MOVQ(I32(0), b.field("First"))
	CMPQ(now, done)
	JNE(LabelRef("shorter"))
	b.tileOutput("output", "Spare", "Done", "St")
	JMP(LabelRef("maximum"))
	Label("shorter")
	b.tileOutput("output_before", "Spare", "Done", "")
	Label("first")
	b.maximum()
	Label("maximum")
	done, step := b.get("Done"), b.get("LdV")
	IMULQ(done, step)
	ADDQ(step, b.field("V"))
	b.reference("referenced")
	Label("referenced")
	left := b.get("Keys")
	SUBQ(b.field("Now"), left)
	MOVQ(left, b.field("Keys"))
	JG(LabelRef("ahead"))
	b.weightLoop("weights", true)
	b.tileOutput("last_output", "St", "Now", "")
	b.release()
	VZEROUPPER()
	RET()

	Label("ahead")
	b.take("Keys", "Next")
	b.scoresAndWeights()
	st, spare, now, next := b.get("St"), b.get("Spare"), b.get("Now"), b.get("Next")
	MOVQ(st, b.field("Spare"))
	MOVQ(spare, b.field("St"))
	MOVQ(now, b.field("Done"))
	MOVQ(next, b.field("Now"))
	b.advance(now, "K")
	JMP(LabelRef("block"))
}

// Registers of the weights in the pipeline, besides those of pairLoop.
var (
	references = []reg.VecPhysical{reg.Z17, reg.Z18} // minus the reference maxima
	scoresAt   = reg.R8
	weightsAt  = reg.R10
	pairsLeft  = reg.R15
)

// scoresAndWeights fills Spare with the scores of the Next keys and turns those in St into weights.
func (b *block) scoresAndWeights() {
	const row = 128 // bytes of a row of scratch: 32 queries
	ldk, k, lower, upper := reg.RDX, reg.R14, reg.RSI, reg.RDI
	to, keys, now := reg.R9, reg.RCX, reg.R13
	qt, d, stride := reg.R11, reg.RBX, reg.R12
	b.pairConstants() // with a virtual register, so first
	Load(Param("p"), reg.RAX)
	load("LdK", ldk)
	load("Now", now)
	MOVQ(now, k)
	IMULQ(ldk, k)
	ADDQ(Mem{Base: reg.RAX, Disp: offset("K")}, k)
	load("Next", keys)
	load("Spare", to)
	load("St", scoresAt)
	MOVQ(scoresAt, weightsAt)
	MOVQ(I32(row), stride)
	load("State", lower)
	for j := range b.nv {
		VMOVUPS(b.at(lower, 0, j), references[j])
		VMOVUPS(b.at(lower, 1, j), b.isa.V(j))
	}

	begin := func() { // the next 32 keys
		MOVQ(k, lower)
		MOVQ(ldk, upper)
		SHLQ(Imm(4), upper) // 16 keys
		ADDQ(k, upper)
		load("Qt", qt)
		load("D", d)
		MOVQ(U32(16), pairsLeft)
	}
	step := func(pairs int, before func(int)) { // with so many pairs of keys
		n := 0
		products(
			[2]enc.Mem{{Base: lower, Index: ldk, Scale: 1}, {Base: upper, Index: ldk, Scale: 1}},
			[2]enc.Mem{{Base: qt, Index: stride, Scale: 1}, {Base: qt, Index: stride, Scale: 1, Disp: 64}},
			before, func() {
				for range pairs / 4 {
					b.pair(n)
					n++
				}
			})
		if pairs > 0 {
			b.nextPairs(pairs)
		}
		ADDQ(Imm(64), lower)
		ADDQ(Imm(64), upper)
		ADDQ(U32(tileRowsOf*row), qt)
		SUBQ(Imm(32), d)
	}
	leave := func(t int) { // the keys before
		m := sum(to, stride, row, t)
		m.Disp -= 2 * tileRowsOf * row
		enc.Emit(enc.TileStore(t, m))
	}
	change := func(t int) { leave(t); enc.Emit(enc.TileZero(t)) }
	begin()
	for t := range 4 {
		enc.Emit(enc.TileZero(t))
	}
	CMPQ(d, U32(128))
	JGE(LabelRef("ahead_4"))
	JMP(LabelRef("ahead_8"))

	Label("ahead_keys")
	begin()
	CMPQ(d, U32(128))
	JGE(LabelRef("ahead_change_4"))
	step(8, change)
	JZ(LabelRef("ahead_rest"))
	JMP(LabelRef("ahead_8"))
	Label("ahead_change_4")
	step(4, change)
	JMP(LabelRef("ahead_4"))
	for _, pairs := range []int{8, 4} {
		name := map[int]string{8: "ahead_8", 4: "ahead_4"}[pairs]
		vec.Align()
		Label(name)
		step(pairs, nil)
		JZ(LabelRef("ahead_rest"))
		TESTQ(pairsLeft, pairsLeft)
		JNZ(LabelRef(name))
		if pairs == 8 {
			JMP(LabelRef("ahead_plain"))
		}
	}
	Label("ahead_plain")
	step(0, nil)
	JNZ(LabelRef("ahead_plain"))
	Label("ahead_rest")
	TESTQ(pairsLeft, pairsLeft)
	JZ(LabelRef("ahead_next"))
	b.pairsAlone("ahead_pairs")
	Label("ahead_next")
	ADDQ(U32(2*tileRowsOf*row), to)
	MOVQ(ldk, upper)
	SHLQ(Imm(5), upper)
	ADDQ(upper, k)
	SUBQ(Imm(32), now)
	SUBQ(Imm(32), keys)
	JG(LabelRef("ahead_keys"))
	for t := range 4 {
		leave(t)
	}

	MOVQ(now, pairsLeft)
	SHRQ(Imm(1), pairsLeft)
	JZ(LabelRef("ahead_weighed"))
	b.pairsAlone("ahead_last")
	Label("ahead_weighed")
	load("State", lower)
	for j := range b.nv {
		VMOVUPS(b.isa.V(j), b.at(lower, 1, j))
	}
}

// pair turns the scores of pair n from scoresAt on into weights, as pairLoop does.
func (b *block) pair(n int) {
	for j := range b.nv {
		b.pairWeights(func(i int) Mem { return Mem{Base: scoresAt, Disp: (2*n+i)*b.row() + j*b.isa.Bytes} },
			references[j], j, Mem{Base: weightsAt, Disp: n*b.row() + j*b.isa.Bytes})
	}
}

// nextPairs moves on by n pairs.
func (b *block) nextPairs(n int) {
	ADDQ(U32(uint32(2*n*b.row())), scoresAt)
	ADDQ(U32(uint32(n*b.row())), weightsAt)
	SUBQ(Imm(uint64(n)), pairsLeft)
}

// pairsAlone takes the pairs that are left.
func (b *block) pairsAlone(name string) {
	Label(name)
	b.pair(0)
	b.nextPairs(1)
	JNZ(LabelRef(name))
}
