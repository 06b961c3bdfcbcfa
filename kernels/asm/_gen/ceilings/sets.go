package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

type emit func(ops ...Op)

// set names the instructions of one vector width, element type and encoding. The last register holds y, the one before it
// x. A set without mul generates only the FMA loops, a set without fma only the add and mul loops.
type set struct {
	name string
	reg  []VecPhysical
	mov  emit

	add, mul emit // acc ∘= y
	fma      emit // VFMADD213: acc = x·acc + y
	legacy   bool // two-operand SSE encoding
}

// sets lists the widths. The scalar and 128-bit loops add and multiply in the legacy encoding of the amd64 baseline; their
// FMA loops need FMA3, so everything in them is VEX-encoded.
var sets = []set{
	{name: "ScalarF32", reg: xmm, legacy: true, mov: two(MOVUPS), add: two(ADDSS), mul: two(MULSS)},
	{name: "ScalarF64", reg: xmm, legacy: true, mov: two(MOVUPD), add: two(ADDSD), mul: two(MULSD)},
	{name: "SSEF32", reg: xmm, legacy: true, mov: two(MOVUPS), add: two(ADDPS), mul: two(MULPS)},
	{name: "SSEF64", reg: xmm, legacy: true, mov: two(MOVUPD), add: two(ADDPD), mul: two(MULPD)},
	{name: "ScalarF32", reg: xmm, mov: VMOVUPS, add: VADDSS, fma: VFMADD213SS},
	{name: "ScalarF64", reg: xmm, mov: VMOVUPD, add: VADDSD, fma: VFMADD213SD},
	{name: "SSEF32", reg: xmm, mov: VMOVUPS, add: VADDPS, fma: VFMADD213PS},
	{name: "SSEF64", reg: xmm, mov: VMOVUPD, add: VADDPD, fma: VFMADD213PD},
	{name: "AVX2F32", reg: vec.YMM, mov: VMOVUPS, add: VADDPS, mul: VMULPS, fma: VFMADD213PS},
	{name: "AVX2F64", reg: vec.YMM, mov: VMOVUPD, add: VADDPD, mul: VMULPD, fma: VFMADD213PD},
	{name: "AVX512F32", reg: vec.ZMM, mov: VMOVUPS, add: VADDPS, mul: VMULPS, fma: VFMADD213PS},
	{name: "AVX512F64", reg: vec.ZMM, mov: VMOVUPD, add: VADDPD, mul: VMULPD, fma: VFMADD213PD},
}

func two(f func(a, b Op)) emit { return func(ops ...Op) { f(ops[0], ops[1]) } }

func (s set) y() VecPhysical { return s.reg[len(s.reg)-1] }
func (s set) x() VecPhysical { return s.reg[len(s.reg)-2] }

// accs is the number of accumulators: 12 of 16 registers, 24 of 32.
func (s set) accs() int { return len(s.reg) * 3 / 4 }

// step is acc ∘= y in the encoding of the set.
func (s set) step(op emit, acc VecPhysical) {
	if s.legacy {
		op(s.y(), acc)
	} else {
		op(s.y(), acc, acc)
	}
}

var xmm = []VecPhysical{X0, X1, X2, X3, X4, X5, X6, X7, X8, X9, X10, X11, X12, X13, X14, X15}
