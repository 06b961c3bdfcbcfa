package main

import (
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// begin loads what stays in registers, and says which lanes of the scores have a key.
func (p *pipeline) begin() {
	if p.element.pair && p.high != nil {
		VMOVUPS(p.upperHalves, p.high)
	}
	if p.scale != nil {
		VBROADCASTSS(field("Scale"), p.scale)
	} else {
		VBROADCASTSS(field("Scale"), p.exp2[0])
		VMOVUPS(p.exp2[0], p.block.state(p.state, scaling))
	}
	p.chooseColumns()
	p.loadQuery()
	sum := p.sum
	if sum == nil {
		sum = p.exp2[2]
	}
	for _, v := range slices.Concat([]reg.VecPhysical{sum}, p.acc, p.low) {
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
	VMOVUPS(p.block.state(state, sums), sum)
	VMOVUPS(p.block.state(state, reference), p.exp2[0])
	Label("started")
	if p.sum == nil {
		VMOVUPS(sum, p.block.state(state, sums))
	}
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
	if p.form.rows {
		p.loadRow(q)
		return
	}
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
	if p.sum != nil {
		VMOVUPS(p.sum, p.block.state(state, sums))
	}
	VZEROUPPER()
	RET()

	Label("finish")
	out, total, t := get("Out"), p.exp2[0], p.exp2[1]
	if p.sum != nil {
		VMOVAPS(p.sum, total)
	} else {
		VMOVUPS(p.block.state(state, sums), total)
	}
	p.block.invert(total, t)
	for _, v := range p.acc {
		VMULPS(total, v, v)
	}
	if p.form.rows {
		p.lastColumns(p.exp2[2])
	}
	switch {
	case p.element.pair:
		for i := range p.acc {
			VMOVUPS(p.order()[i%2], t)
			VPERMI2PS(p.acc[i|1], p.acc[i&^1], t)
			p.storeColumns(i, t, out)
		}
	default:
		for i, v := range p.acc {
			p.storeColumns(i, v, out)
		}
	}
	VZEROUPPER()
	RET()
}

// order says which elements of two vectors of the output make the first and the second vector of its columns.
func (p *pipeline) order() [2]Mem {
	if p.element.dot > 0 {
		return p.quarters
	}
	return p.pairs
}

// Vectors of State.
const (
	reference = 0 // the reference maximum
	sums      = 1 // of weights
	most      = 2 // the score that moves the reference
	scaling   = 3 // the scale of scores, where it has no register
)

// invert makes of sums of weights the inverse of their total, in all lanes; free is another register.
func (b *block) invert(sums, free reg.VecPhysical) {
	b.isa.Sum(sums, free)
	VBROADCASTSS(b.one, free)
	VDIVSS(sums.AsX(), free.AsX(), sums.AsX())
	VBROADCASTSS(sums.AsX(), sums)
}
