package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// In AMX the output goes into its rows beside the products of the queries that follow: a tile with each step of scores, a quarter of it after each product. By itself a tile takes twice as long.

// Registers of the transposition, besides laneMasks.
const (
	rowPieces = 20 // the first of four
	rowSpare  = 24
	rowFactor = 25
)

// rowQuarter writes 16 columns of four queries of the tile at hand. at is free, and RAX holds the argument.
func (b *block) rowQuarter(q int, at reg.GPPhysical) {
	t := transposition{isa: b.isa, bits: 32}
	factor, pieces := b.isa.V(rowFactor), []reg.VecPhysical{}
	for i := range t.elements() {
		pieces = append(pieces, b.isa.V(rowPieces+i))
	}
	load("Tile", at)
	for column := range tileRowsOf {
		t.load(Mem{Base: at, Disp: 64*column + 16*q}, column/4, pieces[column%4])
	}
	load("Inverse", at)
	VBROADCASTF32X4(Mem{Base: at, Disp: 16 * q}, factor)
	for _, v := range pieces {
		VMULPS(factor, v, v)
	}
	rows, _ := t.exchange(pieces, b.isa.V(rowSpare))
	load("Row", at)
	for _, v := range rows {
		VMOVUPS(v, Mem{Base: at})
		ADDQ(argument.Field(reg.RAX, "LdO"), at)
	}
	MOVQ(at, argument.Field(reg.RAX, "Row"))
}

// nextTile moves on to the next 16 queries, or 16 columns. Both registers are free.
func (b *block) nextTile(name string, x, y reg.GPPhysical) {
	field := func(name string) Mem { return argument.Field(reg.RAX, name) }
	ADDQ(U32(tileBytes), field("Tile"))
	ADDQ(Imm(uint64(b.isa.Bytes)), field("Inverse"))
	DECQ(field("TilesLeft"))
	TESTQ(U32(1), field("TilesLeft"))
	JNZ(LabelRef(name))
	SUBQ(U32(uint32(b.row())), field("Inverse"))
	load("LdO", x)
	SHLQ(Imm(5), x) // 32 queries
	SUBQ(Imm(uint64(b.isa.Bytes)), x)
	SUBQ(x, field("Row"))
	TESTQ(U32(3), field("TilesLeft"))
	JNZ(LabelRef(name))
	ADDQ(U32(outputStep-4*tileBytes), field("Tile"))
	Label(name)
}

// rowsBeside writes a tile of output beside a step, too. at is free.
func (b *block) rowsBeside(other besideTiles, at reg.GPPhysical) besideTiles {
	with := other
	with.between = func(quarter int) {
		other.between(quarter)
		b.rowQuarter(quarter, at)
	}
	with.after = func() {
		other.after()
		b.tiles++
		b.nextTile(fmt.Sprintf("next_tile%d", b.tiles), at, at)
	}
	return with
}

// beginRows begins to write the output of a stage, if its rows are known and no keys are left: its last tiles may be pending yet.
func (b *block) beginRows(name string, of stage) {
	to := b.get(of.output)
	TESTQ(to, to)
	JZ(LabelRef(name + "_begun"))
	b.finishRows(name)
	to = b.get(of.output)
	MOVQ(to, b.field("Row"))
	b.copyField(of.ot, "Tile")
	inverse, tiles := b.get(of.state), b.get("D")
	for j := range b.nv {
		VMOVUPS(b.fixed.one, b.isa.V(j))
		VDIVPS(b.at(inverse, 1, j), b.isa.V(j), b.isa.V(j))
		VMOVUPS(b.isa.V(j), b.at(inverse, 2, j))
	}
	ADDQ(U32(uint32(2*b.row())), inverse)
	MOVQ(inverse, b.field("Inverse"))
	SHRQ(Imm(3), tiles) // two of 16 columns
	MOVQ(tiles, b.field("TilesLeft"))
	Label(name + "_begun")
}

// rowMasks sets the masks under which transposition loads.
func rowMasks() {
	for lane, k := range laneMasks {
		MOVL(U32(0xf<<(4*(lane+1))), reg.R13L)
		KMOVW(reg.R13L, k)
	}
}

// finishRows writes the tiles that are left.
func (b *block) finishRows(name string) {
	Load(Param("p"), reg.RAX)
	rowMasks()
	Label(name + "_rows")
	CMPQ(argument.Field(reg.RAX, "TilesLeft"), Imm(0))
	JE(LabelRef(name + "_no_rows"))
	for q := range 4 {
		b.rowQuarter(q, reg.R14)
	}
	b.nextTile(name+"_next_tile", reg.R14, reg.R13)
	JMP(LabelRef(name + "_rows"))
	Label(name + "_no_rows")
}
