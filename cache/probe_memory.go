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

// Touch writes one byte of every page of mem from the calling thread, so that the memory lies near its CPU.
func Touch(mem []byte) {
	for i := 0; i < len(mem); i += 4096 {
		mem[i] = 0
	}
}
