package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

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
