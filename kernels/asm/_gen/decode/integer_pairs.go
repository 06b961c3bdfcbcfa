package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pairs says whether keys are multiplied two by two: where a key fills a vector. One vector has 8 bytes of the first key and 8 of the second by
// turns, another the others, and meets the query with its halves of 16 bytes changed. So the products of both keys have one sum, of which
// each key has half of the lanes: an instruction less than sums of each key that are brought together then.
func (p *integers) pairs() bool { return p.wide && p.chunks() == 1 }

// vectors is the number of vectors that the digits of the query take.
func (p *integers) vectors() int {
	if p.pairs() {
		return 2 * p.count
	}
	return p.chunks() * p.count
}

// changeHalves makes the digits that second vectors of pairs meet, behind the others; t is free.
func (p *integers) changeHalves(t reg.VecPhysical) {
	for n := range p.count {
		VPSHUFD(Imm(0x4e), p.digitsAt(2*n), t)
		VMOVDQU32(t, p.digitsAt(2*n+1))
	}
}

// dotPair puts the products of the query and the keys i and i+1 into the schedule, as dot does for one. High and low digits have sums of their own,
// since keys would hold registers for longer than sums do.
func (p *integers) dotPair(i int, later float64) *partial {
	at := float64(i) + later
	first := Mem{Base: p.k, Disp: p.d*i - p.d*step*op{at: at}.stage()}
	second := first.Offset(p.d)
	keys, high, low := [2]*value{{}, {}}, &value{}, &value{}
	zero := func(v *value) { p.add(at, func() { VPXORD(half(v.reg), half(v.reg), half(v.reg)) }, v) }
	p.add(at, func() { VMOVDQU32(first, keys[0].reg) }, keys[0])
	p.add(at, func() { VSHUFPD(Imm(0x55), second, keys[0].reg, keys[1].reg) }, keys[0], keys[1])
	p.add(at, func() { VMOVDQU64(second, reg.K3, keys[0].reg) }, keys[0])
	zero(high)
	for n, k := range keys {
		unsigned := &value{}
		p.add(at, func() { VPXORD(k.reg, p.high, unsigned.reg) }, k, unsigned)
		p.add(at, func() { VPDPBUSD(p.highDigits(n), unsigned.reg, high.reg) }, unsigned, high)
		if p.count == 2 {
			if n == 0 {
				zero(low)
			}
			p.add(at, func() { VPDPBUSD(k.reg, p.query[n], low.reg) }, k, low)
		}
		at += p.latency(4)
	}
	if p.count == 2 {
		p.add(at, func() { VPSLLD(Imm(8), high.reg, high.reg) }, high)
		at += p.latency(1)
		p.add(at, func() { VPADDD(low.reg, high.reg, high.reg) }, high, low)
		at += p.latency(1)
	}
	return &partial{high, at}
}
