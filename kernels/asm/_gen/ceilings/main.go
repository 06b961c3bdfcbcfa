// Command ceilings generates the loops that measure compute ceilings: one function per operation, vector width and element
// type, see asm.Loop. A loop's body holds nothing but the promised instructions on independent registers and the
// decrement and branch.
//
// Register-only loops need latency × pipes independent accumulators to fill the pipes: 8 for an FMA of 4 cycles on two
// pipes. With 16 registers 12 accumulators are used, with 32 registers 24. An FMA+ADD mix has 9 accumulators for FMAs and 6 for
// additions (8 and 6 are needed where both have two pipes of their own).
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// Offsets of the fields of asm.LoopData.
const (
	offX      = 0
	offY      = 64
	offStart  = 128
	offConfig = 192
	offOut    = 256
	offTiles  = offOut + 8*tileBytes
)

// Instructions per iteration: of the one kind, and of each of two kinds.
const (
	perIter = 24
	perMix  = 36
)

func main() {
	for _, s := range sets {
		if s.mul != nil {
			s.chains("Add"+s.name, func(acc VecPhysical) { s.step(s.add, acc) })
			s.chains("Mul"+s.name, func(acc VecPhysical) { s.step(s.mul, acc) })
		}
		if s.fma != nil {
			s.chains("FMA"+s.name, func(acc VecPhysical) { s.fma(s.y(), s.x(), acc) })
			s.mixed()
		}
	}
	z := set{reg: vec.ZMM, mov: VMOVUPS}
	z.chains("FMAAVX512F16", func(acc VecPhysical) { enc.Emit(enc.VFMADD213PH(z.y(), z.x(), acc)) })
	z.chains("DotAVX512BF16", func(acc VecPhysical) { enc.Emit(enc.VDPBF16PS(z.y(), z.x(), acc)) })
	z.chains("VNNIAVX512INT8", func(acc VecPhysical) { VPDPBUSD(z.y(), z.x(), acc) })
	tiles("AMXBF16", enc.TDPBF16PS)
	tiles("AMXINT8", enc.TDPBSSD)
	tileLoads("AMXLoadBF16", enc.TDPBF16PS)
	tileLoads("AMXLoadINT8", enc.TDPBSSD)
	Generate()
}

// begin starts a function and loads its arguments: iterations in RCX, data in RDI. It leaves for done when there is nothing
// to do.
func begin(name, doc string) {
	TEXT("Loop"+name, NOSPLIT, "func(n int, data *byte)")
	Doc("Loop"+name+" runs n iterations of "+doc+"; see Loop.", "data points to a LoopData.")
	Load(Param("n"), RCX)
	Load(Param("data"), RDI)
	TESTQ(RCX, RCX)
	JLE(LabelRef("done"))
}

// repeat emits the loop around body.
func repeat(body func()) {
	vec.Align()
	Label("loop")
	body()
	DECQ(RCX)
	JNZ(LabelRef("loop"))
}

// chains generates a loop in which every accumulator is fed by its own last value.
func (s set) chains(name string, step func(acc VecPhysical)) {
	begin(name, fmt.Sprintf("%d instructions on %d accumulators", perIter, s.accs()))
	s.load(s.accs())
	repeat(func() {
		for i := range perIter {
			step(s.reg[i%s.accs()])
		}
	})
	s.store(s.accs())
}

// mixed generates a loop of as many FMAs as additions, taking turns. The accumulators of the FMAs come first. Only y is an
// operand, so that 15 of 16 registers accumulate.
func (s set) mixed() {
	fmas, adds := 9, 6
	if len(s.reg) == 32 {
		fmas, adds = 18, 12
	}
	begin("FMAAdd"+s.name, fmt.Sprintf("%d FMAs on %d accumulators and %d additions on %d", perMix, fmas, perMix, adds))
	s.load(fmas + adds)
	repeat(func() {
		for i := range perMix {
			s.fma(s.y(), s.y(), s.reg[i%fmas])
			s.step(s.add, s.reg[fmas+i%adds])
		}
	})
	s.store(fmas + adds)
}

// load fills the operands and n accumulators.
func (s set) load(n int) {
	s.mov(Mem{Base: RDI, Disp: offY}, s.y())
	if n < len(s.reg)-1 {
		s.mov(Mem{Base: RDI, Disp: offX}, s.x())
	}
	for i := range n {
		s.mov(Mem{Base: RDI, Disp: offStart}, s.reg[i])
	}
}

// store writes n accumulators to LoopData.Out and ends the function.
func (s set) store(n int) {
	for i := range n {
		s.mov(s.reg[i], Mem{Base: RDI, Disp: offOut + 64*i})
	}
	if !s.legacy {
		VZEROUPPER()
	}
	Label("done")
	RET()
}
