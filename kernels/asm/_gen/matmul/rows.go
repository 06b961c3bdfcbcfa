package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

const rowsSignature = `func(p *struct {
	A *byte; ABytes int; B *byte; BBytes int; C *byte; CBytes int; Groups int; Vectors int; Tail int; TailLanes *byte
})`

// rowsOfB is how many rows of B are added to m rows of C at once: as many as leave half of the registers to what they are
// multiplied by, a power of two.
func rowsOfB(s vec.Set, m int) int {
	k := 8
	for 2*m*k > s.Regs() {
		k /= 2
	}
	return k
}

// streams generates the functions for products with few rows, in which B is read once and memory binds: with groups of as
// many rows of B as suit, and one by one.
func streams(s vec.Set, most int) {
	for m := 1; m <= most; m++ {
		stream(s, m, 1)
		if k := rowsOfB(s, m); k > 1 {
			stream(s, m, k)
		}
	}
}

// rowStream adds k rows of B, each times one element of A, to m rows of C.
type rowStream struct {
	vec.Set
	m, k           int
	bBytes, cBytes Register
	b, c           []Register // bases of every third row
}

func stream(s vec.Set, m, k int) {
	name := fmt.Sprintf("MatmulRows%s%sM%dK%d", s.Name, s.Type, m, k)
	TEXT(name, NOSPLIT, rowsSignature)
	Doc(fmt.Sprintf("%s adds groups of %d rows of B to %d rows of C; see MatmulRows.", name, k, m))
	t := &rowStream{Set: s, m: m, k: k, bBytes: GP64(), cBytes: GP64()}
	p := Load(Param("p"), GP64())
	field := func(name string) Mem {
		for i, f := range []string{"A", "ABytes", "B", "BBytes", "C", "CBytes", "Groups", "Vectors", "Tail", "TailLanes"} {
			if f == name {
				return Mem{Base: p, Disp: 8 * i}
			}
		}
		panic(name)
	}
	n := GP64()
	MOVQ(field("BBytes"), t.bBytes)
	MOVQ(field("CBytes"), t.cBytes)
	for range (k + 2) / 3 {
		t.b = append(t.b, GP64())
	}
	for range (m + 2) / 3 {
		t.c = append(t.c, GP64())
	}

	Label("group")
	a, aBytes := GP64(), GP64()
	MOVQ(field("A"), a)
	MOVQ(field("ABytes"), aBytes)
	for i := range m {
		for q := range k {
			t.Broadcast(Mem{Base: a, Disp: q * t.Elem}, t.x(i, q))
		}
		if i < m-1 {
			ADDQ(aBytes, a)
		}
	}
	ADDQ(U32(uint32(k*t.Elem)), field("A"))
	t.point(t.b, field("B"), t.bBytes)
	t.point(t.c, field("C"), t.cBytes)
	MOVQ(field("Vectors"), n)
	for _, width := range []int{2, 1} {
		loop, end := fmt.Sprintf("vectors%d", width), fmt.Sprintf("end%d", width)
		SUBQ(Imm(uint64(width)), n)
		JL(LabelRef(end))
		vec.Align()
		Label(loop)
		for j := range width {
			t.vector(j, nil)
		}
		for _, r := range append(t.b[:len(t.b):len(t.b)], t.c...) {
			ADDQ(U32(uint32(width*t.Bytes)), r)
		}
		SUBQ(Imm(uint64(width)), n)
		JGE(LabelRef(loop))
		Label(end)
		ADDQ(Imm(uint64(width)), n)
	}
	CMPQ(field("Tail"), Imm(0))
	JE(LabelRef("next"))
	lanes := GP64()
	MOVQ(field("TailLanes"), lanes)
	mask := t.LoadMask(Mem{Base: lanes}, t.V(t.Regs()-1))
	t.vector(0, &mask)

	Label("next")
	b := GP64()
	MOVQ(field("BBytes"), b)
	IMUL3Q(Imm(uint64(k)), b, b)
	ADDQ(b, field("B"))
	DECQ(field("Groups"))
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}

// x is the register of A's element in row i, column q of the group.
func (t *rowStream) x(i, q int) VecPhysical { return t.V(i*t.k + q) }

// point sets bases to every third row.
func (t *rowStream) point(bases []Register, first Mem, bytes Register) {
	MOVQ(first, bases[0])
	for i := 1; i < len(bases); i++ {
		LEAQ(Mem{Base: bases[i-1], Index: bytes, Scale: 2}, bases[i])
		ADDQ(bytes, bases[i])
	}
}

func (t *rowStream) at(bases []Register, bytes Register, row, vector int) Mem {
	m := Mem{Base: bases[row/3], Disp: vector * t.Bytes}
	if row%3 > 0 {
		m.Index, m.Scale = bytes, uint8(row%3)
	}
	return m
}

// vector adds to one vector of columns, j vectors from where the bases point. The registers behind A's elements are C's
// rows, then B's.
func (t *rowStream) vector(j int, mask *vec.Mask) {
	first := t.m * t.k
	acc := func(i int) VecPhysical { return t.V(first + (j*t.m+i)%(t.Regs()-first-3)) }
	b := func(q int) VecPhysical { return t.V(t.Regs() - 3 + q%2) }
	for i := range t.m {
		if mask == nil {
			t.Mov(t.at(t.c, t.cBytes, i, j), acc(i))
		} else {
			mask.Load(t.at(t.c, t.cBytes, i, j), acc(i))
		}
	}
	for q := range t.k {
		if mask == nil {
			t.Mov(t.at(t.b, t.bBytes, q, j), b(q))
		} else {
			mask.Load(t.at(t.b, t.bBytes, q, j), b(q))
		}
		for i := range t.m {
			t.FMA(b(q), t.x(i, q), acc(i))
		}
	}
	for i := range t.m {
		if mask == nil {
			t.Mov(acc(i), t.at(t.c, t.cBytes, i, j))
		} else {
			mask.Store(acc(i), t.at(t.c, t.cBytes, i, j))
		}
	}
}
