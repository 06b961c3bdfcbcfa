package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// steps multiplies so many columns of A with rows of B, each into a chain of its own if there are several, and moves on.
func (t *tile) steps(n int, mask *vec.Mask) {
	if t.vectors > widest {
		for range n {
			t.wideStep(mask)
		}
		return
	}
	chains := min(n, t.chains)
	first := t.chains * t.rows * t.vectors // the registers behind the sums are B's, then broadcasts'
	free := t.Regs() - first
	for s := range n {
		q := s % chains
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
		if s%chains == 0 {
			PREFETCHT1(Mem{Base: t.next})
			ADDQ(t.ahead, t.next)
		}
		spare := first + t.vectors
		if chains > 1 {
			spare += t.vectors
		}
		for i := range t.rows {
			m := t.a.At(i, s*t.Elem)
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
	t.a.Advance(U32(uint32(n * t.Elem)))
}

// wideStep is a step of a tile whose sums leave too few registers to hold a row of B.
func (t *tile) wideStep(mask *vec.Mask) {
	x := func(i int) VecPhysical { return t.V(t.rows*t.vectors + i) }
	spare := t.rows * (t.vectors + 1)
	for i := range t.rows {
		t.Broadcast(t.a.At(i, 0), x(i))
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
	t.a.Advance(U32(uint32(t.Elem)))
}
