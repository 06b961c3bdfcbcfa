package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// pipeline generates a decode function of AVX-512 for rows of one length, whose query and output stay in registers. Keys go
// through it in steps of a vector of scores:
//
//	scores of step i+2 · weights of step i+1 · output of step i
//
// The instructions of the three are woven into each other, so that both streams of memory flow all the time and every
// execution unit has work.
type pipeline struct {
	*block
	d int

	acc, query []reg.VecPhysical // output, query
	sum, x     reg.VecPhysical   // of weights; scores of a step
	exp2       [3]reg.VecPhysical
	tree       []reg.VecPhysical // of the sums of products: one waits on each level, and three
	scale      reg.VecPhysical   // of scores, for queries that are not scaled
	w, high    reg.VecPhysical
	t          []reg.VecPhysical

	k, v, ldk, ldv  reg.GPVirtual
	now, next, site reg.GPVirtual // weights of this output, of the next one; where a large score was found
	sites           []string
}

// step is the number of keys whose scores fill a vector.
const step = 16

// heads are the lengths of rows that have functions of their own.
var heads = []int{64, 128}

// pipelines generates the functions of an element for all lengths.
func (b *block) pipelines(e element) {
	for _, d := range heads {
		(&pipeline{block: b, d: d}).emit(e)
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
	p.acc, p.query = take(p.d/16), take(p.d/16/max(p.element.dot, 1))
	p.tree = take(levels + 2)
	one := take(5)
	p.sum, p.x, p.w, p.high, p.scale = one[0], one[1], one[2], one[3], one[4]
	p.t = take(2)
	if free > p.isa.Regs() {
		panic("too few registers")
	}
}

// emit generates one function.
func (p *pipeline) emit(e element) {
	e.pair = e.bytes == 2
	p.element = e
	name := fmt.Sprintf("DecodeKeys%s%s%sHead%d", e.name, p.isa.Name, e.isa, p.d)
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(fmt.Sprintf("%s updates one query with keys and values of %d elements; see DecodeKeys.", name, p.d))
	p.takeRegisters()
	p.k, p.v, p.ldk, p.ldv = get("K"), get("V"), get("LdK"), get("LdV")
	p.now, p.next, p.site = get("St"), GP64(), GP64()
	LEAQ(Mem{Base: p.now, Disp: 64}, p.next)
	p.begin()

	left := get("Keys")
	weave(p.scores())
	SUBQ(I32(step), left)
	JLE(LabelRef("single"))
	p.weights("second", p.scores())
	SUBQ(I32(step), left)
	JLE(LabelRef("drain"))
	vec.Align()
	Label("steps")
	p.weights("loop", p.scores(), p.output())
	SUBQ(I32(step), left)
	JG(LabelRef("steps"))
	Label("drain")
	p.weights("last", p.output())
	JMP(LabelRef("output"))
	Label("single")
	p.weights("only")
	Label("output")
	weave(p.output())
	p.end()
	p.moves()
}

// begin loads what stays in registers, and says which lanes of the scores have a key.
func (p *pipeline) begin() {
	o, state, keys, first := get("O"), get("State"), get("Keys"), get("First")
	if p.element.pair {
		VMOVUPS(p.upperHalves, p.high)
	}
	VBROADCASTSS(field("Scale"), p.scale)
	p.loadQuery()
	for _, v := range append([]reg.VecPhysical{p.sum}, p.acc...) {
		p.isa.Zero(v)
	}
	VBROADCASTSS(p.lowest, p.x)
	TESTQ(first, first)
	JNZ(LabelRef("started"))
	for i, v := range p.acc {
		VMOVUPS(Mem{Base: o, Disp: 64 * i}, v)
	}
	VMOVUPS(p.state(state, sums), p.sum)
	VMOVUPS(p.state(state, reference), p.x)
	Label("started")
	VMOVUPS(p.x, p.state(state, reference))
	VADDPS(p.threshold, p.x, p.x)
	VMOVUPS(p.x, p.state(state, most))
	VPBROADCASTD(keys.As32(), p.x)
	VPCMPGTD(p.lane, p.x, reg.K2)
}

// loadQuery brings the query into registers, scaled where scores are not.
func (p *pipeline) loadQuery() {
	q := get("Q")
	for i, v := range p.query {
		switch {
		case p.element.dot > 0:
			VMOVUPS(Mem{Base: q, Disp: 64 * i}, v)
			continue
		case p.element.pair && i%2 == 0:
			VPSLLD(Imm(16), Mem{Base: q, Disp: 32 * i}, v)
		case p.element.pair:
			VPANDD(Mem{Base: q, Disp: 32 * (i - 1)}, p.high, v)
		default:
			VMOVUPS(Mem{Base: q, Disp: 64 * i}, v)
		}
		VMULPS(p.scale, v, v)
	}
}

// Vectors of State.
const (
	reference = 0 // the reference maximum
	sums      = 1 // of weights
	most      = 2 // the score that moves the reference
)

// end writes the output, or what the next keys go on with.
func (p *pipeline) end() {
	o, state, out := get("O"), get("State"), get("Out")
	TESTQ(out, out)
	JNZ(LabelRef("finish"))
	for i, v := range p.acc {
		VMOVUPS(v, Mem{Base: o, Disp: 64 * i})
	}
	VMOVUPS(p.sum, p.state(state, sums))
	VZEROUPPER()
	RET()

	Label("finish")
	total, t := p.exp2[0], p.exp2[1]
	VMOVAPS(p.sum, total)
	p.isa.Sum(total, t)
	VBROADCASTSS(p.one, t)
	VDIVSS(total.AsX(), t.AsX(), total.AsX())
	VBROADCASTSS(total.AsX(), total)
	for _, v := range p.acc {
		VMULPS(total, v, v)
	}
	if p.element.pair {
		for i := range p.acc {
			VMOVUPS(p.pairs[i%2], t)
			VPERMI2PS(p.acc[i|1], p.acc[i&^1], t)
			VMOVUPS(t, Mem{Base: out, Disp: 64 * i})
		}
	} else {
		for i, v := range p.acc {
			VMOVUPS(v, Mem{Base: out, Disp: 64 * i})
		}
	}
	VZEROUPPER()
	RET()
}

// levels of the tree that sums up the lanes of 16 vectors.
const levels = 4

// scores computes those of the next step into x.
func (p *pipeline) scores() (ops []func()) {
	var waiting [levels]reg.VecPhysical
	free := append([]reg.VecPhysical{}, p.tree...)
	take := func() reg.VecPhysical {
		r := free[len(free)-1]
		free = free[:len(free)-1]
		return r
	}
	for range step {
		sum := take()
		ops = append(ops, p.dot(sum)...)
		ops = append(ops, func() { ADDQ(p.ldk, p.k) })
		level := 0
		for ; level < levels && waiting[level] != nil; level++ {
			a, b, t := waiting[level], sum, take()
			waiting[level] = nil
			to := a
			if level == levels-1 {
				to = p.x
				ops = append(ops, func() { VMOVUPS(p.minusInf, p.x) })
			}
			ops = append(ops, p.merge(level, a, b, t, to)...)
			free = append(free, t, b)
			sum = a
		}
		if level < levels {
			waiting[level] = sum
		}
	}
	if p.element.dot > 0 {
		ops = append(ops, func() { VMULPS(p.scale, p.x, reg.K2, p.x) })
	}
	return ops
}

// merge adds up neighbouring lanes of a and b, each of which then has half as many for a key. The last level leaves lanes
// without a key as they are.
func (p *pipeline) merge(level int, a, b, t, to reg.VecPhysical) []func() {
	switch level {
	case 0:
		return []func(){
			func() { VUNPCKLPS(b, a, t) },
			func() { VUNPCKHPS(b, a, a) },
			func() { VADDPS(t, a, a) },
		}
	case 1:
		return []func(){
			func() { VUNPCKLPD(b, a, t) },
			func() { VUNPCKHPD(b, a, a) },
			func() { VADDPS(t, a, a) },
		}
	}
	return []func(){
		func() { VSHUFF32X4(Imm(0x88), b, a, t) },
		func() { VSHUFF32X4(Imm(0xdd), b, a, a) },
		func() {
			if level == levels-1 {
				VADDPS(t, a, reg.K2, to)
			} else {
				VADDPS(t, a, to)
			}
		},
	}
}

// weights turns the scores in x into weights while others go on, which may take up those made before.
func (p *pipeline) weights(site string, others ...[]func()) {
	state := get("State")
	VCMPPS(Imm(greater), p.state(state, most), p.x, reg.K1)
	MOVQ(I32(int32(len(p.sites))), p.site)
	KORTESTW(reg.K1, reg.K1)
	JNZ(LabelRef("moves"))
	p.sites = append(p.sites, "moved_"+site)
	Label("moved_" + site)
	x, q, f := p.exp2[0], p.exp2[1], p.exp2[2]
	ops := []func(){func() { VSUBPS(Mem{Base: state}, p.x, x) }}
	ops = append(ops, p.exp.Steps(x, q, f)...)
	ops = append(ops, func() { VADDPS(x, p.sum, p.sum) }, func() { VMOVUPS(x, Mem{Base: p.next}) })
	weave(append([][]func(){ops}, others...)...)
	XCHGQ(p.now, p.next)
}

// moves makes the largest of the scores in x the reference maximum, and scales down what was made with the old one.
func (p *pipeline) moves() {
	Label("moves")
	state := get("State")
	top, t, old := p.exp2[0], p.exp2[1], p.exp2[2]
	VMOVAPS(p.x, top)
	p.largest(top, t)
	VBROADCASTSS(top.AsX(), top)
	VMOVUPS(Mem{Base: state}, old)
	VMAXPS(top, old, top)
	VMOVUPS(top, Mem{Base: state})
	VADDPS(p.threshold, top, t)
	VMOVUPS(t, p.state(state, most))
	VSUBPS(top, old, top)
	weave(p.exp.Steps(top, t, old))
	VMULPS(top, p.sum, p.sum)
	for _, v := range p.acc {
		VMULPS(top, v, v)
	}
	VMULPS(Mem{Base: p.now}, top, top)
	VMOVUPS(top, Mem{Base: p.now})
	for i, site := range p.sites[1:] {
		CMPQ(p.site, Imm(uint64(i+1)))
		JEQ(LabelRef(site))
	}
	JMP(LabelRef(p.sites[0]))
}

// dot sets sum to the products of the query and the next key.
func (p *pipeline) dot(sum reg.VecPhysical) (ops []func()) {
	e, line := p.element, func(i int) Mem { return Mem{Base: p.k, Disp: 64 * i} }
	switch {
	case e.dot == 2:
		ops = append(ops, func() { p.isa.Zero(sum) })
		for i, q := range p.query {
			ops = append(ops, func() {
				VMOVDQU32(line(i), p.t[0])
				enc.Emit(enc.VDPBF16PS(q, p.t[0], sum))
			})
		}
	case e.pair:
		ops = append(ops, func() { p.isa.Zero(sum) })
		for i := 0; i < len(p.query); i += 2 {
			ops = append(ops, func() { e.multiply(p.isa, line(i/2), p.query[i:], []reg.VecPhysical{sum, sum}, p.t, p.high) })
		}
	default:
		ops = append(ops, func() { VMULPS(line(0), p.query[0], sum) })
		for i, q := range p.query[1:] {
			ops = append(ops, func() { VFMADD231PS(line(i+1), q, sum) })
		}
	}
	return ops
}

// output adds the weighted values of a step.
func (p *pipeline) output() (ops []func()) {
	e := p.element
	for i := range step {
		ops = append(ops, func() { VPBROADCASTD(Mem{Base: p.now, Disp: 4 * i}, p.w) }) // in Zen 4 twice as fast as VBROADCASTSS
		for j := 0; j < len(p.acc); j += e.unit() {
			ops = append(ops, func() {
				e.multiply(p.isa, Mem{Base: p.v, Disp: 16 * e.bytes * j}, []reg.VecPhysical{p.w, p.w}, p.acc[j:], p.t, p.high)
			})
		}
		ops = append(ops, func() { ADDQ(p.ldv, p.v) })
	}
	return ops
}

// weave emits several lists of instructions as one, each spread evenly over the whole.
func weave(lists ...[]func()) {
	total := 0
	for _, l := range lists {
		total += len(l)
	}
	done := make([]int, len(lists))
	for range total {
		next := -1
		for i, l := range lists {
			if done[i] < len(l) && (next < 0 || done[i]*len(lists[next]) < done[next]*len(l)) {
				next = i
			}
		}
		lists[next][done[next]]()
		done[next]++
	}
}
