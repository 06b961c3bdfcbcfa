package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
)

// Rows of B that are packed are fetched twice before: from memory or L3 into L2 far steps ahead, as more lines can be under
// way there than to L1, and into L1 near steps ahead, as lines of rows at a power of two apart compete for its sets; half of
// both where a step takes several rows. Hardware prefetchers do not follow pieces of rows that lie a row apart. 64
// instead of 32 steps were timed on a Zen 5 only.
const (
	near = 8
	far  = 64
)

// orders are the orders in which rows of pairs and of quads are interleaved, at 8 of quads for two slivers, and at 0 what makes bytes unsigned, in
// read-only memory.
var orders map[int]Mem

// signs is 0x80 in each byte.
func signs() Mem {
	m := GLOBL("MatmulSigns", RODATA|NOPTR)
	DATA(0, U32(0x80808080))
	return m
}

// packing runs a tile on rows of B in place, and leaves them packed. At a sliver's end it prefetches from the next one.
func (t *tile) packing() {
	group := max(t.group, 1)
	rowBytes, near, far := 2*t.Bytes/group, near, far
	if group > 1 {
		near, far = near/2, far/2
	}
	raw, rawBytes, toL1, toL2 := GP64(), GP64(), GP64(), GP64()
	MOVQ(t.field("Raw"), raw)
	MOVQ(t.field("RawBytes"), rawBytes)
	ADDQ(U32(uint32(rowBytes)), t.field("Raw"))
	for _, p := range []struct {
		at    Register
		steps int
	}{{toL1, near}, {toL2, far}} {
		MOVQ(rawBytes, p.at)
		IMUL3Q(U32(uint32(p.steps*group)), p.at, p.at)
		ADDQ(raw, p.at)
		CMPQ(t.k, Imm(uint64(p.steps)))
		CMOVQLT(t.field("Raw"), p.at)
	}
	var three Register
	if group == 4 {
		three = GP64()
		LEAQ(Mem{Base: rawBytes, Index: rawBytes, Scale: 2}, three)
	}
	if group > 1 {
		VMOVDQU64(orders[group], t.V(t.Regs()-1))
	}
	t.loop("packing", func() {
		CMPQ(t.k, Imm(uint64(far)))
		CMOVQEQ(t.field("Raw"), toL2)
		CMPQ(t.k, Imm(uint64(near)))
		CMOVQEQ(t.field("Raw"), toL1)
		t.prefetchRows(toL2, toL1, rawBytes, three, 2*t.Bytes/group-1)
		rows := address.Four(raw, rawBytes, three)[:group]
		v := func(i int) VecPhysical { return t.V(t.rows*2 + i) }
		switch group {
		case 1:
			for j := range 2 {
				m := rows[0]
				m.Disp = j * t.Bytes
				t.Mov(m, v(j))
			}
		case 2:
			VMOVDQU64(rows[0], v(2))
			VMOVDQU64(rows[1], v(3))
			interleavePairs(t.V(t.Regs()-1), v(2), v(3), v(0), v(1))
		case 4:
			for i, r := range []VecPhysical{v(2), v(0), v(3), v(1)} {
				VMOVDQU32(rows[i], r.AsY())
			}
			interleaveQuads(t.V(t.Regs()-1), v(2), v(0), v(3), v(1), v(0), v(1))
			for j := range 2 {
				VPXORD_BCST(orders[0], v(j), v(j))
			}
		}
		for j := range 2 {
			t.Mov(v(j), Mem{Base: t.b, Disp: j * t.Bytes})
		}
		advance(raw, rawBytes, group)
		ADDQ(U32(uint32(2*t.Bytes)), t.b)
	})
}

// prefetchRows prefetches the rows of a step to L2 and L1, of which byte last is the last one, and advances.
func (t *tile) prefetchRows(toL2, toL1, rawBytes, three Register, last int) {
	group := max(t.group, 1)
	inL1 := address.Four(toL1, rawBytes, three)[:group]
	for i, inL2 := range address.Four(toL2, rawBytes, three)[:group] {
		var at []int
		for d := 0; d < 2*t.Bytes && group == 1; d += 64 {
			at = append(at, d)
		}
		for _, d := range append(at, last) { // rows may begin anywhere in a line
			inL2.Disp, inL1[i].Disp = d, d
			PREFETCHT1(inL2)
			PREFETCHT0(inL1[i])
		}
	}
	advance(toL2, rawBytes, group)
	advance(toL1, rawBytes, group)
}

// advance moves p some rows down.
func advance(p, rowBytes Register, rows int) {
	if rows == 1 {
		ADDQ(rowBytes, p)
	} else {
		LEAQ(Mem{Base: p, Index: rowBytes, Scale: uint8(rows)}, p)
	}
}
