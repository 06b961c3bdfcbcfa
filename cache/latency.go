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

// NewChase writes the chain into the first workingSet bytes of mem. mem must come from Map: it then holds pointers that the
// garbage collector must not see.
func NewChase(mem []byte, workingSet int64) (*Chase, error) {
	if workingSet < 2*lineBytes || workingSet > int64(len(mem)) {
		return nil, fmt.Errorf("chain pointers: %d bytes do not fit in %d, or are less than two lines", workingSet, len(mem))
	}
	lines := int(workingSet / lineBytes)
	base := unsafe.Pointer(&mem[0])
	shuffle := newShuffle(lines)
	at := func(i int) unsafe.Pointer { return unsafe.Add(base, shuffle.of(i)*lineBytes) }
	first := at(0)
	last := first
	for i := 1; i < lines; i++ {
		next := at(i)
		*(*unsafe.Pointer)(last) = next
		last = next
	}
	*(*unsafe.Pointer)(last) = first
	return &Chase{at: first, lines: lines}, nil
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

// shuffle is a permutation of the numbers below n that needs no memory. Multiplications by odd numbers and shifted exclusive
// ors are reversible on the numbers below a power of two, and mix high bits into low ones and back; where the result is not
// below n, it is permuted again until it is.
type shuffle struct {
	n, mask uint64
	shift   uint
}

func newShuffle(n int) shuffle {
	k := uint(bits.Len64(uint64(n) - 1))
	return shuffle{n: uint64(n), mask: 1<<k - 1, shift: k/2 + 1}
}

func (s shuffle) of(i int) int {
	x := uint64(i)
	for {
		for _, odd := range [...]uint64{0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb} {
			x = (x*odd + 0x632be59bd9b4e019) & s.mask
			x ^= x >> s.shift
		}
		if x < s.n {
			return int(x)
		}
	}
}
