package ceilings

import (
	"fmt"
	"unsafe"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/kernels/asm"
)

// plainLoops are the compute loops in Go, for architectures without assembly here: twelve independent chains. The compiler
// may keep some in memory, so they are a lower bound of what the core can do, and have no theoretical line.
func plainLoops() (out []asm.Loop) {
	for _, l := range []asm.Loop{
		{Op: "fma", DType: "f32", Func: plainLoop[float32]},
		{Op: "fma", DType: "f64", Func: plainLoop[float64]},
	} {
		l.ID = fmt.Sprintf("compute.%s.scalar.%s", l.Op, l.DType)
		l.Width, l.ISA, l.Unit = "scalar", cpu.Go, "FLOP/s"
		l.OpsPerIter = 2 * plainChains
		l.Assumption = "compiled Go code"
		out = append(out, l)
	}
	return out
}

const plainChains = 12

//go:noinline
func plainLoop[T float32 | float64](n int, data *byte) {
	d := (*asm.LoopData)(unsafe.Pointer(data))
	x, y := *(*T)(unsafe.Pointer(&d.X)), *(*T)(unsafe.Pointer(&d.Y))
	a := *(*T)(unsafe.Pointer(&d.Start))
	a0, a1, a2, a3, a4, a5 := a, a, a, a, a, a
	b0, b1, b2, b3, b4, b5 := a, a, a, a, a, a
	for range n {
		a0, a1, a2, a3, a4, a5 = a0*x+y, a1*x+y, a2*x+y, a3*x+y, a4*x+y, a5*x+y
		b0, b1, b2, b3, b4, b5 = b0*x+y, b1*x+y, b2*x+y, b3*x+y, b4*x+y, b5*x+y
	}
	*(*[plainChains]T)(unsafe.Pointer(&d.Out)) = [plainChains]T{a0, a1, a2, a3, a4, a5, b0, b1, b2, b3, b4, b5}
}
