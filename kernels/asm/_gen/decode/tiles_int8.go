package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
)

// tileQuads is tiles for int8. The query and the weights are the integers of 16 bits of VNNI: the query in two signed digits, each a column, weights in
// two unsigned ones, each four rows. Sums of scores are never cleared: a score is the difference of two, which is right as long as it fits 32 bits itself.
type tileQuads struct {
	*tiles
	n *integers

	before    [2]reg.VecPhysical // sums before these keys, of each step of a turn
	high, low reg.VecPhysical    // which lanes of two vectors are high digits, and low ones: lanes
	bytes     [2]reg.VecPhysical // the lowest byte of a lane, and the one above: masks

	lanes, masks [2]Mem
	half         Mem // of the unit of high digits
}

func newTileQuads(b *block, e element, d int) *tileQuads {
	b.element = e
	n := newIntegers(b, d, 2, form{name: "Tiles", wide: true})
	p := &n.pipeline
	p.exp2 = [3]reg.VecPhysical(p.registers(0, 3))
	p.sum = p.isa.V(3)
	t := &tileQuads{tiles: newTiles(p, 4, 2, d == 64), n: &n}
	t.before, t.high, t.low = [2]reg.VecPhysical{p.isa.V(4), p.isa.V(22)}, p.isa.V(10), p.isa.V(11)
	t.bytes = [2]reg.VecPhysical(p.registers(12, 2))
	p.x = &value{reg: p.isa.V(14)}
	n.spare = p.registers(15, 3)
	n.columns = func(i int) (high, low Op) { return t.sumRow(i/4, 4+i%4), t.sumRow(i/4, i%4) }
	for i := range 2 {
		lanes := make([]uint32, 16)
		for j := range lanes {
			lanes[j] = uint32(2*j + i)
			if t.pair {
				lanes[j] = uint32(j/8*16 + j%4*4 + j/4%2*2 + i)
			}
		}
		t.lanes[i] = softmax.Words(fmt.Sprint("tileDigits", i, "x", d), lanes)
		t.masks[i] = softmax.Repeated(fmt.Sprint("tileByte", i, "x", d), 0xff<<(8*i), 1)
	}
	t.half = softmax.Repeated(fmt.Sprint("tileHalf", d), 128, 16)
	return t
}

func (t *tileQuads) begin() {
	n, zero := t.n, t.isa.V(8)
	n.ks, n.vs = get("KScale"), get("VScale")
	t.isa.Zero(zero)
	half, low, high, both := t.isa.V(18), t.isa.V(19).AsX(), t.isa.V(20).AsX(), t.isa.V(21)
	VMOVDQU32(t.half, half)
	n.eachOfQuery(zero, func(i int, integers reg.VecPhysical) {
		VPMOVDB(integers, low)
		VPADDD(half, integers, integers) // low digits are signed
		VPSRAD(Imm(8), integers, integers)
		VPMOVDB(integers, high)
		VPUNPCKLDQ(low, high, both.AsX())
		t.storeQuery(i, both)
		VPUNPCKHDQ(low, high, both.AsX())
		t.storeQuery(i+8, both)
	})
	for i, q := range t.query {
		t.op(enc.TileLoad, t.st, t.column, tileQuery+4*t.columns()*step*i, q)
	}
	enc.Emit(enc.TileZero(scoreTile))
	t.clearSums(nil)
	for _, v := range t.before {
		t.isa.Zero(v)
	}
	VMOVDQU32(t.lanes[0], t.high)
	VMOVDQU32(t.lanes[1], t.low)
	VPBROADCASTD(t.masks[0], t.bytes[0])
	VPBROADCASTD(t.masks[1], t.bytes[1])
	t.chooseLanes()
	if t.pair {
		VMOVDQU32(zero, Mem{Base: t.st, Disp: noScores}) // before the first digits
		t.setLine(-1)
	}
	n.start(zero)
	Label("started")
}

// storeQuery stores two rows of the query's tile, from element i on: a high digit and a low one each. Of a pair, those of the first step are columns 0 and 2, of
// the second, in a tile behind the others, 1 and 3.
func (t *tileQuads) storeQuery(i int, rows reg.VecPhysical) {
	if !t.pair {
		VMOVDQU32(rows.AsX(), Mem{Base: t.st, Disp: tileQuery + 2*i})
		return
	}
	VPMOVZXDQ(rows.AsX(), rows.AsY())
	VMOVDQU32(rows.AsY(), Mem{Base: t.st, Disp: tileQuery + 4*i})
	VPSLLQ(Imm(32), rows.AsY(), rows.AsY())
	VMOVDQU32(rows.AsY(), Mem{Base: t.st, Disp: tileQuery + 4*(t.d+i)})
}

func (t *tileQuads) clear() {}

func (t *tileQuads) clearSums(reg.VecPhysical) {
	for _, tile := range t.sums {
		enc.Emit(enc.TileZero(tile))
	}
}

func (t *tileQuads) weigh() {
	x, y := t.exp2[0], t.exp2[1]
	if !t.pair {
		first := t.isa.V(18)
		VMOVDQU32(t.scores(0), first)
		VMOVDQA32(t.high, x)
		VPERMI2D(t.scores(1), first, x)
		VMOVDQA32(t.low, y)
		VPERMI2D(t.scores(1), first, y)
		VPSLLD(Imm(8), x, x)
		VPADDD(y, x, x)
		t.weighStep(x, 0)
		return
	}
	both, low, second := t.registers(19, 2), t.isa.V(18), t.isa.V(21)
	for i, v := range both { // what two steps have of keys 8·i to 8·i+7
		VMOVDQU32(t.scores(2*i), low)
		VUNPCKLPD(t.scores(2*i+1), low, v)
		VUNPCKHPD(t.scores(2*i+1), low, low)
		VPSLLD(Imm(8), v, v)
		VPADDD(low, v, v)
	}
	VMOVDQA32(t.high, x)
	VPERMI2D(both[1], both[0], x)
	if t.single {
		t.weighStep(x, 0)
		return
	}
	VMOVDQA32(t.low, second)
	VPERMI2D(both[1], both[0], second)
	t.weighStep(x, 0)
	t.part += "_second"
	VMOVDQA32(second, x)
	t.weighStep(x, 1)
}

// scaleBytes is what the scales of a step take.
const scaleBytes = 4 * step

// weighStep makes rows of weights of sums x of digits, of a step of the turn.
func (t *tileQuads) weighStep(x reg.VecPhysical, step int) {
	n, y, f, before := t.n, t.exp2[1], t.exp2[2], t.before[step]
	VPSUBD(before, x, t.x.reg)
	VMOVDQA32(x, before)
	VCVTDQ2PS(t.x.reg, t.x.reg)
	VMULPS(Mem{Base: n.ks}, t.x.reg, t.x.reg)
	ADDQ(Imm(scaleBytes), n.ks)
	VBROADCASTSS(Mem{Base: t.state, Disp: factor}, x)
	VFMSUB213PS(t.block.state(t.state, reference), t.x.reg, x)
	all(n.relative(x, y, f))
	VCMPPS_BCST(Imm(notAtMost), n.c.limit, y, reg.K1)
	t.moveIfAny()
	VADDPS(x, t.sum, t.sum)
	VCVTPS2DQ(y, y)
	ADDQ(Imm(scaleBytes), n.vs)
	t.pointToWeights(step)
	t.digitRows(y, x, f)
}

// digitRows writes the rows of weights y, or what rows are read of; a and b are free.
func (t *tileQuads) digitRows(y, a, b reg.VecPhysical) {
	if t.pair {
		VPANDD(t.bytes[0], y, a)
		VPSRLD(Imm(8), y, b)
		VMOVDQU32(a, t.rowOfWeights(0))
		VMOVDQU32(b, t.rowOfWeights(1))
		return
	}
	left := func(from reg.VecPhysical, bits uint64, to reg.VecPhysical, row int) {
		VPSLLD(Imm(bits), from, to)
		VMOVDQU32(to, t.rowOfWeights(row))
	}
	VPANDD(t.bytes[0], y, a)
	VPANDD(t.bytes[1], y, b)
	VMOVDQU32(a, t.rowOfWeights(0))
	VMOVDQU32(b, t.rowOfWeights(5))
	left(y, 24, t.isa.V(18), 3)
	VPSRLD(Imm(8), y, y)
	VMOVDQU32(y, t.rowOfWeights(4))
	left(a, 8, y, 1)
	left(a, 16, a, 2)
	left(b, 8, y, 6)
	left(b, 16, b, 7)
}

// scaleWaiting scales the weights that wait for values.
func (t *tileQuads) scaleWaiting(scale func()) {
	t.waiting(func() {
		y, high := t.exp2[1], t.exp2[2]
		highRow := 4
		if t.pair {
			highRow = 1
		}
		VPSLLD(Imm(8), t.rowOfWeights(highRow), high)
		VPADDD(t.rowOfWeights(0), high, y)
		scale()
		t.digitRows(y, t.n.spare[1], high)
	})
}

func (t *tileQuads) moves() {
	t.n.moveReference(move{
		free:    [3]reg.VecPhysical(t.n.spare),
		store:   t.storeSums,
		clear:   t.clearSums,
		waiting: t.scaleWaiting,
		resume: func() {
			if t.pair {
				t.setLine(-1)
			}
		},
	})
}

// end adds the sums to the output, and writes it after the last key.
func (t *tileQuads) end() {
	t.storeSums()
	o, out, total, u, x := get("O"), get("Out"), t.exp2[0], t.exp2[1], t.exp2[2]
	TESTQ(out, out)
	JNE(LabelRef("finish"))
	for i := range t.d / 16 {
		t.n.gather(i, x, u)
		VMOVUPS(x, Mem{Base: o, Disp: 64 * i})
	}
	VMOVUPS(t.sum, t.block.state(t.state, sums))
	t.finish()

	Label("finish")
	VMOVAPS(t.sum, total)
	t.block.invert(total, u)
	v := t.registers(16, 8)
	for tile := range t.chunksOfRow() {
		for m, to := range v[:4] { // columns m, m+4, …
			t.n.gather(4*tile+m, to, u)
			VMULPS(total, to, to)
		}
		VUNPCKLPS(v[1], v[0], v[4])
		VUNPCKHPS(v[1], v[0], v[5])
		VUNPCKLPS(v[3], v[2], v[6])
		VUNPCKHPS(v[3], v[2], v[7])
		VUNPCKLPD(v[6], v[4], v[0])
		VUNPCKHPD(v[6], v[4], v[1])
		VUNPCKLPD(v[7], v[5], v[2])
		VUNPCKHPD(v[7], v[5], v[3])
		for n, from := range v[:4] { // four columns of each 16
			for j := range 4 {
				VEXTRACTF32X4(Imm(uint64(j)), from, Mem{Base: out, Disp: 256*tile + 64*j + 16*n})
			}
		}
	}
	t.finish()
}
