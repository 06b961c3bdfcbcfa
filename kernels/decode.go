package kernels

import (
	"errors"
	"fmt"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// decodeKernels are the implementations of decode attention: one query per head against a cache of kv keys and values,
// [head][kv][d], in float32, bf16 or int8. The query is in float32, or bf16 where the cache is. It reads every key and value once, so it
// is bound by memory.
//
// The cache in bf16 holds numbers rounded to the nearest; that in int8 holds, for every key and value of each head, integers
// from -127 to 127 and one scale in float32, not negative: element c of the row is scale·integer[c], as vLLM and TensorRT-LLM quantise a
// cache per token. Sums are in float32 for all of them, and so is the output.
//
// "avx2" and "avx512" widen elements and multiply them in float32. "dot" and "vnni" multiply them as they are, by VDPBF16PS and
// VPDPBUSD, with the query and the weights in 16 bits: two bf16 one after the other, or an integer of 16 bits with one scale for
// the query, and one for the weights. Where "dot" has code for d, only the weights are, the
// query is as it is. "vnni8" has 8 bits for the query where it has code for d; "vnni", which is more accurate, stands behind it.
var decodeKernels = []*Kernel{
	decodeKernel("naive", cpu.Go, F32, "decode attention as the formula is written, plain Go", newNaiveAttention, naiveBytes),
	laneDecodeKernel(decodeF32AVX2, "decode attention in one pass over the cache, AVX2 assembly"),
	laneDecodeKernel(decodeF32AVX512, "decode attention in one pass over the cache, AVX-512 assembly"),
	decodeKernel("naive", cpu.Go, BF16, "decode attention on a cache of bf16 as the formula is written, plain Go", newNaiveAttention, naiveBytes),
	laneDecodeKernel(decodeBF16AVX2, "decode attention in one pass over a cache of bf16, AVX2 assembly"),
	laneDecodeKernel(decodeBF16AVX512, "decode attention in one pass over a cache of bf16, AVX-512 assembly"),
	laneDecodeKernel(decodeBF16Dot, "decode attention in one pass over a cache of bf16, VDPBF16PS"),
	laneDecodeKernel(decodeBF16AMX, "decode attention in one pass over a cache of bf16, AMX at d = 64, 96 and 128"),
	decodeKernel("naive", cpu.Go, INT8, "decode attention on a cache of int8 as the formula is written, plain Go", newNaiveAttention, naiveBytes),
	laneDecodeKernel(decodeINT8AVX2, "decode attention in one pass over a cache of int8, AVX2 assembly"),
	laneDecodeKernel(decodeINT8AVX512, "decode attention in one pass over a cache of int8, AVX-512 assembly"),
	laneDecodeKernel(decodeINT8VNNI8, "decode attention in one pass over a cache of int8, VPDPBUSD, the query in 8 bits at d = 64 and 128"),
	laneDecodeKernel(decodeINT8VNNI, "decode attention in one pass over a cache of int8, VPDPBUSD"),
	laneDecodeKernel(decodeINT8AMX, "decode attention in one pass over a cache of int8, AMX at d = 64 and 128"),
}

// The implementations that read the cache in vectors; their assembly exists on amd64 only.
var (
	decodeF32AVX2    = &decodeLanes{variant: "avx2", isa: cpu.AVX2, dtype: F32, lanes: 8, multiple: 8}
	decodeF32AVX512  = &decodeLanes{variant: "avx512", isa: cpu.AVX512, dtype: F32, lanes: 16, short: 256, multiple: 16}
	decodeBF16AVX2   = &decodeLanes{variant: "avx2", isa: cpu.AVX2, dtype: BF16, lanes: 8, multiple: 16}
	decodeBF16AVX512 = &decodeLanes{variant: "avx512", isa: cpu.AVX512, dtype: BF16, lanes: 16, multiple: 32}
	decodeBF16Dot    = &decodeLanes{variant: "dot", isa: cpu.AVX512BF16, dtype: BF16, lanes: 16, short: 256, multiple: 32, widening: decodeBF16AVX512}
	decodeINT8AVX2   = &decodeLanes{variant: "avx2", isa: cpu.AVX2, dtype: INT8, lanes: 8, multiple: 8}
	decodeINT8AVX512 = &decodeLanes{variant: "avx512", isa: cpu.AVX512, dtype: INT8, lanes: 16, multiple: 16}
	decodeINT8VNNI8  = &decodeLanes{variant: "vnni8", isa: cpu.AVX512VNNI, dtype: INT8, lanes: 16, multiple: 64}
	decodeINT8VNNI   = &decodeLanes{variant: "vnni", isa: cpu.AVX512VNNI, dtype: INT8, lanes: 16, multiple: 64}
	decodeBF16AMX    = &decodeLanes{variant: "amx", isa: cpu.AMXBF16, dtype: BF16, lanes: 16, short: 256, multiple: 32, instead: decodeBF16Dot, takesFrom: fromHead}
	decodeINT8AMX    = &decodeLanes{variant: "amx", isa: cpu.AMXINT8, dtype: INT8, lanes: 16, multiple: 64, instead: decodeINT8VNNI, takesFrom: fromHead, inL2: true}
)

// decodeKernel makes the registry entry of one variant; scratch is the bytes that one worker keeps. Decode is attention
// with one query per head: q may be left out of the shape.
func decodeKernel(variant string, isa cpu.ISA, dtype DType, doc string, prepare attentionVariant, scratch func(shape.Shape) int) *Kernel {
	queryBytes := 4
	if dtype == BF16 {
		queryBytes = 2
	}
	k := &Kernel{
		Op: "decode", Variant: variant, DType: dtype, ISA: isa, Needs: []cpu.ISA{isa}, Doc: doc, Roof: decodeRoof(isa),
		Work: func(s shape.Shape) Work { return attentionWork(oneQuery(s), dtype, queryBytes, scratch(s)) },
	}
	k.Build = func(s shape.Shape, workers int) (Instance, error) {
		if err := k.checkBuild(s, workers); err != nil {
			return nil, err
		}
		p := newAttentionProblem(oneQuery(s), 0)
		p.narrow("decode", dtype)
		return newAttentionInstance(p, workers, prepare)
	}
	return k
}

// decodeRoof names the ceiling of code of one group: that of its products.
func decodeRoof(isa cpu.ISA) string {
	switch isa {
	case cpu.AVX512BF16, cpu.AMXBF16:
		return matmulRoof[bf16](isa)
	case cpu.AVX512VNNI, cpu.AMXINT8:
		return matmulRoof[int8](isa)
	}
	return roof[float32](isa)
}

// oneQuery returns s with the query of decode written out when it was left out.
func oneQuery(s shape.Shape) shape.Shape {
	if s.Q == 0 {
		s.Q = 1
	}
	return s
}

// checkDecode says why s is no decode problem, with the cure.
func checkDecode(s shape.Shape) error {
	switch {
	case s.H < 1 || s.KV < 1 || s.D < 1:
		return fmt.Errorf("shape h=%d,kv=%d,d=%d has an empty dimension (all must be at least 1)", s.H, s.KV, s.D)
	case s.Q > 1:
		return fmt.Errorf("decode takes one query per head, not q=%d (leave q out, or use attention)", s.Q)
	case s.Causal:
		return errors.New("decode is never causal: its query is the newest token and sees every key (leave causal out)")
	case s.M != 0 || s.N != 0 || s.K != 0:
		return errors.New("decode takes h, kv and d (e.g. h=8,kv=4096,d=128)")
	}
	return nil
}
