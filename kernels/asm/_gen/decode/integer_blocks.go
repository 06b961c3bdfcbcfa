package main

import (
	"fmt"
	"math"
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// integerBlocks generates the functions for int8 at d = 128: a block of keys is multiplied with the query, and the sums and weights of some
// keys before are made meanwhile, as the schedule says; then the values of as many keys are added up. Each has all registers, and gives
// all pipes work by itself. A store takes a multiplier's time, so none is in the loops but that of digits of weights.
type integerBlocks struct {
	integers

	totals      reg.GPVirtual     // where the sums of the output are between blocks
	steps, left reg.GPVirtual     // of a block; behind it
	values      []reg.VecPhysical // what the output has: for sums, and others
	stored      []reg.VecPhysical // those of them that hold something else between its turns
}

// function generates the function.
func (p *integerBlocks) function(isa string) {
	name := fmt.Sprintf("DecodeKeys%s%s%sHead%d%s", p.element.name, p.isa.Name, isa, p.d, p.form.name)
	TEXT(name, NOSPLIT, argument.Signature())
	Pragma("noescape")
	Doc(fmt.Sprintf("%s updates one query with keys and values of %d elements, row after row; see DecodeKeys.", name, p.d))
	p.state = get("State")
	p.takeRegisters()
	p.begin()
	p.k, p.v = get("K"), get("V")
	p.now, p.next, p.site = get("St"), get("St"), GP64()
	p.steps = GP64()
	if p.fetch {
		p.far = get("Ahead")
	}

	p.productsLater(0)
	p.productsLater(math.Ceil(p.ready/step)*step - p.ready + 1e-6) // so that weights are made between the same scores' and the next ones' products
	end := p.weights()
	stages := 1 + int(end/step)
	p.assign()
	p.chooseValues()
	p.left = get("Keys")
	ADDQ(Imm(step-1), p.left)
	SHRQ(Imm(4), p.left)
	CMPQ(p.left, Imm(uint64(stages)))
	JLT(LabelRef("few"))
	var running []int
	for i := range stages - 1 {
		running = append(running, i)
		p.keys(fmt.Sprintf("fill%d", i), running...)
	}
	running = append(running, stages-1)
	SUBQ(Imm(uint64(stages-1)), p.left)

	Label("block")
	MOVQ(field("Block"), p.steps)
	CMPQ(p.steps, p.left)
	CMOVQGT(p.left, p.steps)
	SUBQ(p.steps, p.left)
	MOVQ(p.steps, p.now)
	vec.Align()
	Label("keys")
	p.repeat("keys", p.now, p.copies(2*p.d*step), func(part string) { p.keys(part, running...) })

	Label("values")
	MOVQ(get("St"), p.now)
	p.turn(true)
	rows := step
	if p.long {
		rows /= 2 // few loads
		SHLQ(Imm(1), p.steps)
	}
	vec.Align()
	Label("rows")
	p.output(rows)
	ADDQ(U32(uint32(p.d*rows)), p.v)
	ADDQ(Imm(uint64(digitsBytes*rows/step)), p.now)
	SUBQ(Imm(1), p.steps)
	JG(LabelRef("rows"))
	p.turn(false)
	MOVQ(get("St"), p.next)
	TESTQ(p.left, p.left)
	JG(LabelRef("block"))
	JL(LabelRef("end"))
	SUBQ(Imm(1), p.left)
	for i := range stages - 1 {
		p.keys(fmt.Sprintf("drain%d", i), running[i+1:]...)
	}
	MOVQ(I32(int32(stages-1)), p.steps)
	JMP(LabelRef("values"))

	Label("few") // one step after the other
	MOVQ(p.left, p.steps)
	Label("few_keys")
	for i := range stages {
		p.keys("few", i)
	}
	SUBQ(U32(uint32((stages-1)*p.d*step)), p.k)
	SUBQ(Imm(1), p.left)
	JG(LabelRef("few_keys"))
	MOVQ(I32(-1), p.left)
	JMP(LabelRef("values"))

	Label("end")
	p.end()
	p.moves()
}

// keys emits some stages of different steps.
func (p *integerBlocks) keys(part string, stages ...int) {
	p.part = part
	p.schedule.emit(stages...)
	ADDQ(U32(uint32(p.d*step)), p.k)
}

// chooseValues gives the output its registers: first those that hold nothing between steps of keys. Others have to be stored meanwhile.
func (p *integerBlocks) chooseValues() {
	need := p.d/8 + 5
	free := slices.Concat(p.exp2[:], p.query, p.pool)
	p.values = slices.DeleteFunc(free, func(v reg.VecPhysical) bool { return slices.Contains(p.across, v) })
	if missing := need - len(p.values); missing > 0 {
		p.stored = p.across[:missing]
		p.values = append(p.values, p.stored...)
	}
}

// turn brings the sums of the output into registers, or back into memory.
func (p *integerBlocks) turn(begin bool) {
	for i, v := range p.stored {
		if begin {
			VMOVDQU32(v, p.stash(i))
		}
	}
	for i, v := range p.values[:p.d/8] {
		if begin {
			VMOVDQU32(p.total(i), v)
		} else {
			VMOVDQU32(v, p.total(i))
		}
	}
	if begin {
		return
	}
	for i, v := range p.stored {
		VMOVDQU32(p.stash(i), v)
	}
	p.loadQuery()
}

// stash is where registers are stored while the output has them: behind the digits of weights.
func (p *integerBlocks) stash(i int) Mem {
	return Mem{Base: p.next, Disp: 64 * i}
}
