package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// shortRows is up to how many rows of C are computed at once, of a depth of 2, 3, …: all elements of theirs of A are in registers.
var shortRows = []int{4, 4, 4, 4, 4, 3}

// short generates the code of a few elements: runs of whole rows of C, with B from L1.
type short struct {
	vec.Set
	k, rows          int
	b                address.Rows
	c, cBytes, third Register // third is from a row of C to the third after it
}

// shortFunction generates the code of k elements and so many rows at once.
func shortFunction(s vec.Set, k, rows int) string {
	name := fmt.Sprintf("MatmulShort%s%sK%dR%d", s.Name, s.Type, k, rows)
	TEXT(name, NOSPLIT, shallowArgument.Signature())
	Doc(fmt.Sprintf("%s multiplies rows of %d elements, %d at once, with rows of B; see MatmulShallow.", name, k, rows))
	t := &short{Set: s, k: k, rows: rows, b: address.Rows{Bytes: GP64()}, cBytes: GP64(), c: GP64()}
	p, a, left, n, nextA, nextC := Load(Param("p"), GP64()), GP64(), GP64(), GP64(), GP64(), GP64()
	field := func(name string) Mem { return shallowArgument.Field(p, name) }
	t.b = address.NewRows(k, t.b.Bytes)
	MOVQ(field("Lanes"), n)
	mask := s.LoadMask(Mem{Base: n}, t.V(0))
	MOVQ(field("A"), a)
	MOVQ(field("C"), nextC)
	MOVQ(field("BBytes"), t.b.Bytes)
	MOVQ(field("CBytes"), t.cBytes)
	MOVQ(field("Rows"), left)
	if rows > 3 {
		t.third = GP64()
		LEAQ(Mem{Base: t.cBytes, Index: t.cBytes, Scale: 2}, t.third)
	}

	Label("rows")
	MOVQ(field("ABytes"), nextA)
	for i := range rows {
		for q := range k {
			s.Broadcast(Mem{Base: a, Disp: q * s.Elem}, t.x(i, q))
		}
		ADDQ(nextA, a)
	}
	MOVQ(nextC, t.c)
	for range rows {
		ADDQ(t.cBytes, nextC)
	}
	t.b.Point(field("B"))
	MOVQ(field("Vectors"), n)
	for _, width := range []int{t.width(), 1} {
		loop, end := fmt.Sprintf("vectors%d", width), fmt.Sprintf("end%d", width)
		SUBQ(Imm(uint64(width)), n)
		JL(LabelRef(end))
		vec.Align()
		Label(loop)
		t.compute(width, nil)
		ADDQ(U32(uint32(width*s.Bytes)), t.c)
		t.b.Advance(U32(uint32(width * s.Bytes)))
		SUBQ(Imm(uint64(width)), n)
		JGE(LabelRef(loop))
		Label(end)
		if width == 1 {
			break
		}
		ADDQ(Imm(uint64(width)), n)
	}
	t.compute(1, &mask)
	DECQ(left)
	JNZ(LabelRef("rows"))
	VZEROUPPER()
	RET()
	return name
}

// width is how many vectors of each row are stored in a round: as many as there are registers for, up to four.
func (t *short) width() int {
	return max(1, min(4, (t.Regs()-t.k*t.rows)/(t.rows+1)))
}

// x is the register of element q of row i of A.
func (t *short) x(i, q int) VecPhysical { return t.V(i*t.k + q) }

// compute computes so many vectors of each row, or one with a mask.
func (t *short) compute(width int, mask *vec.Mask) {
	next := t.k * t.rows
	free := t.Regs() - next - width*t.rows
	sum := func(i, j int) VecPhysical { return t.V(next + i*width + j) }
	used := 0
	for j := range width {
		for q := range t.k {
			m := t.b.At(q, j*t.Bytes)
			b := t.V(next + width*t.rows + used%free)
			used++
			if mask != nil {
				mask.Load(m, b)
			} else {
				t.Mov(m, b)
			}
			for i := range t.rows {
				if q == 0 {
					t.Mul(b, t.x(i, q), sum(i, j))
				} else {
					t.FMA(b, t.x(i, q), sum(i, j))
				}
			}
		}
	}
	for i := range t.rows {
		for j := range width {
			m := Mem{Base: t.c, Disp: j * t.Bytes}
			switch {
			case i == 3:
				m.Index, m.Scale = t.third, 1
			case i > 0:
				m.Index, m.Scale = t.cBytes, uint8(i)
			}
			if mask != nil {
				mask.Store(sum(i, j), m)
			} else {
				t.Mov(sum(i, j), m)
			}
		}
	}
}
