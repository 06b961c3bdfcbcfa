package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Weights are made beside products: multipliers have work in every cycle of a tile of columns, additions, shuffles and scaling
// have none. While the first tile of columns is multiplied by the weights of some keys, the scores of keys behind these become
// weights. Sums are made there, too, or where registers are scarce beside the second tile.

// weightsAhead is how many steps of keys weights are ahead of the products. That much behind the last key is computed, and not used.
const weightsAhead = 2

// beside says what is done beside a tile of columns.
type beside struct {
	name    string
	weights bool // of the keys weightsAhead steps ahead; before the tile those of the first steps
	moved   bool // scores are less the reference maximum from before it moved
	sums    bool // weights are added to them

	scores, state reg.GPVirtual // where those of the present step lie, and State
}

// weightsBeside is weights, then output.
func (b *block) weightsBeside() {
	c := b.columns()
	sums := b.broadcasts()+beside{weights: true, sums: true}.registers(b) < b.isa.Regs() // in the first tile
	b.reference("weights_unmoved")
	b.outputTile(c, beside{name: "_moved", weights: true, moved: true, sums: sums})
	JMP(LabelRef("output_first_done"))
	Label("weights_unmoved")
	b.outputTile(c, beside{name: "_weights", weights: true, sums: sums})
	Label("output_first_done")
	done := b.mr
	if !sums {
		b.outputTile(c, beside{name: "_sums", sums: true})
		done *= 2
	}
	SUBQ(U32(uint32(done)), c.left)
	JZ(LabelRef("output_done"))
	Label("output_tiles")
	b.outputTile(c, beside{})
	SUBQ(U32(uint32(b.mr)), c.left)
	JNZ(LabelRef("output_tiles"))
	Label("output_done")
}

// weightRegisters are the last ones: a score, two for its exponential, and half of the table or the score of the other key of a pair.
const weightRegisters = 4

// oddWords are the words of the odd keys of pairs.
var oddWords = reg.K4

// registers is how many registers other work takes.
func (o beside) registers(b *block) (n int) {
	if o.weights {
		n += weightRegisters
	}
	if o.sums {
		n += b.nv
		if b.pairs() && !o.weights {
			n++ // a weight of a pair
		}
	}
	return n
}

// broadcasts is how many registers are left for scalars: one at least. Products that broadcast load three times as often, and weights load too.
func (o beside) broadcasts(b *block) int {
	return b.isa.Regs() - b.broadcasts() - o.registers(b)
}

// sum is the register of the sums of vector j.
func (o beside) sum(b *block, j int) reg.VecPhysical {
	return b.isa.V(b.isa.Regs() - o.registers(b) + j)
}

// begin emits what comes before the tile.
func (o *beside) begin(b *block) {
	if o.sums || o.weights {
		o.state = b.get("State")
	}
	if o.sums {
		for j := range b.nv {
			VMOVUPS(b.at(o.state, 1, j), o.sum(b, j))
		}
	}
	if !o.weights {
		return
	}
	o.scores = b.get("St")
	st := b.get("St")
	if b.pairs() {
		odd := GP32()
		MOVL(U32(0xaaaaaaaa), odd)
		KMOVD(odd, oddWords)
	} else {
		b.table.Load(b.isa.V(b.isa.Regs() - 1))
	}
	for k := range weightsAhead {
		for _, step := range o.weightSteps(b, st, k, 0) {
			step()
		}
	}
}

// weightSteps turns the scores of the vectors from … nv-1, k steps from the present one on, into weights; st is where the weights of
// the present one are.
func (o beside) weightSteps(b *block, st reg.Register, k, from int) (steps []func()) {
	for j := from; j < b.nv; j++ {
		to := Mem{Base: st, Disp: k*b.row() + j*b.isa.Bytes}
		if b.pairs() {
			steps = append(steps, o.pairSteps(b, k, j, to)...)
		} else {
			steps = append(steps, o.singleSteps(b, j, to)...)
		}
	}
	return steps
}

// singleSteps makes a weight of the score of vector j at m.
func (o beside) singleSteps(b *block, j int, m Mem) (steps []func()) {
	last := b.isa.Regs() - 1
	x, t, f, low := b.isa.V(last-3), b.isa.V(last-2), b.isa.V(last-1), b.isa.V(last)
	steps = append(steps, func() { VMOVUPS(m, x) })
	if o.moved {
		steps = append(steps, func() { VSUBPS(b.at(o.state, 2, j), x, x) })
	}
	steps = append(steps, b.table.Steps(x, t, f, low)...)
	return append(steps, func() { VMOVUPS(x, m) })
}

// pairSteps makes weights, rounded to bf16 (ties up), of the scores of vector j of the k-th pair.
func (o beside) pairSteps(b *block, k, j int, to Mem) (steps []func()) {
	last := b.isa.Regs() - 1
	even, odd, p, f := b.isa.V(last-3), b.isa.V(last-2), b.isa.V(last-1), b.isa.V(last)
	for i, x := range []reg.VecPhysical{even, odd} {
		score := Mem{Base: o.scores, Disp: (2*k+i)*b.row() + j*b.isa.Bytes}
		steps = append(steps,
			func() { VMOVUPS(score, x) })
		if o.moved {
			steps = append(steps, func() { VSUBPS(b.at(o.state, 2, j), x, x) })
		}
		steps = append(steps, b.rounded.StepsBesideShuffles(x, p, f)...)
	}
	return append(steps,
		func() { VPSRLD(Imm(16), even, even) },
		func() { VMOVDQU16(odd, oddWords, even) },
		func() { VMOVDQU32(even, to) })
}

// next moves on to the next step.
func (o beside) next(b *block) {
	if o.weights && b.pairs() {
		ADDQ(U32(uint32(2*b.row())), o.scores)
	}
}

// sumSteps adds the weights of vector j of the present step to its sums.
func (o beside) sumSteps(b *block, j int) []func() {
	weights, sum := b.isa.V(b.mr*b.nv+j), o.sum(b, j)
	if !b.pairs() {
		return []func(){func() { VADDPS(weights, sum, sum) }}
	}
	one := b.isa.V(b.isa.Regs() - 1)
	return []func(){
		func() { VPSLLD(Imm(16), weights, one) },
		func() { VADDPS(one, sum, sum) },
		func() { VPANDD(b.constants.upperHalf, weights, one) },
		func() { VADDPS(one, sum, sum) },
	}
}

// steps is what comes after each row of a step: a share of the work.
func (o beside) steps(b *block, st reg.Register, from int) func(row int) {
	var steps []func()
	if o.weights {
		steps = o.weightSteps(b, st, weightsAhead, from)
	}
	if o.sums {
		for j := from; j < b.nv; j++ {
			steps = append(steps, o.sumSteps(b, j)...)
		}
	}
	return func(row int) {
		for _, step := range steps[len(steps)*row/b.mr : len(steps)*(row+1)/b.mr] {
			step()
		}
	}
}

// end emits what comes after the tile.
func (o beside) end(b *block) {
	for j := range b.nv {
		if o.sums {
			VMOVUPS(o.sum(b, j), b.at(o.state, 1, j))
		}
	}
}
