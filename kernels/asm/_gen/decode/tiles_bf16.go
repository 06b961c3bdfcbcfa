package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
)

// tilePairs is tiles for bf16. A weight is the sum of two bf16; rows of weights are the high digits for even columns and for odd ones, and then the low
// ones. An infinity or NaN in a value meets the zeros of its neighbour's row: such output is left to other code, see Infinite.
type tilePairs struct {
	*tiles
	half Mem // of the last place of a low digit
}

func newTilePairs(b *block, e element, d int) *tilePairs {
	b.element = e
	p := &pipeline{block: b, exp: b.exp, d: d}
	p.exp2 = [3]reg.VecPhysical(p.registers(0, 3))
	p.sum, p.scale, p.high = p.isa.V(3), p.isa.V(4), p.isa.V(5)
	p.t = p.registers(6, 2)
	p.x = &value{reg: p.isa.V(8)}
	return &tilePairs{newTiles(p, 2, 1, false), softmax.Repeated(fmt.Sprint("halfOfBF16x", d), 0x8000, 16)}
}

func (t *tilePairs) begin() {
	o := get("O")
	VMOVUPS(t.upperHalves, t.high)
	VBROADCASTSS(field("Scale"), t.scale)
	zero := t.t[0]
	t.isa.Zero(zero)
	VMOVUPS(zero, Mem{Base: t.st, Disp: noScores})
	VMOVAPS(zero, t.sum)
	for i := range t.sums {
		for row := range 4 {
			VMOVUPS(zero, t.sumRow(i, row))
		}
	}
	t.chooseLanes()
	VBROADCASTSS(t.lowest, t.exp2[0])
	CMPQ(field("First"), Imm(0))
	JNE(LabelRef("started"))
	for i := range t.sums {
		for row := range 2 {
			VMOVUPS(Mem{Base: o, Disp: 64 * (2*i + row)}, zero)
			VMOVUPS(zero, t.sumRow(i, row))
		}
	}
	VMOVUPS(t.block.state(t.state, sums), t.sum)
	VMOVUPS(t.block.state(t.state, reference), t.exp2[0])
	Label("started")
	VMOVUPS(t.exp2[0], t.block.state(t.state, reference))
	VADDPS(t.threshold, t.exp2[0], t.exp2[0])
	VMOVUPS(t.exp2[0], t.block.state(t.state, most))
	t.loadSums()
	if t.row != nil {
		MOVQ(field("Q"), t.row)
		return
	}
	MOVQ(field("Q"), t.at)
	for i, q := range t.query {
		t.op(enc.TileLoad, t.at, t.column, 64*i, q)
	}
}

// clear loads zeros: an empty tile made the product after it wait.
func (t *tilePairs) clear() { t.op(enc.TileLoad, t.st, t.column, noScores, scoreTile) }

func (t *tilePairs) weigh() {
	x, p, f := t.exp2[0], t.exp2[1], t.exp2[2]
	VMOVUPS(t.minusInf, t.x.reg)
	VMULPS(t.scores(0), t.scale, reg.K2, t.x.reg)
	VCMPPS(Imm(greater), t.block.state(t.state, most), t.x.reg, reg.K1)
	t.moveIfAny()
	VSUBPS(Mem{Base: t.state}, t.x.reg, x)
	all(t.exp.Steps(x, p, f))
	VADDPS(x, t.sum, t.sum)
	t.pointToWeights(0)
	t.digitRows(x)
}

// digitRows writes the rows of weights x.
func (t *tilePairs) digitRows(x reg.VecPhysical) {
	high, low := t.t[0], t.t[1]
	VPANDD(t.high, x, high)
	VSUBPS(high, x, low)
	VPADDD(t.half, low, low)
	VPSRLD(Imm(16), x, x)
	VMOVUPS(x, t.rowOfWeights(0))
	VMOVUPS(high, t.rowOfWeights(1))
	VPSRLD(Imm(16), low, x)
	VPANDD(t.high, low, low)
	VMOVUPS(x, t.rowOfWeights(2))
	VMOVUPS(low, t.rowOfWeights(3))
}

// moves makes the largest of the scores in x the reference maximum, and scales down what was made with the old one.
func (t *tilePairs) moves() {
	Label("moves")
	top, u, old := t.exp2[0], t.exp2[1], t.exp2[2]
	t.storeSums()
	VMOVAPS(t.x.reg, top)
	t.largest(top, u)
	VBROADCASTSS(top.AsX(), top)
	VMOVUPS(Mem{Base: t.state}, old)
	VMAXPS(top, old, top)
	VMOVUPS(top, Mem{Base: t.state})
	VADDPS(t.threshold, top, u)
	VMOVUPS(u, t.block.state(t.state, most))
	VSUBPS(top, old, top)
	all(t.exp.Steps(top, u, old))
	VMULPS(top, t.sum, t.sum)
	for i := range t.sums {
		for row := range 4 {
			VMULPS(t.sumRow(i, row), top, u)
			VMOVUPS(u, t.sumRow(i, row))
		}
	}
	t.loadSums()
	t.waiting(func() {
		VMOVUPS(t.rowOfWeights(1), u)
		VADDPS(t.rowOfWeights(3), u, u)
		VMULPS(top, u, u)
		t.digitRows(u)
	})
	t.jumpBack()
}

// end writes the output, or what the next keys go on with, and says whether all of it is finite.
func (t *tilePairs) end() {
	t.storeSums()
	total, x, nan, zero := t.exp2[0], t.exp2[1], t.exp2[2], t.t[0]
	acc := t.registers(16, 2*len(t.sums))
	t.isa.Zero(nan)
	t.isa.Zero(zero)
	for i := range t.sums {
		for row := range 2 {
			VMOVUPS(t.sumRow(i, row), acc[2*i+row])
			VADDPS(t.sumRow(i, 2+row), acc[2*i+row], acc[2*i+row])
		}
	}
	for _, v := range acc {
		VFMADD231PS(zero, v, nan)
	}
	VCMPPS(Imm(unordered), nan, nan, reg.K1)
	infinite := GP32()
	KMOVW(reg.K1, infinite)
	ORL(infinite, field("Infinite"))
	out := get("Out")
	TESTQ(out, out)
	JNE(LabelRef("finish"))
	o := get("O")
	for i, v := range acc {
		VMOVUPS(v, Mem{Base: o, Disp: 64 * i})
	}
	VMOVUPS(t.sum, t.block.state(t.state, sums))
	t.finish()

	Label("finish")
	VMOVAPS(t.sum, total)
	t.block.invert(total, x)
	for i := range acc {
		VMOVUPS(t.pairs[i%2], x)
		VPERMI2PS(acc[i|1], acc[i&^1], x)
		VMULPS(total, x, x)
		VMOVUPS(x, Mem{Base: out, Disp: 64 * i})
	}
	t.finish()
}

// unordered is a predicate of vcmpps: no numbers; quiet.
const unordered = 3
