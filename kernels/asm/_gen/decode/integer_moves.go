package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// notAtMost is a predicate of vcmpps: greater, or no number; quiet.
const notAtMost = 22

// gather sets to to the output of a vector of columns: that in memory and the sums. t is free.
func (p *integers) gather(i int, to, t reg.VecPhysical) {
	high, low := p.columns(i)
	VCVTDQ2PS(high, t)
	VCVTDQ2PS(low, to)
	VFMADD231PS_BCST(p.c.digit, t, to)
	o := GP64()
	MOVQ(field("O"), o)
	VADDPS(Mem{Base: o, Disp: 64 * i}, to, to)
}

// move is what the two pipelines do in their own way when the reference moves.
type move struct {
	free    [3]reg.VecPhysical         // registers
	store   func()                     // brings the sums of the output to where columns says; nil: they are there
	clear   func(zero reg.VecPhysical) // the sums of the output
	waiting func(scale func())         // scales weights whose values are not added yet: scale does it to integers in exp2[1]
	resume  func()
}

// moveReference makes the reference such that the largest of the weights in exp2 has 15 bits, unless it was higher before, and scales down
// what was made with the old one. Then it makes the weights again.
func (p *integers) moveReference(m move) {
	Label("moves")
	x, y, f := p.exp2[0], p.exp2[1], p.exp2[2]
	top, t, u := m.free[0], m.free[1], m.free[2]
	ref := p.block.state(p.state, reference)
	if m.store != nil {
		m.store()
	}
	VBROADCASTSS(Mem{Base: p.state, Disp: factor}, top)
	VMULPS(p.x.reg, top, top)
	VBROADCASTSS(p.lowest, x)
	VMOVAPS(top, reg.K2, x)
	p.largest(x, f)
	VBROADCASTSS(x.AsX(), u)
	VSUBPS(u, top, x)
	all(p.relative(x, y, f))
	p.largest(y, f)
	VMAXSS(p.c.tiny, y.AsX(), y.AsX())
	VGETEXPPS(y, y)
	VADDPS(u, y, y)
	VSUBSS(p.c.room, y.AsX(), y.AsX())
	VBROADCASTSS(y.AsX(), u)
	VMOVUPS(ref, t)
	VMAXPS(u, t, u)
	VMOVUPS(u, ref)
	VSUBPS(u, t, x)
	all(p.exp.Steps(x, y, f))
	VMULPS(x, p.sum, p.sum)
	o := get("O")
	for i := range p.d / 16 {
		p.gather(i, t, f)
		VMULPS(x, t, t)
		VMOVUPS(t, Mem{Base: o, Disp: 64 * i})
	}
	p.isa.Zero(t)
	m.clear(t)
	m.waiting(func() {
		VCVTDQ2PS(y, y)
		VMULPS(x, y, y)
		VCVTPS2DQ(y, y)
	})
	VSUBPS(u, top, x)
	all(p.relative(x, y, f))
	p.isa.Zero(t) // a factor that is no number makes the sum of weights none
	VMULPS(y, t, t)
	VADDPS(t, x, x)
	m.resume()
	p.jumpBack()
}

// scaleDigits does to digits of weights in memory what scale does to integers in exp2[1].
func (p *integers) scaleDigits(digits reg.Register, scale func()) {
	y := p.exp2[1]
	VMOVDQU32(Mem{Base: digits}, y)
	VPSHUFB(p.c.join, y, y)
	scale()
	VPSHUFB(p.c.split, y, y)
	VMOVDQU32(y, Mem{Base: digits})
}

// moves is between rows of the output. It takes registers of the query, which it loads again.
func (p *integers) moves() {
	p.moveReference(move{
		free: [3]reg.VecPhysical(p.spare),
		clear: func(reg.VecPhysical) {
			for _, v := range p.acc {
				p.isa.Zero(v)
			}
		},
		waiting: func(scale func()) { p.scaleDigits(p.now, scale) },
		resume:  p.loadQuery,
	})
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
	VMOVUPS(p.sum, p.block.state(p.state, sums))
	VZEROUPPER()
	RET()

	Label("finish")
	VMOVAPS(p.sum, total)
	p.block.invert(total, t)
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
