package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// In AMX the output goes into its rows in the call that multiplies, as soon as it has its last keys: so the scratch of one block of queries serves all, and stays in L1.

// rowMasks sets the masks under which transposition loads.
func rowMasks() {
	mask := GP32()
	for lane, k := range laneMasks {
		MOVL(U32(0xf<<(4*(lane+1))), mask)
		KMOVW(mask, k)
	}
}

// writeOutput divides the output of a stage by the sums of weights and brings it into rows, if they are known and no keys are left. The tiles of sums are stored.
func (b *block) writeOutput(name string, of stage) {
	to := b.get(of.output)
	TESTQ(to, to)
	JZ(LabelRef(name + "_written"))
	b.leavePending(outputTile)
	rowMasks()
	to = b.get(of.output)
	inverse := b.get(of.state)
	for j := range b.nv {
		VMOVUPS(b.fixed.one, b.isa.V(j))
		VDIVPS(b.at(inverse, 1, j), b.isa.V(j), b.isa.V(j))
		VMOVUPS(b.isa.V(j), b.at(inverse, 2, j))
	}
	ADDQ(U32(uint32(2*b.row())), inverse)
	from, ld, ld3, d := b.get(of.ot), b.get("LdO"), GP64(), b.get("D")
	LEAQ(Mem{Base: ld, Index: ld, Scale: 2}, ld3)
	Label(name + "_columns")
	row, tile, vector := GP64(), GP64(), GP64()
	MOVQ(to, row)
	MOVQ(from, tile)
	XORQ(vector, vector)
	Label(name + "_vector")
	at := GP64()
	LEAQ(Mem{Base: row, Disp: b.isa.Bytes}, at)
	b.writeTile(Mem{Base: tile}, Mem{Base: inverse, Index: vector, Scale: 1}, row, ld, ld3)
	b.writeTile(Mem{Base: tile, Disp: 2 * tileBytes}, Mem{Base: inverse, Index: vector, Scale: 1}, at, ld, ld3)
	ADDQ(U32(tileBytes), tile)
	ADDQ(Imm(uint64(b.isa.Bytes)), vector)
	CMPQ(vector, U32(uint32(b.row())))
	JL(LabelRef(name + "_vector"))
	ADDQ(U32(uint32(2*b.isa.Bytes)), to)
	ADDQ(U32(outputStep), from)
	SUBQ(Imm(32), d)
	JNZ(LabelRef(name + "_columns"))
	Label(name + "_written")
}

// writeTile brings 16 columns of 16 queries into rows from row on, which moves behind them, and multiplies them by the factors. All is loaded before anything is stored: a load waits for a
// store before it that has the same offset in a page.
func (b *block) writeTile(tile, factors Mem, row, ld, ld3 reg.Register) {
	t := transposition{isa: b.isa, bits: 32}
	var pieces [4][]reg.VecPhysical
	free := []int{0, 1, 2, 3, 4, 5, 6, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25}
	take := func() (v reg.VecPhysical) {
		v, free = b.isa.V(free[0]), free[1:]
		return v
	}
	for q := range pieces {
		for range 4 {
			pieces[q] = append(pieces[q], take())
		}
	}
	spare, factor := take(), take()
	for r := range tileRowsOf {
		for q := range pieces {
			t.load(tile.Offset(64*r+16*q), r/4, pieces[q][r%4])
		}
	}
	for q, rows := range pieces {
		VBROADCASTF32X4(factors.Offset(16*q), factor)
		for _, v := range rows {
			VMULPS(factor, v, v)
		}
		rows, spare = t.exchange(rows, spare)
		VMOVUPS(rows[0], Mem{Base: row})
		VMOVUPS(rows[1], Mem{Base: row, Index: ld, Scale: 1})
		VMOVUPS(rows[2], Mem{Base: row, Index: ld, Scale: 2})
		VMOVUPS(rows[3], Mem{Base: row, Index: ld3, Scale: 1})
		LEAQ(Mem{Base: row, Index: ld, Scale: 4}, row)
	}
}
