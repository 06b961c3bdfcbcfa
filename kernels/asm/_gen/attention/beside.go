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

	state reg.GPVirtual // where State lies, if moved
}

// weightsBeside is weights, then output.
func (b *block) weightsBeside() {
	c := b.columns()
	sums := b.broadcasts()+b.nv+weightRegisters < b.isa.Regs() // in the first tile
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

// weightRegisters are the last ones: a score, two for its exponential, and half of the table.
const weightRegisters = 4

// registers is how many registers other work takes.
func (o beside) registers(b *block) (n int) {
	if o.weights {
		n += weightRegisters
	}
	if o.sums {
		n += b.nv
	}
	return n
}

// broadcasts is how many registers are left for scalars. Beside weights there are none: broadcasts would take the shuffles that these need.
func (o beside) broadcasts(b *block) int {
	if o.weights {
		return 0
	}
	return b.isa.Regs() - b.broadcasts() - o.registers(b)
}

// sum is the register of the sums of vector j.
func (o beside) sum(b *block, j int) reg.VecPhysical {
	return b.isa.V(b.isa.Regs() - o.registers(b) + j)
}

// begin emits what comes before the tile.
func (o *beside) begin(b *block) {
	if o.moved {
		o.state = b.get("State")
	}
	if o.sums {
		state := b.get("State")
		for j := range b.nv {
			VMOVUPS(b.at(state, 1, j), o.sum(b, j))
		}
	}
	if o.weights {
		st := b.get("St")
		b.table.Load(b.isa.V(b.isa.Regs() - 1))
		for k := range weightsAhead {
			for _, step := range o.weightSteps(b, st, k, 0) {
				step()
			}
		}
	}
}

// weightSteps turns the scores of the vectors from … nv-1, row k from st on, into weights.
func (o beside) weightSteps(b *block, st reg.Register, k, from int) (steps []func()) {
	last := b.isa.Regs() - 1
	x, t, f, low := b.isa.V(last-3), b.isa.V(last-2), b.isa.V(last-1), b.isa.V(last)
	for j := from; j < b.nv; j++ {
		m := Mem{Base: st, Disp: k*b.row() + j*b.isa.Bytes}
		steps = append(steps, func() { VMOVUPS(m, x) })
		if o.moved {
			steps = append(steps, func() { VSUBPS(b.at(o.state, 2, j), x, x) })
		}
		steps = append(steps, b.table.Steps(x, t, f, low)...)
		steps = append(steps, func() { VMOVUPS(x, m) })
	}
	return steps
}

// steps is what comes after each row of a step: a share of the work.
func (o beside) steps(b *block, st reg.Register, from int) func(row int) {
	var steps []func()
	if o.weights {
		steps = o.weightSteps(b, st, weightsAhead, from)
	}
	if o.sums {
		for j := from; j < b.nv; j++ {
			weights := b.isa.V(b.mr*b.nv + j)
			steps = append(steps, func() { VADDPS(weights, o.sum(b, j), o.sum(b, j)) })
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
	if !o.sums {
		return
	}
	state := b.get("State")
	for j := range b.nv {
		VMOVUPS(o.sum(b, j), b.at(state, 1, j))
	}
}
