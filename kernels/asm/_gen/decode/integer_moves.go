package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// notAtMost is a predicate of vcmpps: greater, or no number; quiet.
const notAtMost = 22

// gather sets to to the output of a vector of columns: that in memory and the sums, which are cleared. t and zero are free.
func (p *integers) gather(i int, to, t reg.VecPhysical) {
	var high, low Op = p.acc[2*i%8], p.acc[2*i%8+1]
	if p.loops() > 1 {
		high, low = p.total(2*i), p.total(2*i+1)
	}
	VCVTDQ2PS(high, t)
	VCVTDQ2PS(low, to)
	VFMADD231PS_BCST(p.c.digit, t, to)
	o := GP64()
	MOVQ(field("O"), o)
	VADDPS(Mem{Base: o, Disp: 64 * i}, to, to)
}

// moves makes the reference such that the largest of the weights in exp2 has 15 bits, unless it was higher before, and scales down what
// was made with the old one. Then it makes the weights again.
func (p *integers) moves() {
	Label("moves")
	x, y, f := p.exp2[0], p.exp2[1], p.exp2[2]
	top, t, u := p.t[0], p.t[1], p.t[2]
	state := p.state
	ref := p.block.state(state, reference)
	score := func(v reg.VecPhysical) {
		VBROADCASTSS(Mem{Base: state, Disp: factor}, v)
		VMULPS(p.block.state(state, scores), v, v)
	}
	VBROADCASTSS(p.lowest, x)
	score(top)
	VMOVAPS(top, reg.K2, x)
	p.largest(x, t)
	VBROADCASTSS(x.AsX(), u)
	VSUBPS(u, top, x)
	all(p.relative(x, y, f))
	p.largest(y, t)
	VMAXSS(p.c.tiny, y.AsX(), y.AsX())
	VGETEXPPS(y, y)
	VADDSS(u.AsX(), y.AsX(), y.AsX())
	VSUBSS(p.c.room, y.AsX(), y.AsX())
	VBROADCASTSS(y.AsX(), u)
	VMOVUPS(ref, t)
	VMAXPS(u, t, u)
	VMOVUPS(u, ref)
	VSUBPS(u, t, x)
	all(p.exp.Steps(x, y, f))
	total := p.block.state(state, sums)
	VMULPS(total, x, t)
	VMOVUPS(t, total)
	o := get("O")
	for i := range p.d / 16 {
		p.gather(i, t, f)
		VMULPS(x, t, t)
		VMOVUPS(t, Mem{Base: o, Disp: 64 * i})
	}
	p.isa.Zero(t)
	if p.loops() > 1 {
		for i := range p.d / 8 {
			VMOVUPS(t, p.total(i))
		}
	} else {
		for _, v := range p.acc {
			p.isa.Zero(v)
		}
	}
	VMOVDQU32(Mem{Base: p.now}, y)
	VPSHUFB(p.c.join, y, y)
	VCVTDQ2PS(y, y)
	VMULPS(x, y, y)
	VCVTPS2DQ(y, y)
	VPSHUFB(p.c.split, y, y)
	VMOVDQU32(y, Mem{Base: p.now})
	VSUBPS(u, top, x)
	all(p.relative(x, y, f))
	p.isa.Zero(t) // a factor that is no number makes the sum of weights none
	VMULPS(y, t, t)
	VADDPS(t, x, x)
	p.jumpBack()
}

// end adds the sums to the output, and writes it after the last key.
func (p *integers) end() {
	o, out, total, t, x := get("O"), get("Out"), p.exp2[0], p.exp2[1], p.exp2[2]
	TESTQ(out, out)
	JNE(LabelRef("finish"))
	for i := range p.d / 16 {
		p.gather(i, x, t)
		VMOVUPS(x, Mem{Base: o, Disp: 64 * i})
	}
	VZEROUPPER()
	RET()

	Label("finish")
	VMOVUPS(p.block.state(p.state, sums), total)
	p.isa.Sum(total, t)
	VBROADCASTSS(p.one, t)
	VDIVSS(total.AsX(), t.AsX(), total.AsX())
	VBROADCASTSS(total.AsX(), total)
	for i := range p.d / 16 { // four columns of each 16, of 64
		p.gather(i, x, t)
		VMULPS(total, x, x)
		for j := range uint64(4) {
			VEXTRACTF32X4(Imm(j), x, Mem{Base: out, Disp: 256*(i/4) + 64*int(j) + 16*(i%4)})
		}
	}
	VZEROUPPER()
	RET()
}
