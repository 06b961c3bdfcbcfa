// Package fenced allocates memory for operands of code that may be wrong: outside of Go's heap, between megabytes that cannot be
// touched, so that a row or a block too many is found, not only an element.
package fenced

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	page     = 4096
	hugePage = 2 << 20

	// Fence is the bytes on either side that cannot be touched.
	Fence = 1 << 20
)

// Alloc maps whole pages of zeros that hold size bytes, at least one, aligned to a page, or from 2 MiB on to a huge page. The
// memory stays until the process ends.
func Alloc(size int) ([]byte, error) {
	whole := (max(size, 1) + page - 1) / page * page
	align := page
	if size >= hugePage {
		align = hugePage
	}
	mem, err := unix.Mmap(-1, 0, whole+align+2*Fence, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, err
	}
	begin := Fence
	if over := (uintptr(unsafe.Pointer(unsafe.SliceData(mem))) + Fence) % uintptr(align); over != 0 {
		begin += align - int(over)
	}
	all := mem[begin : begin+whole : begin+whole]
	if err := unix.Mprotect(all, unix.PROT_READ|unix.PROT_WRITE); err != nil {
		_ = unix.Munmap(mem)
		return nil, err
	}
	if align == hugePage {
		_ = unix.Madvise(all, unix.MADV_HUGEPAGE) // it may be refused
	}
	return all, nil
}
