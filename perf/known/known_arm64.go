package known

import (
	"fmt"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/perf"
)

//go:noescape
func knownFMAScalarF32(n int, d *byte)

//go:noescape
func knownFMAScalarF64(n int, d *byte)

//go:noescape
func knownAddScalarF32(n int, d *byte)

//go:noescape
func knownAddScalarF64(n int, d *byte)

//go:noescape
func knownMulScalarF32(n int, d *byte)

//go:noescape
func knownMulScalarF64(n int, d *byte)

//go:noescape
func knownFMA128F32(n int, d *byte)

//go:noescape
func knownFMA128F64(n int, d *byte)

//go:noescape
func knownInt(n int, d *byte)

//go:noescape
func knownChain(n int, d *byte)

//go:noescape
func knownLoad8(p *byte, n, passes int)

//go:noescape
func knownStore8(p *byte, n, passes int)

//go:noescape
func knownUpdate8(p *byte, n, passes int)

//go:noescape
func knownLoad16(p *byte, n, passes int)

//go:noescape
func knownStore16(p *byte, n, passes int)

//go:noescape
func knownUpdate16(p *byte, n, passes int)

//go:noescape
func knownFlushLoad16(p, behind *byte, n int)

//go:noescape
func knownFlushUpdate16(p, behind *byte, n int)

//go:noescape
func knownChase(at *byte, n int) (end *byte)

//go:noescape
func knownFlushChase(at *byte, n int) (end *byte)

// loop describes a compute loop: around it two arguments, x and y, ten starts, ten results and the return; in it twenty
// instructions of some operations each, the decrement and the branch.
func loop(op, dtype string, width perf.Width, register, ops float64, quick bool, run func(n int, d *byte)) compute {
	frame := some(25).loads(2, 8).loads(12, register).stores(10, register)
	return compute{code{op + "." + dtype + "." + string(width), frame, Tally{}, some(perIter + 2).ops(perIter * ops)}, op, dtype, width, cpu.Go, quick, run}
}

var computes = []compute{
	loop("fma", "f32", perf.Scalar, 4, 2, true, knownFMAScalarF32),
	loop("add", "f32", perf.Scalar, 4, 1, false, knownAddScalarF32),
	loop("mul", "f32", perf.Scalar, 4, 1, false, knownMulScalarF32),
	loop("fma", "f64", perf.Scalar, 8, 2, true, knownFMAScalarF64),
	loop("add", "f64", perf.Scalar, 8, 1, false, knownAddScalarF64),
	loop("mul", "f64", perf.Scalar, 8, 1, false, knownMulScalarF64),
	loop("mla", "f32", perf.Bits128, 16, 8, true, knownFMA128F32),
	loop("mla", "f64", perf.Bits128, 16, 4, true, knownFMA128F64),
	{code{"int", some(15).loads(2, 8).stores(2, 8), Tally{}, some(perIter + 2)}, "int", "", "", cpu.Go, true, knownInt},
	{code{"chain", some(6).loads(2, 8).stores(1, 8), Tally{}, some(perChain + 2)}, "chain", "", "", cpu.Go, true, knownChain},
}

// walk is a stream's code: three arguments, the shift, the register of ones, the return; two moves, decrement and branch a
// pass; per iteration the accesses, and addition, decrement and branch.
func walk(op string, width int, perAccess float64, run func(p *byte, n, passes int)) stream {
	n, w := float64(block/width), float64(width)
	iter := some(3 + n*perAccess)
	if op != "store" {
		iter = iter.loads(n, w)
	}
	if op != "load" {
		iter = iter.stores(n, w)
	}
	return stream{code{fmt.Sprintf("%s.%d", op, width), some(6).loads(3, 8), some(4), iter}, op, width, cpu.Go, run}
}

// Pairs of registers make the accesses of 16 bytes.
var streams = []stream{
	walk("load", 8, 1, knownLoad8),
	walk("store", 8, 1, knownStore8),
	walk("update", 8, 3, knownUpdate8),
	walk("load", 16, 1, knownLoad16),
	walk("store", 16, 1, knownStore16),
	walk("update", 16, 4, knownUpdate16),
}

// flushes are three arguments, the shift, the register of ones and the return around sixteen accesses, four flushes with the
// addition that makes their address, two additions, decrement and branch.
var flushes = []flushed{
	{code{"flush.load", some(6).loads(3, 8), Tally{}, some(16+8+4).loads(16, 16)}, "load", knownFlushLoad16},
	{code{"flush.update", some(6).loads(3, 8), Tally{}, some(64+8+4).loads(16, 16).stores(16, 16)}, "update", knownFlushUpdate16},
}

var (
	chase      = chain{code{"chase", some(4).loads(2, 8).stores(1, 8), Tally{}, some(perIter+2).loads(perIter, 8)}, knownChase}
	flushChase = chain{code{"flush.chase", some(4).loads(2, 8).stores(1, 8), Tally{}, some(3*perIter+2).loads(perIter, 8)}, knownFlushChase}
)
