package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A function for rows of any length up to d takes the last vectors of a row under masks, which cost nothing where they are those of an FMA; what is
// not there is neither read nor counted. Lines that no element of a row reaches still have their instructions: some lengths make do with few functions.

// queryInRegisters is the longest row whose query has registers beside the output.
const queryInRegisters = 128

// storedQuery is where the query stands behind the weights in St, if it has no registers.
const storedQuery = 1024

// tail is how many vectors of the output are under masks: the last ones, as many as there may be columns from the function before on.
func (p *pipeline) tail() int {
	switch {
	case !p.form.rows:
		return 0
	case p.d > queryInRegisters:
		return 4
	}
	return 2
}

// perLine is how many vectors of the output a load of a value is for.
func (p *pipeline) perLine() int { return max(p.element.dot, 1) }

// lines is how many vectors the query has, and lines a row that are not widened.
func (p *pipeline) lines() int { return p.d / 16 / p.perLine() }

// queryStored says that the query stands in memory.
func (p *pipeline) queryStored() bool { return p.form.rows && p.d > queryInRegisters }

// masks are those of the last lines of a row.
var masks = []reg.Register{reg.K3, reg.K4, reg.K5, reg.K6}

// lineMask says which elements of line i of a row there are; nil: all of them.
func (p *pipeline) lineMask(i int) reg.Register {
	if first := p.lines() - p.tail()/p.perLine(); i >= first {
		return masks[i-first]
	}
	return nil
}

// load loads line i of a row of bf16.
func (p *pipeline) load(i int, from Mem, to reg.Register) {
	if k := p.lineMask(i); k != nil {
		VMOVDQU16_Z(from, k, to)
		return
	}
	VMOVDQU32(from, to)
}

// lastColumns brings how many columns there are from the first vector under a mask on into each lane of n.
func (p *pipeline) lastColumns(n reg.VecPhysical) {
	columns := get("D")
	SUBQ(I32(int32(p.d-16*p.tail())), columns)
	VMOVD(columns.As32(), n.AsX())
	VPBROADCASTD(n.AsX(), n)
}

// chooseColumns makes the masks of lines.
func (p *pipeline) chooseColumns() {
	if !p.form.rows {
		return
	}
	n := p.exp2[0]
	p.lastColumns(n)
	for i := range p.tail() / p.perLine() {
		if p.element.dot == 0 {
			VPCMPGTD(p.lane.Offset(64*i), n, masks[i])
			continue
		}
		VPCMPGTD(p.lane.Offset(128*i), n, reg.K1)
		VPCMPGTD(p.lane.Offset(128*i+64), n, reg.K2)
		KUNPCKWD(reg.K1, reg.K2, masks[i])
	}
}

// loadRow brings the query into registers, or, of longer rows, behind the weights.
func (p *pipeline) loadRow(q reg.Register) {
	if p.queryStored() {
		p.stored = get("St")
		ADDQ(I32(storedQuery), p.stored)
	}
	for i := range p.lines() {
		from, v, k := Mem{Base: q, Disp: 64 * i}, p.exp2[0], p.lineMask(i)
		if !p.queryStored() {
			v = p.query[i]
		}
		switch {
		case p.element.dot > 0:
			p.load(i, from, v)
		case k != nil:
			VMULPS_Z(from, p.scale, k, v)
		default:
			VMULPS(from, p.scale, v)
		}
		if p.queryStored() {
			VMOVUPS(v, Mem{Base: p.stored, Disp: 64 * i})
		}
	}
}

// queryOf is vector i of the query, in its register or in p.t[t].
func (p *pipeline) queryOf(i, t int) reg.VecPhysical {
	if !p.queryStored() {
		return p.query[i]
	}
	VMOVUPS(Mem{Base: p.stored, Disp: 64 * i}, p.t[t])
	return p.t[t]
}

// scaleOf is the scale of scores, upper what leaves the upper halves of elements: in registers, or in memory.
func (p *pipeline) scaleOf() Op {
	if p.scale != nil {
		return p.scale
	}
	return p.block.state(p.state, scaling)
}

func (p *pipeline) upper() Op {
	if p.high != nil {
		return p.high
	}
	return p.upperHalves
}

// storeColumns writes vector i of the output; lastColumns was called for p.exp2[2].
func (p *pipeline) storeColumns(i int, v reg.VecPhysical, out reg.Register) {
	to := Mem{Base: out, Disp: 64 * i}
	if first := len(p.acc) - p.tail(); i >= first {
		VPCMPGTD(p.lane.Offset(64*(i-first)), p.exp2[2], reg.K1)
		VMOVUPS(v, reg.K1, to)
		return
	}
	VMOVUPS(v, to)
}
