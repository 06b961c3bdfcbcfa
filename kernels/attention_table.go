package kernels

import (
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// The implementations with queries in the lanes; their assembly exists on amd64 only. Blocks of 96 keys: with 48 queries
// their scores take 18 KiB of an L1 of 32 KiB or more. A call costs as much as a key of 64 elements: it has two blocks.
// In f32 blocks have 128 keys, too, and calls up to 512, where the keys and values of a head fit L2 and L1 is larger.
// In bf16, where products take half as long, what comes between weighs more: blocks have 128 keys, calls four of them.
// AMX takes 64 keys and 32 queries, and has the scores of two such blocks and the weights of two at a time: 24 KiB.
var (
	attentionAVX2   = &laneKernels{variant: "avx2", isa: cpu.AVX2, dtype: F32, lanes: 8, vectors: 3, keys: 96, call: 192, group: 8, grain: 1, pads: true}
	attentionAVX512 = &laneKernels{variant: "avx512", isa: cpu.AVX512, dtype: F32, lanes: 16, vectors: 3, keys: 96, call: 192, near: cutting{128, 512}, group: 4, grain: 1, part: 8, pads: true, behind: 2, few: decodeF32AVX512, others: []*decodeLanes{decodeF32AVX512, decodeF32AVX2}}
	attentionBF16   = &laneKernels{variant: "avx512", isa: cpu.AVX512BF16, dtype: BF16, lanes: 16, vectors: 3, keys: 128, call: 512, group: 4, grain: 8, part: 8, pads: true, behind: 4, few: decodeBF16Dot, others: []*decodeLanes{decodeBF16AVX512, decodeBF16AVX2}}
	attentionAMX    = &laneKernels{variant: "amx", isa: cpu.AMXBF16, dtype: BF16, lanes: 16, vectors: 2, keys: 64, call: 2048, group: 16, grain: 32, pads: true, ahead: true, few: decodeBF16AMX}
)

// attentionKernels are the implementations of attention forward. In bf16 queries, keys and values are bf16, sums and the output
// float32, and weights are rounded to bf16 before they meet the values.
var attentionKernels = []*Kernel{
	attentionKernel("naive", cpu.Go, F32,
		"attention forward as the formula is written, plain Go", newNaiveAttention, naiveBytes),
	attentionKernel("flash", cpu.Go, F32,
		"attention forward with online softmax over key blocks, plain Go", newFlashAttention,
		func(shape.Shape) int { return 4 * flashKeys }),
	laneAttentionKernel(attentionAVX2, "flash attention with queries in the lanes, AVX2 assembly"),
	laneAttentionKernel(attentionAVX512, "flash attention with queries in the lanes, AVX-512 assembly"),
	attentionKernel("naive", cpu.Go, BF16,
		"attention forward of bf16 as the formula is written, plain Go", newNaiveAttention, naiveBytes),
	laneAttentionKernel(attentionBF16,
		"flash attention of bf16 with queries in the lanes, AVX512-BF16 assembly"),
	laneAttentionKernel(attentionAMX,
		"flash attention of bf16 with queries in the lanes, AMX assembly"),
}

// attentionRoof names the ceiling of code of one group: that of its products.
func attentionRoof(isa cpu.ISA) string {
	if isa == cpu.AVX512BF16 || isa == cpu.AMXBF16 {
		return matmulRoof[bf16](isa)
	}
	return roof[float32](isa)
}

// naiveBytes is what one worker of the naive variant keeps.
func naiveBytes(s shape.Shape) int { return 4 * (s.KV + 2*s.D) }

// attentionKernel makes the registry entry of one variant; scratch is the bytes that one worker keeps.
func attentionKernel(variant string, isa cpu.ISA, dtype DType, doc string, prepare attentionVariant, scratch func(shape.Shape) int) *Kernel {
	needs := []cpu.ISA{isa}
	k := &Kernel{
		Op: "attention", Variant: variant, DType: dtype, ISA: isa, Needs: needs, Doc: doc, Roof: attentionRoof(isa),
		Work: func(s shape.Shape) Work { return attentionWork(s, dtype, elementBytes[dtype], scratch(s)) },
	}
	k.Build = func(s shape.Shape, workers int) (Instance, error) {
		if err := k.checkBuild(s, workers); err != nil {
			return nil, err
		}
		p := newAttentionProblem(s, 0)
		p.narrow("attention", dtype)
		p.set = k.Setting(s)
		return newAttentionInstance(p, workers, prepare)
	}
	return k
}

// attentionInstance is a prepared attention or decode problem.
type attentionInstance struct {
	problem *attentionProblem
	workers int
	part    attentionPart
}

// newAttentionInstance prepares p for workers.
func newAttentionInstance(p *attentionProblem, workers int, prepare attentionVariant) (*attentionInstance, error) {
	part, err := prepare(p, workers)
	if err != nil {
		return nil, err
	}
	return &attentionInstance{p, workers, part}, nil
}

// Part computes worker's share of one call.
func (a *attentionInstance) Part(worker int) { a.part(worker) }

// Verify compares the output with a float64 reference on sampled rows; see attentionTolerance for the bound.
func (a *attentionInstance) Verify() (Verification, error) {
	return a.problem.verify(a.part, a.workers), nil
}
