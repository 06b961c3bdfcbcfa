package fenced

import (
	"runtime/debug"
	"testing"
	"unsafe"
)

// faults says whether reading an address is a fault.
func faults(at unsafe.Pointer) (fault bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { fault = recover() != nil }()
	sink = *(*byte)(at)
	return false
}

var sink byte

func TestAlloc(t *testing.T) {
	for _, c := range []struct{ size, whole, align int }{
		{0, page, page}, {1, page, page}, {page, page, page}, {page + 1, 2 * page, page},
		{hugePage - 1, hugePage, page}, {hugePage, hugePage, hugePage}, {hugePage + 1, hugePage + page, hugePage},
	} {
		mem, err := Alloc(c.size)
		if err != nil {
			t.Fatal(err)
		}
		at := unsafe.Pointer(unsafe.SliceData(mem))
		if len(mem) != c.whole || uintptr(at)%uintptr(c.align) != 0 {
			t.Errorf("%d bytes: %d at %p, want %d aligned to %d", c.size, len(mem), at, c.whole, c.align)
		}
		mem[0], mem[len(mem)-1] = 1, 2
		for _, off := range []int{-1, -Fence, len(mem), len(mem) + Fence - 1} {
			if !faults(unsafe.Add(at, off)) {
				t.Errorf("%d bytes: the byte at %d can be read", c.size, off)
			}
		}
	}
	if _, err := Alloc(1 << 60); err == nil {
		t.Error("2^60 bytes were allocated")
	}
}
