package main

import (
	"fmt"
	"math"
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
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
	sum        reg.VecPhysical    // of weights
	scale      reg.VecPhysical    // of scores, or of the query
	high       reg.VecPhysical
	w, t       []reg.VecPhysical // weights of a row; of several steps of a product
	x          *value            // scores
	ready      float64           // when they are there

	k, v, ldk, ldv, state reg.GPVirtual
	ks, vs                reg.GPVirtual // of int8: factors
	now, next, site       reg.GPVirtual // weights of this output, of the next one; where a large score was found
	far                   reg.GPVirtual // how far ahead lines are fetched
	part                  string        // of the function
	keyBytes              int           // how far k moves after each step; 0: products move it
	sites                 []string
}

// step is the number of keys whose scores fill a vector.
const step = 16

// heads are the lengths of rows that have functions of their own.
var heads = []int{64, 128}

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
	for _, d := range heads {
		if e.dot < 4 {
			for _, f := range e.forms {
				p := &pipeline{block: b, exp: b.exp, d: d, form: f}
				if f.long && p.copies(2*d*step*e.bytes) == 1 {
					continue // as without
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

// takeRegisters assigns the vector registers.
func (p *pipeline) takeRegisters() {
	free := 0
	take := func(n int) []reg.VecPhysical {
		free += n
		return p.registers(free-n, n)
	}
	p.exp2 = [3]reg.VecPhysical(take(3)) // of the lower half, which alone has the instructions of AVX
	p.acc, p.query = take(p.d/16), take(p.d/16/max(p.element.dot, 1))
	one := take(3)
	p.sum, p.high, p.scale = one[0], one[1], one[2]
	switch p.element.dot {
	case 0:
		p.w, p.t = take(1), take(2)
	case 2:
		p.w, p.t = take(2), take(4)
		if p.d == 64 {
			p.low = take(p.d / 16)
		}
	}
	p.pool = p.registers(free, p.isa.Regs()-free)
}

// function generates one function.
func (p *pipeline) function(isa string, parts parts) {
	name := fmt.Sprintf("DecodeKeys%s%s%sHead%d%s", p.element.name, p.isa.Name, isa, p.d, p.form.name)
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(fmt.Sprintf("%s updates one query with keys and values of %d elements; see DecodeKeys.", name, p.d))
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

// begin loads what stays in registers, and says which lanes of the scores have a key.
func (p *pipeline) begin() {
	if p.element.pair {
		VMOVUPS(p.upperHalves, p.high)
	}
	VBROADCASTSS(field("Scale"), p.scale)
	p.loadQuery()
	for _, v := range slices.Concat([]reg.VecPhysical{p.sum}, p.acc, p.low) {
		p.isa.Zero(v)
	}
	p.chooseLanes()
	VBROADCASTSS(p.lowest, p.exp2[0])
	state, o := get("State"), get("O")
	CMPQ(field("First"), Imm(0))
	JNE(LabelRef("started"))
	for i, v := range p.acc {
		VMOVUPS(Mem{Base: o, Disp: 64 * i}, v)
	}
	VMOVUPS(p.block.state(state, sums), p.sum)
	VMOVUPS(p.block.state(state, reference), p.exp2[0])
	Label("started")
	VMOVUPS(p.exp2[0], p.block.state(state, reference))
	VADDPS(p.threshold, p.exp2[0], p.exp2[0])
	VMOVUPS(p.exp2[0], p.block.state(state, most))
}

// chooseLanes says which lanes of the scores have a key.
func (p *pipeline) chooseLanes() {
	lanes, n := p.exp2[0], p.exp2[1]
	VMOVDQU32(p.lane, lanes)
	VPBROADCASTD(field("Skip"), n)
	VPCMPD(Imm(notLess), n, lanes, reg.K1)
	VPBROADCASTD(field("Keys"), n)
	VPCMPGTD(lanes, n, reg.K1, reg.K2)
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

// order says which elements of two vectors of the output make the first and the second vector of its columns.
func (p *pipeline) order() [2]Mem {
	if p.element.dot > 0 {
		return p.quarters
	}
	return p.pairs
}

// end writes the output, or what the next keys go on with.
func (p *pipeline) end() {
	o, state := get("O"), p.state
	for i, v := range p.low {
		VADDPS(v, p.acc[i], p.acc[i])
	}
	CMPQ(field("Out"), Imm(0))
	JNE(LabelRef("finish"))
	for i, v := range p.acc {
		VMOVUPS(v, Mem{Base: o, Disp: 64 * i})
	}
	VMOVUPS(p.sum, p.block.state(state, sums))
	VZEROUPPER()
	RET()

	Label("finish")
	out, total, t := get("Out"), p.exp2[0], p.exp2[1]
	VMOVAPS(p.sum, total)
	p.isa.Sum(total, t)
	VBROADCASTSS(p.one, t)
	VDIVSS(total.AsX(), t.AsX(), total.AsX())
	VBROADCASTSS(total.AsX(), total)
	for _, v := range p.acc {
		VMULPS(total, v, v)
	}
	switch {
	case p.element.pair:
		for i := range p.acc {
			VMOVUPS(p.order()[i%2], t)
			VPERMI2PS(p.acc[i|1], p.acc[i&^1], t)
			VMOVUPS(t, Mem{Base: out, Disp: 64 * i})
		}
	default:
		for i, v := range p.acc {
			VMOVUPS(v, Mem{Base: out, Disp: 64 * i})
		}
	}
	VZEROUPPER()
	RET()
}

// levels of the tree that sums up the lanes of 16 vectors.
const levels = 4

// latency is a number of cycles in keys, when the lines of a key and a value come from L2, and a reserve. A line takes a Zen 4 two cycles, a Zen 5
// one; but those of narrow elements have more work, and there are no registers for more.
func (p *pipeline) latency(cycles float64) float64 {
	const reserve = 1.25
	perLine := 1.0
	switch {
	case p.element.dot > 0:
		perLine = 1.25
	case p.element.pair:
		perLine = 2
	}
	return cycles * reserve / (perLine * float64(2*p.d*p.element.bytes/64))
}

// products puts the products with the query, and their sums over the lanes, into the schedule.
func (p *pipeline) products() {
	type partial struct {
		v  *value
		at float64
	}
	var waiting [levels]*partial
	for i := range step {
		sum := &partial{v: &value{}}
		ops := p.dot(sum.v)
		for j, f := range ops {
			sum.at = p.keyAt(float64(i) + float64(j)/float64(len(ops)))
			p.add(sum.at, f, sum.v)
		}
		p.add(p.keyAt(float64(i+1)-1e-6), func() { ADDQ(p.ldk, p.k) })
		sum.at += p.latency(6)
		for level := range levels {
			if waiting[level] == nil {
				waiting[level] = sum
				break
			}
			a, b, at := waiting[level], sum, max(waiting[level].at, sum.at)
			t, u := &value{}, &value{}
			first, second, cycles := p.merge(level, a.v, b.v, t, u)
			p.add(at, first, a.v, b.v, t)
			p.add(at, second, a.v, b.v, u)
			at += p.latency(cycles)
			waiting[level], sum = nil, &partial{&value{}, at + p.latency(3)}
			to := sum.v
			if level < levels-1 {
				p.add(at, func() { VADDPS(t.reg, u.reg, to.reg) }, t, u, to)
				continue
			}
			// Lanes without a key have no score.
			p.add(at, func() { VMOVUPS(p.minusInf, to.reg) }, to)
			p.add(at, func() { VADDPS(t.reg, u.reg, reg.K2, to.reg) }, t, u, to)
			p.x, p.ready = to, sum.at
			if p.element.dot > 0 {
				p.add(p.ready, func() { VMULPS(p.scale, to.reg, reg.K2, to.reg) }, to)
				p.ready += p.latency(3)
			}
		}
	}
}

// merge brings lanes of a and b that belong together into t and u: their sum has for each key half as many. It says how many cycles
// that takes.
func (p *pipeline) merge(level int, a, b, t, u *value) (first, second func(), cycles float64) {
	switch level {
	case 0:
		return func() { VUNPCKLPS(b.reg, a.reg, t.reg) }, func() { VUNPCKHPS(b.reg, a.reg, u.reg) }, 2
	case 1:
		return func() { VUNPCKLPD(b.reg, a.reg, t.reg) }, func() { VUNPCKHPD(b.reg, a.reg, u.reg) }, 2
	}
	return func() { VSHUFF32X4(Imm(0x88), b.reg, a.reg, t.reg) }, func() { VSHUFF32X4(Imm(0xdd), b.reg, a.reg, u.reg) }, 4
}

// weights puts into the schedule what turns scores into weights, and says when they are there. Before that it looks for large ones,
// between rows of the output: those behind them take weights as moves leaves them. The weights of a step must be there when the scores
// of the next are looked at, and those that the output takes then.
func (p *pipeline) weights() (ready float64) {
	x, q, f := p.exp2[0], p.exp2[1], p.exp2[2]
	var chain []timed
	for i, f := range p.exp.Steps(x, q, f) {
		chain = append(chain, timed{f, 4})
		if i == 1 {
			chain[i].cycles = 0 // loads a constant
		}
	}
	chain = append(chain, timed{func() { VADDPS(x, p.sum, p.sum) }, 5})
	for _, f := range p.store(x, q, func() reg.Register { return p.next }) {
		chain = append(chain, timed{f, 3})
	}
	total := 0.0
	for _, c := range chain {
		total += c.cycles
	}
	rows := float64(max(1, p.element.dot))
	at := math.Ceil(p.ready/rows)*rows - 1e-6
	end := (math.Floor(at/step) + 1) * step
	least := p.latency(0.8)
	if end-at < total*least {
		at, end = end, end+step
	}
	each := min(p.latency(1), (end-0.01-at)/total) // as slow as latency says, or as there is time
	if each < least {
		panic("weights come too late")
	}
	p.add(at, func() {
		VCMPPS(Imm(greater), p.block.state(p.state, most), p.x.reg, reg.K1)
		p.moveIfAny()
	}, p.x)
	p.add(at, func() { VSUBPS(Mem{Base: p.state}, p.x.reg, x) }, p.x)
	for _, c := range chain {
		at += c.cycles * each
		p.add(at, c.emit)
	}
	return at
}

// timed is an instruction some cycles after the one before.
type timed struct {
	emit   func()
	cycles float64
}

// floats is where weights stand in float32 behind those that products take.
const floats = 128

// store writes weights as the output takes them. Dot products take two digits, bf16: first all high ones, then the low ones.
func (p *pipeline) store(x, t reg.VecPhysical, to func() reg.Register) []func() {
	if p.element.dot == 0 {
		return []func(){func() { VMOVUPS(x, Mem{Base: to()}) }}
	}
	return []func(){
		func() { VMOVUPS(x, Mem{Base: to(), Disp: floats}) },
		func() { VPANDD(p.high, x, t) },
		func() { VSUBPS(t, x, x) },
		func() { enc.Emit(enc.VCVTNE2PS2BF16(t, x, t)) },
		func() { VMOVUPS(t, Mem{Base: to()}) },
	}
}

// moves makes the largest of the scores in x the reference maximum, and scales down what was made with the old one.
func (p *pipeline) moves() {
	Label("moves")
	state := p.state
	top, t, old := p.exp2[0], p.exp2[1], p.exp2[2]
	VMOVAPS(p.x.reg, top)
	p.largest(top, t)
	VBROADCASTSS(top.AsX(), top)
	VMOVUPS(Mem{Base: state}, old)
	VMAXPS(top, old, top)
	VMOVUPS(top, Mem{Base: state})
	VADDPS(p.threshold, top, t)
	VMOVUPS(t, p.block.state(state, most))
	VSUBPS(top, old, top)
	all(p.exp.Steps(top, t, old))
	VMULPS(top, p.sum, p.sum)
	for _, v := range slices.Concat(p.acc, p.low) {
		VMULPS(top, v, v)
	}
	at := 0
	if p.element.dot > 0 {
		at = floats
	}
	VMULPS(Mem{Base: p.now, Disp: at}, top, top)
	all(p.store(top, t, func() reg.Register { return p.now }))
	p.jumpBack()
}

// moveIfAny goes to where the reference moves if K1 says that a key needs that, and continues here afterwards.
func (p *pipeline) moveIfAny() {
	MOVQ(I32(int32(len(p.sites))), p.site)
	KORTESTW(reg.K1, reg.K1)
	JNZ(LabelRef("moves"))
	p.sites = append(p.sites, "moved_"+p.part)
	Label("moved_" + p.part)
}

// jumpBack goes back to where moves was called.
func (p *pipeline) jumpBack() {
	for i, site := range p.sites[1:] {
		CMPQ(p.site, Imm(uint64(i+1)))
		JEQ(LabelRef(site))
	}
	JMP(LabelRef(p.sites[0]))
}

// dot sets sum to the products of the query and the next key.
func (p *pipeline) dot(sum *value) (ops []func()) {
	e, line := p.element, func(i int) Mem { return Mem{Base: p.k, Disp: 64 * i} }
	for i, q := range p.query {
		switch {
		case e.dot == 2:
			ops = append(ops, func() {
				if i == 0 {
					p.isa.Zero(sum.reg)
				}
				p.fetchAhead(line(i))
				VMOVDQU32(line(i), p.t[0])
				enc.Emit(enc.VDPBF16PS(q, p.t[0], sum.reg))
			})
		case e.pair && i%2 == 0:
			ops = append(ops, func() {
				if i == 0 {
					p.isa.Zero(sum.reg)
				}
				e.multiply(p.isa, line(i/2), p.query[i:], []reg.VecPhysical{sum.reg, sum.reg}, p.t, p.high)
			})
		case e.pair:
		case i == 0:
			ops = append(ops, func() { p.fetchAhead(line(0)); VMULPS(line(0), q, sum.reg) })
		default:
			ops = append(ops, func() { p.fetchAhead(line(i)); VFMADD231PS(line(i), q, sum.reg) })
		}
	}
	return ops
}

// output puts into the schedule what adds the weighted values.
func (p *pipeline) output(begin float64) {
	rows := max(1, p.element.dot)
	for i := 0; i < step; i += rows {
		var ops []func()
		switch rows {
		case 1:
			ops = p.row(i)
		case 2:
			ops = p.rowPair(i)
		}
		for j, f := range ops {
			p.add(begin+p.valueAt(float64(i)+float64(j*rows)/float64(len(ops))), f)
		}
	}
}

// row adds a weighted row of values.
func (p *pipeline) row(i int) []func() {
	e := p.element
	// In Zen 4 VPBROADCASTD is twice as fast as VBROADCASTSS.
	ops := []func(){func() { VPBROADCASTD(Mem{Base: p.now, Disp: 4 * i}, p.w[0]) }}
	for j := 0; j < len(p.acc); j += e.unit() {
		ops = append(ops, func() {
			p.fetchAhead(Mem{Base: p.v, Disp: 16 * e.bytes * j})
			e.multiply(p.isa, Mem{Base: p.v, Disp: 16 * e.bytes * j}, []reg.VecPhysical{p.w[0], p.w[0]}, p.acc[j:], p.t, p.high)
		})
	}
	return append(ops, func() { ADDQ(p.ldv, p.v) })
}

// rowPair adds two weighted rows, whose elements it interleaves: a lane then sums two products.
func (p *pipeline) rowPair(i int) []func() {
	ops := []func(){
		func() { VPBROADCASTD(Mem{Base: p.now, Disp: 2 * i}, p.w[0]) },
		func() { VPBROADCASTD(Mem{Base: p.now, Disp: 32 + 2*i}, p.w[1]) },
	}
	low := p.low
	if low == nil {
		low = p.acc
	}
	for j := 0; j < len(p.acc); j += 2 {
		first, second, lower, upper := p.t[0], p.t[1], p.t[2], p.t[3]
		ops = append(ops,
			func() {
				p.fetchAhead(Mem{Base: p.v, Disp: 32 * j})
				p.fetchAhead(Mem{Base: p.v, Index: p.ldv, Scale: 1, Disp: 32 * j})
				VMOVDQU32(Mem{Base: p.v, Disp: 32 * j}, first)
				VMOVDQU32(Mem{Base: p.v, Index: p.ldv, Scale: 1, Disp: 32 * j}, second)
				VPUNPCKLWD(second, first, lower)
				VPUNPCKHWD(second, first, upper)
			},
			func() { enc.Emit(enc.VDPBF16PS(p.w[0], lower, p.acc[j])) },
			func() { enc.Emit(enc.VDPBF16PS(p.w[0], upper, p.acc[j+1])) },
			func() { enc.Emit(enc.VDPBF16PS(p.w[1], lower, low[j])) },
			func() { enc.Emit(enc.VDPBF16PS(p.w[1], upper, low[j+1])) },
		)
	}
	return append(ops, func() { LEAQ(Mem{Base: p.v, Index: p.ldv, Scale: 2}, p.v) })
}

// all emits instructions one after the other.
func all(ops []func()) {
	for _, f := range ops {
		f()
	}
}
