package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
)

// Registers of the softmax pass: 0 … 2 maxima, then sums; 3 … 5 temporaries and vectors; exp2 constants from 6 on.
const firstConstant = 6

// weights turns the scores in st into weights exp2(score − maximum) and adds them to the sums. The reference maximum
// moves only when a lane exceeds it by more than the threshold: then the sums and the output so far are scaled down.
func (b *block) weights() {
	bytes := b.isa.Bytes
	state, first := Load(Param("state"), GP64()), Load(Param("first"), GP64())
	at := func(what, j int) Mem { return Mem{Base: state, Disp: what*b.row() + j*bytes} }
	b.exp.Load(firstConstant)
	TESTQ(first, first)
	JZ(LabelRef("weights_check"))

	Comment("First block: the maximum becomes the reference, the output is zero.")
	zero := b.isa.V(3)
	b.isa.Zero(zero)
	for j := range b.nv {
		VMOVUPS(b.isa.V(j), at(2, j))
		VSUBPS(b.isa.V(j), zero, b.isa.V(j))
		VMOVUPS(b.isa.V(j), at(0, j))
		VMOVUPS(zero, at(1, j))
	}
	b.eachOutput("clear", func(m Mem, j int) { VMOVUPS(zero, m) })
	JMP(LabelRef("weights_shifted"))

	Label("weights_check")
	b.anyAboveThreshold("weights_rescale")
	b.weightLoop("weights_plain", nil)
	JMP(LabelRef("weights_done"))

	Label("weights_rescale")
	b.isa.Zero(zero)
	for j := range b.nv {
		m, t := b.isa.V(j), b.isa.V(4)
		VMAXPS(m, zero, m)
		VMOVUPS(m, at(2, j))
		VMOVUPS(at(0, j), t)
		VSUBPS(m, t, t)
		VMOVUPS(t, at(0, j))
		VSUBPS(m, zero, m)
		b.exp.Emit(m, t, b.isa.V(5))
		VMULPS(at(1, j), m, t)
		VMOVUPS(t, at(1, j))
	}
	b.eachOutput("rescale", func(m Mem, j int) {
		VMULPS(m, b.isa.V(j), b.isa.V(4))
		VMOVUPS(b.isa.V(4), m)
	})
	Label("weights_shifted")
	b.weightLoop("weights_shift", func(j int) Mem { return at(2, j) })
	Label("weights_done")
}

// anyAboveThreshold jumps to target when a lane of registers 0 … nv-1 exceeds the threshold.
func (b *block) anyAboveThreshold(target string) {
	const greater = 30 // ordered, quiet
	largest, limit := b.isa.V(3), b.isa.V(4)
	VMOVAPS(b.isa.V(0), largest)
	for j := 1; j < b.nv; j++ {
		VMAXPS(b.isa.V(j), largest, largest)
	}
	VMOVUPS(b.constants.threshold, limit)
	if softmax.Wide(b.isa) {
		VCMPPS(Imm(greater), limit, largest, reg.K1)
		KORTESTW(reg.K1, reg.K1)
	} else {
		VCMPPS(Imm(greater), limit, largest, largest)
		VTESTPS(largest, largest)
	}
	JNZ(LabelRef(target))
}

// eachOutput applies f to every vector of ot; j is its place in the row.
func (b *block) eachOutput(name string, f func(m Mem, j int)) {
	ot, d := Load(Param("ot"), GP64()), Load(Param("d"), GP64())
	Label(name)
	for j := range b.nv {
		f(Mem{Base: ot, Disp: j * b.isa.Bytes}, j)
	}
	ADDQ(U32(uint32(b.row())), ot)
	DECQ(d)
	JNZ(LabelRef(name))
}

// weightLoop replaces st by exp2(st − shift) and adds it to the sums in state.
func (b *block) weightLoop(name string, shift func(j int) Mem) {
	bytes := b.isa.Bytes
	st, keys, state := Load(Param("st"), GP64()), Load(Param("nk"), GP64()), Load(Param("state"), GP64())
	for j := range b.nv {
		VMOVUPS(Mem{Base: state, Disp: b.row() + j*bytes}, b.isa.V(j))
	}
	Label(name)
	for j := range b.nv {
		x, p, f := b.isa.V(3), b.isa.V(4), b.isa.V(5)
		VMOVUPS(Mem{Base: st, Disp: j * bytes}, x)
		if shift != nil {
			VSUBPS(shift(j), x, x)
		}
		b.exp.Emit(x, p, f)
		VMOVUPS(x, Mem{Base: st, Disp: j * bytes})
		VADDPS(x, b.isa.V(j), b.isa.V(j))
	}
	ADDQ(U32(uint32(b.row())), st)
	DECQ(keys)
	JNZ(LabelRef(name))
	for j := range b.nv {
		VMOVUPS(b.isa.V(j), Mem{Base: state, Disp: b.row() + j*bytes})
	}
}

// output adds Vᵀ·Pᵀ to ot, tiles of mr columns of v.
func (b *block) output() {
	v, ldv := Load(Param("v"), GP64()), Load(Param("ldv"), GP64())
	ot, columns := Load(Param("ot"), GP64()), Load(Param("d"), GP64())
	SHLQ(Imm(2), ldv)
	Label("output_tiles")
	st, keys, value := Load(Param("st"), GP64()), Load(Param("nk"), GP64()), GP64()
	MOVQ(v, value)
	each := func(f func(acc reg.VecPhysical, m Mem)) {
		for i := range b.mr {
			for j := range b.nv {
				f(b.acc(i, j), Mem{Base: ot, Disp: i*b.row() + j*b.isa.Bytes})
			}
		}
	}
	each(func(acc reg.VecPhysical, m Mem) { VMOVUPS(m, acc) })
	alignedLoop("output_keys", func() {
		b.step(b.mr, func(j int) Mem { return Mem{Base: st, Disp: j * b.isa.Bytes} },
			func(i int) Mem { return Mem{Base: value, Disp: 4 * i} })
		ADDQ(U32(uint32(b.row())), st)
		ADDQ(ldv, value)
		DECQ(keys)
	})
	each(func(acc reg.VecPhysical, m Mem) { VMOVUPS(acc, m) })
	ADDQ(U32(uint32(b.mr*b.row())), ot)
	ADDQ(U32(uint32(4*b.mr)), v)
	SUBQ(U32(uint32(b.mr)), columns)
	JNZ(LabelRef("output_tiles"))
}
