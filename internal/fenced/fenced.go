// Package fenced allocates memory for operands of code that may be wrong: outside of Go's heap, between megabytes that cannot be
// touched, so that a row or a block too many is found, not only an element. Before operands of 64 KiB to 2 MiB
// lies the rest of their huge page, where that is not found unless the process only counts (Tighten).
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

	// alone is the size from which on an operand gets a huge page for itself.
	alone = hugePage / 32
	// together is the size from which on operands share huge pages.
	together = hugePage / 8
)

// Alloc maps whole pages of zeros that hold size bytes, at least one, aligned to a page, or from 2 MiB on to a huge page. From
// 64 KiB up to that they end with a huge page, and the rest of it is before them, where the fence then is as much farther away. The memory
// stays until the process ends.
func Alloc(size int) ([]byte, error) {
	whole := wholePages(size)
	switch {
	case whole >= hugePage:
		return alloc(whole, hugePage)
	case whole >= alone:
		mem, err := alloc(hugePage, hugePage)
		if err != nil {
			return nil, err
		}
		if tight {
			err = unix.Mprotect(mem[:hugePage-whole], unix.PROT_NONE)
		}
		return mem[hugePage-whole:], err
	}
	return alloc(whole, page)
}

var tight bool

// Tighten puts the fence right before all operands to come, which then may lie on base pages at the same addresses: for a process that
// looks for faults and times nothing. It is called before the first Alloc.
func Tighten() { tight = true }

func wholePages(size int) int { return (max(size, 1) + page - 1) / page * page }

// alloc maps whole bytes between fences.
func alloc(whole, align int) ([]byte, error) {
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

// Room is memory for operands of one call that need no fences between them: as those of package kernels, they lie behind each other on
// huge pages, from 256 KiB on all together, and those of 2 MiB or more on huge pages of their own.
type Room struct {
	left []byte // nil where each operand has memory of its own
}

// NewRoom makes room for operands of so many bytes, to be allocated in this order.
func NewRoom(sizes ...int) (*Room, error) {
	shared := 0
	for _, n := range sizes {
		if n < hugePage {
			shared += wholePages(n)
		}
	}
	if shared < together {
		return &Room{}, nil
	}
	mem, err := alloc((shared+hugePage-1)/hugePage*hugePage, hugePage)
	return &Room{mem}, err
}

// Alloc is the next operand's memory: whole pages that hold size bytes.
func (r *Room) Alloc(size int) ([]byte, error) {
	whole := wholePages(size)
	if r.left == nil || size >= hugePage {
		return Alloc(size)
	}
	mem := r.left[:whole:whole]
	r.left = r.left[whole:]
	return mem, nil
}
