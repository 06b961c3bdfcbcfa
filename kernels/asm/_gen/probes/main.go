// Command probes generates the loops that measure bandwidth, see cache.Probe: for each instruction set, each operation (load,
// store, copy, triad, non-temporal store) in several forms. Which form is fastest depends on the core and the level, so all
// are measured and the best counts.
//
//	256, 1024  bytes of each array per iteration
//	w          also asks for the line of the written array 1 KiB ahead with PREFETCHW: hides the read for ownership
//	nt         stores past the caches
//	s4         reads four quarters of the array side by side
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// ahead is the prefetch distance in bytes, line the unit of a prefetch.
const (
	ahead = 1024
	line  = 64
)

func main() {
	for _, s := range sets {
		for _, block := range []int{256, 1024} {
			s.probe(form{op: "Load", block: block})
			s.probe(form{op: "Store", block: block})
			s.probe(form{op: "Copy", block: block})
			s.probe(form{op: "Triad", block: block})
			s.probe(form{op: "Store", suffix: "NT", block: block, nt: true})
			s.probe(form{op: "Copy", suffix: "NT", block: block, nt: true})
			s.probe(form{op: "Triad", suffix: "NT", block: block, nt: true})
		}
		for _, op := range []string{"Store", "Copy", "Triad"} {
			s.probe(form{op: op, suffix: "W", block: 256, prefetch: true})
		}
		s.probe(form{op: "Load", suffix: "S4", block: 256, streams: 4})
	}
	Generate()
}

// form is one way to write an operation.
type form struct {
	op, suffix string
	block      int // bytes of each array per iteration
	nt         bool
	prefetch   bool
	streams    int // 0: one
}

// The arguments and the walking pointers. a is written (by load: read), b and c are read.
var (
	args  = []GPPhysical{RDI, RSI, RDX} // a, b, c
	walk  = []GPPhysical{R10, R11, R12, R13}
	bytes = R8
	left  = R9  // passes
	count = RCX // iterations of a pass
)

func (s set) probe(f form) {
	name := fmt.Sprintf("probe%s%s%d%s", f.op, f.suffix, f.block, s.name)
	TEXT(name, NOSPLIT, "func(a, b, c *byte, n, passes int)")
	Doc(name + " walks arrays of n bytes, a multiple of 1024, passes times; see Probe.")
	for i, arg := range []string{"a", "b", "c"} {
		Load(Param(arg), args[i])
	}
	Load(Param("n"), bytes)
	Load(Param("passes"), left)
	if f.op == "Triad" || f.op == "Store" {
		s.loadFactor()
	}
	Label("pass")
	s.begin(f)
	vec.Align()
	Label("loop")
	s.body(f)
	DECQ(count)
	JNZ(LabelRef("loop"))
	DECQ(left)
	JNZ(LabelRef("pass"))
	if f.nt {
		SFENCE()
	}
	if s.name != "SSE" {
		VZEROUPPER()
	}
	RET()
}

// begin sets the walking pointers and the number of iterations of a pass.
func (s set) begin(f form) {
	if f.streams > 1 {
		MOVQ(bytes, RBX)
		SHRQ(Imm(2), RBX)
		MOVQ(args[0], walk[0])
		for i := 1; i < f.streams; i++ {
			LEAQ(Mem{Base: walk[i-1], Index: RBX, Scale: 1}, walk[i])
		}
	} else {
		for i := range f.arrays() {
			MOVQ(args[i], walk[i])
		}
	}
	MOVQ(bytes, count)
	SHRQ(Imm(uint64(log2(f.block))), count)
}

func (f form) arrays() int { return map[string]int{"Load": 1, "Store": 1, "Copy": 2, "Triad": 3}[f.op] }

func (s set) body(f form) {
	advance, pointers := f.block, f.arrays()
	if f.streams > 1 {
		advance, pointers = f.block/f.streams, f.streams
		for d := 0; d < advance; d += s.bytes {
			for i := range f.streams {
				s.mov(Mem{Base: walk[i], Disp: d}, s.reg[(i+d/s.bytes)%8])
			}
		}
	} else {
		for d := 0; d < f.block; d += s.bytes {
			if f.prefetch && d%line == 0 {
				enc.Emit(enc.PrefetchW(enc.Mem{Base: walk[0], Disp: int32(d + ahead)}))
			}
			s.vector(f, d)
		}
	}
	for i := range pointers {
		ADDQ(U32(uint32(advance)), walk[i])
	}
}

// vector moves one vector at distance d of the walking pointers.
func (s set) vector(f form, d int) {
	store := s.mov
	if f.nt {
		store = s.nt
	}
	v := s.reg[d/s.bytes%8]
	switch at := func(i int) Mem { return Mem{Base: walk[i], Disp: d} }; f.op {
	case "Load":
		s.mov(at(0), v)
	case "Store":
		store(s.reg[8], at(0))
	case "Copy":
		s.mov(at(1), v)
		store(v, at(0))
	case "Triad":
		s.mov(at(1), v)
		s.scaleAdd(at(2), v)
		store(v, at(0))
	}
}

func log2(n int) (k int) {
	for 1<<k < n {
		k++
	}
	return k
}
