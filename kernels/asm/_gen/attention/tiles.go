package main

import (
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

// tileOutput adds Vᵀ·Pᵀ to Ot, 32 columns of V at a time, by the weights of keys at the fields st and keys. V is packed in tiles of
// 16 columns by 32 keys, the columns of the same keys one after the other. When scores is not "", the largest of as many keys
// at this field are left in registers meanwhile, as maximum does.
//
// From one 32 columns to the next each tile of sums is stored, and loaded again, just before the product that needs it: there it
// waits for no other.
func (b *block) tileOutput(name, st, keys, scores string) {
	const (
		row     = 128
		maxRows = 16 // rows of scores in a step, four after each product
	)
	v, v32, value := reg.RSI, reg.RDX, reg.RDI
	weights, left := reg.R9, reg.RCX
	ot, d, stride, line := reg.R11, reg.RBX, reg.R12, reg.R13
	score, scoresLeft := reg.R8, reg.R10
	Load(Param("p"), reg.RAX)
	load("V", v)
	load("Ot", ot)
	load("D", d)
	MOVQ(d, v32)
	SHLQ(Imm(6), v32) // 32 keys of d elements
	MOVQ(I32(row), stride)
	MOVQ(I32(64), line)
	if scores != "" {
		load(scores, score)
		load(keys, scoresLeft)
		for i := range 4 * b.nv {
			VMOVUPS(b.constants.minusInf, b.isa.V(i))
		}
	}
	begin := func() {
		load(st, weights)
		load(keys, left)
		MOVQ(v, value)
	}
	enter := func(t int) { enc.Emit(enc.TileLoad(sum(ot, stride, row, t), t)) }
	leave := func(t int) { // the columns before
		m := sum(ot, stride, row, t)
		m.Disp -= 2 * tileRowsOf * row
		enc.Emit(enc.TileStore(t, m))
	}
	change := func(t int) { leave(t); enter(t) }
	step := func(before func(int), between func()) {
		products(
			[2]enc.Mem{{Base: value, Index: line, Scale: 1}, {Base: value, Index: line, Scale: 1, Disp: tileBytes}},
			[2]enc.Mem{{Base: weights, Index: stride, Scale: 1}, {Base: weights, Index: stride, Scale: 1, Disp: 64}}, before, between)
		ADDQ(v32, value)
		ADDQ(U32(tileRowsOf*row), weights)
		SUBQ(Imm(32), left)
	}
	rows := func(from, n int) {
		for i := range n {
			b.larger(score, from+i, i%4)
		}
	}
	stepWithScores := func(before func(int)) {
		n := 0
		step(before, func() { rows(n, maxRows/4); n += maxRows / 4 })
		LEAQ(Mem{Base: score, Disp: maxRows * row}, score)
		LEAQ(Mem{Base: scoresLeft, Disp: -maxRows}, scoresLeft)
	}

	begin()
	for t := range 4 {
		enter(t)
	}
	if scores == "" {
		JMP(LabelRef(name + "_keys"))
	} else {
		JMP(LabelRef(name + "_with"))
	}
	Label(name)
	begin()
	if scores != "" {
		TESTQ(scoresLeft, scoresLeft)
		JZ(LabelRef(name + "_plain"))
		stepWithScores(change)
		JLE(LabelRef(name + "_summed"))
		TESTQ(scoresLeft, scoresLeft)
		JZ(LabelRef(name + "_keys"))
		vec.Align()
		Label(name + "_with")
		stepWithScores(nil)
		JLE(LabelRef(name + "_summed"))
		TESTQ(scoresLeft, scoresLeft)
		JNZ(LabelRef(name + "_with"))
		JMP(LabelRef(name + "_keys"))
		Label(name + "_plain")
	}
	step(change, nil)
	JLE(LabelRef(name + "_summed"))
	vec.Align()
	Label(name + "_keys")
	step(nil, nil)
	JG(LabelRef(name + "_keys"))
	Label(name + "_summed")
	ADDQ(U32(2*tileRowsOf*row), ot)
	ADDQ(U32(2*tileBytes), v)
	SUBQ(Imm(32), d)
	JNZ(LabelRef(name))
	for t := range 4 {
		leave(t)
	}
	if scores == "" {
		return
	}
	TESTQ(scoresLeft, scoresLeft)
	JZ(LabelRef(name + "_largest"))
	Label(name + "_rest")
	rows(0, maxRows)
	ADDQ(U32(maxRows*row), score)
	SUBQ(Imm(maxRows), scoresLeft)
	JNZ(LabelRef(name + "_rest"))
	Label(name + "_largest")
	b.largest(4)
}
