package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Beside AMX the largest of the scores are not looked for: maxima would take a seventh of the time of the port that weights need most. Whether a weight is
// too large is seen in its bits. Only then, and for the first keys of queries, they are.

// weighAgain moves the reference maximum of the block that is weighed where it must, rescales the output before it, and makes its weights once more.
func (b *block) weighAgain() {
	st, keys, state, first := b.get(weighed.scores), b.get(weighed.keys), b.get(weighed.state), b.get(weighed.first)
	for j := range b.nv {
		VMOVUPS(b.at(state, 2, j), b.isa.V(3))
		VMOVUPS(b.isa.V(3), b.at(state, 1, j))
	}
	TESTQ(first, first) // then the reference is that of these keys
	JNZ(operand.LabelRef("again_weights"))
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
	b.move(weighed.state)
	b.rescale(weighed.ot)
	Label("again_weights")
	b.allPairs()
	Load(Param("p"), reg.RAX)
	b.beginPairs() // and the state stays in RSI
	for j := range b.nv {
		VCMPPS(operand.Imm(unordered), references[j], references[j], moving[j])
	}
	b.pairsAlone("again_pairs", true)
	b.endPairs()
}
