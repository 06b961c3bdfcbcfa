package main

import (
	"fmt"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"math"

	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

const (
	rows          = 8  // keys or values at once
	firstConstant = 4  // registers of exp2's constants
	greater       = 30 // predicate of vcmpps: ordered, quiet
	notLess       = 5  // predicate of vpcmpd
)

// block generates the decode functions of one instruction set, one per type of keys and values.
type block struct {
	isa                              vec.Set
	exp                              *softmax.Exp2
	minusInf, threshold, upperHalves Mem
	digit, lane                      Mem // for integers: 256, and 0, 1, 2 …
	lowest, one                      Mem
	middle                           *softmax.Exp2
	pairs, quarters                  [2]Mem // which elements of two vectors make two in order: of even and odd ones; of quarters by turns
	element                          element
}

func newBlock(s vec.Set) *block {
	numbers := make([]uint32, 64)
	for i := range numbers {
		numbers[i] = uint32(i)
	}
	b := &block{
		pairs:    merged(s, "pairs", 1),
		quarters: merged(s, "quarters", 4),
		isa:      s, exp: softmax.NewExp2(s),
		minusInf:    softmax.Repeated("minusInf"+s.Name, math.Float32bits(float32(math.Inf(-1))), s.Lanes()),
		threshold:   softmax.Repeated("threshold"+s.Name, math.Float32bits(8), s.Lanes()),
		upperHalves: softmax.Repeated("upperHalves"+s.Name, 0xffff0000, s.Lanes()),
		digit:       softmax.Repeated("digit"+s.Name, math.Float32bits(256), s.Lanes()),
		lowest:      softmax.Repeated("lowest"+s.Name, math.Float32bits(-math.MaxFloat32), s.Lanes()),
		one:         softmax.Repeated("one"+s.Name, math.Float32bits(1), s.Lanes()),
		lane:        softmax.Words("lanes"+s.Name, numbers),
	}
	if softmax.Wide(s) {
		b.middle = softmax.NewMiddleExp2(s)
	}
	return b
}

// merged says which elements of two vectors, the second's after the first's, make two vectors of groups of so many elements from
// the first and the second by turns.
func merged(s vec.Set, name string, group int) (indices [2]Mem) {
	for i := range indices {
		words := make([]uint32, s.Lanes())
		for j := range words {
			n := i*s.Lanes() + j
			words[j] = uint32(n/(2*group)*group + n%group + n/group%2*s.Lanes())
		}
		indices[i] = softmax.Words(fmt.Sprintf("%s%s%d", name, s.Name, i), words)
	}
	return indices
}

// emit generates the function for one type. The scores of a group are computed before the output of the group before: the
// processor can then begin with them while it sums up, and with the output while the weights are made.
func (b *block) emit(e element) {
	b.element = e
	name := "DecodeKeys" + e.name + b.isa.Name + e.isa
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(fmt.Sprintf("%s updates one query with keys and values of D elements, D a multiple of %d; see DecodeKeys.", name, e.unit()*b.isa.Lanes()))
	MOVQ(I32(0), field("Now"))
	for _, walk := range [][2]string{{"K", "NextK"}, {"KScale", "NextScale"}, {"V", "NowV"}, {"VScale", "NowScale"}} {
		MOVQ(get(walk[0]), field(walk[1]))
	}
	Label("group")
	next, most := get("Keys"), GP64()
	MOVQ(I32(int32(b.group())), most)
	CMPQ(next, most)
	CMOVQGT(most, next)
	MOVQ(next, field("Next"))
	SUBQ(next, field("Keys"))
	TESTQ(next, next)
	JZ(LabelRef("scores_end"))
	if e.dot > 0 {
		b.dotScores()
	} else {
		b.scores()
	}
	Label("scores_end")
	CMPQ(field("Now"), Imm(0))
	JE(LabelRef("output_end"))
	switch e.dot {
	case 2:
		b.pairOutput()
	case 4:
		b.quadOutput()
	default:
		b.output()
	}
	step := get("LdV")
	IMULQ(field("Now"), step)
	ADDQ(step, field("NowV"))
	Label("output_end")
	now := get("Next")
	MOVQ(now, field("Now"))
	TESTQ(now, now)
	JZ(LabelRef("end"))
	b.weights()
	JMP(LabelRef("group"))
	Label("moves")
	b.move()
	JMP(LabelRef("moved"))
	Label("end")
	if e.dot == 4 {
		b.flush("end")
	}
	VZEROUPPER()
	RET()
}

// startScores fills St with -Inf from the last whole step of weights on.
func (b *block) startScores() (st reg.GPVirtual) {
	st = get("St")
	last := get("Next")
	ANDQ(I32(int32(-b.step())), last)
	LEAQ(Mem{Base: st, Index: last, Scale: 4}, last)
	VMOVUPS(b.minusInf, b.isa.V(0))
	for i := 0; i < b.step(); i += b.isa.Lanes() {
		VMOVUPS(b.isa.V(0), Mem{Base: last, Disp: 4 * i})
	}
	return st
}

// scores fills St with q·kᵀ of a group.
func (b *block) scores() {
	st, scale, e := b.startScores(), GP64(), b.element
	if e.scale {
		MOVQ(field("NextScale"), scale)
	}
	most, spare := 8, 0
	if e.name != "F32" {
		spare = 2 // for widened elements
		if !softmax.Wide(b.isa) {
			most = 4
		}
	}
	query, t, high := b.registers(rows, most), b.registers(rows+most, spare), b.isa.V(b.isa.Regs()-1)
	if e.pair {
		VMOVUPS(b.upperHalves, high)
	}
	keys := open("NextK", "LdK", "Next")
	keys.each("scores", []int{rows, 1}, func(n int) {
		acc := b.registers(0, n)
		for i := range acc {
			b.isa.Zero(acc[i])
		}
		keys.chunks(b, "scores", n, e.chunks(most), "Q", func(vectors int, at func(i, j int) Mem, side func(j int) Mem) {
			for j := range vectors {
				VMOVUPS(side(j), query[j])
			}
			for i := range acc {
				for j := 0; j < vectors; j += e.unit() {
					e.multiply(b.isa, at(i, j), query[j:], []reg.VecPhysical{acc[i], acc[i]}, t, high)
				}
			}
		})
		if n == 1 {
			b.isa.Sum(acc[0], query[0])
			if e.scale {
				VMULSS(Mem{Base: scale}, acc[0].AsX(), acc[0].AsX())
			}
			VMOVSS(acc[0].AsX(), Mem{Base: st})
		} else {
			b.sumEight(acc, query[0], VADDPS)
			if e.scale {
				VMULPS(Mem{Base: scale}, acc[0].AsY(), acc[0].AsY())
			}
			VMOVUPS(acc[0].AsY(), Mem{Base: st})
		}
		ADDQ(Imm(uint64(4*n)), st)
		if e.scale {
			ADDQ(Imm(uint64(4*n)), scale)
		}
	})
	MOVQ(keys.base, field("NextK"))
	if e.scale {
		MOVQ(scale, field("NextScale"))
	}
}

// registers are n vector registers from first on.
func (b *block) registers(first, n int) []reg.VecPhysical {
	var r []reg.VecPhysical
	for i := range n {
		r = append(r, b.isa.V(first+i))
	}
	return r
}

// sumEight leaves the sums of the eight vectors of a in the low eight elements of a[0]; t is free.
func (b *block) sumEight(a []reg.VecPhysical, t reg.VecPhysical, add func(...Op)) {
	for i := 0; i < 8; i += 2 { // pairs of rows
		VUNPCKLPS(a[i+1], a[i], t)
		VUNPCKHPS(a[i+1], a[i], a[i])
		add(t, a[i], a[i])
	}
	for i := 0; i < 8; i += 4 { // in each 128 bits: four rows, a quarter (half) of their sum
		VUNPCKLPD(a[i+2], a[i], t)
		VUNPCKHPD(a[i+2], a[i], a[i])
		add(t, a[i], a[i])
	}
	if softmax.Wide(b.isa) {
		VSHUFF32X4(Imm(0x88), a[4], a[0], t)
		VSHUFF32X4(Imm(0xdd), a[4], a[0], a[0])
		add(t, a[0], a[0])
		VSHUFF32X4(Imm(0x88), a[0], a[0], t)
		VSHUFF32X4(Imm(0xdd), a[0], a[0], a[0])
	} else {
		VPERM2F128(Imm(0x20), a[4], a[0], t)
		VPERM2F128(Imm(0x31), a[4], a[0], a[0])
	}
	add(t, a[0], a[0])
}

// groupVectors are the registers of a group's scores, and two temporaries for each.
func (b *block) groupVectors() (x, p, f []reg.VecPhysical) {
	if softmax.Wide(b.isa) {
		return b.registers(0, 4), b.registers(12, 4), b.registers(16, 4)
	}
	v := func(i, j int) []reg.VecPhysical { return []reg.VecPhysical{b.isa.V(i), b.isa.V(j)} }
	return v(0, 3), v(1, 13), v(2, 15)
}

// sum is the register of the sums of weights.
func (b *block) sum() reg.VecPhysical { return b.isa.V(b.isa.Regs() - 2) }

// group is the number of keys whose scores, weights and output follow each other.
func (b *block) group() int {
	if b.element.dot > 0 {
		return 512
	}
	return 256
}

// weightsAt is how far behind the scores the weights stand; between them is room for a step of -Inf.
func (b *block) weightsAt() int { return 4 * (b.group() + b.step()) }

// step is the number of keys whose weights are computed side by side.
func (b *block) step() int {
	x, _, _ := b.groupVectors()
	return len(x) * b.isa.Lanes()
}

// weights turns the scores of a group into weights, behind the scores, and adds them to the sums. When a score exceeds the
// reference maximum by more than the threshold, that is moved first.
func (b *block) weights() {
	b.exp.Load(firstConstant)
	b.check()
	JNZ(LabelRef("moves"))
	Label("moved")
	st, to, state, left := get("St"), get("St"), get("State"), get("Now")
	x, p, f := b.groupVectors()
	sum, scale := b.sum(), get("NowScale")
	VMOVUPS(Mem{Base: state, Disp: b.isa.Bytes}, sum)
	vec.Align()
	Label("weights")
	for i, x := range x {
		VMOVUPS(Mem{Base: st, Disp: i * b.isa.Bytes}, x)
	}
	for _, x := range x {
		VSUBPS(Mem{Base: state}, x, x)
	}
	b.exp.EmitAll(x, p, f)
	for i := 0; i < len(x); i += 2 {
		VADDPS(x[i+1], x[i], p[i])
		VADDPS(p[i], sum, sum)
	}
	switch b.element.dot {
	case 2:
		b.pairDigits(x, p, f, to)
	case 4:
		b.quadDigits(x, p, scale, left, to, state)
		ADDQ(I32(int32(4*b.step())), scale)
	default:
		for i, x := range x {
			VMOVUPS(x, Mem{Base: to, Disp: b.weightsAt() + i*b.isa.Bytes})
		}
	}
	ADDQ(I32(int32(4*b.step())), st)
	ADDQ(I32(int32(4*b.step()/max(1, b.element.dot))), to)
	SUBQ(I32(int32(b.step())), left)
	JG(LabelRef("weights"))
	VMOVUPS(sum, Mem{Base: state, Disp: b.isa.Bytes})
	switch {
	case b.element.dot == 4:
		now := get("Now")
		SHLQ(Imm(2), now)
		ADDQ(now, field("NowScale"))
	case b.element.scale:
		b.scaleWeights()
	}
}

// check leaves the largest scores of a group in x[0] and clears ZF when one exceeds the reference maximum by more than the
// threshold, or the factor of a row the limit.
func (b *block) check() {
	st, state, left, scale := get("St"), get("State"), get("Now"), get("NowScale")
	x, p, f := b.groupVectors()
	factors := b.element.dot == 4
	for i := range x {
		VMOVUPS(b.minusInf, x[i])
		if factors {
			b.isa.Zero(f[i])
		}
	}
	Label("largest")
	if factors {
		b.factors(scale, left)
	}
	for i, x := range x {
		VMAXPS(Mem{Base: st, Disp: i * b.isa.Bytes}, x, x)
		if factors {
			VMAXPS(b.isa.V(20+i), f[i], f[i])
		}
	}
	ADDQ(I32(int32(4*b.step())), st)
	if factors {
		ADDQ(I32(int32(4*b.step())), scale)
	}
	SUBQ(I32(int32(b.step())), left)
	JG(LabelRef("largest"))
	all := [][]reg.VecPhysical{x}
	if factors {
		all = append(all, f)
	}
	for _, v := range all {
		for n := len(v) / 2; n > 0; n /= 2 {
			for i := range n {
				VMAXPS(v[i+n], v[i], v[i])
			}
		}
	}
	VMOVUPS(b.threshold, p[0])
	if factors {
		VCMPPS(Imm(greater), b.state(state, limit), f[0], reg.K2)
		VMOVUPS(b.one, p[0])
	}
	VADDPS(Mem{Base: state}, p[0], p[0])
	if !softmax.Wide(b.isa) {
		VCMPPS(Imm(greater), p[0], x[0], p[0])
		VTESTPS(p[0], p[0])
		return
	}
	VCMPPS(Imm(greater), p[0], x[0], reg.K1)
	if factors {
		KORW(reg.K2, reg.K1, reg.K1)
	}
	KORTESTW(reg.K1, reg.K1)
}

// move makes the largest score, in the register where check leaves it, the reference maximum, and scales the sums and the output down.
func (b *block) move() {
	state := get("State")
	t, old, top := b.isa.V(1), b.isa.V(2), b.isa.V(0)
	if b.element.dot == 4 {
		VMOVAPS(top, b.isa.V(24))
		b.flush("move")
		b.raise()
		VMOVAPS(b.isa.V(24), top)
	}
	b.largest(top, t)
	VBROADCASTSS(top.AsX(), top)
	VMOVUPS(Mem{Base: state}, old)
	VMAXPS(top, old, top)
	VMOVUPS(top, Mem{Base: state})
	VSUBPS(top, old, top)
	b.exp.Emit(top, t, old)
	sum := Mem{Base: state, Disp: b.isa.Bytes}
	VMULPS(sum, top, t)
	VMOVUPS(t, sum)
	o, d := get("O"), get("D")
	Label("rescale")
	VMULPS(Mem{Base: o}, top, t)
	VMOVUPS(t, Mem{Base: o})
	ADDQ(U32(uint32(b.isa.Bytes)), o)
	SUBQ(Imm(uint64(b.isa.Lanes())), d)
	JNZ(LabelRef("rescale"))
}

// largest leaves the largest lane of v in its lowest one; t is free.
func (b *block) largest(v, t reg.VecPhysical) {
	if softmax.Wide(b.isa) {
		VEXTRACTF64X4(Imm(1), v, t.AsY())
		VMAXPS(t.AsY(), v.AsY(), v.AsY())
	}
	VEXTRACTF128(Imm(1), v.AsY(), t.AsX())
	VMAXPS(t.AsX(), v.AsX(), v.AsX())
	for _, imm := range []uint64{0x4e, 0xb1} { // the other half, the other element
		VPERMILPS(Imm(imm), v.AsX(), t.AsX())
		VMAXPS(t.AsX(), v.AsX(), v.AsX())
	}
}
