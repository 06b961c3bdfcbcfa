package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// pipeline generates a decode function of AVX-512 for rows of one length, whose query and output stay in registers. Keys go
// through it in steps of a vector of scores, in three stages at once:
//
//	products with the query · their sums, and weights · output
type pipeline struct {
	*block
	schedule
	exp *softmax.Exp2
	d   int

	form

	acc, query []reg.VecPhysical  // output, query
	low        []reg.VecPhysical  // what low digits of weights make of the output, where there is room for it: acc would wait for both
	exp2       [3]reg.VecPhysical // weights
	sum        reg.VecPhysical    // of weights; it and the next two are in memory where the query is and the output takes two digits
	scale      reg.VecPhysical    // of scores, or of the query
	high       reg.VecPhysical
	w, t       []reg.VecPhysical // weights of a row; of several steps of a product
	x          *value            // scores
	ready      float64           // when they are there

	k, v, ldk, ldv, state reg.GPVirtual
	ks, vs                reg.GPVirtual // of int8: factors
	now, next, site       reg.GPVirtual // weights of this output, of the next one; where a large score was found
	far                   reg.GPVirtual // how far ahead lines are fetched
	stored                reg.GPVirtual // the query, where there are no registers for it
	part                  string        // of the function
	keyBytes              int           // how far k moves after each step; 0: products move it
	sites                 []string
}

// step is the number of keys whose scores fill a vector.
const step = 16

// parts are what pipelines for some elements have of their own.
type parts interface {
	takeRegisters()
	begin()
	products()
	weights() (ready float64)
	output(begin float64)
	end()
	moves()
}

// pipelines generates the functions of an element for all lengths.
func (b *block) pipelines(e element) {
	e.pair = e.bytes == 2
	b.element = e
	for _, d := range e.heads {
		if e.dot < 4 {
			for _, f := range e.forms {
				p := &pipeline{block: b, exp: b.exp, d: d, form: f}
				if f.long && p.copies(2*d*step*e.bytes) == 1 || f.turns && step%int(p.turn()) != 0 {
					continue // as without, or in turns that do not fill a step
				}
				p.function(e.isa, p)
			}
			continue
		}
		for _, count := range []int{2, 1} {
			isa := e.isa + []string{"8", ""}[count-1]
			for _, f := range integerForms {
				p := newIntegers(b, d, count, f)
				switch {
				case d > 64:
					(&integerBlocks{integers: p}).function(isa)
				case !f.fetch: // fetched lines made it no faster
					p.withValues()
					p.function(isa, &p)
				}
			}
		}
	}
}

// pipelinesOfRows generates the functions of an element for rows of any length.
func (b *block) pipelinesOfRows(e element) {
	e.pair = e.bytes == 2
	b.element = e
	for _, d := range e.rows {
		p := &pipeline{block: b, exp: b.exp, d: d, form: form{rows: true, long: true}}
		p.function(e.isa, p)
	}
}

// takeRegisters assigns the vector registers.
func (p *pipeline) takeRegisters() {
	free := 0
	take := func(n int) []reg.VecPhysical {
		free += n
		return p.registers(free-n, n)
	}
	p.exp2 = [3]reg.VecPhysical(take(3)) // of the lower half, which alone has the instructions of AVX
	p.acc = take(p.d / 16)
	if !p.queryStored() {
		p.query = take(p.lines())
	}
	if p.element.dot == 0 || !p.queryStored() {
		one := take(3)
		p.sum, p.high, p.scale = one[0], one[1], one[2]
	}
	switch p.element.dot {
	case 0:
		p.w, p.t = take(1), take(2)
	case 2:
		p.w, p.t = take(2), take(4)
		if p.d <= 64 {
			p.low = take(p.d / 16)
		}
	}
	p.pool = p.registers(free, p.isa.Regs()-free)
}

// function generates one function.
func (p *pipeline) function(isa string, parts parts) {
	name := fmt.Sprintf("DecodeKeys%s%s%sHead%d%s", p.element.name, p.isa.Name, isa, p.d, p.form.name)
	doc := fmt.Sprintf("%s updates one query with keys and values of %d elements; see DecodeKeys.", name, p.d)
	if p.form.rows {
		name = fmt.Sprintf("DecodeKeys%s%s%sRows%d", p.element.name, p.isa.Name, isa, p.d)
		doc = fmt.Sprintf("%s updates one query with keys and values of %d to %d elements; see DecodeKeys.", name, p.d-16*p.tail()+1, p.d)
	}
	TEXT(name, NOSPLIT, argument.Signature())
	Pragma("noescape")
	Doc(doc)
	p.state = get("State")
	parts.takeRegisters()
	parts.begin()
	p.k, p.v, p.ldk, p.ldv = get("K"), get("V"), get("LdK"), get("LdV")
	p.now, p.next, p.site = get("St"), GP64(), GP64()
	if p.fetch {
		p.far = get("Ahead")
	}
	LEAQ(Mem{Base: p.now, Disp: 64}, p.next)
	parts.products()
	stages := 1 + int(math.Ceil(parts.weights()/step))
	parts.output(float64(step * (stages - 1)))
	p.assign()
	left := get("Keys")
	ADDQ(Imm(step-1), left)
	SHRQ(Imm(4), left)
	CMPQ(left, Imm(uint64(stages)))
	JLT(LabelRef("few"))
	var running []int
	for i := range stages - 1 {
		running = append(running, i)
		p.steps(fmt.Sprintf("fill%d", i), running...)
	}
	running = append(running, stages-1)
	SUBQ(Imm(uint64(stages-1)), left)
	vec.Align()
	Label("steps")
	p.repeat("steps", left, p.copies(2*p.d*step*p.element.bytes), func(part string) { p.steps(part, running...) })
	for i := range stages - 1 {
		p.steps(fmt.Sprintf("drain%d", i), running[i+1:]...)
	}
	JMP(LabelRef("end"))
	Label("few") // one step after the other
	p.part = "few"
	for i := range stages {
		if i == stages-1 {
			XCHGQ(p.now, p.next)
		}
		p.schedule.emit(i)
		p.moveKeys(1)
	}
	p.moveKeys(1 - stages)
	SUBQ(Imm(1), left)
	JG(LabelRef("few"))
	Label("end")
	parts.end()
	parts.moves()
}

// repeat emits body, from the label name on, to be run as many times as left says, at least once: so many copies of it one after the other.
func (p *pipeline) repeat(name string, left reg.GPVirtual, copies int, body func(part string)) {
	for i := range copies {
		body(fmt.Sprintf("%s%d", name, i))
		SUBQ(Imm(1), left)
		if i < copies-1 {
			JLE(LabelRef(name + "_end"))
		}
	}
	JG(LabelRef(name))
	Label(name + "_end")
}

// steps emits a part of the function: some stages of different steps.
func (p *pipeline) steps(part string, stages ...int) {
	p.part = part
	p.schedule.emit(stages...)
	p.moveKeys(1)
	XCHGQ(p.now, p.next)
}

// moveKeys moves k by some steps, unless products do.
func (p *pipeline) moveKeys(steps int) {
	if n := steps * p.keyBytes; n != 0 {
		ADDQ(I32(int32(n)), p.k)
	}
}
