package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// constants of the block functions.
type constants struct {
	lane      Mem // 0, 1, 2 …: the number of each lane, three vectors
	minusInf  Mem // -Inf
	threshold Mem // 8: scores may exceed the reference maximum by this much before it is moved
}

func newConstants(s vec.Set) constants {
	numbers := make([]uint32, 3*s.Lanes())
	for i := range numbers {
		numbers[i] = uint32(i)
	}
	return constants{
		lane:      softmax.Words("lane"+s.Name, numbers),
		minusInf:  softmax.Repeated("minusInf"+s.Name, math.Float32bits(float32(math.Inf(-1))), s.Lanes()),
		threshold: softmax.Repeated("threshold"+s.Name, math.Float32bits(8), s.Lanes()),
	}
}

// block generates the function for one block of keys and nv vectors of queries.
//
// Its scratch, all of rows of nv vectors: qt[d] queries times log2e/√d, st[nk] scores then weights, ot[d] output before
// normalisation, state[3]: minus the reference maximum, the sum of weights, the last shift of the maximum.
type block struct {
	isa       vec.Set
	exp       *softmax.Exp2
	constants constants
	nv, mr    int
}

// row is the bytes of one row of scratch.
func (b *block) row() int { return b.nv * b.isa.Bytes }

func (b *block) emit() {
	TEXT(fmt.Sprintf("AttentionBlock%d%s", b.nv, b.isa.Name), NOSPLIT,
		"func(k *float32, ldk int, v *float32, ldv, nk, d int, qt, st, ot, state *float32, diagonal, first int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("AttentionBlock%d%s updates %d queries, in lanes, with nk keys and values of d elements.", b.nv, b.isa.Name, b.nv*b.isa.Lanes()),
		"Lane i attends the keys ≤ diagonal + i of the block; first ≠ 0 starts new queries (state is then zero).")
	b.scores()
	b.mask()
	b.maximum()
	b.weights()
	b.output()
	VZEROUPPER()
	RET()
}

// acc is the accumulator of row i, vector j of a tile.
func (b *block) acc(i, j int) reg.VecPhysical { return b.isa.V(i*b.nv + j) }

// scores fills st with K·Qᵀ minus the reference maximum, tiles of mr keys, then the remaining keys one by one.
func (b *block) scores() {
	k, st := Load(Param("k"), GP64()), Load(Param("st"), GP64())
	ldk, keys := Load(Param("ldk"), GP64()), Load(Param("nk"), GP64())
	state := Load(Param("state"), GP64())
	SHLQ(Imm(2), ldk)
	SUBQ(U32(uint32(b.mr)), keys)
	JL(LabelRef("scores_rest"))
	Label("scores_tiles")
	b.scoreTile(b.mr, k, ldk, st, state)
	LEAQ(Mem{Base: st, Disp: b.mr * b.row()}, st)
	for range b.mr / 2 {
		LEAQ(Mem{Base: k, Index: ldk, Scale: 2}, k)
	}
	SUBQ(U32(uint32(b.mr)), keys)
	JGE(LabelRef("scores_tiles"))
	Label("scores_rest")
	ADDQ(U32(uint32(b.mr)), keys)
	JZ(LabelRef("scores_done"))
	Label("scores_single")
	b.scoreTile(1, k, ldk, st, state)
	ADDQ(U32(uint32(b.row())), st)
	ADDQ(ldk, k)
	DECQ(keys)
	JNZ(LabelRef("scores_single"))
	Label("scores_done")
}

// scoreTile computes rows scores from the key rows at k. Rows are addressed from a pointer every three rows.
func (b *block) scoreTile(rows int, k, ldk, st, state reg.Register) {
	const unroll = 4
	bases := []reg.Register{GP64()}
	MOVQ(k, bases[0])
	for i := 3; i < rows; i += 3 {
		next := GP64()
		LEAQ(Mem{Base: bases[len(bases)-1], Index: ldk, Scale: 2}, next)
		ADDQ(ldk, next)
		bases = append(bases, next)
	}
	address := func(i, disp int) Mem {
		if i%3 == 0 {
			return Mem{Base: bases[i/3], Disp: disp}
		}
		return Mem{Base: bases[i/3], Index: ldk, Scale: uint8(i % 3), Disp: disp}
	}
	qt, d := Load(Param("qt"), GP64()), Load(Param("d"), GP64())
	for i := range rows {
		for j := range b.nv {
			VMOVUPS(Mem{Base: state, Disp: j * b.isa.Bytes}, b.acc(i, j))
		}
	}
	loop := fmt.Sprintf("scores_d%d", rows)
	vec.Align()
	Label(loop)
	for u := range unroll {
		b.step(rows, func(j int) Mem { return Mem{Base: qt, Disp: u*b.row() + j*b.isa.Bytes} },
			func(i int) Mem { return address(i, 4*u) })
	}
	ADDQ(U32(uint32(unroll*b.row())), qt)
	for _, base := range bases {
		ADDQ(Imm(4*unroll), base)
	}
	SUBQ(Imm(unroll), d)
	JNZ(LabelRef(loop))
	for i := range rows {
		for j := range b.nv {
			VMOVUPS(b.acc(i, j), Mem{Base: st, Disp: i*b.row() + j*b.isa.Bytes})
		}
	}
}

// step adds one rank-1 update to a tile: nv vectors times rows broadcast scalars.
func (b *block) step(rows int, vector, scalar func(int) Mem) {
	first := b.mr * b.nv
	for j := range b.nv {
		VMOVUPS(vector(j), b.isa.V(first+j))
	}
	spare := b.isa.Regs() - first - b.nv
	for i := range rows {
		x := b.isa.V(first + b.nv + i%min(spare, 5))
		VBROADCASTSS(scalar(i), x)
		for j := range b.nv {
			VFMADD231PS(x, b.isa.V(first+j), b.acc(i, j))
		}
	}
}

// mask sets the scores of keys that a lane does not attend to -Inf: lane i of key j where j - diagonal > i.
func (b *block) mask() {
	key, diagonal, keys := GP64(), Load(Param("diagonal"), GP64()), Load(Param("nk"), GP64())
	zero := GP64()
	XORQ(zero, zero)
	LEAQ(Mem{Base: diagonal, Disp: 1}, key)
	TESTQ(key, key)
	CMOVQLT(zero, key)
	CMPQ(key, keys)
	JGE(LabelRef("mask_done"))
	st := Load(Param("st"), GP64())
	offset := GP64()
	IMUL3Q(U32(uint32(b.row())), key, offset)
	ADDQ(offset, st)
	SUBQ(key, keys)
	SUBQ(diagonal, key)
	minusInf, distance := b.isa.V(0), b.isa.V(1)
	VMOVUPS(b.constants.minusInf, minusInf)
	Label("mask_loop")
	VMOVD(key.As32(), distance.AsX())
	VPBROADCASTD(distance.AsX(), distance)
	for j := range b.nv {
		lane := b.constants.lane.Offset(j * b.isa.Bytes)
		to := Mem{Base: st, Disp: j * b.isa.Bytes}
		if softmax.Wide(b.isa) {
			VPCMPGTD(lane, distance, reg.K1)
			VMOVUPS(minusInf, reg.K1, to)
		} else {
			VPCMPGTD(lane, distance, b.isa.V(2))
			VMASKMOVPS(minusInf, b.isa.V(2), to)
		}
	}
	ADDQ(U32(uint32(b.row())), st)
	INCQ(key)
	DECQ(keys)
	JNZ(LabelRef("mask_loop"))
	Label("mask_done")
}

// maximum leaves the largest score of each lane in registers 0 … nv-1.
func (b *block) maximum() {
	st, keys := Load(Param("st"), GP64()), Load(Param("nk"), GP64())
	for j := range b.nv {
		VMOVUPS(b.constants.minusInf, b.isa.V(j))
		VMOVAPS(b.isa.V(j), b.isa.V(b.nv+j))
	}
	SHRQ(Imm(1), keys)
	JZ(LabelRef("maximum_last"))
	Label("maximum_loop")
	for u := range 2 {
		for j := range b.nv {
			m := b.isa.V(u*b.nv + j)
			VMAXPS(Mem{Base: st, Disp: u*b.row() + j*b.isa.Bytes}, m, m)
		}
	}
	ADDQ(U32(uint32(2*b.row())), st)
	DECQ(keys)
	JNZ(LabelRef("maximum_loop"))
	Label("maximum_last")
	keys = Load(Param("nk"), GP64())
	TESTQ(U32(1), keys)
	JZ(LabelRef("maximum_done"))
	for j := range b.nv {
		VMAXPS(Mem{Base: st, Disp: j * b.isa.Bytes}, b.isa.V(j), b.isa.V(j))
	}
	Label("maximum_done")
	for j := range b.nv {
		VMAXPS(b.isa.V(b.nv+j), b.isa.V(j), b.isa.V(j))
	}
}
