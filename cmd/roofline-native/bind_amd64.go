package main

import (
	"unsafe"

	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// A call by the System V ABI: integers in six registers and then on the stack, floating point in eight registers.
const (
	intRegisters   = 6
	floatRegisters = 8
	stackSlots     = 8
)

// frame is what callC reads and writes; bind_amd64.s knows its layout.
type frame struct {
	fn     uintptr
	ints   [intRegisters]uint64
	floats [floatRegisters]uint64
	stack  [stackSlots]uint64
	rax    uint64
	xmm0   uint64
}

// callC is the address of the code that calls frame.fn.
var callC uintptr

// cgocall runs fn(arg) on the system stack, as cgo does.
//
//go:linkname cgocall runtime.cgocall
func cgocall(fn uintptr, arg unsafe.Pointer) int32

// bind prepares a call. It takes less time than bindReflect's and allocates nothing, which matters to short functions.
func bind(addr uintptr, args []userkernel.Arg, returns userkernel.Kind) (call func(), result func() uint64) {
	f := &frame{fn: addr}
	ints, floats, stack := f.ints[:0], f.floats[:0], f.stack[:0]
	for _, a := range args {
		switch {
		case a.Kind != userkernel.Int && len(floats) < floatRegisters:
			floats = append(floats, a.Bits)
		case a.Kind == userkernel.Int && len(ints) < intRegisters:
			ints = append(ints, a.Bits)
		case len(stack) < stackSlots:
			stack = append(stack, a.Bits)
		default:
			return bindReflect(addr, args, returns)
		}
	}
	return func() { cgocall(callC, unsafe.Pointer(f)) }, func() uint64 {
		if returns == userkernel.Int {
			return f.rax
		}
		return f.xmm0
	}
}
