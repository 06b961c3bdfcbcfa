package kernels

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// page is the alignment of operands: packed scratch then uses as few TLB entries as it can, and vectors as wide as a
// cache line never straddle two.
const page = 4096

// hugePage is the size and alignment of a transparent huge page on amd64, and a multiple of base pages everywhere.
const hugePage = 2 << 20

// alloc returns n zero elements aligned to a page. From the size of a huge page on they start on one and lie on huge
// pages where the system gives them, like the memory that bandwidth is measured on: code that is bound by memory would
// otherwise be held against a ceiling without its TLB misses. The garbage collector frees them.
func alloc[T element](n int) []T {
	size := sizeof[T]()
	if n < hugePage/size {
		return aligned[T](n, n, page)
	}
	whole := (n*size + hugePage - 1) / hugePage * hugePage / size // the last huge page is not shared with others
	s := aligned[T](n, whole, hugePage)
	mem := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), whole*size)
	// Memory that the heap uses again has been cleared on the pages it had; dropped, it comes back zero, on new ones.
	// Either advice may be refused: the elements are zero with and without.
	_ = unix.Madvise(mem, unix.MADV_HUGEPAGE)
	_ = unix.Madvise(mem, unix.MADV_DONTNEED)
	return s
}

// apartBytes is how far a worker's scratch that it writes again and again is from the next one's: the processor fetches what follows a
// sequence of lines that are written, and takes it from the worker that has it. On a Zen 4 that made two workers up to 1.5 times as slow
// where sums of 16 KiB each lay side by side; from 16 KiB between them on it did not.
const apartBytes = 64 << 10

// allocApart is alloc for what a worker writes while others write theirs.
func allocApart[T element](n int) []T { return alloc[T](n + apartBytes/sizeof[T]())[:n:n] }

// ownLines is room before and behind what a worker changes in every call, so that no other worker's lines are next to it: two fields of
// neighbours in one line, or in a pair of lines that a processor fetches together, would be taken from core to core all the time. That takes
// 0.2 µs a turn on a Zen 5 of a virtual machine.
type ownLines [2 * lineBytes]byte

// cloneApart is a copy of s with such room around it.
func cloneApart[T any](s []T) []T {
	if len(s) == 0 {
		return s
	}
	room := int(unsafe.Sizeof(ownLines{})/unsafe.Sizeof(*new(T))) + 1
	all := make([]T, room+len(s)+room)
	copy(all[room:], s)
	return all[room:][:len(s):len(s)]
}

// allocTogether returns m and n zero elements, from a line of 64 bytes on each, that are used together in L2. From an eighth of
// a huge page on they lie on one: physical addresses choose the sets of L2, and base pages from anywhere crowd some of them.
func allocTogether[T element](m, n int) (first, second []T) {
	line := 64 / sizeof[T]()
	begin := (m + line - 1) / line * line
	room := begin + n
	if room*sizeof[T]() >= hugePage/8 {
		room = max(room, hugePage/sizeof[T]())
	}
	all := alloc[T](room)
	return all[:m:m], all[begin:][:n:n]
}

// aligned returns the first n of room elements from a multiple of align bytes on. The page behind them is there: a load under a mask that ends
// in one that is not takes hundreds of cycles, although it reads nothing of it.
func aligned[T element](n, room, align int) []T {
	size := sizeof[T]()
	s := make([]T, room+align/size)
	s[len(s)-1] = 0
	skip := (align - int(uintptr(unsafe.Pointer(unsafe.SliceData(s)))%uintptr(align))) % align / size
	return s[skip : skip+n : skip+n]
}
