package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// steps multiplies so many columns of A with rows of B, each into a chain of its own, and moves on.
func (t *tile) steps(chains int, mask *vec.Mask) {
	if t.vectors > widest {
		t.wideStep(mask)
		return
	}
	first := t.chains * t.rows * t.vectors // the registers behind the sums are B's, then broadcasts'
	free := t.Regs() - first
	for q := range chains {
		b := func(j int) VecPhysical { return t.vector(j, t.V(first+(q%2*t.vectors+j)%(free-1))) }
		for j := range t.vectors {
			t.load(Mem{Base: t.row, Disp: j * t.Bytes}, j, b(j), mask)
		}
		ADDQ(t.bBytes, t.row)
		if t.far != nil {
			for j := range t.vectors {
				m := Mem{Base: t.row, Index: t.far, Scale: 1, Disp: j * t.Bytes}
				if t.near {
					PREFETCHT0(m)
				} else {
					PREFETCHT1(m)
				}
			}
		}
		if q == 0 {
			PREFETCHT1(Mem{Base: t.next})
			ADDQ(t.ahead, t.next)
		}
		spare := first + t.vectors
		if chains > 1 {
			spare += t.vectors
		}
		for i := range t.rows {
			m := t.rowOfA(i)
			m.Disp = q * t.Elem
			if t.vectors == 1 { // used once
				t.FMABroadcast(m, b(0), t.acc(q, i, 0))
				continue
			}
			x := t.V(spare + i%min(4, t.Regs()-spare))
			t.Broadcast(m, x)
			for j := range t.vectors {
				t.FMA(b(j), t.vector(j, x), t.acc(q, i, j))
			}
		}
	}
	for _, a := range t.a {
		ADDQ(U32(uint32(chains*t.Elem)), a)
	}
}

// wideStep is a step of a tile whose sums leave too few registers to hold a row of B.
func (t *tile) wideStep(mask *vec.Mask) {
	x := func(i int) VecPhysical { return t.V(t.rows*t.vectors + i) }
	spare := t.rows * (t.vectors + 1)
	for i := range t.rows {
		t.Broadcast(t.rowOfA(i), x(i))
	}
	for j := range t.vectors {
		m := Mem{Base: t.row, Disp: j * t.Bytes}
		if t.rows == 1 && (mask == nil || j < t.vectors-1) { // used once
			t.FMA(m, x(0), t.acc(0, 0, j))
			continue
		}
		b := t.V(spare + j%(t.Regs()-spare))
		t.load(m, j, b, mask)
		for i := range t.rows {
			t.FMA(b, x(i), t.acc(0, i, j))
		}
	}
	ADDQ(t.bBytes, t.row)
	for _, a := range t.a {
		ADDQ(U32(uint32(t.Elem)), a)
	}
}

// pointRows points a at the rows.
func (t *tile) pointRows() {
	MOVQ(t.field("NowA"), t.a[0])
	for i := 1; i < len(t.a); i++ {
		LEAQ(Mem{Base: t.a[i-1], Index: t.aBytes, Scale: 2}, t.a[i])
		ADDQ(t.aBytes, t.a[i])
	}
}

// rowOfA addresses the current element of row i of A.
func (t *tile) rowOfA(i int) Mem {
	m := Mem{Base: t.a[i/3]}
	if i%3 > 0 {
		m.Index, m.Scale = t.aBytes, uint8(i%3)
	}
	return m
}
