package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

var columnsArgument = address.Argument{
	"A *byte", "ABytes int", "ANext int", "B *byte", "C *byte", "CBytes int", "CNext int", "Steps int", "Rest int", "Panels int",
	"Starts *byte",
}

// mostColumns is up to how many columns are dot products.
const mostColumns = 6

// heightsOf are the heights of panels of n columns: their sums leave room in 32 registers for B.
func heightsOf(n int) []int {
	if n <= 2 {
		return []int{1, 4, 8}
	}
	return []int{1, 4}
}

// columns generates the dot products of panels of rows of A with n columns of B. The lanes of a sum are added up in an order that does not
// depend on the height of a panel.
func columns(e element, n, rows int) {
	name := fmt.Sprintf("NarrowColumns%sN%dR%d", e.name, n, rows)
	TEXT(name, NOSPLIT, columnsArgument.Signature())
	Doc(fmt.Sprintf("%s multiplies panels of %d rows of A with %d columns of B; see NarrowColumns.", name, rows, n))
	p := Load(Param("p"), GP64())
	at := func(name string) Mem { return columnsArgument.Field(p, name) }
	aBytes, three, b, k, c := GP64(), GP64(), GP64(), GP64(), GP64()
	a := []Register{GP64(), GP64()}[:(rows+3)/4]
	MOVQ(at("ABytes"), aBytes)
	LEAQ(Mem{Base: aBytes, Index: aBytes, Scale: 2}, three)
	lanes, rest := GP64(), GP64()
	MOVQ(at("Rest"), RCX)
	MOVQ(U32(64/uint32(e.bytes)), rest)
	SUBQ(RCX, rest)
	MOVQ(rest, RCX)
	MOVQ(I32(-1), lanes)
	if e.bytes == 2 {
		MOVL(U32(0xffffffff), lanes.As32())
	}
	SHRQ(CL, lanes)
	KMOVQ(lanes, tail)
	e.loadBias()
	acc := func(i, j int) VecPhysical { return zmm(i*n + j) }
	add := VADDPS
	if e.biased {
		add = VPADDD
	}
	step := func(last bool) {
		for j := range n {
			VMOVDQU64(Mem{Base: b, Disp: 64 * j}, zmm(24+j))
		}
		for i := range rows {
			m := Mem{Base: a[i/4]}
			switch i % 4 {
			case 1, 2:
				m.Index, m.Scale = aBytes, uint8(i%4)
			case 3:
				m.Index, m.Scale = three, 1
			}
			switch {
			case last && e.biased:
				VMOVDQU8_Z(m, tail, Z30)
				VPXORD(bias, Z30, Z30)
			case last:
				VMOVDQU16_Z(m, tail, Z30)
			case e.biased:
				VPXORD(m, bias, Z30)
			default:
				VMOVDQU64(m, Z30)
			}
			for j := range n {
				e.dot(Z30, zmm(24+j), acc(i, j))
			}
		}
	}

	Label("panel")
	for i := range rows * n {
		VPXORD(zmm(i), zmm(i), zmm(i))
	}
	MOVQ(at("A"), a[0])
	if rows > 4 {
		LEAQ(Mem{Base: a[0], Index: aBytes, Scale: 4}, a[1])
	}
	MOVQ(at("B"), b)
	MOVQ(at("Steps"), k)
	TESTQ(k, k)
	JE(LabelRef("last"))
	vec.Align()
	Label("step")
	step(false)
	for _, r := range a {
		ADDQ(Imm(64), r)
	}
	ADDQ(U32(uint32(64*n)), b)
	DECQ(k)
	JNZ(LabelRef("step"))
	Label("last")
	step(true)

	MOVQ(at("C"), c)
	starts := GP64()
	if e.biased {
		MOVQ(at("Starts"), starts)
	}
	for from := 0; from < rows; from += 4 {
		for j := range n {
			count := min(rows, 4)
			for i := range count {
				v := acc(from+i, j)
				VEXTRACTI64X4(Imm(1), v, Y24)
				add(Y24, v.AsY(), v.AsY())
			}
			sum := acc(from, j).AsY()
			if count == 4 {
				first, second := acc(from+1, j).AsY(), acc(from+2, j).AsY()
				for _, pair := range [2][2]Register{{sum, first}, {second, acc(from+3, j).AsY()}} {
					VPUNPCKLDQ(pair[1], pair[0], Y24)
					VPUNPCKHDQ(pair[1], pair[0], Y25)
					add(Y25, Y24, pair[0])
				}
				VPUNPCKLQDQ(second, sum, Y24)
				VPUNPCKHQDQ(second, sum, Y25)
				add(Y25, Y24, Y24)
			} else {
				VPSHUFD(Imm(0x4e), sum, Y24)
				add(Y24, sum, sum)
				VPSHUFD(Imm(0xb1), sum, Y24)
				add(Y24, sum, Y24)
			}
			VEXTRACTI32X4(Imm(1), Y24, X25)
			add(X25, X24, X24)
			if e.biased {
				VPBROADCASTD(Mem{Base: starts, Disp: 4 * j}, X25)
				VPADDD(X25, X24, X24)
			}
			VMOVDQA32(X24, X0) // Z0's sums, the first, have been used
			to := GP64()
			MOVQ(c, to)
			for i := range count {
				if i > 0 {
					ADDQ(at("CBytes"), to)
				}
				VPEXTRD(Imm(uint64(i)), X0, Mem{Base: to, Disp: 4 * j})
			}
			if j == n-1 && from+4 < rows {
				ADDQ(at("CBytes"), to)
				MOVQ(to, c)
			}
		}
	}
	DECQ(at("Panels"))
	JE(LabelRef("done"))
	next := GP64()
	MOVQ(at("ANext"), next)
	ADDQ(next, at("A"))
	MOVQ(at("CNext"), next)
	ADDQ(next, at("C"))
	JMP(LabelRef("panel"))
	Label("done")
	VZEROUPPER()
	RET()
}
