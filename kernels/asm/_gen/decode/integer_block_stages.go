package main

import (
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// takeRegisters assigns the vector registers that have one use in all of the function, or for all products.
func (p *integerBlocks) takeRegisters() {
	free := 0
	take := func(n int) []reg.VecPhysical {
		free += n
		return p.registers(free-n, n)
	}
	p.exp2 = [3]reg.VecPhysical(take(3)) // of the lower half, which alone has the instructions of AVX
	one := take(2)
	p.high, p.sum = one[0], one[1]
	p.query = take(p.chunks() * p.count)
	p.spare = append(slices.Clone(p.query), p.high)
	p.pool = p.registers(free, p.isa.Regs()-free)
	p.columns = func(i int) (high, low Op) { return p.total(2 * i), p.total(2*i + 1) }
}

// begin loads what stays in registers, and says which lanes of the scores have a key.
func (p *integerBlocks) begin() {
	p.ks, p.vs, p.totals = get("KScale"), get("VScale"), get("Sums")
	zero := p.pool[0]
	p.quantiseQuery()
	p.isa.Zero(zero)
	p.chooseLanes()
	p.chooseHalves()
	for i := range p.d / 8 {
		VMOVUPS(zero, p.total(i))
	}
	p.start(zero)
	Label("started")
}

// total is where the sums of a vector of columns stand between blocks: those of the high digits of a vector, those of the low ones, those
// of the next.
func (p *integerBlocks) total(i int) Mem { return Mem{Base: p.totals, Disp: 64 * i} }

// weights puts into the schedule what turns scores into weights, and says when they are there. Weights that are too large for 16 bits
// make the reference move.
func (p *integerBlocks) weights() (ready float64) {
	x, y, f := p.exp2[0], p.exp2[1], p.exp2[2]
	relative := p.relative(x, y, f)
	chain := []timed{{func() {
		VBROADCASTSS(Mem{Base: p.state, Disp: factor}, x)
		VFMSUB213PS(p.block.state(p.state, reference), p.x.reg, x)
	}, 4}, {relative[0], 6}, {relative[1], 0}} // the second loads a constant
	for _, emit := range relative[2:] {
		chain = append(chain, timed{emit, 4})
	}
	chain = append(chain, timed{func() {
		VCMPPS_BCST(Imm(notAtMost), p.c.limit, y, reg.K1)
		p.moveIfAny()
		VADDPS(x, p.sum, p.sum)
		VCVTPS2DQ(y, y)
		ADDQ(Imm(4*step), p.vs)
	}, 3}, timed{func() { VPSHUFB(p.c.split, y, y) }, 2}, timed{func() {
		VMOVDQU32(y, Mem{Base: p.next})
		ADDQ(Imm(digitsBytes), p.next)
	}, 0})
	total := 0.0
	for _, c := range chain {
		total += c.cycles
	}
	each := min(p.latency(1), (step-0.1-p.latency(8))/total)
	ready = p.ready
	for i, c := range chain {
		touches := []*value{p.x} // until it is known whether the reference moves
		if i > len(chain)-3 {
			touches = nil
		}
		p.add(ready, c.emit, touches...)
		ready += c.cycles * each
	}
	return ready
}

// digitsBytes is the size of the digits of a step's weights.
const digitsBytes = 64

// output adds the weighted values of so many keys: four rows, whose elements it interleaves, so that a lane sums four products.
func (p *integerBlocks) output(rows int) {
	t := p.values[p.d/8:]
	a, b, u, x, u2 := t[0], t[1], t[2], t[3], t[4]
	for i := 0; i < rows; i += 4 {
		for column := 0; column < p.d; column += 64 {
			for j := range 4 {
				p.fetchAhead(Mem{Base: p.v, Disp: p.d*(i+j) + column})
			}
			row := func(j int) Mem { return Mem{Base: p.v, Disp: p.d*(i+j) + column} }
			VMOVDQU32(row(0), a)
			VMOVDQU32(row(1), b)
			VPUNPCKLBW(b, a, u)
			VPUNPCKHBW(b, a, a)
			VMOVDQU32(row(2), b)
			VMOVDQU32(row(3), x)
			VPUNPCKLBW(x, b, u2)
			VPUNPCKHBW(x, b, b)
			VPUNPCKLWD(u2, u, x)
			VPUNPCKHWD(u2, u, u)
			VPUNPCKLWD(b, a, u2)
			VPUNPCKHWD(b, a, a)
			for digit, at := range []int{4, 0} { // high, low
				VPBROADCASTD(Mem{Base: p.now, Disp: 4*i + at}, b)
				for n, from := range []reg.VecPhysical{x, u, u2, a} {
					VPDPBUSD(from, b, p.values[column/8+2*n+digit])
				}
			}
		}
	}
}

// moves takes the registers of the query, which it loads again.
func (p *integerBlocks) moves() {
	p.moveReference(move{
		free: [3]reg.VecPhysical(p.spare),
		clear: func(zero reg.VecPhysical) {
			for i := range p.d / 8 {
				VMOVUPS(zero, p.total(i))
			}
		},
		waiting: func(scale func()) {
			digits := get("St")
			Label("waiting")
			CMPQ(digits, p.next)
			JEQ(LabelRef("none_waits"))
			p.scaleDigits(digits, scale)
			ADDQ(Imm(digitsBytes), digits)
			JMP(LabelRef("waiting"))
			Label("none_waits")
		},
		resume: p.loadQuery,
	})
}
