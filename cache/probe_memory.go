package cache

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Pages says how memory is mapped.
type Pages int

// Small pages are those of the base size (4 KiB on amd64); Huge asks for transparent huge pages, which the kernel may refuse.
const (
	Small Pages = iota
	Huge
)

// Map returns page-aligned zeroed memory outside Go's heap. It is not backed by memory before it is touched.
func Map(bytes int64, pages Pages) ([]byte, error) {
	const hugePage = 2 << 20
	bytes = (bytes + hugePage - 1) / hugePage * hugePage
	mem, err := unix.Mmap(-1, 0, int(bytes), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, fmt.Errorf("map %d bytes: %w", bytes, err)
	}
	advice := unix.MADV_HUGEPAGE
	if pages == Small {
		advice = unix.MADV_NOHUGEPAGE
	}
	_ = unix.Madvise(mem, advice) // a kernel without huge pages refuses; measuring goes on without
	return mem, nil
}

// Unmap gives memory of Map back.
func Unmap(mem []byte) error { return unix.Munmap(mem) }

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
