package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// In AMX queries come out of their rows, and the output goes into its own, in the call that multiplies: each of these is read right after, or written right
// before, so that scratch of a few blocks of queries serves all, and stays in L1.

// transposeTile transposes 16×16 elements of 32 bits, four rows of the target at a time: those from 4·q on are made of 16 bytes of each row of the source.
// change is applied to what they are made of; next follows after them.
func (b *block) transposeTile(from func(row, q int) Mem, to func(row int) Mem, change func(q int, pieces []reg.VecPhysical), next func()) {
	t := transposition{isa: b.isa, bits: 32}
	for q := range 4 {
		pieces := []reg.VecPhysical{b.isa.V(0), b.isa.V(1), b.isa.V(2), b.isa.V(3)}
		for row := range tileRowsOf {
			t.load(from(row, q), row/4, pieces[row%4])
		}
		change(q, pieces)
		rows, _ := t.exchange(pieces, b.isa.V(4))
		for i, v := range rows {
			VMOVUPS(v, to(4*q+i))
		}
		next()
	}
}

// rowMasks sets the masks under which transposition loads.
func rowMasks() {
	mask := GP32()
	for lane, k := range laneMasks {
		MOVL(U32(0xf<<(4*(lane+1))), mask)
		KMOVW(mask, k)
	}
}

// readQueries brings the queries of the argument into lanes, if they are not there, and clears their state.
func (b *block) readQueries(name string) {
	q := b.get("Q")
	TESTQ(q, q)
	JZ(LabelRef(name + "_read"))
	rowMasks()
	state := b.get(scored.state)
	b.isa.Zero(b.isa.V(0))
	for what := range 3 {
		for j := range b.nv {
			VMOVUPS(b.isa.V(0), b.at(state, what, j))
		}
	}
	ld, ld3 := b.get("LdQ"), GP64()
	LEAQ(Mem{Base: ld, Index: ld, Scale: 2}, ld3)
	to, vector := b.get("Qt"), GP64()
	MOVQ(I32(int32(b.nv)), vector)
	Label(name + "_vector")
	d, at := b.get("D"), GP64()
	MOVQ(to, at)
	rows := []reg.GPVirtual{q, GP64(), GP64(), GP64()}
	for i := range 3 {
		LEAQ(Mem{Base: rows[i], Index: ld, Scale: 4}, rows[i+1])
	}
	Label(name + "_columns")
	b.transposeTile(func(row, q int) Mem {
		m := Mem{Base: rows[row/4], Disp: 16 * q}
		switch row % 4 {
		case 1, 2:
			m.Index, m.Scale = ld, uint8(row%4)
		case 3:
			m.Index, m.Scale = ld3, 1
		}
		return m
	}, func(row int) Mem { return Mem{Base: at, Disp: row * b.row()} }, func(int, []reg.VecPhysical) {}, func() {})
	for _, r := range rows {
		ADDQ(Imm(64), r)
	}
	ADDQ(U32(uint32(tileRowsOf*b.row())), at)
	SUBQ(Imm(32), d)
	JNZ(LabelRef(name + "_columns"))
	LEAQ(Mem{Base: rows[3], Index: ld, Scale: 4}, q)
	bytes := b.get("D")
	ADDQ(bytes, bytes)
	SUBQ(bytes, q)
	ADDQ(Imm(uint64(b.isa.Bytes)), to)
	DECQ(vector)
	JNZ(LabelRef(name + "_vector"))
	Label(name + "_read")
}

// writeOutput divides the output of a stage by the sums of weights and brings it into rows, if they are known and no keys are left.
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
	for half := range 2 {
		at := row
		if half == 1 {
			at = GP64()
			LEAQ(Mem{Base: row, Disp: b.isa.Bytes}, at)
			n := GP64()
			MOVQ(ld, n)
			SHLQ(Imm(4), n)
			SUBQ(n, at)
		}
		b.transposeTile(func(row, q int) Mem { return Mem{Base: tile, Disp: 2*half*tileBytes + 64*row + 16*q} }, func(row int) Mem {
			m := Mem{Base: at}
			switch row % 4 {
			case 1, 2:
				m.Index, m.Scale = ld, uint8(row%4)
			case 3:
				m.Index, m.Scale = ld3, 1
			}
			return m
		}, func(q int, pieces []reg.VecPhysical) {
			factor := b.isa.V(5)
			VBROADCASTF32X4(Mem{Base: inverse, Index: vector, Scale: 1, Disp: 16 * q}, factor)
			for _, v := range pieces {
				VMULPS(factor, v, v)
			}
		}, func() { LEAQ(Mem{Base: at, Index: ld, Scale: 4}, at) })
	}
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
