package object

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Native is a prepared call of a function as it is, by the System V ABI, on a stack of its own. Its goroutine must be wired to
// its OS thread while it runs.
type Native struct {
	frame *frame
	args  []uint64 // on the stack
	stack uint64
}

// frame is what callC reads and writes; its layout is known there.
type frame struct {
	fn, sp uint64
	ints   [6]uint64
	floats [8]uint64
	rax    uint64
	xmm0   uint64
}

const (
	stackBytes = 8 << 20 // as much as a program's own
	mostArgs   = 256     // on the stack
)

//go:noescape
func callC(f *frame)

// NewNative prepares a call: ints are integers and pointers, of which those behind the sixth go onto the stack; floats the low
// 8 bytes of the vector registers.
func NewNative(fn uint64, ints, floats []uint64) (*Native, error) {
	n := &Native{frame: &frame{fn: fn}}
	if len(floats) > len(n.frame.floats) {
		return nil, fmt.Errorf("prepare call: %d floating-point arguments (want at most %d)", len(floats), len(n.frame.floats))
	}
	copy(n.frame.floats[:], floats)
	if k := copy(n.frame.ints[:], ints); k < len(ints) {
		n.args = append(n.args, ints[k:]...)
	}
	if len(n.args) > mostArgs {
		return nil, fmt.Errorf("prepare call: %d arguments on the stack (want at most %d)", len(n.args), mostArgs)
	}
	at, err := unix.MmapPtr(-1, 0, nil, stackBytes+page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("map stack: %w", err)
	}
	n.stack = uint64(uintptr(at))
	if err := unix.Mprotect(view(n.stack, page), unix.PROT_NONE); err != nil {
		n.Close()
		return nil, fmt.Errorf("protect guard page: %w", err)
	}
	n.frame.sp = n.stack + page + stackBytes - 8*mostArgs
	return n, nil
}

// Close gives the stack back.
func (n *Native) Close() { _ = unix.MunmapPtr(pointer(n.stack), stackBytes+page) }

// Run calls the function. It allocates nothing.
func (n *Native) Run() {
	if len(n.args) > 0 { // they are the callee's to change
		copy(unsafe.Slice((*uint64)(pointer(n.frame.sp)), len(n.args)), n.args)
	}
	callC(n.frame)
}

// Results are the integer and the floating-point result of the last run: only one has a meaning.
func (n *Native) Results() (rax, xmm0 uint64) { return n.frame.rax, n.frame.xmm0 }

// Call calls a function once and returns its integer result.
func Call(fn uint64, ints, floats []uint64) (uint64, error) {
	n, err := NewNative(fn, ints, floats)
	if err != nil {
		return 0, err
	}
	defer n.Close()
	n.Run()
	return n.frame.rax, nil
}
