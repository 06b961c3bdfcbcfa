package instrument

import "math"

// Arguments of a call by address, in the program's ABI: SysV (integers and pointers in registers, further ones on the stack;
// doubles in vector registers) or GoABI0 (Ints is the block of arguments and results, 8 bytes each).
type Arguments struct {
	Ints   []uint64
	Floats []uint64 // bits of XMM0 … XMM7, the low 8 bytes
}

// Result of a call by address in the SysV ABI. In GoABI0 results are in Arguments.Ints.
type Result struct {
	RAX, RDX   uint64
	XMM0, XMM1 [2]uint64
}

// Float64 is the first floating-point result.
func (r *Result) Float64() float64 { return math.Float64frombits(r.XMM0[0]) }

// Float32 is the first floating-point result of a function that returns a float.
func (r *Result) Float32() float32 { return math.Float32frombits(uint32(r.XMM0[0])) }

// Called is code that a subject calls by its address.
type Called struct {
	Code      func(addr uint64) []byte // from addr on, for what the functions call; see Options
	Name      func(addr uint64) string
	Low, High uintptr
	// Part runs a worker's share of one call, and enters the subject's functions by call only.
	Part func(worker int, call func(entry uintptr, args *Arguments) (Result, error)) error
	// Explain may replace the error of a run.
	Explain func(error) error
}
