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
	MOVQ(Mem{Base: reg.RAX, Disp: offset(name)}, r)
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

// products adds the products of two tiles of rows, from memory, and two tiles of columns to the sums. Rows are streamed: they
// are not wanted again soon. before and between, if any, are other work, called before and after the product for each tile of
// sums.
func products(rows [2]enc.Mem, columns [2]enc.Mem, before func(tile int), between func()) {
	product := func(b, a, acc int) {
		if before != nil {
			before(acc)
		}
		enc.Emit(enc.TDPBF16PS(b, a, acc))
		if between != nil {
			between()
		}
	}
	loads := []enc.Inst{enc.TileLoadT1(rows[0], 4), enc.TileLoad(columns[0], 6), enc.TileLoad(columns[1], 7), enc.TileLoadT1(rows[1], 5)}
	load := func(n int) {
		for ; n > 0 && len(loads) > 0; n-- {
			enc.Emit(loads[0])
			loads = loads[1:]
		}
	}
	if before != nil { // all loads come before its stores: else they would wait for those with the same offset in a page
		load(4)
	}
	load(2)
	product(6, 4, 0)
	load(1)
	product(7, 4, 1)
	load(1)
	product(6, 5, 2)
	product(7, 5, 3)
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
	products(
		[2]enc.Mem{{Base: lower, Index: ldk, Scale: 1}, {Base: upper, Index: ldk, Scale: 1}},
		[2]enc.Mem{{Base: qt, Index: stride, Scale: 1}, {Base: qt, Index: stride, Scale: 1, Disp: 64}}, nil, nil)
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

// besideTiles is other work, done beside products for as long as there is some: test jumps to none when there is not, between
// emits a quarter of a step's share, after each of its four products, and after what comes behind the step.
type besideTiles struct {
	name    string
	test    func(none string)
	between func()
	after   func()
}

// tileOutput adds Vᵀ·Pᵀ to the output, or begins it with the first keys, 32 columns of V at a time, for a block of keys in a stage.
// V is packed in tiles of 16 columns by 32 keys, the columns of the same keys one after the other. Other work goes beside it in this
// order.
//
// From one 32 columns to the next each tile of sums is stored, and loaded again, just before the product that needs it: there it
// waits for no other.
func (b *block) tileOutput(name string, of stage, others []besideTiles) {
	const row = 128
	v, v32, value := reg.RSI, reg.RDX, reg.RDI
	weights, left := reg.R9, reg.RCX
	ot, d, line := reg.R11, reg.RBX, reg.R13
	Load(Param("p"), reg.RAX)
	load(of.v, v)
	load(of.ot, ot)
	load("D", d)
	MOVQ(d, v32)
	SHLQ(Imm(6), v32) // 32 keys of d elements
	MOVQ(I32(row/2), line)
	place := func(t int) enc.Mem {
		m := sum(ot, line, row, t)
		m.Scale = 2
		return m
	}
	begin := func() {
		load(of.scores, weights)
		load(of.keys, left)
		MOVQ(v, value)
	}
	entered := 0
	enter := func(t int) {
		entered++
		first, done := fmt.Sprintf("%s_first%d", name, entered), fmt.Sprintf("%s_entered%d", name, entered)
		CMPQ(Mem{Base: reg.RAX, Disp: offset(of.first)}, Imm(0))
		JNE(LabelRef(first))
		enc.Emit(enc.TileLoad(place(t), t))
		JMP(LabelRef(done))
		Label(first)
		enc.Emit(enc.TileZero(t))
		Label(done)
	}
	leave := func(t int) { // the columns before
		m := place(t)
		m.Disp -= 2 * tileRowsOf * row
		enc.Emit(enc.TileStore(t, m))
	}
	change := func(t int) { leave(t); enter(t) }
	step := func(before func(int), other besideTiles) { // ends by comparing the keys that are left with 0
		products(
			[2]enc.Mem{{Base: value, Index: line, Scale: 1}, {Base: value, Index: line, Scale: 1, Disp: tileBytes}},
			[2]enc.Mem{{Base: weights, Index: line, Scale: 2}, {Base: weights, Index: line, Scale: 2, Disp: 64}}, before, other.between)
		if other.after != nil {
			other.after()
		}
		ADDQ(v32, value)
		ADDQ(U32(tileRowsOf*row), weights)
		SUBQ(Imm(32), left)
	}
	// steps emits a step with each of the others, of which one is taken, and leaves the one without to the caller.
	steps := func(before func(int), suffix string) {
		for _, other := range others {
			none := name + suffix + "_no_" + other.name
			other.test(none)
			step(before, other)
			JG(LabelRef(name + "_keys"))
			JMP(LabelRef(name + "_summed"))
			Label(none)
		}
	}

	begin()
	for t := range 4 {
		enter(t)
	}
	JMP(LabelRef(name + "_keys"))
	Label(name)
	begin()
	steps(change, "_change")
	step(change, besideTiles{})
	JLE(LabelRef(name + "_summed"))
	vec.Align()
	Label(name + "_keys")
	steps(nil, "")
	Label(name + "_plain")
	step(nil, besideTiles{})
	JG(LabelRef(name + "_plain"))
	Label(name + "_summed")
	ADDQ(U32(2*tileRowsOf*row), ot)
	ADDQ(U32(2*tileBytes), v)
	SUBQ(Imm(32), d)
	JNZ(LabelRef(name))
	for t := range 4 {
		leave(t)
	}
}
