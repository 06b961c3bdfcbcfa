package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
)

// Places in St.
const (
	scoreSlots = 0 // of four turns
	slotBytes  = 128
	noScores   = scoreSlots + 8*slotBytes // 64 bytes of zero
	weightRows = noScores + 64
	tileSums   = weightRows + 4*4*slotBytes
	tileQuery  = tileSums + 16*64
)

// moveSlot goes to the slot of scores so many turns later.
func (t *tiles) moveSlot(turns int) {
	if turns == 0 {
		return
	}
	bytes := slotBytes * t.group()
	ADDQ(I32(int32(bytes*turns)), t.slot)
	ANDQ(I32(int32(bytes*(2*apart-1))), t.slot)
}

// storeSums brings the sums of the output into memory, loadSums back.
func (t *tiles) storeSums() {
	if t.pair {
		t.setLine(64)
	}
	for i, s := range t.sums {
		t.op(store, t.st, t.line, t.sumsAt(i, 0), s)
	}
}

func (t *tiles) loadSums() {
	for i, s := range t.sums {
		t.op(enc.TileLoad, t.st, t.line, t.sumsAt(i, 0), s)
	}
}

// sumsAt is where a row of a tile of the output is then.
func (t *tiles) sumsAt(tile, row int) int { return tileSums + 64*(t.weightRowCount()*tile+row) }

// sumRow is that place.
func (t *tiles) sumRow(tile, row int) Mem { return Mem{Base: t.st, Disp: t.sumsAt(tile, row)} }

// scores is where the scores of a step are that become weights.
func (t *tiles) scores(vector int) Mem {
	return Mem{Base: t.st, Index: t.slot, Scale: 1, Disp: scoreSlots + 64*vector}
}

// pointToWeights sets at to the weights of a step of a slot.
func (t *tiles) pointToWeights(step int) {
	m := Mem{Base: t.st, Index: t.slot, Scale: 4, Disp: weightRows + step*t.weightBytes()}
	if t.pair {
		m.Scale = 1
	}
	LEAQ(m, t.at)
}

// rowOfWeights is where a row of weights is.
func (t *tiles) rowOfWeights(i int) Mem { return Mem{Base: t.at, Disp: 64 * i} }

// waiting goes to the weights that no values have met when a move comes, those of the turn before the one whose weights are made, and emits body for
// each step. When the second step of a turn moves the first one's wait, too; when the first does, body changes what is then made.
func (t *tiles) waiting(body func()) {
	t.moveSlot(-1)
	for i := range t.group() {
		t.pointToWeights(i)
		body()
	}
	t.moveSlot(1)
	if t.pair {
		t.pointToWeights(0)
		body()
	}
}
