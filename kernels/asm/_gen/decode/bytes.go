package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
)

// In the pipeline for int8 query and weights are bytes. The query has one unit. Weights times the factors of their rows have a unit for
// every step, a power of two so that the largest is from 128 to 255 of it; the integer sums of a step are added to the output, which
// stays in memory.

// byteConstants are words that it takes from memory.
type byteConstants struct{ signs, zero, largest, exponent, smallest, unit, inverse Mem }

func newByteConstants(name string) (c byteConstants) {
	word := func(what string, w uint32) Mem { return softmax.Repeated("byte"+what+name, w, 1) }
	const field = 23 // of the exponent
	c.signs, c.zero = word("Signs", 0x80808080), word("Zero", 0)
	c.largest = word("Largest", math.Float32bits(127))
	c.exponent = word("Exponent", 0xff<<field)
	c.smallest = word("Smallest", 27<<field)    // 2^-100, whose inverse is a number, too
	c.unit = word("Unit", 254<<field)           // less the bits of the inverse
	c.inverse = word("Inverse", (254+7)<<field) // less the bits of the largest, and 2^7 times it
	return c
}

// quantiseQuery brings the query into registers as integers from -127 to 127, and their unit into the scale.
func (p *pipeline) quantiseQuery() {
	q, st, c := get("Q"), get("St"), p.bytes
	top, t, x, inverse := p.exp2[0], p.exp2[1], p.acc[0], p.acc[1]
	nan, zero := p.acc[2], p.acc[3]
	for _, v := range []reg.VecPhysical{top, nan, zero} {
		p.isa.Zero(v)
	}
	for i := 0; i < p.d; i += 16 {
		VMOVUPS(Mem{Base: q, Disp: 4 * i}, x)
		VFMADD231PS(zero, x, nan) // 0, or NaN when an element is no finite number
		VSUBPS(x, zero, t)
		VMAXPS(x, t, x)
		VMAXPS(x, top, top)
	}
	p.largest(top, t)
	VMOVAPS(nan, t)
	p.isa.Sum(t, x)
	VADDSS(t.AsX(), top.AsX(), top.AsX())
	VBROADCASTSS(top.AsX(), top)
	VBROADCASTSS(c.largest, t)
	VDIVPS(top, t, inverse)
	VDIVPS(t, top, top)
	VMULPS(top, p.scale, p.scale)
	for i := 0; i < p.d; i += 16 {
		VMULPS(Mem{Base: q, Disp: 4 * i}, inverse, x)
		VCVTPS2DQ(x, x)
		VPMOVDB(x, Mem{Base: st, Disp: queryAt + i})
	}
	VPBROADCASTD(c.signs, p.high)
	p.isa.Zero(x)
	for i, v := range p.query {
		VMOVDQU32(Mem{Base: st, Disp: queryAt + 64*i}, v)
		VPDPBUSD(v, p.high, x)
	}
	VPSUBD(x, zero, p.start)
}

// queryAt is where the query's bytes stand in St.
const queryAt = 256

// addLanes adds up partial sums of products.
func (p *pipeline) addLanes(a, b, to reg.VecPhysical) {
	if p.element.dot == 4 {
		VPADDD(a, b, to)
	} else {
		VADDPS(a, b, to)
	}
}

// scaleScores turns sums of integers into scores.
func (p *pipeline) scaleScores(at float64, sums *value) {
	p.x = &value{}
	p.add(at, func() { VCVTDQ2PS(sums.reg, sums.reg) }, sums)
	at += p.latency(3)
	p.add(at, func() { VMULPS(Mem{Base: p.ks}, sums.reg, sums.reg) }, sums)
	p.add(at, func() { ADDQ(Imm(4*step), p.ks) })
	at += p.latency(3)
	p.add(at, func() { VMOVUPS(p.minusInf, p.x.reg) }, p.x)
	p.add(at, func() { VMULPS(p.scale, sums.reg, reg.K2, p.x.reg) }, sums, p.x)
	p.ready = at + p.latency(3)
}

// quantise writes the weights in x, times the factors of their rows, as bytes, and their unit behind them. A factor that is no number
// makes the sum of weights none.
func (p *pipeline) quantise(x, q, f reg.VecPhysical) []timed {
	c := p.bytes
	return []timed{
		{func() { VMULPS(Mem{Base: p.vs}, x, x); ADDQ(Imm(4*step), p.vs) }, 0},
		{func() { VFMADD231PS_BCST(c.zero, x, p.sum) }, 3},
		{func() { VEXTRACTF64X4(Imm(1), x, q.AsY()) }, 0},
		{func() { VPMAXUD(x.AsY(), q.AsY(), q.AsY()) }, 3},
		{func() { VEXTRACTF128(Imm(1), q.AsY(), f.AsX()) }, 1},
		{func() { VPMAXUD(f.AsX(), q.AsX(), q.AsX()) }, 2},
		{func() { VPSHUFD(Imm(0x4e), q.AsX(), f.AsX()) }, 1},
		{func() { VPMAXUD(f.AsX(), q.AsX(), q.AsX()) }, 1},
		{func() { VPSHUFD(Imm(0xb1), q.AsX(), f.AsX()) }, 1},
		{func() { VPMAXUD(f.AsX(), q.AsX(), q.AsX()) }, 1},
		{func() { VPBROADCASTD(q.AsX(), q) }, 1},
		{func() { VPANDD_BCST(c.exponent, q, q) }, 3},
		{func() { VPMAXUD_BCST(c.smallest, q, q) }, 1},
		{func() { VPBROADCASTD(c.inverse, f); VPSUBD(q, f, q) }, 0},
		{func() { VMULPS(q, x, x) }, 1},
		{func() { VCVTPS2DQ(x, x) }, 3},
		{func() {
			VPBROADCASTD(c.unit, f)
			VPSUBD(q, f, f)
			VMOVUPS(f, Mem{Base: p.next, Disp: floats})
			VPMOVUSDB(x, Mem{Base: p.next})
		}, 3},
	}
}

// moveUnits scales the output, and the units of weights that have been made, by top.
func (p *pipeline) moveUnits(top, t reg.VecPhysical) {
	var places []Mem
	for i := range p.acc {
		places = append(places, Mem{Base: p.o, Disp: 64 * i})
	}
	places = append(places, Mem{Base: p.now, Disp: floats}, Mem{Base: p.next, Disp: floats})
	for _, m := range places {
		VMULPS(m, top, t)
		VMOVUPS(t, m)
	}
}

// rowQuad adds four weighted rows, whose elements it interleaves: a lane then sums four products. After the last of a step the sums
// are added to the output.
func (p *pipeline) rowQuad(i int) []func() {
	w, a, b, u, x := p.w[0], p.t[0], p.t[1], p.t[2:6], p.t[6]
	ops := []func(){func() { VPBROADCASTD(Mem{Base: p.now, Disp: i}, w) }}
	at := func(row, j int) Mem {
		m := Mem{Base: p.v, Disp: 16 * j}
		switch row {
		case 1, 2:
			m.Index, m.Scale = p.ldv, uint8(row)
		case 3:
			m.Index, m.Scale = p.ld3, 1
		}
		return m
	}
	for j := 0; j < len(p.acc); j += 4 {
		for r := 0; r < 4; r += 2 {
			ops = append(ops, func() {
				VMOVDQU32(at(r, j), a)
				VMOVDQU32(at(r+1, j), b)
				VPUNPCKLBW(b, a, u[r])
				VPUNPCKHBW(b, a, u[r+1])
			})
		}
		for n := range 4 {
			ops = append(ops, func() {
				if n%2 == 0 {
					VPUNPCKLWD(u[2+n/2], u[n/2], x)
				} else {
					VPUNPCKHWD(u[2+n/2], u[n/2], x)
				}
				VPDPBUSD(x, w, p.acc[j+n])
			})
		}
	}
	ops = append(ops, func() { LEAQ(Mem{Base: p.v, Index: p.ldv, Scale: 4}, p.v) })
	if i < step-4 {
		return ops
	}
	ops = append(ops, func() { VMOVUPS(Mem{Base: p.now, Disp: floats}, w) })
	for j, acc := range p.acc {
		o := Mem{Base: p.o, Disp: 64 * j}
		ops = append(ops, func() {
			VCVTDQ2PS(acc, x)
			p.isa.Zero(acc)
			VFMADD213PS(o, w, x)
			VMOVUPS(x, o)
		})
	}
	return ops
}
