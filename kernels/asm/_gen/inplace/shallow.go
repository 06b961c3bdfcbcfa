package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

var shallowArgument = address.Argument{
	"A *byte", "ABytes int", "B *byte", "BBytes int", "C *byte", "CBytes int", "Rows int", "Lanes *byte", "Vectors int",
}

// shallowVectors is up to how many vectors of B's rows there is code for, of a depth of 1, 2, …: all of B's block is in registers.
var shallowVectors = []int{8, 8, 6, 4, 4, 4, 3, 3, 3, 2, 2, 2, 2, 2}

// byVector is up to which depth a vector of C is computed and stored before the next. Where multiply-adds take hardly longer than stores
// the processor does them beside each other then, and the first step is a multiplication: multiply-adds hold up stores.
const byVector = 3

// shallow generates the code for one depth and width.
type shallow struct {
	vec.Set
	k, vectors     int
	p, a, c, left  Register
	aBytes, cBytes Register
}

// shallowFunction generates the code of k elements and so many vectors, 0 of them for one of half the length.
func shallowFunction(s vec.Set, k, vectors int) string {
	name := fmt.Sprintf("MatmulShallow%s%sK%dV%d", s.Name, s.Type, k, vectors)
	if vectors == 0 {
		s, vectors = s.Half(), 1
	}
	TEXT(name, NOSPLIT, shallowArgument.Signature())
	Doc(fmt.Sprintf("%s multiplies rows of %d elements with %d vectors of columns; see MatmulShallow.", name, k, vectors))
	t := &shallow{Set: s, k: k, vectors: vectors, p: Load(Param("p"), GP64()), a: GP64(), c: GP64(), left: GP64(), aBytes: GP64(), cBytes: GP64()}
	field := func(name string) Mem { return shallowArgument.Field(t.p, name) }
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
	return name
}

// b is the register of vector j of B's row q.
func (t *shallow) b(q, j int) VecPhysical { return t.V(q*t.vectors + j) }

// acc is the register of vector j of C's row.
func (t *shallow) acc(j int) VecPhysical { return t.V(t.k*t.vectors + j) }

// x is the register of element q of A's row.
func (t *shallow) x(q int) VecPhysical {
	first := (t.k + 1) * t.vectors
	return t.V(first + q%min(4, t.Regs()-first))
}

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
	store := func(j int) {
		if m := (Mem{Base: t.c, Disp: j * t.Bytes}); masked(j) {
			mask.Store(t.acc(j), m)
		} else {
			t.Mov(t.acc(j), m)
		}
	}
	vec.Align()
	Label(name + "_row")
	if t.k <= byVector && t.vectors > 1 {
		for q := range t.k {
			t.Broadcast(Mem{Base: t.a, Disp: q * t.Elem}, t.x(q))
		}
		for j := range t.vectors {
			t.Mul(t.b(0, j), t.x(0), t.acc(j))
			for q := 1; q < t.k; q++ {
				t.FMA(t.b(q, j), t.x(q), t.acc(j))
			}
			store(j)
		}
	} else {
		t.byStep()
		for j := range t.vectors {
			store(j)
		}
	}
	ADDQ(t.aBytes, t.a)
	ADDQ(t.cBytes, t.c)
	DECQ(t.left)
	JNZ(LabelRef(name + "_row"))
	VZEROUPPER()
	RET()
}

// byStep multiplies all vectors by one element of A, then by the next.
func (t *shallow) byStep() {
	for j := range t.vectors {
		t.Zero(t.acc(j))
	}
	for q := range t.k {
		m := Mem{Base: t.a, Disp: q * t.Elem}
		if t.vectors == 1 {
			t.FMABroadcast(m, t.b(q, 0), t.acc(0))
			continue
		}
		t.Broadcast(m, t.x(q))
		for j := range t.vectors {
			t.FMA(t.b(q, j), t.x(q), t.acc(j))
		}
	}
}
