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

// sums applies f to each of the 2×2 tiles of sums and its place: rows are stride bytes apart from base on.
func sums(base, stride reg.GPPhysical, row int, f func(t int, m enc.Mem)) {
	for t := range 4 {
		f(t, enc.Mem{Base: base, Index: stride, Scale: 1, Disp: int32(t/2*tileRowsOf*row + t%2*64)})
	}
}

// products adds the products of two tiles of rows, from memory, and two tiles of columns to the sums. Rows are streamed: they
// are not wanted again soon.
func products(rows [2]enc.Mem, columns [2]enc.Mem) {
	enc.Emit(enc.TileLoadT1(rows[0], 4))
	enc.Emit(enc.TileLoad(columns[0], 6))
	enc.Emit(enc.TDPBF16PS(6, 4, 0))
	enc.Emit(enc.TileLoad(columns[1], 7))
	enc.Emit(enc.TDPBF16PS(7, 4, 1))
	enc.Emit(enc.TileLoadT1(rows[1], 5))
	enc.Emit(enc.TDPBF16PS(6, 5, 2))
	enc.Emit(enc.TDPBF16PS(7, 5, 3))
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
		[2]enc.Mem{{Base: qt, Index: stride, Scale: 1}, {Base: qt, Index: stride, Scale: 1, Disp: 64}})
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

// tileOutput adds Vᵀ·Pᵀ to Ot, 32 columns of V at a time. V is packed in tiles of 16 columns by 32 keys, the columns of the same
// keys one after the other.
func (b *block) tileOutput() {
	const row = 128
	v, v32, value := reg.RSI, reg.RDX, reg.RDI
	st, keys := reg.R9, reg.RCX
	ot, d, stride, line := reg.R11, reg.RBX, reg.R12, reg.R13
	Load(Param("p"), reg.RAX)
	load("V", v)
	load("Ot", ot)
	load("D", d)
	MOVQ(d, v32)
	SHLQ(Imm(6), v32) // 32 keys of d elements
	MOVQ(I32(row), stride)
	MOVQ(I32(64), line)
	Label("tile_output")
	load("St", st)
	load("Now", keys)
	MOVQ(v, value)
	sums(ot, stride, row, func(t int, m enc.Mem) { enc.Emit(enc.TileLoad(m, t)) })
	vec.Align()
	Label("tile_output_keys")
	products(
		[2]enc.Mem{{Base: value, Index: line, Scale: 1}, {Base: value, Index: line, Scale: 1, Disp: tileBytes}},
		[2]enc.Mem{{Base: st, Index: stride, Scale: 1}, {Base: st, Index: stride, Scale: 1, Disp: 64}})
	ADDQ(v32, value)
	ADDQ(U32(tileRowsOf*row), st)
	SUBQ(Imm(32), keys)
	JG(LabelRef("tile_output_keys"))
	sums(ot, stride, row, func(t int, m enc.Mem) { enc.Emit(enc.TileStore(t, m)) })
	ADDQ(U32(2*tileRowsOf*row), ot)
	ADDQ(U32(2*tileBytes), v)
	SUBQ(Imm(32), d)
	JNZ(LabelRef("tile_output"))
}
