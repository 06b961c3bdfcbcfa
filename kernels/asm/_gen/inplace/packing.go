package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// packingFunction generates the code of a panel of so many rows in tiles of two vectors that packs B meanwhile: the panels below then find tiles whose
// rows begin at lines and lie together.
func packingFunction(s vec.Set, rows int) string {
	const halves = 4
	name := fmt.Sprintf("MatmulInPlace%s%sW%dR%dPacks", s.Name, s.Type, halves, rows)
	TEXT(name, NOSPLIT, argument.Signature())
	Doc(fmt.Sprintf("%s multiplies a panel of %d rows in whole tiles of %d half vectors, and packs these; see MatmulInPlace.", name, rows, halves))
	t := &tile{Set: s, halves: halves, vectors: halves / 2, rows: rows, chains: 1, p: Load(Param("p"), GP64()), bBytes: GP64(),
		b: GP64(), c: GP64(), row: GP64(), left: GP64(), far: GP64(), pack: GP64(), near: true}
	t.a = address.NewRows(rows, GP64())
	t.cBytes = t.left // not needed at once
	MOVQ(t.field("ABytes"), t.a.Bytes)
	MOVQ(t.field("BBytes"), t.bBytes)
	MOVQ(t.field("Far"), t.far)
	MOVQ(t.field("Pack"), t.pack)
	for _, m := range [][2]string{{"A", "NowA"}, {"C", "NowC"}, {"Panels", "NowPanels"}} {
		MOVQ(t.field(m[0]), t.row)
		MOVQ(t.row, t.field(m[1]))
	}
	t.panels("full", nil)
	return name
}

// packs stores row q of those of B at hand, in the registers that b names, behind what is packed.
func (t *tile) packs(q int, b func(j int) VecPhysical) {
	if t.pack == nil {
		return
	}
	for j := range t.vectors {
		t.Mov(b(j), Mem{Base: t.pack, Disp: (q*t.vectors + j) * t.Bytes})
	}
}
