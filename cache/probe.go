package cache

import (
	"fmt"

	"github.com/roofline-go/roofline/internal/cpu"
)

// Probe is one way to move bytes between a core and its memory hierarchy: an operation in one form.
//
//	load     reads an array
//	store    writes a constant into an array
//	copy     a[i] = b[i]
//	triad    a[i] = 3·b[i] + c[i], float64 (STREAM's triad)
//	ntstore  writes an array past the caches (non-temporal)
//
// What counts is what the core moves: each byte loaded and each byte stored by the loop once, so 1, 1, 2, 3 and 1 bytes
// per byte of an array. What the hierarchy moves in addition (the read for ownership before a store that misses, and the
// write-back of evicted lines) is not counted; likwid-bench counts the same way.
type Probe struct {
	Op   string
	Form string  // what distinguishes it from others of the same Op, e.g. "avx512 w256"
	ISA  cpu.ISA // instruction set it needs
	Past bool    // stores past the caches: only meaningful for memory

	run func(a, b, c *byte, n, passes int) // n bytes per array, a multiple of blockBytes, > 0
}

// blockBytes is what the size of every array is a multiple of.
const blockBytes = 1024

// Ops lists the operations in the order of a report.
var Ops = []string{"load", "store", "copy", "triad", "ntstore"}

// Probes returns the probes of one operation that this machine can run: the assembly of the usable instruction sets, else
// the plain Go form. Wider vectors come first. Several widths are kept, because the widest is not fastest everywhere.
// The list is empty for ntstore on machines without such stores.
func Probes(op string) (out []Probe) {
	for _, p := range assembly {
		if p.Op == op && cpu.Usable(p.ISA) == nil {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		for _, p := range plain {
			if p.Op == op {
				out = append(out, p)
			}
		}
	}
	return out
}

// Arrays returns how many arrays the probe walks.
func (p Probe) Arrays() int {
	switch p.Op {
	case "copy":
		return 2
	case "triad":
		return 3
	}
	return 1
}

// Stream is a probe on a working set, run piece by piece.
type Stream struct {
	Probe
	arrays [3][]byte // written one first; as in run
	bytes  int       // of each array
	offset int       // where the next piece begins
}

// callBytes bounds what one call of assembly moves per array, so that it ends within a millisecond on slow memory too:
// the garbage collector cannot interrupt it.
const callBytes = 1 << 20

// On lays the probe's arrays out in mem, so that together they take workingSet bytes, rounded down to whole blocks.
func (p Probe) On(mem []byte, workingSet int64) (*Stream, error) {
	if workingSet > int64(len(mem)) {
		return nil, fmt.Errorf("lay out %s: %d bytes do not fit in %d", p.Op, workingSet, len(mem))
	}
	n := int(workingSet) / p.Arrays() / blockBytes * blockBytes
	if n == 0 {
		return nil, fmt.Errorf("lay out %s: %d bytes are less than one block of %d per array", p.Op, workingSet, blockBytes)
	}
	s := &Stream{Probe: p, bytes: n}
	for i := range p.Arrays() {
		s.arrays[i] = mem[i*n:][:n:n]
	}
	return s, nil
}

// WorkingSet returns the bytes of all arrays together.
func (s *Stream) WorkingSet() int64 { return int64(s.bytes) * int64(s.Arrays()) }

// Move goes on through the arrays, around and around, until it has moved at least the given number of bytes, and returns how
// many it moved.
func (s *Stream) Move(bytes int64) (moved int64) {
	k := int64(s.Arrays())
	for moved < bytes {
		n, passes := min(s.bytes-s.offset, callBytes), 1
		if n == s.bytes {
			passes = max(1, min(callBytes/n, int((bytes-moved)/(k*int64(n)))))
		}
		a, b, c := s.at(0), s.at(1), s.at(2)
		s.run(a, b, c, n, passes)
		if s.offset += n; s.offset == s.bytes {
			s.offset = 0
		}
		moved += k * int64(n) * int64(passes)
	}
	return moved
}

// at returns the position in array i; nil when there is no such array.
func (s *Stream) at(i int) *byte {
	if s.arrays[i] == nil {
		return nil
	}
	return &s.arrays[i][s.offset]
}
