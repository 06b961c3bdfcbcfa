package main

import (
	"unsafe"

	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// A call by the System V ABI: integers in six registers and then on the stack, floating point in eight registers.
const (
	intRegisters   = 6
	floatRegisters = 8
	stackSlots     = 10
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

// chain is what callC reads: calls in a row, and how often to make them all; bind_amd64.s knows its layout.
type chain struct {
	frames *frame
	n      int64
	times  int64
}

// callC is the address of the code that makes the calls of a chain.
var callC uintptr

// cgocall runs fn(arg) on the system stack, as cgo does.
//
//go:linkname cgocall runtime.cgocall
func cgocall(fn uintptr, arg unsafe.Pointer) int32

// newFrame puts arguments where the ABI wants them; nil when they are too many.
func newFrame(addr uintptr, args []userkernel.Arg) *frame {
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
			return nil
		}
	}
	return f
}

// bind prepares a call. It takes less time than bindReflect's and allocates nothing, which matters to short functions.
func bind(addr uintptr, args []userkernel.Arg, returns userkernel.Kind) (call func(), result func() uint64) {
	f := newFrame(addr, args)
	if f == nil {
		return bindReflect(addr, args, returns)
	}
	c := &chain{f, 1, 1}
	return func() { cgocall(callC, unsafe.Pointer(c)) }, func() uint64 {
		if returns == userkernel.Int {
			return f.rax
		}
		return f.xmm0
	}
}

// repeat prepares to make calls in a row, all of them n ≥ 1 times, with nothing of Go between them.
func repeat(calls ...userkernel.Call) func(n int) {
	frames := make([]frame, len(calls))
	for i, c := range calls {
		f := newFrame(c.Addr, c.Args)
		if f == nil {
			return repeatReflect(calls...)
		}
		frames[i] = *f
	}
	c := &chain{frames: unsafe.SliceData(frames), n: int64(len(frames))}
	return func(n int) {
		c.times = int64(n)
		cgocall(callC, unsafe.Pointer(c))
	}
}
