package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

const shallowSignature = `func(p *struct {
	A *byte; ABytes int; B *byte; BBytes int; C *byte; CBytes int; Rows int; Lanes *byte
})`

var shallowFields = []string{"A", "ABytes", "B", "BBytes", "C", "CBytes", "Rows", "Lanes"}

// shallowVectors is up to how many vectors of B's rows there is code for, of a depth of 1, 2, …: all of B's block is in registers.
var shallowVectors = []int{8, 8, 6, 4, 4, 4, 3, 3, 3, 2, 2, 2, 2, 2}

// shallow generates the code for one depth and width.
type shallow struct {
	vec.Set
	k, vectors     int
	p, a, c, left  Register
	aBytes, cBytes Register
}

// shallowFunction generates the code of k elements and so many vectors, 0 of them for one of half the length.
func shallowFunction(s vec.Set, k, vectors int) {
	name := fmt.Sprintf("MatmulShallow%s%sK%dV%d", s.Name, s.Type, k, vectors)
	if vectors == 0 {
		s, vectors = s.Half(), 1
	}
	TEXT(name, NOSPLIT, shallowSignature)
	Doc(fmt.Sprintf("%s multiplies rows of %d elements with %d vectors of columns; see MatmulShallow.", name, k, vectors))
	t := &shallow{Set: s, k: k, vectors: vectors, p: Load(Param("p"), GP64()), a: GP64(), c: GP64(), left: GP64(), aBytes: GP64(), cBytes: GP64()}
	field := func(name string) Mem { return fieldOf(shallowFields, t.p, name) }
	MOVQ(field("A"), t.a)
	MOVQ(field("ABytes"), t.aBytes)
	MOVQ(field("C"), t.c)
	MOVQ(field("CBytes"), t.cBytes)
	MOVQ(field("Rows"), t.left)
	row, bBytes, lanes := GP64(), GP64(), GP64()
	MOVQ(field("B"), row)
	MOVQ(field("BBytes"), bBytes)
	MOVQ(field("Lanes"), lanes)
	TESTQ(lanes, lanes)
	JNE(LabelRef("masked"))
	t.rows("full", row, bBytes, nil)
	Label("masked")
	mask := t.LoadMask(Mem{Base: lanes}, t.V(0))
	t.rows("masked", row, bBytes, &mask)
}

// b is the register of vector j of B's row q.
func (t *shallow) b(q, j int) VecPhysical { return t.V(q*t.vectors + j) }

// rows multiplies all rows and returns.
func (t *shallow) rows(name string, row, bBytes Register, mask *vec.Mask) {
	masked := func(j int) bool { return mask != nil && j == t.vectors-1 }
	for q := range t.k {
		for j := range t.vectors {
			if m := (Mem{Base: row, Disp: j * t.Bytes}); masked(j) {
				mask.Load(m, t.b(q, j))
			} else {
				t.Mov(m, t.b(q, j))
			}
		}
		if q < t.k-1 {
			ADDQ(bBytes, row)
		}
	}
	first := t.k * t.vectors
	acc := func(j int) VecPhysical { return t.V(first + j) }
	spare := first + t.vectors
	vec.Align()
	Label(name + "_row")
	for j := range t.vectors {
		t.Zero(acc(j))
	}
	for q := range t.k {
		m := Mem{Base: t.a, Disp: q * t.Elem}
		if t.vectors == 1 {
			t.FMABroadcast(m, t.b(q, 0), acc(0))
			continue
		}
		x := t.V(spare + q%min(4, t.Regs()-spare))
		t.Broadcast(m, x)
		for j := range t.vectors {
			t.FMA(t.b(q, j), x, acc(j))
		}
	}
	ADDQ(t.aBytes, t.a)
	for j := range t.vectors {
		if m := (Mem{Base: t.c, Disp: j * t.Bytes}); masked(j) {
			mask.Store(acc(j), m)
		} else {
			t.Mov(acc(j), m)
		}
	}
	ADDQ(t.cBytes, t.c)
	DECQ(t.left)
	JNZ(LabelRef(name + "_row"))
	VZEROUPPER()
	RET()
}
