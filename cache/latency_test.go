package cache

import (
	"testing"
	"unsafe"
)

// TestChase follows the chain and expects it to visit every line of the working set once before it returns.
func TestChase(t *testing.T) {
	mem, err := Map(1<<20, Huge)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := Unmap(mem); err != nil {
			t.Error(err)
		}
	}()
	base := uintptr(unsafe.Pointer(&mem[0]))
	for _, lines := range []int{2, 3, 4, 5, 63, 64, 65, 1000, 4096, 16384} {
		c, err := NewChase(mem, int64(lines)*lineBytes+lineBytes-1) // a part of a line does not count
		if err != nil {
			t.Fatal(err)
		}
		if c.Lines() != lines {
			t.Errorf("%d lines, want %d", c.Lines(), lines)
		}
		seen := make([]bool, lines)
		steps := map[uintptr]int{} // distances, to see that no stride dominates
		p := c.at
		for i := range lines {
			at := (uintptr(p) - base) / lineBytes
			if at >= uintptr(lines) || seen[at] {
				t.Fatalf("%d lines: hop %d arrives at line %d, outside or for the second time", lines, i, at)
			}
			seen[at] = true
			q := *(*unsafe.Pointer)(p)
			steps[uintptr(q)-uintptr(p)]++
			p = q
		}
		if p != c.at {
			t.Errorf("%d lines: the chain does not close", lines)
		}
		if lines >= 1000 {
			for d, n := range steps {
				if n > lines/50 {
					t.Errorf("%d lines: %d of the hops have the distance %d: a prefetcher can follow", lines, n, d)
				}
			}
		}
	}
}

func TestHopGoesOn(t *testing.T) {
	mem, err := Map(1<<12, Small)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = Unmap(mem) }()
	c, err := NewChase(mem, 48*lineBytes)
	if err != nil {
		t.Fatal(err)
	}
	start, third := c.at, c.at
	for range HopsPerCall {
		third = *(*unsafe.Pointer)(third)
	}
	c.Hop(1)
	if c.at != third {
		t.Errorf("Hop(1) does not follow %d pointers", HopsPerCall)
	}
	c.Hop(2)
	if c.at != start {
		t.Error("48 hops do not lead around 48 lines")
	}
}

func TestChaseRefuses(t *testing.T) {
	mem := make([]byte, 1<<12)
	for _, n := range []int64{0, lineBytes, 1<<12 + 1} {
		if _, err := NewChase(mem, n); err == nil {
			t.Errorf("%d bytes of %d: no error", n, len(mem))
		}
	}
}

func TestShuffleThereAndBack(t *testing.T) {
	for _, n := range []int{2, 3, 5, 64, 65, 1000, 1 << 24, 1<<24 + 1, 30 << 20} {
		s := newShuffle(n)
		for i := 0; i < n; i += 1 + n/1000 {
			if got := s.back(s.of(i)); got != i {
				t.Fatalf("of %d numbers %d comes back as %d", n, i, got)
			}
		}
	}
}
