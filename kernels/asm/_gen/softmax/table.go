package softmax

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// places is how many places after the point TableExp2 keeps: its table has a power for each of their values.
const places = 5

// TableExp2 emits 2^x in AVX-512 by a table, for code whose multipliers have other work: two FMAs and a multiplication.
//
//	r = x rounded to a multiple of 1/32, x = r + f; 2^x = 2^⌊r⌋ · table[32·r mod 32] · (1 + f·(c₁ + c₂·f))
//
// The polynomial's error is 5.3e-8. Results below the normal range become denormal or 0; -Inf gives 0. x must be less than 2^17 in size, or
// negative.
type TableExp2 struct {
	low, high         Mem // the table
	magic, two, three Mem // in every lane; two and three are the coefficients
}

// NewTableExp2 defines the constants.
func NewTableExp2(s vec.Set) *TableExp2 {
	table := make([]uint32, 1<<places)
	for i := range table {
		table[i] = math.Float32bits(float32(math.Exp2(float64(i) / float64(len(table)))))
	}
	repeated := func(what string, x float64) Mem {
		return Repeated("exp2Table"+s.Name+what, math.Float32bits(float32(x)), s.Lanes())
	}
	// Of the Taylor polynomial's error, x³/6 for x = f·ln2, the nearest multiple of x takes three quarters: what is left is the
	// Chebyshev polynomial of degree 3 on |f| ≤ 1/64.
	const ln2, most = math.Ln2, 1.0 / (2 << places)
	return &TableExp2{
		low:   Words("exp2Table"+s.Name+"Low", table[:s.Lanes()]),
		high:  Words("exp2Table"+s.Name+"High", table[s.Lanes():]),
		magic: repeated("Magic", 3<<(22-places)),
		two:   repeated("C1", ln2+ln2*ln2*ln2*most*most/8),
		three: repeated("C2", ln2*ln2/2),
	}
}

// Load brings the half of the table that must be in a register into low.
func (e *TableExp2) Load(low reg.VecPhysical) { VMOVUPS(e.low, low) }

// Steps replaces x by 2^x, using the registers t and f, one instruction at a time, to be put between others. low is what Load loaded.
func (e *TableExp2) Steps(x, t, f, low reg.VecPhysical) []func() {
	return []func(){
		func() { VADDPS_BCST(e.magic, x, t) }, // the last places of t are r's
		func() { VREDUCEPS(Imm(places<<4), x, f) },
		func() { VSUBPS_BCST(e.magic, t, x) }, // r; -Inf stays
		func() { VPERMI2PS(e.high, low, t) },
		func() { VSCALEFPS(x, t, t) },
		func() { VMOVUPS(e.three, x) },
		func() { VFMADD213PS_BCST(e.two, f, x) },
		func() { VMULPS(f, x, x) },
		func() { VFMADD213PS(t, t, x) },
	}
}
