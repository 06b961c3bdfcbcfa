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
	mem := betweenPages(t, sizeOf[T](n))
	return elements[T](mem[len(mem)-sizeOf[T](n):], n)
}

// GuardedStart returns a slice of n zero elements that begins where an inaccessible page ends: a read or write before it
// faults. The memory is released when the test ends.
func GuardedStart[T any](t testing.TB, n int) []T {
	t.Helper()
	return elements[T](betweenPages(t, sizeOf[T](n)), n)
}

// betweenPages returns whole pages for size bytes, with an inaccessible one on either side.
func betweenPages(t testing.TB, size int) []byte {
	t.Helper()
	page := unix.Getpagesize()
	whole := (size + page - 1) / page * page
	mem, err := unix.Mmap(-1, 0, whole+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatalf("map guarded pages: %v", err)
	}
	t.Cleanup(func() { _ = unix.Munmap(mem) })
	for _, guard := range [][]byte{mem[:page], mem[page+whole:]} {
		if err := unix.Mprotect(guard, unix.PROT_NONE); err != nil {
			t.Fatalf("protect guard page: %v", err)
		}
	}
	return mem[page : page+whole]
}

func sizeOf[T any](n int) int {
	var zero T
	return n * int(unsafe.Sizeof(zero))
}

// elements is memory as n elements.
func elements[T any](mem []byte, n int) []T {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&mem[0])), n)
}

func bytes[T any](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), sizeOf[T](len(s)))
}
