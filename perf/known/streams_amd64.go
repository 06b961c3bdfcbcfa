package known

import (
	"fmt"

	"github.com/roofline-go/roofline/internal/cpu"
)

// walk is a stream's code: three arguments, the shift, the register of ones, the return; two moves, decrement and branch a
// pass; per iteration the accesses, and addition, decrement and branch.
func walk(op string, width int, isa cpu.ISA, perAccess float64, more float64, run func(p *byte, n, passes int)) stream {
	n, w := float64(block/width), float64(width)
	iter := some(3 + n*perAccess)
	if op == "load" || op == "update" {
		iter = iter.loads(n, w)
	}
	if op != "load" {
		iter = iter.stores(n, w)
	}
	return stream{code{fmt.Sprintf("%s.%d", op, width), some(6+more).loads(3, 8).loads(1, 8), some(4), iter}, op, width, isa, run}
}

// The last number before each function is the instructions in once beyond the six: SFENCE, VZEROUPPER.
var streams = []stream{
	walk("load", 8, cpu.Go, 1, 0, knownLoad8),
	walk("store", 8, cpu.Go, 1, 0, knownStore8),
	walk("update", 8, cpu.Go, 1, 0, knownUpdate8), // an addition to memory
	walk("past", 8, cpu.SSE, 1, 1, knownPast8),
	walk("load", 16, cpu.SSE, 1, 0, knownLoad16),
	walk("store", 16, cpu.SSE, 1, 0, knownStore16),
	walk("update", 16, cpu.SSE, 3, 0, knownUpdate16),
	walk("past", 16, cpu.SSE, 1, 1, knownPast16),
	walk("load", 32, cpu.AVX2, 1, 1, knownLoad32),
	walk("store", 32, cpu.AVX2, 1, 1, knownStore32),
	walk("update", 32, cpu.AVX2, 2, 1, knownUpdate32),
	walk("past", 32, cpu.AVX2, 1, 2, knownPast32),
	walk("load", 64, cpu.AVX512, 1, 1, knownLoad64),
	walk("store", 64, cpu.AVX512, 1, 1, knownStore64),
	walk("update", 64, cpu.AVX512, 2, 1, knownUpdate64),
	walk("past", 64, cpu.AVX512, 1, 2, knownPast64),
}

// flushes are three arguments, the shift, the register of ones and the return around sixteen accesses and four flushes, two
// additions, decrement and branch.
var flushes = []flushed{
	{code{"knownFlushLoad16", some(6).loads(4, 8), Tally{}, some(16+4+4).loads(16, 16)}, "load", knownFlushLoad16},
	{code{"knownFlushUpdate16", some(6).loads(4, 8), Tally{}, some(48+4+4).loads(16, 16).stores(16, 16)}, "update", knownFlushUpdate16},
}

var (
	chase      = chain{code{"knownChase", some(4).loads(3, 8).stores(1, 8), Tally{}, some(perIter+2).loads(perIter, 8)}, knownChase}
	flushChase = chain{code{"knownFlushChase", some(4).loads(3, 8).stores(1, 8), Tally{}, some(3*perIter+2).loads(perIter, 8)}, knownFlushChase}
)
