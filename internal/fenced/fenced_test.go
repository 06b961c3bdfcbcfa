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
	testAlloc(t)
	Tighten()
	defer func() { tight = false }()
	testAlloc(t)
}

func testAlloc(t *testing.T) {
	t.Helper()
	for _, c := range []struct{ size, whole, align int }{
		{0, page, page}, {1, page, page}, {page, page, page}, {page + 1, 2 * page, page}, {alone - page, alone - page, page},
		{alone, alone, page}, {alone + 1, alone + page, page},
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
		before := 0 // of its huge page
		if c.whole >= alone && c.whole < hugePage {
			if !tight {
				before = hugePage - c.whole
			}
			if (uintptr(at)+uintptr(c.whole))%hugePage != 0 {
				t.Errorf("%d bytes end at %p, want a huge page", c.size, unsafe.Add(at, c.whole))
			}
		}
		for _, off := range []int{-1 - before, -Fence - before, len(mem), len(mem) + Fence - 1} {
			if !faults(unsafe.Add(at, off)) {
				t.Errorf("%d bytes: the byte at %d can be read", c.size, off)
			}
		}
	}
	if _, err := Alloc(1 << 60); err == nil {
		t.Error("2^60 bytes were allocated")
	}
}

// Operands that share huge pages lie behind each other; larger ones, and few bytes, have memory of their own.
func TestRoom(t *testing.T) {
	for _, sizes := range [][]int{{1, 2, 3}, {together - page, page, 5}, {1 << 20, 3<<19 + 1, 1 << 20}, {page, 3 * hugePage, together, 7}} {
		room, err := NewRoom(sizes...)
		if err != nil {
			t.Fatal(err)
		}
		next := uintptr(0)
		for _, n := range sizes {
			mem, err := room.Alloc(n)
			if err != nil || len(mem) != wholePages(n) || cap(mem) != len(mem) || mem[0] != 0 || mem[n-1] != 0 {
				t.Fatalf("%d of %v: %d bytes, %v", n, sizes, len(mem), err)
			}
			mem[0], mem[len(mem)-1] = 1, 1
			at := uintptr(unsafe.Pointer(unsafe.SliceData(mem)))
			if room.left == nil || n >= hugePage {
				if n >= hugePage && at%hugePage != 0 {
					t.Errorf("%d of %v at %#x", n, sizes, at)
				}
				continue
			}
			if next == 0 && at%hugePage != 0 || next != 0 && at != next {
				t.Errorf("%d of %v at %#x, want it behind the one before, on a huge page", n, sizes, at)
			}
			next = at + uintptr(len(mem))
		}
	}
	if _, err := NewRoom(hugePage-1, hugePage-1, 1<<60); err != nil {
		t.Errorf("room for what has memory of its own: %v", err)
	}
}
