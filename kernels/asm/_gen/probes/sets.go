package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// set names the instructions of one vector width. Registers 0-7 carry data; register 15 has the
// factor of triad, which is also what a store writes.
type set struct {
	name     string
	bytes    int
	reg      []VecPhysical
	mov, nt  func(from, to Op)
	scaleAdd func(c Op, v VecPhysical) // v = v·factor + c, float64
}

var sets = []set{
	{
		name: "SSE", bytes: 16, reg: []VecPhysical{X0, X1, X2, X3, X4, X5, X6, X7, X15}, mov: MOVUPS, nt: MOVNTPS,
		scaleAdd: func(c Op, v VecPhysical) { MULPD(X15, v); ADDPD(c, v) },
	},
	{
		name: "AVX2", bytes: 32, reg: []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y15}, mov: move(VMOVUPS), nt: VMOVNTPS,
		scaleAdd: func(c Op, v VecPhysical) { VFMADD213PD(c, Y15, v) },
	},
	{
		name: "AVX512", bytes: 64, reg: []VecPhysical{Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z15}, mov: move(VMOVUPS), nt: VMOVNTPS,
		scaleAdd: func(c Op, v VecPhysical) { VFMADD213PD(c, Z15, v) },
	},
}

func move(f func(ops ...Op)) func(from, to Op) { return func(from, to Op) { f(from, to) } }

// loadFactor sets the factor of triad to 3 in every lane. Stores write it too: some memory systems move lines of zeros
// without their data.
func (s set) loadFactor() {
	MOVQ(U64(0x4008000000000000), RAX)
	MOVQ(RAX, X15)
	switch factor := s.reg[8]; s.name {
	case "SSE":
		UNPCKLPD(X15, X15)
	default:
		VBROADCASTSD(X15, factor)
	}
}
