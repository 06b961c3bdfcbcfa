package testkit

import (
	"fmt"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// guardElems is how many guard values stand before and behind a guarded slice.
const guardElems = 64

// guardByte fills guard values.
const guardByte = 0xA5

// Guarded returns a slice of n zero elements between guard values, and a check that reports guards written over.
func Guarded[T any](n int) (s []T, check func() error) {
	all := make([]T, n+2*guardElems)
	before, behind := bytes(all[:guardElems]), bytes(all[guardElems+n:])
	for _, g := range [][]byte{before, behind} {
		for i := range g {
			g[i] = guardByte
		}
	}
	return all[guardElems : guardElems+n : guardElems+n], func() error {
		for i, b := range before {
			if b != guardByte {
				return fmt.Errorf("byte %d before the buffer was overwritten", len(before)-i)
			}
		}
		for i, b := range behind {
			if b != guardByte {
				return fmt.Errorf("byte %d behind the buffer was overwritten", i)
			}
		}
		return nil
	}
}

// GuardedPage returns a slice of n zero elements that ends where an inaccessible page begins: a read or write behind it
// faults. The memory is released when the test ends.
func GuardedPage[T any](t testing.TB, n int) []T {
	t.Helper()
	var zero T
	page := unix.Getpagesize()
	size := n * int(unsafe.Sizeof(zero))
	whole := (size + page - 1) / page * page
	mem, err := unix.Mmap(-1, 0, whole+page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatalf("map guarded page: %v", err)
	}
	t.Cleanup(func() { _ = unix.Munmap(mem) })
	if err := unix.Mprotect(mem[whole:], unix.PROT_NONE); err != nil {
		t.Fatalf("protect guard page: %v", err)
	}
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&mem[whole-size])), n)
}

func bytes[T any](s []T) []byte {
	var zero T
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(zero)))
}
