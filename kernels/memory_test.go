package kernels

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/testkit"
)

// Operands are zero and aligned, also on memory that was used before, and neighbours do not overlap.
func TestAlloc(t *testing.T) {
	const huge = hugePage / 8
	for _, n := range []int{0, 1, 7, 512, huge - 1, huge, huge + 1, 3*huge + 5} {
		for range 3 {
			s, other := alloc[float64](n), alloc[float64](n)
			for i := range s {
				if s[i] != 0 {
					t.Fatalf("%d elements: element %d is %v", n, i, s[i])
				}
				s[i], other[i] = 1, 2
			}
			if len(s) != n || cap(s) != n || slices.Contains(s, 2) {
				t.Fatalf("%d elements: got %d of %d, or shared ones", n, len(s), cap(s))
			}
			align := uintptr(page)
			if n >= huge {
				align = hugePage
			}
			if at := uintptr(unsafe.Pointer(unsafe.SliceData(s))); at%align != 0 {
				t.Errorf("%d elements at %#x", n, at)
			}
			runtime.GC() // what is free now is allocated again
		}
	}
}

// Operands that share huge pages lie behind each other, from a page on each; larger ones, and few bytes, have memory of their own.
func TestOperandRoom(t *testing.T) {
	for _, sizes := range [][]int{{1, 2, 3}, {hugePage/8 - page, page, 5}, {1 << 20, 3<<19 + 1, 1 << 20}, {page, 3 * hugePage, hugePage / 8, 7}} {
		room := newOperandRoom(sizes...)
		shared, next := room.left != nil, uintptr(0)
		for _, n := range sizes {
			s := take[int8](room, n)
			at := uintptr(unsafe.Pointer(unsafe.SliceData(s)))
			if len(s) != n || cap(s) != n || at%page != 0 || s[0] != 0 || s[n-1] != 0 {
				t.Fatalf("%d of %v: %d of %d at %#x, or not zero", n, sizes, len(s), cap(s), at)
			}
			s[0], s[n-1] = 1, 1
			if shared && n < hugePage {
				if next == 0 && at%hugePage != 0 || next != 0 && at != next {
					t.Errorf("%d of %v at %#x, want it behind the one before, on a huge page", n, sizes, at)
				}
				next = at + uintptr(wholePages(n))
			}
		}
		if len(room.left) != 0 {
			t.Errorf("%v: %d bytes are left", sizes, len(room.left))
		}
	}
}

// Large operands are marked for huge pages from the first to the last byte.
func TestAllocAsksForHugePages(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		testkit.SkipUnsupported(t, noHugePages{err})
	}
	probe, err := unix.Mmap(-1, 0, 2*hugePage, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Munmap(probe) }()
	if err := unix.Madvise(probe, unix.MADV_HUGEPAGE); err != nil || !slices.Contains(memoryFlags(t, uintptr(unsafe.Pointer(&probe[0]))), "hg") {
		testkit.SkipUnsupported(t, noHugePages{errors.New("advice for huge pages is not recorded here, as under an emulator")})
	}
	s := alloc[float32](3*hugePage/4 + 100)
	for _, i := range []int{0, len(s) - 1} {
		flags := memoryFlags(t, uintptr(unsafe.Pointer(&s[i])))
		if !slices.Contains(flags, "hg") {
			t.Errorf("element %d lies in memory with the flags %v, want hg", i, flags)
		}
	}
}

type noHugePages struct{ error }

func (noHugePages) Unsupported() string { return "thp" }

// memoryFlags returns the flags of the mapping that contains address, as /proc/self/smaps lists them.
func memoryFlags(t *testing.T, address uintptr) []string {
	t.Helper()
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	inside := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var from, to uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &from, &to); n == 2 {
			inside = from <= address && address < to
		}
		if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && inside {
			return strings.Fields(flags)
		}
	}
	t.Fatalf("no mapping of %#x in smaps", address)
	return nil
}

// Operands that are no longer used make room for others.
func TestAllocIsFreed(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 20 {
		s := alloc[float32](4 << 20)
		s[0] = 1
		runtime.GC()
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 32<<20 {
		t.Errorf("20 operands of 16 MiB leave %d MiB in use", grown>>20)
	}
}
