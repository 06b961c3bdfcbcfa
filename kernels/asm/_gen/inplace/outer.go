package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// outerWidth is how many vectors are stored in one round.
const outerWidth = 4

// outerFunction generates the code of one element: whole rows of C, one after the other, so that it is one stream, with B from L1.
func outerFunction(s vec.Set) string {
	name := fmt.Sprintf("MatmulOuter%s%s", s.Name, s.Type)
	TEXT(name, NOSPLIT, shallowArgument.Signature())
	Doc(name + " multiplies rows of one element with a row; see MatmulShallow.")
	p, a, c, left, aBytes, cBytes := Load(Param("p"), GP64()), GP64(), GP64(), GP64(), GP64(), GP64()
	b, nowB, nowC, n, lanes := GP64(), GP64(), GP64(), GP64(), GP64()
	field := func(name string) Mem { return shallowArgument.Field(p, name) }
	MOVQ(field("A"), a)
	MOVQ(field("ABytes"), aBytes)
	MOVQ(field("B"), b)
	MOVQ(field("C"), c)
	MOVQ(field("CBytes"), cBytes)
	MOVQ(field("Rows"), left)
	MOVQ(field("Lanes"), lanes)
	rows := func(name string, mask *vec.Mask) {
		x := s.V(0)
		Label(name + "_row")
		s.Broadcast(Mem{Base: a}, x)
		MOVQ(b, nowB)
		MOVQ(c, nowC)
		MOVQ(field("Vectors"), n)
		for _, width := range []int{outerWidth, 1} {
			loop, end := fmt.Sprintf("%s_vectors%d", name, width), fmt.Sprintf("%s_end%d", name, width)
			SUBQ(Imm(uint64(width)), n)
			JL(LabelRef(end))
			Label(loop)
			for j := range width {
				s.Mul(Mem{Base: nowB, Disp: j * s.Bytes}, x, s.V(1+j))
				s.Mov(s.V(1+j), Mem{Base: nowC, Disp: j * s.Bytes})
			}
			ADDQ(U32(uint32(width*s.Bytes)), nowB)
			ADDQ(U32(uint32(width*s.Bytes)), nowC)
			SUBQ(Imm(uint64(width)), n)
			JGE(LabelRef(loop))
			Label(end)
			ADDQ(Imm(uint64(width)), n)
		}
		if mask != nil {
			mask.Load(Mem{Base: nowB}, s.V(1))
			s.Mul(s.V(1), x, s.V(1))
			mask.Store(s.V(1), Mem{Base: nowC})
		}
		ADDQ(aBytes, a)
		ADDQ(cBytes, c)
		DECQ(left)
		JNZ(LabelRef(name + "_row"))
		VZEROUPPER()
		RET()
	}
	TESTQ(lanes, lanes)
	JNE(LabelRef("masked"))
	rows("full", nil)
	Label("masked")
	mask := s.LoadMask(Mem{Base: lanes}, s.V(0))
	rows("masked", &mask)
	return name
}
