package peercall

import (
	"fmt"
	"math"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// bindXSMM binds libxsmm_sgemm or libxsmm_dgemm, which take everything through pointers, as Fortran does, and matrices by
// columns: C' = B'·A' is C = A·B by rows. The first call makes the code for the shape, every call looks it up.
func bindXSMM(l Library, p native.Problem, use native.PeerUse, operands []userkernel.Arg) (bound, error) {
	fn, err := l.Symbol(use.Function)
	if err != nil {
		return bound{}, fmt.Errorf("find %s: this build does not export it", use.Function)
	}
	mem := &arena{}
	to := func(bits uint64) userkernel.Arg {
		slot := mem.slots(1)
		slot[0] = bits // of a number of 32 bits the lower half
		return slotAddress(slot)
	}
	m, n, k := to(uint64(p.Shape.M)), to(uint64(p.Shape.N)), to(uint64(p.Shape.K))
	one, zero, no := to(uint64(math.Float32bits(1))), to(0), to('N')
	if p.DType == kernels.F64 {
		one = to(math.Float64bits(1))
	}
	a, b, c := operands[0], operands[1], operands[2]
	args := []userkernel.Arg{no, no, n, m, k, one, b, n, a, k, zero, c, n}
	return bound{repeat: l.Repeat(userkernel.Call{Addr: fn, Args: args})}, nil
}

// describeXSMM asks for the processor that code is made for; no function tells the version.
func describeXSMM(l Library) (version, kernel string) { return "", text(l, "libxsmm_get_target_arch") }
