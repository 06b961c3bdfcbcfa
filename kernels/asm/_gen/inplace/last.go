package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// lastSteps is how many steps along K come last: enough for the multiply-adds of one row or column of vectors to take as long as
// the stores of another. A store of 512 bits takes two cycles on a Zen 4, and takes them from multiply-adds if what it stores was computed a
// while before.
const lastSteps = 2

// rowsLast is up to how many vectors a tile's row has so that the last steps go row by row, with B in registers; wider tiles go column by column.
const rowsLast = 3

// last multiplies the last steps of a tile and stores it: each row or column of vectors beside the products of the next.
func (t *tile) last(mask *vec.Mask) {
	MOVQ(t.field("CBytes"), t.cBytes)
	if t.vectors <= rowsLast {
		t.lastByRow(mask)
	} else {
		t.lastByColumn(mask)
	}
}

// lastByRow keeps B's rows in registers, and has C's row pointer where B's was.
func (t *tile) lastByRow(mask *vec.Mask) {
	first := t.rows * t.vectors
	b := func(q, j int) VecPhysical { return t.vector(j, t.V(first+q*t.vectors+j)) }
	for q := range lastSteps {
		for j := range t.vectors {
			t.load(Mem{Base: t.row, Disp: j * t.Bytes}, j, b(q, j), mask)
		}
		t.packs(q, func(j int) VecPhysical { return b(q, j) })
		if q < lastSteps-1 {
			ADDQ(t.bBytes, t.row)
		}
	}
	if t.pack != nil {
		ADDQ(U32(uint32(lastSteps*t.vectors*t.Bytes)), t.pack)
	}
	MOVQ(t.c, t.row)
	var pending []func()
	for i := range t.rows {
		if i > 1 {
			ADDQ(t.cBytes, t.row)
		}
		var products []func()
		for q := range lastSteps {
			m := t.a.At(i, q*t.Elem)
			if t.vectors == 1 {
				products = append(products, func() { t.FMABroadcast(m, b(q, 0), t.acc(0, i, 0)) })
				continue
			}
			free := t.Regs() - first - lastSteps*t.vectors
			x := t.V(t.Regs() - 1 - (i*lastSteps+q)%free)
			for j := range t.vectors {
				products = append(products, func() {
					if j == 0 {
						t.Broadcast(m, x)
					}
					t.FMA(b(q, j), t.vector(j, x), t.acc(0, i, j))
				})
			}
		}
		beside(products, pending)
		pending = nil
		for j := range t.vectors {
			pending = append(pending, func() { t.store(t.acc(0, i, j), j, Mem{Base: t.row, Disp: j * t.Bytes}, mask) })
		}
	}
	if t.rows > 1 {
		ADDQ(t.cBytes, t.row)
	}
	beside(nil, pending)
}

// lastByColumn keeps elements of A in registers as far as there are some.
func (t *tile) lastByColumn(mask *vec.Mask) {
	first := t.rows * t.vectors
	const ofB = 2 * lastSteps // registers, for two columns in turn
	free := t.Regs() - first - ofB
	b := func(q, j int) VecPhysical { return t.vector(j, t.V(t.Regs()-ofB+j%2*lastSteps+q)) }
	element := func(i, q int) Mem { return t.a.At(i, q*t.Elem) }
	kept := func(q int) bool { return (q+1)*t.rows <= free }
	for q := range lastSteps {
		for i := range t.rows {
			if kept(q) {
				t.Broadcast(element(i, q), t.V(first+q*t.rows+i))
			}
		}
	}
	third := GP64() // row 3 of C
	if t.rows > 3 {
		LEAQ(Mem{Base: t.cBytes, Index: t.cBytes, Scale: 2}, third)
		ADDQ(t.c, third)
	}
	c := address.Rows{Bases: []Register{t.c, third}, Bytes: t.cBytes}
	var pending []func()
	for j := range t.vectors {
		t.load(Mem{Base: t.row, Disp: j * t.Bytes}, j, b(0, j), mask)
		t.load(Mem{Base: t.row, Index: t.bBytes, Scale: 1, Disp: j * t.Bytes}, j, b(1, j), mask)
		var products []func()
		for q := range lastSteps {
			for i := range t.rows {
				products = append(products, func() {
					if kept(q) {
						t.FMA(b(q, j), t.vector(j, t.V(first+q*t.rows+i)), t.acc(0, i, j))
					} else {
						t.FMABroadcast(element(i, q), b(q, j), t.acc(0, i, j))
					}
				})
			}
		}
		beside(products, pending)
		pending = nil
		for i := range t.rows {
			pending = append(pending, func() { t.store(t.acc(0, i, j), j, c.At(i, j*t.Bytes), mask) })
		}
	}
	beside(nil, pending)
}

// beside writes products, and after each so many as are for one of them a store.
func beside(products, stores []func()) {
	done := 0
	for n, f := range products {
		f()
		for ; done < len(stores)*(n+1)/len(products); done++ {
			stores[done]()
		}
	}
	for ; done < len(stores); done++ {
		stores[done]()
	}
}
