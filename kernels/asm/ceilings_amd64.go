package asm

import (
	"fmt"
	"slices"

	"github.com/roofline-go/roofline/internal/cpu"
)

// Loops lists every compute loop, in the order of the catalogue: by width, operation, type.
func Loops() []Loop { return slices.Clone(loops) }

type loopFunc = func(n int, data *byte)

// loopSet is the loops of one width: for each operation the float32 and the float64 form.
type loopSet struct {
	width    string
	plain    cpu.ISA // needed by add and mul
	lanes    [2]int  // float32, float64 per instruction
	add, mul [2]loopFunc
	fma, mix [2]loopFunc
}

var loopSets = []loopSet{
	{
		"scalar", cpu.SSE, [2]int{1, 1},
		[2]loopFunc{LoopAddScalarF32, LoopAddScalarF64}, [2]loopFunc{LoopMulScalarF32, LoopMulScalarF64},
		[2]loopFunc{LoopFMAScalarF32, LoopFMAScalarF64}, [2]loopFunc{LoopFMAAddScalarF32, LoopFMAAddScalarF64},
	},
	{
		"sse", cpu.SSE, [2]int{4, 2},
		[2]loopFunc{LoopAddSSEF32, LoopAddSSEF64}, [2]loopFunc{LoopMulSSEF32, LoopMulSSEF64},
		[2]loopFunc{LoopFMASSEF32, LoopFMASSEF64}, [2]loopFunc{LoopFMAAddSSEF32, LoopFMAAddSSEF64},
	},
	{
		"avx2", cpu.AVX2, [2]int{8, 4},
		[2]loopFunc{LoopAddAVX2F32, LoopAddAVX2F64}, [2]loopFunc{LoopMulAVX2F32, LoopMulAVX2F64},
		[2]loopFunc{LoopFMAAVX2F32, LoopFMAAVX2F64}, [2]loopFunc{LoopFMAAddAVX2F32, LoopFMAAddAVX2F64},
	},
	{
		"avx512", cpu.AVX512, [2]int{16, 8},
		[2]loopFunc{LoopAddAVX512F32, LoopAddAVX512F64}, [2]loopFunc{LoopMulAVX512F32, LoopMulAVX512F64},
		[2]loopFunc{LoopFMAAVX512F32, LoopFMAAVX512F64}, [2]loopFunc{LoopFMAAddAVX512F32, LoopFMAAddAVX512F64},
	},
}

var loops = allLoops()

const (
	perIter   = 24
	perMix    = 36
	flops     = "FLOP/s"
	twoPipes  = "two pipes of full width"
	sharedMix = "two pipes that FMAs and additions share"
	oneTDP    = "one 16x16 tile product per 16 cycles"
)

func allLoops() (all []Loop) {
	for _, s := range loopSets {
		all = append(all, s.loops()...)
	}
	for _, l := range []Loop{
		{
			Op: "fma", Width: "avx512", DType: "f16", ISA: cpu.AVX512FP16, Func: LoopFMAAVX512F16,
			Body: []Instructions{{"vfmadd213ph", perIter}}, OpsPerIter: perIter * 32 * 2, PerCycle: 2, Assumption: twoPipes,
		},
		{
			Op: "dot", Width: "avx512", DType: "bf16", ISA: cpu.AVX512BF16, Func: LoopDotAVX512BF16,
			Body: []Instructions{{"vdpbf16ps", perIter}}, OpsPerIter: perIter * 32 * 2,
			Assumption: "cores differ in how often they start VDPBF16PS",
		},
		{
			Op: "vnni", Width: "avx512", DType: "int8", ISA: cpu.AVX512VNNI, Func: LoopVNNIAVX512INT8,
			Body: []Instructions{{"vpdpbusd", perIter}}, OpsPerIter: perIter * 64 * 2, PerCycle: 2, Assumption: twoPipes,
		},
		amxLoop("amx", "bf16", cpu.AMXBF16, LoopAMXBF16, Instructions{"tdpbf16ps", perIter}),
		amxLoop("amx", "int8", cpu.AMXINT8, LoopAMXINT8, Instructions{"tdpbssd", perIter}),
		amxLoop("amxload", "bf16", cpu.AMXBF16, LoopAMXLoadBF16, Instructions{"tdpbf16ps", 8}, Instructions{"tileloadd", 8}),
		amxLoop("amxload", "int8", cpu.AMXINT8, LoopAMXLoadINT8, Instructions{"tdpbssd", 8}, Instructions{"tileloadd", 8}),
	} {
		l.ID = fmt.Sprintf("compute.%s.%s.%s", l.Op, l.Width, l.DType)
		if l.Width == "amx" {
			l.ID = fmt.Sprintf("compute.%s.%s", l.Op, l.DType)
		}
		l.Unit = flops
		if l.DType == "int8" {
			l.Unit = "OP/s"
		}
		all = append(all, l)
	}
	return all
}

func (s loopSet) loops() (out []Loop) {
	fused := s.plain
	if fused == cpu.SSE {
		fused = cpu.AVX2
	}
	for i, dtype := range []string{"f32", "f64"} {
		suffix := map[bool]string{true: "s", false: "p"}[s.width == "scalar"] + map[string]string{"f32": "s", "f64": "d"}[dtype]
		vex := "v"
		if s.plain == cpu.SSE {
			vex = "" // add and mul are in the legacy encoding
		}
		work := float64(perIter * s.lanes[i])
		fma, add := "vfmadd213"+suffix, "vadd"+suffix
		for _, l := range []Loop{
			{Op: "add", ISA: s.plain, Func: s.add[i], Body: []Instructions{{vex + "add" + suffix, perIter}}, OpsPerIter: work},
			{Op: "mul", ISA: s.plain, Func: s.mul[i], Body: []Instructions{{vex + "mul" + suffix, perIter}}, OpsPerIter: work},
			{Op: "fma", ISA: fused, Func: s.fma[i], Body: []Instructions{{fma, perIter}}, OpsPerIter: 2 * work},
			{
				Op: "fmaadd", ISA: fused, Func: s.mix[i], Body: []Instructions{{fma, perMix}, {add, perMix}},
				OpsPerIter: 3 * work / perIter * perMix, Assumption: sharedMix,
			},
		} {
			l.ID = fmt.Sprintf("compute.%s.%s.%s", l.Op, s.width, dtype)
			l.Width, l.DType, l.Unit, l.PerCycle = s.width, dtype, flops, 2
			if l.Assumption == "" {
				l.Assumption = twoPipes
			}
			out = append(out, l)
		}
	}
	return out
}

// amxLoop describes a loop of tile products: 16×16 results of 64 bytes of depth each.
func amxLoop(op, dtype string, isa cpu.ISA, f loopFunc, body ...Instructions) Loop {
	depth := map[string]int{"bf16": 32, "int8": 64}[dtype]
	return Loop{
		Op: op, Width: "amx", DType: dtype, ISA: isa, Func: f, Body: body,
		OpsPerIter: float64(body[0].N * 16 * 16 * depth * 2), PerCycle: 1. / 16, Assumption: oneTDP,
	}
}
