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
	TEXT(name, NOSPLIT, argument.Signature())
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
