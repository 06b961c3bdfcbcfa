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
	at := func(line int) unsafe.Pointer { return unsafe.Add(base, line*lineBytes) }
	for line := range lines { // in the order of addresses: in that of the chain writing takes as long as following it
		*(*unsafe.Pointer)(at(line)) = at(shuffle.of((shuffle.back(line) + 1) % lines))
	}
	return &Chase{at: at(shuffle.of(0)), lines: lines}, nil
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
	shift   uint // more than half of the bits of mask: such an exclusive or undoes itself
}

func newShuffle(n int) shuffle {
	k := uint(bits.Len64(uint64(n) - 1))
	return shuffle{n: uint64(n), mask: 1<<k - 1, shift: k/2 + 1}
}

// The factors of a shuffle, what they are multiplied with to get 1 (modulo 2⁶⁴), and what is added.
var (
	oddFactors = [...]uint64{0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb}
	oddInverse = [...]uint64{inverse(oddFactors[0]), inverse(oddFactors[1]), inverse(oddFactors[2])}
)

const shuffleAdds = 0x632be59bd9b4e019

// inverse is Newton's: every step doubles the number of right bits, of which an odd number is three for itself.
func inverse(odd uint64) uint64 {
	x := odd
	for range 5 {
		x *= 2 - odd*x
	}
	return x
}

func (s shuffle) of(i int) int {
	x := uint64(i)
	for {
		for _, odd := range oddFactors {
			x = (x*odd + shuffleAdds) & s.mask
			x ^= x >> s.shift
		}
		if x < s.n {
			return int(x)
		}
	}
}

// back is the inverse of of.
func (s shuffle) back(i int) int {
	x := uint64(i)
	for {
		for j := range oddInverse {
			x ^= x >> s.shift
			x = (x - shuffleAdds) * oddInverse[len(oddInverse)-1-j] & s.mask
		}
		if x < s.n {
			return int(x)
		}
	}
}
