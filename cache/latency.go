package cache

import (
	"fmt"
	"math/bits"
	"unsafe"
)

// Chase is a chain of pointers through a working set: every line holds the address of the next, in a pseudo-random cycle
// through all lines, so that neither prefetchers nor out-of-order execution can run ahead. The time of a hop is the latency
// of a load.
type Chase struct {
	at    unsafe.Pointer
	lines int
}

const lineBytes = 64

// NewChase writes the chain into the first workingSet bytes of mem, rounded down to a power of two. mem must come from Map:
// it then holds pointers that the garbage collector must not see.
func NewChase(mem []byte, workingSet int64) (*Chase, error) {
	if workingSet < 2*lineBytes || workingSet > int64(len(mem)) {
		return nil, fmt.Errorf("chain pointers: %d bytes do not fit in %d, or are less than two lines", workingSet, len(mem))
	}
	lines := 1 << (bits.Len64(uint64(workingSet/lineBytes)) - 1)
	base := unsafe.Pointer(&mem[0])
	shuffle := newShuffle(lines)
	at := func(i int) unsafe.Pointer { return unsafe.Add(base, shuffle.of(i)*lineBytes) }
	for i := range lines {
		*(*unsafe.Pointer)(at(i)) = at((i + 1) % lines)
	}
	return &Chase{at: at(0), lines: lines}, nil
}

// Lines returns the number of lines in the cycle.
func (c *Chase) Lines() int { return c.lines }

// Hop follows n·16 pointers and goes on from there the next time.
func (c *Chase) Hop(n int) {
	p := c.at
	for range n {
		p = next4(next4(next4(next4(p))))
	}
	c.at = p
}

// HopsPerCall is the number of pointers that Hop(1) follows.
const HopsPerCall = 16

func next4(p unsafe.Pointer) unsafe.Pointer {
	p = *(*unsafe.Pointer)(p)
	p = *(*unsafe.Pointer)(p)
	p = *(*unsafe.Pointer)(p)
	return *(*unsafe.Pointer)(p)
}

// shuffle is a permutation of the numbers below a power of two that needs no memory: multiplications by odd numbers and
// shifted exclusive ors are reversible, and mix high bits into low ones and back.
type shuffle struct {
	mask  uint64
	shift uint
}

func newShuffle(n int) shuffle {
	k := uint(bits.Len64(uint64(n)) - 1)
	return shuffle{mask: uint64(n) - 1, shift: k/2 + 1}
}

func (s shuffle) of(i int) int {
	x := uint64(i)
	for _, odd := range []uint64{0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb} {
		x = (x*odd + 0x632be59bd9b4e019) & s.mask
		x ^= x >> s.shift
	}
	return int(x)
}
