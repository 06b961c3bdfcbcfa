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

// columns is a function of dot products of panels of rows of A with n columns of B. The lanes of a sum are added up in an order that does not
// depend on the height of a panel.
type columns struct {
	element
	n, rows       int
	p             Register   // *NarrowColumns
	aBytes, three Register   // from a row of A to the next, and to the third after it
	a             []Register // every fourth row
	b             Register
}

// columnsFunction generates it.
func columnsFunction(e element, n, rows int) {
	name := fmt.Sprintf("NarrowColumns%sN%dR%d", e.name, n, rows)
	TEXT(name, NOSPLIT, columnsArgument.Signature())
	Doc(fmt.Sprintf("%s multiplies panels of %d rows of A with %d columns of B; see NarrowColumns.", name, rows, n))
	t := &columns{element: e, n: n, rows: rows, p: Load(Param("p"), GP64())}
	t.aBytes, t.three, t.b = GP64(), GP64(), GP64()
	k, c := GP64(), GP64()
	t.a = []Register{GP64(), GP64()}[:(rows+3)/4]
	MOVQ(t.field("ABytes"), t.aBytes)
	LEAQ(Mem{Base: t.aBytes, Index: t.aBytes, Scale: 2}, t.three)
	t.chooseRest()
	e.loadBias()

	Label("panel")
	for i := range rows * n {
		VPXORD(zmm(i), zmm(i), zmm(i))
	}
	MOVQ(t.field("A"), t.a[0])
	if rows > 4 {
		LEAQ(Mem{Base: t.a[0], Index: t.aBytes, Scale: 4}, t.a[1])
	}
	MOVQ(t.field("B"), t.b)
	MOVQ(t.field("Steps"), k)
	TESTQ(k, k)
	JE(LabelRef("last"))
	vec.Align()
	Label("step")
	t.step(false)
	for _, r := range t.a {
		ADDQ(Imm(64), r)
	}
	ADDQ(U32(uint32(64*n)), t.b)
	DECQ(k)
	JNZ(LabelRef("step"))
	Label("last")
	t.step(true)

	MOVQ(t.field("C"), c)
	t.write(c)
	DECQ(t.field("Panels"))
	JE(LabelRef("done"))
	next := GP64()
	MOVQ(t.field("ANext"), next)
	ADDQ(next, t.field("A"))
	MOVQ(t.field("CNext"), next)
	ADDQ(next, t.field("C"))
	JMP(LabelRef("panel"))
	Label("done")
	VZEROUPPER()
	RET()
}

func (t *columns) field(name string) Mem { return columnsArgument.Field(t.p, name) }

// acc is the sums of row i, column j.
func (t *columns) acc(i, j int) VecPhysical { return zmm(i*t.n + j) }

// chooseRest turns on in tail the elements of the last step.
func (t *columns) chooseRest() {
	lanes, rest := GP64(), GP64()
	MOVQ(t.field("Rest"), RCX)
	MOVQ(U32(64/uint32(t.bytes)), rest)
	SUBQ(RCX, rest)
	MOVQ(rest, RCX)
	MOVQ(I32(-1), lanes)
	if t.bytes == 2 {
		MOVL(U32(0xffffffff), lanes.As32())
	}
	SHRQ(CL, lanes)
	KMOVQ(lanes, tail)
}

// step multiplies 64 bytes of every row with those of every column.
func (t *columns) step(last bool) {
	for j := range t.n {
		VMOVDQU64(Mem{Base: t.b, Disp: 64 * j}, zmm(24+j))
	}
	for i := range t.rows {
		m := address.Four(t.a[i/4], t.aBytes, t.three)[i%4]
		switch {
		case last && t.biased:
			VMOVDQU8_Z(m, tail, Z30)
			VPXORD(bias, Z30, Z30)
		case last:
			VMOVDQU16_Z(m, tail, Z30)
		case t.biased:
			VPXORD(m, bias, Z30)
		default:
			VMOVDQU64(m, Z30)
		}
		for j := range t.n {
			t.dot(Z30, zmm(24+j), t.acc(i, j))
		}
	}
}

// write adds up the lanes of sums, four rows at a time, and stores them from c on, which moves.
func (t *columns) write(c Register) {
	starts := GP64()
	if t.biased {
		MOVQ(t.field("Starts"), starts)
	}
	for from := 0; from < t.rows; from += 4 {
		for j := range t.n {
			count := min(t.rows, 4)
			t.sum(from, count, j)
			if t.biased {
				VPBROADCASTD(Mem{Base: starts, Disp: 4 * j}, X25)
				VPADDD(X25, X24, X24)
			}
			VMOVDQA32(X24, X0) // Z0's sums, the first, have been used
			to := GP64()
			MOVQ(c, to)
			for i := range count {
				if i > 0 {
					ADDQ(t.field("CBytes"), to)
				}
				VPEXTRD(Imm(uint64(i)), X0, Mem{Base: to, Disp: 4 * j})
			}
			if j == t.n-1 && from+4 < t.rows {
				ADDQ(t.field("CBytes"), to)
				MOVQ(to, c)
			}
		}
	}
}

// sum leaves in X24 the sums of column j and one row, or four, from from on.
func (t *columns) sum(from, rows, j int) {
	add := VADDPS
	if t.biased {
		add = VPADDD
	}
	for i := range rows {
		v := t.acc(from+i, j)
		VEXTRACTI64X4(Imm(1), v, Y24)
		add(Y24, v.AsY(), v.AsY())
	}
	sum := t.acc(from, j).AsY()
	if rows == 4 {
		first, second := t.acc(from+1, j).AsY(), t.acc(from+2, j).AsY()
		for _, pair := range [2][2]Register{{sum, first}, {second, t.acc(from+3, j).AsY()}} {
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
}
