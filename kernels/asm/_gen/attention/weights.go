package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
)

// Registers of the softmax pass: 0 … 2 maxima, then sums; 3 … 6 temporaries; exp2 constants from 7 on (nine of them in AVX2).
const firstConstant = 7

// Predicates of vcmpps; all quiet.
const (
	equal    = 0  // ordered
	notEqual = 4  // or unordered
	greater  = 30 // ordered
	atLeast  = 29 // ordered

	unordered = 3
)

// at is a vector of State: 0 minus the reference maximum, 1 the sums, 2 the last shift.
func (b *block) at(state reg.Register, what, j int) Mem {
	return Mem{Base: state, Disp: what*b.row() + j*b.isa.Bytes}
}

// weights turns the scores in St into weights exp2(score − maximum), adds them to the sums, and the weighted values to Ot. The reference
// maximum moves only when a lane exceeds it by more than the threshold, or had no score but -Inf so far: then the sums and the
// output so far are scaled down.
func (b *block) weights() {
	if softmax.Wide(b.isa) {
		b.weightsBeside()
		return
	}
	b.reference("weights_unmoved")
	b.weightLoop("weights_shift", true)
	JMP(LabelRef("weights_done"))
	Label("weights_unmoved")
	b.weightLoop("weights_plain", false)
	Label("weights_done")
	b.output()
}

// reference moves the reference maximum where it must, or begins it, and jumps to unmoved when it stays where it is.
func (b *block) reference(unmoved string) {
	late := softmax.Wide(b.isa) // constants are needed only if it moves
	if !late {
		b.exp.Load(firstConstant)
	}
	first := b.get("First")
	TESTQ(first, first)
	JNZ(LabelRef("weights_move"))
	b.anyMoves("weights_move")
	JMP(LabelRef(unmoved))

	Label("weights_move")
	if late {
		b.exp.Load(firstConstant)
	}
	b.move("State")
	first = b.get("First")
	TESTQ(first, first)
	JNZ(LabelRef("weights_moved"))
	b.rescale("Ot")
	Label("weights_moved")
}

// anyMoves jumps to target when a lane of the maxima in registers 0 … nv-1 exceeds the threshold, or is the first one above
// -Inf.
func (b *block) anyMoves(target string) {
	state := b.get("State")
	zero := b.isa.V(3)
	b.isa.Zero(zero)
	if softmax.Wide(b.isa) {
		KXORW(reg.K3, reg.K3, reg.K3)
		for j := range b.nv {
			VCMPPS(Imm(greater), b.constants.threshold, b.isa.V(j), reg.K1)
			KORW(reg.K1, reg.K3, reg.K3)
			VCMPPS(Imm(greater), b.constants.minusInf, b.isa.V(j), reg.K1)
			VCMPPS(Imm(equal), b.at(state, 1, j), zero, reg.K1, reg.K2)
			KORW(reg.K2, reg.K3, reg.K3)
		}
		KORTESTW(reg.K3, reg.K3)
		JNZ(LabelRef(target))
		return
	}
	above, none := b.isa.V(4), b.isa.V(5)
	for j := range b.nv {
		VCMPPS(Imm(greater), b.constants.threshold, b.isa.V(j), above)
		VTESTPS(above, above)
		JNZ(LabelRef(target))
		VCMPPS(Imm(greater), b.constants.minusInf, b.isa.V(j), above)
		VCMPPS(Imm(equal), b.at(state, 1, j), zero, none)
		VTESTPS(above, none)
		JNZ(LabelRef(target))
	}
}

// move makes the maxima in registers 0 … nv-1 the reference where they exceed it by more than the threshold, or where the sum is still 0
// and they are not -Inf, scales the sums, and leaves the factors in registers 0 … nv-1. It does not depend on other lanes, and neither
// do the bits of a query.
func (b *block) move(of string) {
	state := b.get(of)
	zero, t, u, v := b.isa.V(3), b.isa.V(4), b.isa.V(5), b.isa.V(6)
	for j := range b.nv {
		m := b.isa.V(j)
		b.isa.Zero(zero)
		// m: the reference, in AMX 7 above them, 0 where it is -Inf; t: by how much the reference moves; v: the exponent of the factor, 0 where the sum is 0.
		if softmax.Wide(b.isa) {
			VMOVUPS(b.constants.minusInf, t)
			VCMPPS(Imm(notEqual), t, m, reg.K1)
			if b.unit == tiles {
				KMOVW(moving[j], reg.K3)
			} else {
				VCMPPS(Imm(greater), b.constants.threshold, m, reg.K3)
			}
			VCMPPS(Imm(equal), b.at(state, 1, j), zero, reg.K2)
			if b.unit == tiles {
				VADDPS_Z(b.constants.below, m, reg.K1, m)
				VRNDSCALEPS(Imm(fixedPlaces<<4), m, m)
			} else {
				VMOVAPS_Z(m, reg.K1, m)
			}
			VMOVAPS_Z(m, reg.K3, t)
			VSUBPS(t, zero, v)
			VMOVAPS(m, reg.K2, t)
			VMOVAPS(zero, reg.K2, v)
		} else {
			VCMPPS(Imm(notEqual), b.constants.minusInf, m, t)
			VANDPS(t, m, m)
			VCMPPS(Imm(greater), b.constants.threshold, m, t)
			VANDPS(t, m, t)
			VCMPPS(Imm(equal), b.at(state, 1, j), zero, u)
			VSUBPS(t, zero, v)
			VBLENDVPS(u, m, t, t)
			VANDNPS(v, u, v)
		}
		VMOVUPS(t, b.at(state, 2, j))
		VMOVUPS(b.at(state, 0, j), u)
		VSUBPS(t, u, u)
		VMOVUPS(u, b.at(state, 0, j))
		b.exp.Emit(v, t, u)
		VMULPS(b.at(state, 1, j), v, t)
		VMOVUPS(t, b.at(state, 1, j))
		VMOVAPS(v, m)
	}
}

// rescale multiplies the output by the factors in registers 0 … nv-1.
func (b *block) rescale(of string) {
	scale := func(m Mem, j int) {
		VMULPS(m, b.isa.V(j), b.isa.V(4))
		VMOVUPS(b.isa.V(4), m)
	}
	ot, d := b.get(of), b.get("D")
	if b.unit != tiles {
		Label("rescale")
		for j := range b.nv {
			scale(Mem{Base: ot, Disp: j * b.isa.Bytes}, j)
		}
		ADDQ(U32(uint32(b.row())), ot)
		DECQ(d)
		JNZ(LabelRef("rescale"))
		return
	}
	Label("rescale")
	for row := range tileRowsOf {
		for t := range 4 {
			scale(Mem{Base: ot, Disp: t*tileBytes + row*b.isa.Bytes}, t%2)
		}
	}
	ADDQ(U32(outputStep), ot)
	SUBQ(Imm(32), d)
	JNZ(LabelRef("rescale"))
}

// weightLoop replaces the scores in St by weights and adds them to the sums. Scores of float32 are less the reference maximum
// from before it moved.
func (b *block) weightLoop(name string, moved bool) {
	st, keys, state := b.get("St"), b.get("Now"), b.get("State")
	to := st
	if b.weightsTo != "" {
		to = b.get(b.weightsTo)
	}
	for j := range b.nv {
		VMOVUPS(b.at(state, 1, j), b.isa.V(j))
	}
	if b.table != nil {
		b.table.Load(b.isa.V(firstConstant))
	}
	if b.pairs() {
		b.pairLoop(name, st, to, keys, state)
	} else {
		alignedLoop(name, func() {
			for j := range b.nv {
				x, p, f := b.isa.V(3), b.isa.V(4), b.isa.V(5)
				VMOVUPS(Mem{Base: st, Disp: j * b.isa.Bytes}, x)
				if moved {
					VSUBPS(b.at(state, 2, j), x, x)
				}
				if b.table == nil {
					b.exp.Emit(x, p, f)
				} else {
					for _, step := range b.table.Steps(x, p, f, b.isa.V(firstConstant)) {
						step()
					}
				}
				VMOVUPS(x, Mem{Base: to, Disp: j * b.isa.Bytes})
				VADDPS(x, b.isa.V(j), b.isa.V(j))
			}
			ADDQ(U32(uint32(b.row())), st)
			if to != st {
				ADDQ(U32(uint32(b.row())), to)
			}
			DECQ(keys)
		})
	}
	for j := range b.nv {
		VMOVUPS(b.isa.V(j), b.at(state, 1, j))
	}
}
