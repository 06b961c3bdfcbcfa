package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
)

// copyRow moves vector j of a row of the buffer to C, and brings the line of a row that is written soon into L1.
func (t blockOfTiles) copyRow(row, j int) {
	VMOVDQU64(Mem{Base: R15, Disp: row*bufferRow + 64*j}, zmm(j))
	if t.add != nil {
		t.add(Mem{Base: R14, Disp: 64 * j}, zmm(j), sumsMask, zmm(j))
	}
	VMOVDQU64(zmm(j), Mem{Base: R14, Disp: 64 * j})
	enc.Emit(enc.PrefetchW(enc.Mem{Base: R14, Index: R11, Scale: rowsAhead, Disp: int32(64 * j)}))
}

// copyRows copies the RAX rows that are left in the buffer.
func (t blockOfTiles) copyRows(name string) {
	Label(name)
	for j := range 2 {
		t.copyRow(0, j)
	}
	ADDQ(U32(bufferRow), R15)
	ADDQ(R11, R14)
	DECQ(RAX)
	JNZ(LabelRef(name))
}

// whereTo makes R15 the place where the sums of the block before go, and RAX the distance of its rows: the buffer, or C.
func whereTo(name string) {
	MOVQ(U32(bufferRow), RAX)
	MOVQ(field(RDI, "Buffer"), R15)
	TESTQ(R15, R15)
	JNE(LabelRef(name + "_to"))
	MOVQ(R14, R15)
	MOVQ(R11, RAX)
	Label(name + "_to")
}

// storeTile stores the sums of a tile where whereTo says. Tiles go in order.
func (t blockOfTiles) storeTile(tile int) {
	if tile == 2 {
		for range 2 {
			LEAQ(Mem{Base: R15, Index: RAX, Scale: 8}, R15)
		}
	}
	enc.Emit(enc.TileStore(tile, enc.Mem{Base: R15, Index: RAX, Scale: 1, Disp: int32(64 * (tile % 2))}))
}

// change stores the sums of a tile and clears it.
func (t blockOfTiles) change(tile int) {
	t.storeTile(tile)
	enc.Emit(enc.TileZero(tile))
}

// store stores all tiles of a whole block.
func (t blockOfTiles) store() {
	for tile := range 2 * t.rows {
		t.storeTile(tile)
	}
}

// flush stores the block before, if there is one, and brings it to C.
func (t blockOfTiles) flush(name string) {
	TESTQ(R14, R14)
	JE(LabelRef(name + "_flushed"))
	whereTo(name)
	t.store()
	MOVQ(field(RDI, "Buffer"), R15)
	TESTQ(R15, R15)
	JE(LabelRef(name + "_stored"))
	MOVQ(field(RDI, "Rows"), RAX)
	t.copyRows(name)
	Label(name + "_stored")
	XORQ(R14, R14)
	Label(name + "_flushed")
}

// idleSteps is after how many steps a tile is stored to no purpose, a power of two: stores of tiles that come later than some 2000 cycles after the
// one before take about 1000 cycles more, wherever they go to. Sixteen steps take less if L2 has all, but steps that wait for L3 do not.
const idleSteps = 4

// idleFrom is how many steps a block takes at least for that.
const idleFrom = 16

// storeIdle stores a tile in one step out of idleSteps, all its rows to one line.
func (p product) storeIdle(name string) {
	if p.streamsA || p.near || p.add != nil { // blocks are short
		return
	}
	TESTQ(U32((idleSteps-1)*stepBytes), R9) // steps of B begin at multiples of their size
	JNE(LabelRef(name))
	CMPQ(field(RDI, "K"), Imm(idleFrom))
	JL(LabelRef(name))
	LEAQ(field(RDI, "Idle"), R13)
	ADDQ(Imm(63), R13)
	ANDQ(I32(-64), R13)
	enc.Emit(enc.TileStore(4, enc.Mem{Base: R13}))
	LEAQ(Mem{Base: R8, Index: R8, Scale: 2}, R13) // as it was
	Label(name)
}
