package known

import (
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/perf"
)

type computeFunc = func(n int, d *byte)

// frame is the tally around a compute loop: two arguments, x and y, ten starts, ten results, the return.
func frame(register float64, vex bool) Tally {
	t := some(25).loads(2, 8).loads(12, register).stores(10, register).loads(1, 8)
	if vex {
		t.Instructions++ // VZEROUPPER
	}
	return t
}

// round is the tally of an iteration: the loop's own decrement and branch, and instructions of some operations each.
func round(ops float64) Tally { return some(perIter + 2).ops(perIter * ops) }

var computes = computeTable()

func computeTable() (all []compute) {
	for _, w := range []struct {
		name          string
		width         perf.Width
		plain         cpu.ISA // what add and mul need; scalar and 128-bit ones are in the SSE encoding
		register      float64
		add, mul, fma [2]computeFunc // f32, f64
	}{
		{
			"Scalar", perf.Scalar, cpu.SSE, 16, [2]computeFunc{knownAddScalarF32, knownAddScalarF64},
			[2]computeFunc{knownMulScalarF32, knownMulScalarF64}, [2]computeFunc{knownFMAScalarF32, knownFMAScalarF64},
		},
		{
			"128", perf.Bits128, cpu.SSE, 16, [2]computeFunc{knownAdd128F32, knownAdd128F64},
			[2]computeFunc{knownMul128F32, knownMul128F64}, [2]computeFunc{knownFMA128F32, knownFMA128F64},
		},
		{
			"256", perf.Bits256, cpu.AVX2, 32, [2]computeFunc{knownAdd256F32, knownAdd256F64},
			[2]computeFunc{knownMul256F32, knownMul256F64}, [2]computeFunc{knownFMA256F32, knownFMA256F64},
		},
		{
			"512", perf.Bits512, cpu.AVX512, 64, [2]computeFunc{knownAdd512F32, knownAdd512F64},
			[2]computeFunc{knownMul512F32, knownMul512F64}, [2]computeFunc{knownFMA512F32, knownFMA512F64},
		},
	} {
		fused := w.plain
		if fused == cpu.SSE {
			fused = cpu.AVX2
		}
		for i, elem := range []struct {
			dtype, suffix string
			bytes         float64
		}{{"f32", "F32", 4}, {"f64", "F64", 8}} {
			lanes := w.register / elem.bytes
			if w.width == perf.Scalar {
				lanes = 1
			}
			suffix := w.name + elem.suffix
			vex := w.plain != cpu.SSE
			all = append(
				all,
				compute{code{"knownFMA" + suffix, frame(w.register, true), Tally{}, round(2 * lanes)}, "fma", elem.dtype, w.width, fused, true, w.fma[i]},
				compute{code{"knownAdd" + suffix, frame(w.register, vex), Tally{}, round(lanes)}, "add", elem.dtype, w.width, w.plain, false, w.add[i]},
				compute{code{"knownMul" + suffix, frame(w.register, vex), Tally{}, round(lanes)}, "mul", elem.dtype, w.width, w.plain, false, w.mul[i]},
			)
		}
	}
	// Around the tile products: two arguments, the row distance, the shapes, two tiles in, five cleared and out, release, return.
	tiles := some(18).loads(2, 8).loads(1, 64).loads(2, 1024).stores(5, 1024).loads(1, 8)
	return append(
		all,
		compute{code{"knownFMA512F16", frame(64, true), Tally{}, round(64)}, "fma", "f16", perf.Bits512, cpu.AVX512FP16, true, knownFMA512F16},
		compute{code{"knownDot512BF16", frame(64, true), Tally{}, round(64)}, "dot", "bf16", perf.Bits512, cpu.AVX512BF16, true, knownDot512BF16},
		compute{code{"knownDot512INT8", frame(64, true), Tally{}, round(128)}, "dot", "int8", perf.Bits512, cpu.AVX512VNNI, false, knownDot512INT8},
		compute{code{"knownAMXBF16", tiles, Tally{}, round(16 * 16 * 32 * 2)}, "tile", "bf16", perf.Tile, cpu.AMXBF16, true, knownAMXBF16},
		compute{code{"knownAMXINT8", tiles, Tally{}, round(16 * 16 * 64 * 2)}, "tile", "int8", perf.Tile, cpu.AMXINT8, false, knownAMXINT8},
		compute{code{"knownInt", some(15).loads(2, 8).stores(2, 8).loads(1, 8), Tally{}, round(0)}, "int", "", "", cpu.Go, true, knownInt},
		compute{code{"knownChain", some(6).loads(2, 8).stores(1, 8).loads(1, 8), Tally{}, some(perChain + 2)}, "chain", "", "", cpu.Go, true, knownChain},
	)
}
