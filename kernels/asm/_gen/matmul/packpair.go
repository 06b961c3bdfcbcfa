package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// A sliver's piece of a row of int8 is half a line. Where rows lie a multiple of 2 KiB apart L2 does not keep the other half until the next sliver
// needs it. So slivers are packed two at a time: the first tile multiplies with one and leaves both packed, the next one takes the other
// from there, and prefetches rows of the next two. That halves loads, prefetches and the permutations that cross lanes.
// Timed on a Zen 5 only.

// pairAhead is how many steps ahead rows are prefetched into L2, and of the next two slivers beside the second tile.
const pairAhead = 64

// packingPairs multiplies while at least two tiles are left.
func (t *tile) packingPairs() {
	CMPQ(t.field("Tiles"), Imm(1))
	JE(LabelRef("alone"))
	Label("pair")
	first := *t
	first.beside = false // it reads B from elsewhere
	first.begin("pair", 2)
	first.packPair()
	MOVQ(t.field("CBytes"), t.cBytes) // the loop had no room for it
	first.end("pair", 2, nil)
	ADDQ(U32(uint32(2*t.Bytes)), t.c)
	DECQ(t.field("Tiles"))

	t.begin("second", 2)
	t.prefetchingRaw()
	t.end("second", 2, nil)
	ADDQ(U32(uint32(2*t.Bytes)), t.c)
	DECQ(t.field("Tiles"))
	JE(LabelRef("tail"))
	CMPQ(t.field("Tiles"), Imm(1))
	JNE(LabelRef("pair"))
	Label("alone")
}

// packPair runs a tile on rows of B in place, and leaves them and those of the next one packed.
func (t *tile) packPair() {
	raw, rawBytes, toL1, toL2, three, second := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	MOVQ(t.field("Raw"), raw)
	MOVQ(t.field("RawBytes"), rawBytes)
	ADDQ(Imm(64), t.field("Raw"))
	LEAQ(Mem{Base: rawBytes, Index: rawBytes, Scale: 2}, three)
	MOVQ(t.k, second)
	SHLQ(Imm(7), second)
	ADDQ(t.b, second)
	fetched := []struct {
		at    Register
		steps int
	}{{toL1, near / 2}, {toL2, pairAhead}}
	for _, p := range fetched {
		MOVQ(rawBytes, p.at)
		IMUL3Q(U32(uint32(p.steps*t.group)), p.at, p.at)
		ADDQ(raw, p.at)
		CMPQ(t.k, U32(uint32(p.steps)))
		CMOVQLT(raw, p.at)
	}
	v := func(i int) VecPhysical { return t.V(t.rows*2 + i) }
	signs, index := t.V(t.Regs()-2), t.V(t.Regs()-1)
	VPBROADCASTD(orders[0], signs)
	VMOVDQU32(orders[8], index)
	t.loop("pair", func() {
		for _, p := range fetched { // they would go past the last row
			CMPQ(t.k, U32(uint32(p.steps)))
			CMOVQEQ(raw, p.at)
		}
		t.prefetchRows(toL2, toL1, rawBytes, three, 63)
		r := []VecPhysical{v(2), v(0), v(3), v(1)}
		for i, m := range address.Four(raw, rawBytes, three) {
			VMOVDQU32(m, r[i])
		}
		interleaveTwice(index, r, v(4), v(5))
		for i, s := range []VecPhysical{v(0), v(1), v(2), v(3)} {
			VPXORD(signs, s, s)
			t.Mov(s, Mem{Base: []Register{t.b, second}[i/2], Disp: i % 2 * 64})
		}
		advance(raw, rawBytes, 4)
		ADDQ(U32(128), t.b)
		ADDQ(U32(128), second)
	})
}

// prefetchingRaw runs a tile on a packed sliver, and prefetches the first steps of the next two into L2 beside its last.
func (t *tile) prefetchingRaw() {
	n, to, rawBytes, three := GP64(), GP64(), GP64(), GP64()
	MOVQ(t.field("Raw"), to)
	MOVQ(t.field("RawBytes"), rawBytes)
	LEAQ(Mem{Base: rawBytes, Index: rawBytes, Scale: 2}, three)
	MOVQ(t.k, n)
	SUBQ(U32(pairAhead), n)
	JLE(LabelRef("fetch"))
	MOVQ(U32(pairAhead), t.k)
	vec.Align()
	Label("wait")
	t.loadB(2)
	t.step(2)
	DECQ(n)
	JNZ(LabelRef("wait"))
	Label("fetch")
	t.loop("second", func() {
		for _, m := range address.Four(to, rawBytes, three) {
			m.Disp = 63
			PREFETCHT1(m)
		}
		advance(to, rawBytes, 4)
		t.loadB(2)
	})
}
