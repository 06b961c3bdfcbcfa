package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
)

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
	const least = 4 // lines of a key and a value; with fewer the processor has to look ahead
	return cycles * reserve / (perLine * float64(max(2*p.d*p.element.bytes/64, least)))
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
				p.add(p.ready, func() { VMULPS(p.scaleOf(), to.reg, reg.K2, to.reg) }, to)
				p.ready += p.latency(3)
			}
		}
	}
}

// dot sets sum to the products of the query and the next key.
func (p *pipeline) dot(sum *value) (ops []func()) {
	e, line := p.element, func(i int) Mem { return Mem{Base: p.k, Disp: 64 * i} }
	for i := range p.lines() {
		switch {
		case e.dot == 2:
			ops = append(ops, func() {
				if i == 0 {
					p.isa.Zero(sum.reg)
				}
				p.fetchAhead(line(i))
				p.load(i, line(i), p.t[0])
				enc.Emit(enc.VDPBF16PS(p.queryOf(i, 1), p.t[0], sum.reg))
			})
		case e.pair && i%2 == 0:
			ops = append(ops, func() {
				if i == 0 {
					p.isa.Zero(sum.reg)
				}
				e.multiply(p.isa, line(i/2), p.query[i:], []reg.VecPhysical{sum.reg, sum.reg}, p.t, p.high)
			})
		case e.pair:
		default:
			ops = append(ops, func() {
				q := p.queryOf(i, 0)
				p.fetchAhead(line(i))
				switch k := p.lineMask(i); {
				case k != nil && i == 0:
					VMULPS_Z(line(i), q, k, sum.reg)
				case k != nil:
					VFMADD231PS(line(i), q, k, sum.reg)
				case i == 0:
					VMULPS(line(i), q, sum.reg)
				default:
					VFMADD231PS(line(i), q, sum.reg)
				}
			})
		}
	}
	return ops
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
