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

// block generates the decode function of one instruction set.
type block struct {
	isa                 vec.Set
	exp                 *softmax.Exp2
	minusInf, threshold Mem
}

func emitBlock(s vec.Set) {
	b := &block{
		isa: s, exp: softmax.NewExp2(s),
		minusInf:  softmax.Repeated("minusInf"+s.Name, math.Float32bits(float32(math.Inf(-1))), s.Lanes()),
		threshold: softmax.Repeated("threshold"+s.Name, math.Float32bits(8), s.Lanes()),
	}
	TEXT("DecodeBlock"+s.Name, NOSPLIT,
		"func(q, k *float32, ldk int, v *float32, ldv, nk, d int, st, o, state *float32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("DecodeBlock%s updates one query with nk keys and values of d elements, d a multiple of %d.", s.Name, s.Lanes()),
		fmt.Sprintf("q is the query times log2e/√d; st is scratch for nk + %d weights; o[d] is the output before normalisation.", s.Lanes()),
		fmt.Sprintf("state is the reference maximum, %d times (-Inf to begin with), then %d partial sums of weights.", s.Lanes(), s.Lanes()))
	b.scores()
	b.maximum()
	b.weights()
	b.output()
	VZEROUPPER()
	RET()
}

// scores fills st with q·kᵀ and a vector of -Inf behind it.
func (b *block) scores() {
	st := Load(Param("st"), GP64())
	keys := open("k", "ldk")
	keys.each("scores", func(n int) {
		acc := make([]reg.VecPhysical, n)
		for i := range acc {
			acc[i] = b.isa.V(i)
			b.isa.Zero(acc[i])
		}
		query := func(j int) reg.VecPhysical { return b.isa.V(rows + j) }
		keys.chunks(b.isa, "scores", n, "q", func(vectors int, at func(i, j int) Mem, side func(j int) Mem) {
			for j := range vectors {
				VMOVUPS(side(j), query(j))
			}
			for i := range acc {
				for j := range vectors {
					VFMADD231PS(at(i, j), query(j), acc[i])
				}
			}
		})
		x := query(0)
		if n == 1 {
			b.isa.Sum(acc[0], x)
			VMOVSS(acc[0].AsX(), Mem{Base: st})
		} else {
			b.sumEight(acc, x)
			VMOVUPS(acc[0].AsY(), Mem{Base: st})
		}
		ADDQ(Imm(uint64(4*n)), st)
	})
	VMOVUPS(b.minusInf, b.isa.V(0))
	VMOVUPS(b.isa.V(0), Mem{Base: st})
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
	if softmax.Wide(b.isa) {
		VEXTRACTF64X4(Imm(1), top, t.AsY())
		VMAXPS(t.AsY(), top.AsY(), top.AsY())
	}
	VEXTRACTF128(Imm(1), top.AsY(), t.AsX())
	VMAXPS(t.AsX(), top.AsX(), top.AsX())
	for _, imm := range []uint64{0x4e, 0xb1} { // the other half, the other element
		VPERMILPS(Imm(imm), top.AsX(), t.AsX())
		VMAXPS(t.AsX(), top.AsX(), top.AsX())
	}
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

// output adds the weighted rows of v to o.
func (b *block) output() {
	st := Load(Param("st"), GP64())
	values := open("v", "ldv")
	values.each("output", func(n int) {
		values.chunks(b.isa, "output", n, "o", func(vectors int, at func(i, j int) Mem, side func(j int) Mem) {
			for j := range vectors {
				VMOVUPS(side(j), b.isa.V(j))
			}
			for i := range n {
				weight := b.isa.V(rows + i)
				VBROADCASTSS(Mem{Base: st, Disp: 4 * i}, weight)
				for j := range vectors {
					VFMADD231PS(at(i, j), weight, b.isa.V(j))
				}
			}
			for j := range vectors {
				VMOVUPS(b.isa.V(j), side(j))
			}
		})
		ADDQ(Imm(uint64(4*n)), st)
	})
}
