package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

var inPlaceArgument = address.Argument{
	"A *byte", "ABytes int", "B *byte", "BBytes int", "C *byte", "CBytes int", "Steps int", "Rest int", "Tiles int", "Last int",
}

// mostInPlace is for 1, 2, … rows of A how many lines of each row of B a tile takes: their sums leave registers for B and A.
var mostInPlace = []int{12, 6, 4, 3, 2, 2}

// inPlace is a tile of some rows of A and some lines of each row of B, of bfloat16.
type inPlace struct {
	element
	rows, lines, chains int
	a                   address.Rows
	b, bBytes, twice    Register
}

// chainsOf is how many sums of each element a tile has that has so many: few would wait for each other.
func chainsOf(sums int) int {
	switch {
	case sums <= 2:
		return 4
	case sums <= 8:
		return 2
	}
	return 1
}

// inPlaceFunction generates one function.
func inPlaceFunction(e element, rows, lines int) {
	name := fmt.Sprintf("NarrowInPlace%sR%dW%d", e.name, rows, lines)
	TEXT(name, NOSPLIT, inPlaceArgument.Signature())
	Doc(fmt.Sprintf("%s multiplies %d rows of A with tiles of %d lines of each row of B; see NarrowInPlace.", name, rows, lines))
	p := Load(Param("p"), GP64())
	at := func(name string) Mem { return inPlaceArgument.Field(p, name) }
	t := &inPlace{e, rows, lines, chainsOf(2 * rows * lines), address.NewRows(rows, GP64()), GP64(), GP64(), GP64()}
	first, c, n, tiles := GP64(), GP64(), GP64(), GP64()
	MOVQ(at("ABytes"), t.a.Bytes)
	MOVQ(at("BBytes"), t.bBytes)
	LEAQ(Mem{Base: t.bBytes, Index: t.bBytes, Scale: 1}, t.twice)
	MOVQ(at("C"), c)
	MOVQ(at("B"), first)
	MOVQ(at("Tiles"), tiles)
	loadTailOfLine(at("Last"))

	Label("tile")
	if e.wide {
		loadOdd(zmm(inPlaceOdd)) // the last tile's columns took it
	}
	for i := range 2 * rows * lines * t.chains {
		VPXORD(zmm(i), zmm(i), zmm(i))
	}
	t.a.Point(at("A"))
	MOVQ(first, t.b)
	MOVQ(at("Steps"), n)
	if t.chains > 1 {
		chains := Imm(uint64(t.chains))
		SUBQ(chains, n)
		JL(LabelRef("few"))
		vec.Align()
		Label("chained")
		for q := range t.chains {
			t.step(q, false)
		}
		SUBQ(chains, n)
		JGE(LabelRef("chained"))
		Label("few")
		ADDQ(chains, n)
		JE(LabelRef("rest"))
	} else {
		TESTQ(n, n)
		JE(LabelRef("rest"))
		vec.Align()
	}
	Label("step")
	t.step(0, false)
	DECQ(n)
	JNZ(LabelRef("step"))
	Label("rest")
	CMPQ(at("Rest"), Imm(0))
	JE(LabelRef("store"))
	t.step(0, true)
	Label("store")
	t.store(name, c, at("CBytes"))
	ADDQ(U32(uint32(64*lines)), first)
	ADDQ(U32(uint32(128*lines)), c)
	DECQ(tiles)
	JNZ(LabelRef("tile"))
	VZEROUPPER()
	RET()
}

// The registers behind sums: rows of B, groups, and elements of A in turn.
const (
	inPlaceB      = 24
	inPlaceGroups = 26
	inPlaceA      = 28
	inPlaceOdd    = inPlaceGroups // of wide
)

// tailHigh is the columns of tail in the second vector of sums.
var tailHigh = K2

// loadTailOfLine turns the first so many lanes of a line on, 1 to 32.
func loadTailOfLine(lanes Mem) {
	KMOVD(firstLanes(lanes).As32(), tail)
	KSHIFTRD(Imm(16), tail, tailHigh)
}

// sums of a row and line.
func (t *inPlace) sums(chain, row, line int) []VecPhysical {
	return zmms(2*((chain*t.rows+row)*t.lines+line), 2)
}

// step multiplies the next two rows of B, or the last one, and goes on.
func (t *inPlace) step(chain int, single bool) {
	count := 2
	if single {
		count = 1
	}
	if t.wide {
		t.stepWide(chain, count)
		return
	}
	if single {
		VPXORD(zmm(inPlaceB+1), zmm(inPlaceB+1), zmm(inPlaceB+1))
	}
	for j := range t.lines {
		for i := range count {
			m := Mem{Base: t.b, Disp: 64 * j}
			if i > 0 {
				m.Index, m.Scale = t.bBytes, 1
			}
			if j == t.lines-1 {
				VMOVDQU16_Z(m, tail, zmm(inPlaceB+i))
			} else {
				VMOVDQU64(m, zmm(inPlaceB+i))
			}
		}
		VPUNPCKLWD(zmm(inPlaceB+1), zmm(inPlaceB), zmm(inPlaceGroups))
		VPUNPCKHWD(zmm(inPlaceB+1), zmm(inPlaceB), zmm(inPlaceGroups+1))
		for i := range t.rows {
			a := zmm(inPlaceA + i%4)
			if j == 0 || t.rows > 4 {
				t.broadcast(i, a, single)
			}
			for q, s := range t.sums(chain, i, j) {
				t.dot(zmm(inPlaceGroups+q), a, s)
			}
		}
	}
	t.next(single)
}

// next goes on by two rows of B, unless one was left.
func (t *inPlace) next(single bool) {
	if !single {
		t.a.Advance(Imm(4))
		ADDQ(t.twice, t.b)
	}
}

// stepWide multiplies so many rows of B, one after the other.
func (t *inPlace) stepWide(chain, count int) {
	even, odd := zmm(inPlaceB), zmm(inPlaceB+1)
	for r := range count {
		for j := range t.lines {
			m := Mem{Base: t.b, Disp: 64 * j}
			if r > 0 {
				m.Index, m.Scale = t.bBytes, 1
			}
			if j == t.lines-1 {
				VMOVDQU16_Z(m, tail, even)
			} else {
				VMOVDQU64(m, even)
			}
			VPANDD(zmm(inPlaceOdd), even, odd)
			VPSLLD(Imm(16), even, even)
			for i := range t.rows {
				a := zmm(inPlaceA + i%4)
				if j == 0 || t.rows > 4 {
					t.widened(i, r, count == 1, a)
				}
				for q, s := range t.sums(chain, i, j) {
					VFMADD231PS([]VecPhysical{even, odd}[q], a, s)
				}
			}
		}
	}
	t.next(count == 1)
}

// widened copies the next element of a row of A, or the one after it, to all lanes. Behind the last one nothing is read.
func (t *inPlace) widened(row, r int, single bool, to VecPhysical) {
	switch {
	case single:
		one := GP32()
		MOVWLZX(t.a.At(row, 0), one)
		SHLL(Imm(16), one)
		VPBROADCASTD(one, to)
	case r == 0:
		VPSLLD_BCST(Imm(16), t.a.At(row, 0), to)
	default:
		VPANDD_BCST(t.a.At(row, 0), zmm(inPlaceOdd), to)
	}
}

// broadcast copies the next two elements of a row of A, or the last one, to all lanes.
func (t *inPlace) broadcast(row int, to VecPhysical, single bool) {
	if !single {
		VPBROADCASTD(t.a.At(row, 0), to)
		return
	}
	one := GP32()
	MOVWLZX(t.a.At(row, 0), one)
	VPBROADCASTD(one, to)
}

// store writes the sums from c on, in the order of columns.
func (t *inPlace) store(name string, c Register, cBytes Mem) {
	low, high, v := zmm(inPlaceB), zmm(inPlaceB+1), zmm(inPlaceGroups)
	t.loadOrder(name, low, high)
	row := GP64()
	MOVQ(c, row)
	for i := range t.rows {
		if i > 0 {
			ADDQ(cBytes, row)
		}
		for j := range t.lines {
			s := t.sums(0, i, j)
			for q := 1; q < t.chains; q++ {
				for h, more := range t.sums(q, i, j) {
					VADDPS(more, s[h], s[h])
				}
			}
			VMOVDQA64(s[0], v)
			t.inOrder(s[1], low, v)
			t.inOrder(s[1], high, s[0])
			for h, from := range []VecPhysical{v, s[0]} {
				to := Mem{Base: row, Disp: 128*j + 64*h}
				if j == t.lines-1 {
					VMOVDQU32(from, []Register{tail, tailHigh}[h], to)
				} else {
					VMOVDQU64(from, to)
				}
			}
		}
	}
}
