package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// packColumns generates the code that packs n columns of B for columnsFunction: blocks of four rows and up to four columns are
// transposed in registers.
func packColumns(s vec.Set, n int) string {
	name := fmt.Sprintf("MatmulPackColumns%s%sN%d", s.Name, s.Type, n)
	TEXT(name, NOSPLIT, "func(dst, src *byte, srcBytes, rows int)")
	Doc(fmt.Sprintf("%s packs %d columns of rows ≥ 1 rows that lie srcBytes apart, as MatmulColumns wants them. What fills up the", name, n),
		"last vectors beyond a multiple of four rows is left as it is. dst must be aligned to 64 bytes.")
	t := &columns{Set: s, n: n}
	dst, src, left := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("rows"), GP64())
	bytes, three, offset := Load(Param("srcBytes"), GP64()), GP64(), GP64()
	LEAQ(Mem{Base: bytes, Index: bytes, Scale: 2}, three)
	rows := address.Four(src, bytes, three)
	var masks []Op // of each block of columns
	for j := 0; j < n; j += 4 {
		mask, k := GP32(), K()
		MOVL(U32(1<<min(4, n-j)-1), mask)
		KMOVW(mask, k)
		masks = append(masks, k)
	}
	block := func(load func(i int, m Mem, k Op)) {
		for j, k := range masks {
			for i, m := range rows {
				m.Disp = 4 * j * s.Elem
				load(i, m, k)
			}
			t.transpose()
			for c := range min(4, n-4*j) {
				t.Mov(t.four(c), Mem{Base: dst, Disp: (4*j + c) * s.Bytes})
			}
		}
	}
	row := func(i int) Register { return t.four(4 + i) }

	SUBQ(Imm(4), left)
	JL(LabelRef("rest"))
	Label("four")
	block(func(i int, m Mem, k Op) { t.LoadLanes(m, k, row(i)) })
	LEAQ(Mem{Base: src, Index: bytes, Scale: 4}, src)
	ADDQ(Imm(uint64(4*s.Elem)), dst)
	if n > 1 {
		LEAQ(Mem{Base: dst, Disp: (n - 1) * s.Bytes}, offset)
		TESTQ(U32(uint32(s.Bytes-1)), dst)
		CMOVQEQ(offset, dst)
	}
	SUBQ(Imm(4), left)
	JGE(LabelRef("four"))
	Label("rest")
	ADDQ(Imm(4), left)
	JE(LabelRef("done"))
	for i := range 4 {
		VPXORD(t.V(4+i), t.V(4+i), t.V(4+i))
	}
	label := 0
	block(func(i int, m Mem, k Op) {
		if i == 0 {
			t.LoadLanes(m, k, row(i))
		} else if i < 3 {
			skip := fmt.Sprintf("skip%d", label)
			label++
			CMPQ(left, Imm(uint64(i)))
			JLE(LabelRef(skip))
			t.LoadLanes(m, k, row(i))
			Label(skip)
		}
	})
	Label("done")
	VZEROUPPER()
	RET()
	return name
}

// transpose leaves the columns of the four rows in registers 4 … 7 in registers 0 … 3.
func (t *columns) transpose() {
	if t.Elem == 4 {
		for i := range 2 {
			VUNPCKLPS(t.four(5+2*i), t.four(4+2*i), t.four(8+2*i))
			VUNPCKHPS(t.four(5+2*i), t.four(4+2*i), t.four(9+2*i))
		}
		for i := range 2 {
			VUNPCKLPD(t.four(10+i), t.four(8+i), t.four(2*i))
			VUNPCKHPD(t.four(10+i), t.four(8+i), t.four(2*i+1))
		}
		return
	}
	for i := range 2 {
		VUNPCKLPD(t.four(5+2*i), t.four(4+2*i), t.four(8+2*i))
		VUNPCKHPD(t.four(5+2*i), t.four(4+2*i), t.four(9+2*i))
	}
	for i := range 2 {
		VSHUFF64X2(Imm(0), t.four(10+i), t.four(8+i), t.four(i))
		VSHUFF64X2(Imm(3), t.four(10+i), t.four(8+i), t.four(2+i))
	}
}
