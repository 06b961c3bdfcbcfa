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
)

// block generates the decode functions of one instruction set, one per type of keys and values.
type block struct {
	isa                              vec.Set
	exp                              *softmax.Exp2
	minusInf, threshold, upperHalves Mem
	element                          element
}

func newBlock(s vec.Set) *block {
	return &block{
		isa: s, exp: softmax.NewExp2(s),
		minusInf:    softmax.Repeated("minusInf"+s.Name, math.Float32bits(float32(math.Inf(-1))), s.Lanes()),
		threshold:   softmax.Repeated("threshold"+s.Name, math.Float32bits(8), s.Lanes()),
		upperHalves: softmax.Repeated("upperHalves"+s.Name, 0xffff0000, s.Lanes()),
	}
}

func (b *block) emit(e element) {
	b.element = e
	lanes, name := b.isa.Lanes(), "DecodeBlock"+e.name+b.isa.Name+e.isa
	TEXT(name, NOSPLIT,
		"func(q, k *byte, ldk int, kScale *float32, v *byte, ldv int, vScale *float32, nk, d int, st, o, state *float32)")
	Pragma("noescape")
	doc := []string{
		fmt.Sprintf("%s updates one query with nk keys and values of d elements, d a multiple of %d; rows are ldk and ldv bytes apart.", name, e.unit()*lanes),
		fmt.Sprintf("q is the query times log2e/√d; st is scratch for nk + %d weights; o[d] is the output before normalisation.", lanes),
		fmt.Sprintf("state is the reference maximum, %d times (the lowest number to begin with), then %d partial sums of weights.", lanes, lanes),
	}
	switch e.dot {
	case 2:
		doc[1] = fmt.Sprintf("q is d high and d low digits of the query times log2e/√d; st is scratch for 1.5·nk + %d floats; o[d] is the output before normalisation.", 3*lanes)
		doc = append(doc, "o holds, of every 32 columns, 0 … 3, 8 … 11, 16 … 19, 24 … 27, then the others.")
	case 4:
		doc[1] = fmt.Sprintf("q is d high and d low digits of the query times log2e/√d, what sums begin with, 2·16 int32, and the unit of the digits;"+
			" st is scratch for 1.5·nk + %d floats; o[d] is the output before normalisation.", 3*lanes)
		doc = append(doc, "o holds, of every 64 columns, 0 … 3, 16 … 19, 32 … 35, 48 … 51, then 4 … 7 and so on.")
	}
	if e.pair {
		doc = append(doc, fmt.Sprintf("q and o hold, of every %d elements, first the even ones and then the odd ones.", 2*lanes))
	}
	if e.scale {
		doc = append(doc, "Row j of k is multiplied by kScale[j], row j of v by vScale[j].")
	}
	Doc(doc...)
	if e.dot > 0 {
		b.dotScores()
	} else {
		b.scores()
	}
	b.maximum()
	b.weights()
	switch e.dot {
	case 2:
		b.pairOutput()
	case 4:
		b.quadOutput()
	default:
		b.output()
	}
	VZEROUPPER()
	RET()
}

// scores fills st with q·kᵀ and a vector of -Inf behind it.
func (b *block) scores() {
	st, scale, e := Load(Param("st"), GP64()), GP64(), b.element
	if e.scale {
		Load(Param("kScale"), scale)
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
	keys := open("k", "ldk")
	keys.each("scores", []int{rows, 1}, func(n int) {
		acc := b.registers(0, n)
		for i := range acc {
			b.isa.Zero(acc[i])
		}
		keys.chunks(b, "scores", n, e.chunks(most), "q", func(vectors int, at func(i, j int) Mem, side func(j int) Mem) {
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
			b.sumEight(acc, query[0])
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
	VMOVUPS(b.minusInf, b.isa.V(0))
	VMOVUPS(b.isa.V(0), Mem{Base: st})
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
func (b *block) sumEight(a []reg.VecPhysical, t reg.VecPhysical) {
	for i := 0; i < 8; i += 2 { // pairs of rows
		VUNPCKLPS(a[i+1], a[i], t)
		VUNPCKHPS(a[i+1], a[i], a[i])
		VADDPS(t, a[i], a[i])
	}
	for i := 0; i < 8; i += 4 { // in each 128 bits: four rows, a quarter (half) of their sum
		VUNPCKLPD(a[i+2], a[i], t)
		VUNPCKHPD(a[i+2], a[i], a[i])
		VADDPS(t, a[i], a[i])
	}
	if softmax.Wide(b.isa) {
		VSHUFF32X4(Imm(0x88), a[4], a[0], t)
		VSHUFF32X4(Imm(0xdd), a[4], a[0], a[0])
		VADDPS(t, a[0], a[0])
		VSHUFF32X4(Imm(0x88), a[0], a[0], t)
		VSHUFF32X4(Imm(0xdd), a[0], a[0], a[0])
	} else {
		VPERM2F128(Imm(0x20), a[4], a[0], t)
		VPERM2F128(Imm(0x31), a[4], a[0], a[0])
	}
	VADDPS(t, a[0], a[0])
}

// eachVector emits body for every vector of st.
func (b *block) eachVector(name string, body func(m Mem)) {
	st, keys := Load(Param("st"), GP64()), Load(Param("nk"), GP64())
	Label(name)
	body(Mem{Base: st})
	ADDQ(U32(uint32(b.isa.Bytes)), st)
	SUBQ(Imm(uint64(b.isa.Lanes())), keys)
	JG(LabelRef(name))
}

// maximum moves the reference maximum to the largest score when that exceeds it by more than the threshold, and scales
// the sums and the output down.
func (b *block) maximum() {
	top, t, old := b.isa.V(0), b.isa.V(1), b.isa.V(2)
	VMOVUPS(b.minusInf, top)
	b.eachVector("maximum", func(m Mem) { VMAXPS(m, top, top) })
	b.largest(top, t)
	VBROADCASTSS(top.AsX(), top)
	b.exp.Load(firstConstant)
	state := Load(Param("state"), GP64())
	VMOVUPS(Mem{Base: state}, old)
	VADDPS(b.threshold, old, t)
	if softmax.Wide(b.isa) {
		VCMPPS(Imm(greater), t, top, reg.K1)
		KORTESTW(reg.K1, reg.K1)
	} else {
		VCMPPS(Imm(greater), t, top, t)
		VTESTPS(t, t)
	}
	JZ(LabelRef("maximum_kept"))
	VMOVUPS(top, Mem{Base: state})
	VSUBPS(top, old, top)
	b.exp.Emit(top, t, old)
	sum := Mem{Base: state, Disp: b.isa.Bytes}
	VMULPS(sum, top, t)
	VMOVUPS(t, sum)
	o, d := Load(Param("o"), GP64()), Load(Param("d"), GP64())
	Label("rescale")
	VMULPS(Mem{Base: o}, top, t)
	VMOVUPS(t, Mem{Base: o})
	ADDQ(U32(uint32(b.isa.Bytes)), o)
	SUBQ(Imm(uint64(b.isa.Lanes())), d)
	JNZ(LabelRef("rescale"))
	Label("maximum_kept")
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

// weights turns scores into weights and adds them to the sums. The constants of exp2 are loaded.
func (b *block) weights() {
	state := Load(Param("state"), GP64())
	x, p, f := b.isa.V(0), b.isa.V(1), b.isa.V(2)
	sum := b.isa.V(3)
	VMOVUPS(Mem{Base: state, Disp: b.isa.Bytes}, sum)
	b.eachVector("weights", func(m Mem) {
		VMOVUPS(m, x)
		VSUBPS(Mem{Base: state}, x, x)
		b.exp.Emit(x, p, f)
		VMOVUPS(x, m)
		VADDPS(x, sum, sum)
	})
	VMOVUPS(sum, Mem{Base: state, Disp: b.isa.Bytes})
}
