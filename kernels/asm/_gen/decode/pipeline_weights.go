package main

import (
	"math"
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
)

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
	chain = append(chain, timed{func() {
		if p.sum != nil {
			VADDPS(x, p.sum, p.sum)
			return
		}
		VADDPS(p.block.state(p.state, sums), x, q)
		VMOVUPS(q, p.block.state(p.state, sums))
	}, 5})
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
		func() { VPANDD(p.upper(), x, t) },
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
	if p.sum != nil {
		VMULPS(top, p.sum, p.sum)
	} else {
		VMULPS(p.block.state(state, sums), top, t)
		VMOVUPS(t, p.block.state(state, sums))
	}
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

// all emits instructions one after the other.
func all(ops []func()) {
	for _, f := range ops {
		f()
	}
}
