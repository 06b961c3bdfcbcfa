package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
)

type emit func(ops ...Op)

// set names the instructions of one vector width and element type. Registers 0-9 accumulate, 14 holds x and 15 y.
type set struct {
	name     string
	reg      func(i int) VecPhysical
	mov      emit
	add, mul emit // acc ∘= y
	fma      emit // VFMADD213: acc = x·acc + y
	legacy   bool // add and mul in the two-operand SSE encoding of the amd64 baseline
}

var sets = []set{
	{"ScalarF32", x, VMOVUPS, two(ADDSS), two(MULSS), VFMADD213SS, true},
	{"ScalarF64", x, VMOVUPD, two(ADDSD), two(MULSD), VFMADD213SD, true},
	{"128F32", x, VMOVUPS, two(ADDPS), two(MULPS), VFMADD213PS, true},
	{"128F64", x, VMOVUPD, two(ADDPD), two(MULPD), VFMADD213PD, true},
	{"256F32", y, VMOVUPS, VADDPS, VMULPS, VFMADD213PS, false},
	{"256F64", y, VMOVUPD, VADDPD, VMULPD, VFMADD213PD, false},
	{"512F32", z, VMOVUPS, VADDPS, VMULPS, VFMADD213PS, false},
	{"512F64", z, VMOVUPD, VADDPD, VMULPD, VFMADD213PD, false},
}

const accs = 10

func compute() {
	for _, s := range sets {
		plain := s
		if s.legacy {
			plain.mov = two(MOVUPS)
		}
		plain.chains("knownAdd"+s.name, "additions", s.legacy, func(acc VecPhysical) { s.step(s.add, acc) })
		plain.chains("knownMul"+s.name, "multiplications", s.legacy, func(acc VecPhysical) { s.step(s.mul, acc) })
		s.chains("knownFMA"+s.name, "fused multiply-adds", false, func(acc VecPhysical) { s.fma(s.reg(15), s.reg(14), acc) })
	}
	wide := set{reg: z, mov: VMOVUPS}
	wide.chains("knownFMA512F16", "fused multiply-adds of 32 halves", false,
		func(acc VecPhysical) { enc.Emit(enc.VFMADD213PH(z(15), z(14), acc)) })
	wide.chains("knownDot512BF16", "dot products of 16 pairs of bf16", false,
		func(acc VecPhysical) { enc.Emit(enc.VDPBF16PS(z(15), z(14), acc)) })
	wide.chains("knownDot512INT8", "dot products of 16 groups of 4 int8", false,
		func(acc VecPhysical) { VPDPBUSD(z(15), z(14), acc) })
	tiles("knownAMXBF16", enc.TDPBF16PS)
	tiles("knownAMXINT8", enc.TDPBSSD)
}

func (s set) step(op emit, acc VecPhysical) {
	if s.legacy {
		op(s.reg(15), acc)
	} else {
		op(s.reg(15), acc, acc)
	}
}

// chains generates a loop in which every accumulator is fed by its own last value.
func (s set) chains(name, what string, legacy bool, step func(acc VecPhysical)) {
	begin(name, fmt.Sprintf("%d %s on %d accumulators", perIter, what, accs))
	s.mov(Mem{Base: RDI, Disp: offX}, s.reg(14))
	s.mov(Mem{Base: RDI, Disp: offY}, s.reg(15))
	for i := range accs {
		s.mov(Mem{Base: RDI, Disp: offStart}, s.reg(i))
	}
	repeat(func() {
		for i := range perIter {
			step(s.reg(i % accs))
		}
	})
	for i := range accs {
		s.mov(s.reg(i), Mem{Base: RDI, Disp: offOut + 64*i})
	}
	if !legacy {
		VZEROUPPER()
	}
	RET()
}

const tileBytes = 1024

// tiles generates a loop of tile products: five accumulators tmm0-4, tmm6 = A, tmm7 = B.
func tiles(name string, mul func(b, a, acc int) enc.Inst) {
	const tiles = 5
	begin(name, fmt.Sprintf("%d tile products on %d accumulators", perIter, tiles))
	MOVQ(U32(64), RDX)
	at := func(off, i int) enc.Mem {
		return enc.Mem{Base: RDI, Index: RDX, Scale: 1, Disp: int32(off + i*tileBytes)}
	}
	enc.Emit(enc.LdTileCfg(enc.Mem{Base: RDI, Disp: offConfig}))
	enc.Emit(enc.TileLoad(at(offTiles, 0), 6))
	enc.Emit(enc.TileLoad(at(offTiles, 1), 7))
	for i := range tiles {
		enc.Emit(enc.TileZero(i))
	}
	repeat(func() {
		for i := range perIter {
			enc.Emit(mul(7, 6, i%tiles))
		}
	})
	for i := range tiles {
		enc.Emit(enc.TileStore(i, at(offOut, i)))
	}
	enc.Emit(enc.TileRelease())
	RET()
}

func two(f func(a, b Op)) emit { return func(ops ...Op) { f(ops[0], ops[1]) } }

func x(i int) VecPhysical { return vectors[i].AsX().(VecPhysical) }
func y(i int) VecPhysical { return vectors[i].AsY().(VecPhysical) }
func z(i int) VecPhysical { return vectors[i] }

var vectors = []VecPhysical{Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15}
