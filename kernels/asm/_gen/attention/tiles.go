package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// A tile has 16 rows of 64 bytes. Products are made in blocks of 2×2 tiles: 0 … 3 hold sums, 4 and 5 rows, 6 and 7 columns.
//
// Registers in this file are physical and not shared with virtual ones: avo cannot see what the encoded instructions use.
const (
	tileRowsOf = 16
	tileBytes  = 1024

	// outputStep is the distance from four tiles of output, 32 columns, to the next: the tile that is loaded never has the offset in a
	// page of one that was stored just before.
	outputStep = 5 * tileBytes
)

// tileConfig is the operand of ldtilecfg: palette 1, eight tiles of 16 rows of 64 bytes.
func tileConfig() Mem {
	words := make([]uint32, 16)
	words[0] = 1
	for t := range 8 {
		words[4+t/2] |= 64 << (16 * (t % 2))
		words[12+t/4] |= tileRowsOf << (8 * (t % 4))
	}
	return softmax.Words("tileConfig", words)
}

// configure and release bracket a call: no tile state outlives it.
func (b *block) configure() {
	LEAQ(b.config, reg.RAX)
	enc.Emit(enc.LdTileCfg(enc.Mem{Base: reg.RAX}))
}

func (b *block) release() { enc.Emit(enc.TileRelease()) }

// load brings a field into r. RAX holds the argument.
func load(name string, r reg.GPPhysical) {
	MOVQ(argument.Field(reg.RAX, name), r)
}

// sum is the place of one of the 2×2 tiles of sums: rows are stride bytes apart from base on.
func sum(base, stride reg.GPPhysical, row, t int) enc.Mem {
	return enc.Mem{Base: base, Index: stride, Scale: 1, Disp: int32(t/2*tileRowsOf*row + t%2*64)}
}

// sums applies f to each of the tiles of sums and its place.
func sums(base, stride reg.GPPhysical, row int, f func(t int, m enc.Mem)) {
	for t := range 4 {
		f(t, sum(base, stride, row, t))
	}
}

// operands are what a step multiplies: two tiles of rows and two of columns. Rows are streamed: they are not wanted again soon.
type operands struct{ rows, columns [2]enc.Mem }

// load loads some of the operands' tiles.
func (o operands) load(tiles ...int) {
	for _, t := range tiles {
		if t < 6 {
			enc.Emit(enc.TileLoadT1(o.rows[t-4], t))
		} else {
			enc.Emit(enc.TileLoad(o.columns[t-6], t))
		}
	}
}

// product adds the product of two operands to a tile of sums.
func product(sum int) {
	enc.Emit(enc.TDPBF16PS(6+sum%2, 4+sum/2, sum))
}

// tileScores fills St with K·Qᵀ, 32 keys at a time. Keys are the rows of tiles as they lie in memory.
func (b *block) tileScores() {
	const row = 128 // bytes of a row of scratch: 32 queries
	k, ldk, k16, upper := reg.RSI, reg.RDX, reg.RDI, reg.R8
	st, keys, lower := reg.R9, reg.RCX, reg.R10
	qt, d, stride := reg.R11, reg.RBX, reg.R12
	Load(Param("p"), reg.RAX)
	load("K", k)
	load("LdK", ldk)
	load("St", st)
	load("Now", keys)
	MOVQ(ldk, k16)
	SHLQ(Imm(4), k16) // 16 keys
	MOVQ(I32(row), stride)
	Label("tile_scores")
	MOVQ(k, lower)
	LEAQ(Mem{Base: k, Index: k16, Scale: 1}, upper)
	load("Qt", qt)
	load("D", d)
	for t := range 4 {
		enc.Emit(enc.TileZero(t))
	}
	vec.Align()
	Label("tile_scores_d")
	operands{
		[2]enc.Mem{{Base: lower, Index: ldk, Scale: 1}, {Base: upper, Index: ldk, Scale: 1}},
		[2]enc.Mem{{Base: qt, Index: stride, Scale: 1}, {Base: qt, Index: stride, Scale: 1, Disp: 64}},
	}.load(4, 6, 7, 5)
	for t := range 4 {
		product(t)
	}
	ADDQ(Imm(64), lower)
	ADDQ(Imm(64), upper)
	ADDQ(U32(tileRowsOf*row), qt)
	SUBQ(Imm(32), d)
	JNZ(LabelRef("tile_scores_d"))
	sums(st, stride, row, func(t int, m enc.Mem) { enc.Emit(enc.TileStore(t, m)) })
	ADDQ(U32(2*tileRowsOf*row), st)
	LEAQ(Mem{Base: k, Index: k16, Scale: 2}, k)
	SUBQ(Imm(32), keys)
	JG(LabelRef("tile_scores"))
}

// tileOutput adds Vᵀ·Pᵀ to the output, or begins it with the first keys, 32 columns of V at a time, for a block of keys in a stage.
// V is packed in tiles of 16 columns by 32 keys, the columns of the same keys one after the other. Other work goes beside it in this
// order.
//
// From one 32 columns to the next each tile of sums is stored, and loaded again, just before the product that needs it: there it
// waits for no other.
//
// If leave is given, it stores the tiles of sums that there are when the first products need them, with only the first of the other work
// beside these, and left is called then; the last tiles of output stay where they are, and Pending says where they belong.
func (b *block) tileOutput(name string, of stage, others []besideTiles, leave func(t int), left func()) {
	const row = 128
	v, v32, value := reg.RSI, reg.RDX, reg.RDI
	weights, keys := reg.R9, reg.RCX
	ot, d, line := reg.R11, reg.RBX, reg.R13
	Load(Param("p"), reg.RAX)
	load(of.v, v)
	load(of.ot, ot)
	load("D", d)
	MOVQ(d, v32)
	SHLQ(Imm(6), v32) // 32 keys of d elements
	MOVQ(I32(row/2), line)
	begin := func() {
		load(of.weights, weights)
		load(of.keys, keys)
		MOVQ(v, value)
	}
	entered := 0
	enter := func(t int) {
		entered++
		first, done := fmt.Sprintf("%s_first%d", name, entered), fmt.Sprintf("%s_entered%d", name, entered)
		CMPQ(argument.Field(reg.RAX, of.first), Imm(0))
		JNE(LabelRef(first))
		enc.Emit(enc.TileLoad(outputTile(ot, line, t), t))
		JMP(LabelRef(done))
		Label(first)
		enc.Emit(enc.TileZero(t))
		Label(done)
	}
	s := &stepper{
		name: name,
		next: operands{
			[2]enc.Mem{{Base: value, Index: line, Scale: 1}, {Base: value, Index: line, Scale: 1, Disp: tileBytes}},
			[2]enc.Mem{{Base: weights, Index: line, Scale: 2}, {Base: weights, Index: line, Scale: 2, Disp: 64}},
		},
		move: func(loads, last string) {
			ADDQ(v32, value)
			ADDQ(U32(tileRowsOf*row), weights)
			SUBQ(Imm(32), keys)
			JG(LabelRef(loads))
			ADDQ(U32(2*tileBytes), v)
			SUBQ(Imm(32), d)
			JZ(LabelRef(last))
			begin()
		},
		moved: func() {
			CMPQ(keys, argument.Field(reg.RAX, of.keys))
			JE(LabelRef(name))
			JMP(LabelRef(name + "_keys"))
		},
	}
	// steps emits a step with each of the others, of which one is taken, and one without.
	steps := func(others []besideTiles, before func(int), after func(), suffix string) {
		for _, other := range others {
			none := name + suffix + "_no_" + other.name
			other.test(none)
			s.step(before, other, after)
			Label(none)
		}
		s.step(before, besideTiles{}, after)
	}

	begin()
	s.next.load(4, 6, 7, 5)
	if leave != nil {
		steps(others[:1], func(t int) { leave(t); enter(t) }, left, "_pending")
	} else {
		for t := range 4 {
			enter(t)
		}
		JMP(LabelRef(name + "_keys"))
	}
	Label(name)
	ADDQ(U32(outputStep), ot)
	steps(others, func(t int) {
		before := outputTile(ot, line, t)
		before.Disp -= outputStep
		enc.Emit(enc.TileStore(t, before))
		enter(t)
	}, nil, "_change")
	vec.Align()
	Label(name + "_keys")
	steps(others, nil, nil, "")
	s.finish()
	if leave != nil {
		MOVQ(ot, argument.Field(reg.RAX, "Pending"))
		return
	}
	for t := range 4 {
		enc.Emit(enc.TileStore(t, outputTile(ot, line, t)))
	}
}

// outputTile is the place of a tile of output; line is 64.
func outputTile(ot, line reg.GPPhysical, t int) enc.Mem {
	return enc.Mem{Base: ot, Index: line, Scale: 1, Disp: int32(t * tileBytes)}
}

// scoreTile is that of a tile of scores.
func scoreTile(st, line reg.GPPhysical, t int) enc.Mem {
	m := sum(st, line, 128, t)
	m.Scale = 2
	return m
}
