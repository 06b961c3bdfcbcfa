package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// mask sets the scores of keys that a lane does not attend to -Inf: lane i of key j where j - Diagonal > i, and every lane of
// keys from Valid on. known says that queries have a reference maximum, which AMX makes use of; see fixedMasks.
func (b *block) mask(name string, known bool) {
	key, diagonal, keys := GP64(), b.get("Diagonal"), b.get("Now")
	minusInf, distance := b.isa.V(0), b.isa.V(1)
	masked := []reg.VecPhysical{minusInf, minusInf, minusInf} // what scores become
	VMOVUPS(b.constants.minusInf, minusInf)
	if known && b.unit == tiles {
		masked = []reg.VecPhysical{b.isa.V(2), b.isa.V(3)}
		b.fixedMasks(masked, minusInf)
	}
	start := func(done string) (st reg.Register) { // from key on, at least 0, if that is before the last key
		zero, offset := GP64(), GP64()
		XORQ(zero, zero)
		TESTQ(key, key)
		CMOVQLT(zero, key)
		CMPQ(key, keys)
		JGE(LabelRef(done))
		st = b.get("St")
		IMUL3Q(U32(uint32(b.row())), key, offset)
		ADDQ(offset, st)
		return st
	}
	LEAQ(Mem{Base: diagonal, Disp: 1}, key)
	st := start(name + "_diagonal_done")
	SUBQ(key, keys)
	SUBQ(diagonal, key)
	counted := b.unit == tiles // in the register: a shuffle less
	if counted {
		VMOVD(key.As32(), distance.AsX())
		VPBROADCASTD(distance.AsX(), distance)
		VPTERNLOGD(Imm(0xff), b.isa.V(4), b.isa.V(4), b.isa.V(4))
	}
	Label(name + "_diagonal")
	if !counted {
		VMOVD(key.As32(), distance.AsX())
		VPBROADCASTD(distance.AsX(), distance)
	}
	for j := range b.nv {
		lane := b.constants.lane.Offset(j * b.isa.Bytes)
		to := Mem{Base: st, Disp: j * b.isa.Bytes}
		if softmax.Wide(b.isa) {
			VPCMPGTD(lane, distance, reg.K1)
			VMOVUPS(masked[j], reg.K1, to)
		} else {
			VPCMPGTD(lane, distance, b.isa.V(2))
			VMASKMOVPS(masked[j], b.isa.V(2), to)
		}
	}
	ADDQ(U32(uint32(b.row())), st)
	if counted {
		VPSUBD(b.isa.V(4), distance, distance)
	} else {
		INCQ(key)
	}
	DECQ(keys)
	JNZ(LabelRef(name + "_diagonal"))
	Label(name + "_diagonal_done")
	if !b.pairs() {
		return // odd numbers of keys are taken as they are
	}
	MOVQ(b.field("Valid"), key)
	MOVQ(b.field("Now"), keys)
	st = start(name + "_valid_done")
	SUBQ(key, keys)
	Label(name + "_valid")
	for j := range b.nv {
		VMOVUPS(masked[j], Mem{Base: st, Disp: j * b.isa.Bytes})
	}
	ADDQ(U32(uint32(b.row())), st)
	DECQ(keys)
	JNZ(LabelRef(name + "_valid"))
	Label(name + "_valid_done")
}

// masksTiles says whether scores are masked in the registers of their tile, where the largest of them are found, too. Zen has not been measured.
func (b *block) masksTiles() bool { return b.fetching && softmax.Wide(b.isa) }

// Distances of constants.masked: a tile of keys has some before the diagonal, blocks have keys of the last tile behind it.
const (
	maskedBefore = 64
	maskedBehind = 128
)

// maskedLanes are words, two bytes each.
func maskedLanes(s vec.Set) Mem {
	words := make([]uint32, (maskedBefore+maskedBehind)/2)
	for i := range maskedBefore + maskedBehind {
		n := min(max(i-maskedBefore, 0), s.Lanes())
		words[i/2] |= (1<<n - 1) << (i % 2 * 16)
	}
	return softmax.Words("masked"+s.Name, words)
}

// maskTile is mask of a tile in registers, whose first key has the diagonal so far behind it.
func (b *block) maskTile(from, rows int, beyond reg.Register) {
	done := fmt.Sprintf("scores_masked%d_from%d", rows, from)
	CMPQ(beyond, Imm(uint64(rows-1)))
	JGE(LabelRef(done))
	lanes, distance, minusInf := GP64(), GP64(), b.isa.V(b.mr*b.nv)
	LEAQ(b.constants.masked.Offset(2*maskedBefore), lanes)
	MOVQ(beyond, distance)
	NEGQ(distance)
	VMOVUPS(b.constants.minusInf, minusInf)
	for i := range rows {
		for j := from; j < b.nv; j++ {
			KMOVW(Mem{Base: lanes, Index: distance, Scale: 2, Disp: 2 * (i - j*b.isa.Lanes())}, reg.K1)
			VMOVAPS(minusInf, reg.K1, b.acc(i, j))
		}
	}
	Label(done)
}

// unmasked jumps to target unless every lane attends every key.
func (b *block) unmasked(target string) {
	now := b.get("Now")
	if b.pairs() {
		CMPQ(now, b.field("Valid"))
		JGT(LabelRef(target))
	}
	DECQ(now)
	CMPQ(now, b.field("Diagonal"))
	JGT(LabelRef(target))
}

// maximum leaves the largest score of each lane, less the reference maximum, in registers 0 … nv-1.
func (b *block) maximum() {
	st, keys := b.get("St"), b.get("Now")
	for i := range 2 * b.nv {
		VMOVUPS(b.constants.minusInf, b.isa.V(i))
	}
	SHRQ(Imm(1), keys)
	JZ(LabelRef("maximum_last"))
	Label("maximum_loop")
	for u := range 2 {
		b.larger(st, u, u*b.nv)
	}
	ADDQ(U32(uint32(2*b.row())), st)
	DECQ(keys)
	JNZ(LabelRef("maximum_loop"))
	Label("maximum_last")
	if !b.pairs() {
		keys = b.get("Now")
		TESTQ(U32(1), keys)
		JZ(LabelRef("maximum_done"))
		b.larger(st, 0, 0)
		Label("maximum_done")
	}
	b.largest(2, "State")
}

// larger makes the maxima in the registers from first on those of row n of scores, too.
func (b *block) larger(st reg.Register, n, first int) {
	for j := range b.nv {
		m := b.isa.V(first + j)
		VMAXPS(Mem{Base: st, Disp: n*b.row() + j*b.isa.Bytes}, m, m)
	}
}

// largest brings so many maxima of each vector together, and takes the reference maximum off scores that are not less it.
func (b *block) largest(of int, state string) {
	for ; of > 1; of /= 2 {
		for i := range of / 2 * b.nv {
			VMAXPS(b.isa.V(of/2*b.nv+i), b.isa.V(i), b.isa.V(i))
		}
	}
	if b.unit != tiles {
		return
	}
	scale, reference := b.scale(), b.get(state)
	b.movingQueries(reference)
	VBROADCASTSS(b.field("Scale"), scale)
	for j := range b.nv {
		VMULPS(scale, b.isa.V(j), b.isa.V(j)) // rounded as those of which it is taken off
		VADDPS(Mem{Base: reference, Disp: j * b.isa.Bytes}, b.isa.V(j), b.isa.V(j))
	}
}
