package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
)

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
			if k := p.lineMask(j); k != nil {
				VFMADD231PS(Mem{Base: p.v, Disp: 64 * j}, p.w[0], k, p.acc[j])
				return
			}
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
		first, second, lower, upper := p.t[0], p.t[1], p.t[2], p.t[len(p.t)-1]
		if len(p.t) == 3 {
			upper = second
		}
		ops = append(ops,
			func() {
				p.fetchAhead(Mem{Base: p.v, Disp: 32 * j})
				p.fetchAhead(Mem{Base: p.v, Index: p.ldv, Scale: 1, Disp: 32 * j})
				p.load(j/2, Mem{Base: p.v, Disp: 32 * j}, first)
				p.load(j/2, Mem{Base: p.v, Index: p.ldv, Scale: 1, Disp: 32 * j}, second)
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
