package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Beside AMX the largest of the scores are not looked for: maxima would take a seventh of the time of the port that weights need most. Whether a weight is
// too large is seen in its bits. Only then, and for the first keys of queries, they are.

// flags has the bits of all weights of a block.
func (b *block) flags() reg.VecPhysical { return b.isa.V(19) }

func (b *block) beginFlags() { b.isa.Zero(b.flags()) }

// checkWeights jumps to again where the block that is weighed needs another reference: a weight is 2 or more, or NaN, or a sum was 0 before.
func (b *block) checkWeights(again string) {
	keys, first := b.get(weighed.keys), b.get(weighed.first)
	TESTQ(keys, keys)
	JZ(operand.LabelRef("weighed"))
	TESTQ(first, first)
	JNZ(operand.LabelRef("weighed"))
	state, zero := b.get(weighed.state), b.isa.V(0)
	b.isa.Zero(zero)
	VPTESTMD(b.constants.large, b.flags(), reg.K1)
	for j := range b.nv {
		VCMPPS(operand.Imm(equal), b.at(state, 2, j), zero, reg.K2)
		KORW(reg.K1, reg.K2, reg.K1)
	}
	KORTESTW(reg.K1, reg.K1)
	JNZ(operand.LabelRef(again))
}

// weighAgain moves the reference maximum of the block that is weighed where it must, rescales the output before it, and makes its weights once more.
func (b *block) weighAgain() {
	st, keys, state := b.get(weighed.scores), b.get(weighed.keys), b.get(weighed.state)
	for i := range 2 * b.nv {
		VMOVUPS(b.constants.minusInf, b.isa.V(i))
	}
	Label("again_maximum")
	for u := range 2 {
		b.larger(st, u, u*b.nv)
	}
	ADDQ(operand.U32(uint32(2*b.row())), st)
	SUBQ(operand.Imm(2), keys)
	JNZ(operand.LabelRef("again_maximum"))
	b.largest(2, weighed.state)
	for j := range b.nv {
		VMOVUPS(b.at(state, 2, j), b.isa.V(3))
		VMOVUPS(b.isa.V(3), b.at(state, 1, j))
	}
	b.move(weighed.state)
	b.rescale(weighed.ot)
	b.allPairs()
	Load(Param("p"), reg.RAX)
	b.beginPairs()
	b.pairsAlone("again_pairs")
	b.endPairs()
}
