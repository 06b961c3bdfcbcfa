package softmax

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// Relative minimax polynomials of degree 6 for 2^f, highest power first, found by the Remez exchange; the error before
// rounding is 1.9e-9 on either interval.
var (
	onUnit     = []float64{2.1702255682e-4, 1.2439687747e-3, 9.6788410071e-3, 5.5483341978e-2, 2.4022983628e-1, 6.9314698384e-1, 1} // [0, 1)
	onCentered = []float64{1.5345812160e-4, 1.3399931209e-3, 9.6184889565e-3, 5.5503287770e-2, 2.4022646891e-1, 6.9314720574e-1, 1} // [-½, ½]
)

// short is the relative minimax polynomial of degree 3 for 2^f on [0, 1) that is 1 at 0, so that a factor of 1 stays one; its
// error is 8.6e-5.
var short = []float64{7.7067042e-2, 2.276449912e-1, 6.951167864e-1, 1}

// rounded is short plus half of the last place of a bf16 between 1 and 2: after it powers are only to be cut off.
var rounded = []float64{7.7067042e-2, 2.276449912e-1, 6.951167864e-1, 1 + 0x1p-8}

// middle is that of degree 4; its error is 2.9e-6.
var middle = []float64{1.342668429e-2, 5.224247419e-2, 2.412802048e-1, 6.930448449e-1, 1}

// Magic is 1.5·2^23 + 127: adding it to x leaves the nearest integer to x, plus the exponent bias, in the low bits.
const magic = 3<<22 + 127

// Exp2 emits 2^x. Results below the normal range become denormal or 0; -Inf gives 0.
//
//	AVX-512  x = ⌊x⌋ + f by vreduceps, polynomial on [0, 1), vscalefps
//	AVX2     x = n + f with n the nearest integer, polynomial on [-½, ½], times a power of two made by a shift; needs
//	         x < 127.5 and flushes x < -126.5 to 0
type Exp2 struct {
	isa       vec.Set
	degree    int
	constants []Mem
	regs      []reg.VecPhysical
}

// NewShortExp2 defines the constants for results with about 13 correct bits, enough where they are rounded to bf16. AVX-512 only.
func NewShortExp2(s vec.Set) *Exp2 { return newExp2(s, "exp2Short", short) }

// NewRoundedExp2 defines the constants for those results plus half of the last place that they have in bf16. AVX-512 only.
func NewRoundedExp2(s vec.Set) *Exp2 { return newExp2(s, "exp2Rounded", rounded) }

// NewMiddleExp2 defines the constants for results with about 18 correct bits, enough where they become integers of 16. AVX-512 only.
func NewMiddleExp2(s vec.Set) *Exp2 { return newExp2(s, "exp2Middle", middle) }

// NewExp2 defines the constants of s.
func NewExp2(s vec.Set) *Exp2 {
	if !Wide(s) {
		return newExp2(s, "exp2", onCentered)
	}
	return newExp2(s, "exp2", onUnit)
}

func newExp2(s vec.Set, prefix string, coefficients []float64) *Exp2 {
	e := &Exp2{isa: s, degree: len(coefficients) - 1}
	define := func(what string, x float64) {
		name := fmt.Sprintf("%s%s%s", prefix, s.Name, what)
		e.constants = append(e.constants, Repeated(name, math.Float32bits(float32(x)), s.Lanes()))
	}
	for i, c := range coefficients {
		define(fmt.Sprintf("C%d", len(coefficients)-1-i), c)
	}
	if !Wide(s) {
		define("Lowest", -127)
		define("Magic", magic)
	}
	return e
}

// Load brings the constants into the registers from first on.
func (e *Exp2) Load(first int) {
	e.regs = nil
	for i, m := range e.constants {
		r := e.isa.V(first + i)
		VMOVUPS(m, r)
		e.regs = append(e.regs, r)
	}
}

// Emit replaces x by 2^x, using the registers p and f. Load must come before.
func (e *Exp2) Emit(x, p, f reg.VecPhysical) {
	one := func(v reg.VecPhysical) []reg.VecPhysical { return []reg.VecPhysical{v} }
	e.EmitAll(one(x), one(p), one(f))
}

// EmitAll is Emit for several vectors, step by step: each step waits for the one before, vectors do not.
func (e *Exp2) EmitAll(x, p, f []reg.VecPhysical) {
	each := func(step func(x, p, f reg.VecPhysical)) {
		for i := range x {
			step(x[i], p[i], f[i])
		}
	}
	if Wide(e.isa) {
		each(func(x, _, f reg.VecPhysical) { VREDUCEPS(Imm(1), x, f) })
		e.polynomial(each)
		each(func(x, p, _ reg.VecPhysical) { VSCALEFPS(x, p, x) })
		return
	}
	lowest, magic := e.regs[7], e.regs[8]
	each(func(x, p, f reg.VecPhysical) {
		VMAXPS(x, lowest, f)
		VADDPS(magic, f, x)
		VSUBPS(magic, x, p)
		VSUBPS(p, f, f)
		VPSLLD(Imm(23), x, x)
	})
	e.polynomial(each)
	each(func(x, p, _ reg.VecPhysical) { VMULPS(p, x, x) })
}

// Steps is Emit in AVX-512 one instruction at a time, to be put between others. Constants are read from memory by each.
func (e *Exp2) Steps(x, p, f reg.VecPhysical) []func() {
	steps := e.StepsBesideShuffles(x, p, f)
	steps[1] = func() { VBROADCASTSS(e.constants[0], p) }
	return steps
}

// StepsBesideShuffles is Steps without a broadcast, which would be one more of the shuffles.
func (e *Exp2) StepsBesideShuffles(x, p, f reg.VecPhysical) []func() {
	steps := []func(){
		func() { VREDUCEPS(Imm(1), x, f) },
		func() { VMOVUPS(e.constants[0], p) },
	}
	for _, c := range e.constants[1 : e.degree+1] {
		steps = append(steps, func() { VFMADD213PS_BCST(c, f, p) })
	}
	return append(steps, func() { VSCALEFPS(x, p, x) })
}

// polynomial sets p to the polynomial at f by Horner's rule.
func (e *Exp2) polynomial(each func(step func(x, p, f reg.VecPhysical))) {
	each(func(_, p, _ reg.VecPhysical) { VMOVAPS(e.regs[0], p) })
	for _, c := range e.regs[1 : e.degree+1] {
		each(func(_, p, f reg.VecPhysical) { VFMADD213PS(c, f, p) })
	}
}
