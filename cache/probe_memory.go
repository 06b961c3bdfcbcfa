package cache

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Pages says how memory is mapped.
type Pages int

// Small pages are those of the base size (4 KiB on amd64); Huge asks for transparent huge pages, which the kernel may refuse.
const (
	Small Pages = iota
	Huge
)

const hugePage = 2 << 20

// Map returns zeroed memory outside Go's heap. It begins at a multiple of 2 MiB, since elsewhere its first and last part could have no
// huge pages. It is not backed by memory before it is touched.
func Map(bytes int64, pages Pages) ([]byte, error) {
	bytes = (bytes + hugePage - 1) / hugePage * hugePage
	all, err := unix.MmapPtr(-1, 0, nil, uintptr(bytes+hugePage), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, fmt.Errorf("map %d bytes: %w", bytes, err)
	}
	before := -uintptr(all) % hugePage
	start := unsafe.Add(all, before)
	if before > 0 {
		_ = unix.MunmapPtr(all, before) // what is left over costs addresses only
	}
	_ = unix.MunmapPtr(unsafe.Add(start, bytes), hugePage-before)
	mem := unsafe.Slice((*byte)(start), bytes)
	advice := unix.MADV_HUGEPAGE
	if pages == Small {
		advice = unix.MADV_NOHUGEPAGE
	}
	_ = unix.Madvise(mem, advice) // a kernel without huge pages refuses; measuring goes on without
	return mem, nil
}

// Unmap gives memory of Map back.
func Unmap(mem []byte) error { return unix.MunmapPtr(unsafe.Pointer(&mem[0]), uintptr(len(mem))) }

// Touch fills mem with pseudo-random float64 values in [1, 2) from the calling thread, so that the memory lies near its CPU.
// Zeros would not do: some memory systems move lines of zeros without their data.
func Touch(mem []byte) {
	x := uint64(0x9e3779b97f4a7c15)
	for w := words(&mem[0], len(mem)); len(w) > 0; w = w[1:] {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		w[0] = x>>12 | 0x3ff<<52
	}
}
