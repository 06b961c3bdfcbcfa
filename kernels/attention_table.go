package kernels

import (
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// attentionKernels are the implementations of attention forward in float32.
var attentionKernels = []*Kernel{
	attentionKernel("naive", cpu.Go,
		"attention forward as the formula is written, plain Go", newNaiveAttention,
		func(s shape.Shape) int { return 4 * (s.KV + 2*s.D) }),
	attentionKernel("flash", cpu.Go,
		"attention forward with online softmax over key blocks, plain Go", newFlashAttention,
		func(shape.Shape) int { return 4 * flashKeys }),
	laneAttentionKernel(attentionAVX2, "flash attention with queries in the lanes, AVX2 assembly"),
	laneAttentionKernel(attentionAVX512, "flash attention with queries in the lanes, AVX-512 assembly"),
}

// attentionKernel makes the registry entry of one variant; scratch is the bytes that one worker keeps.
func attentionKernel(variant string, isa cpu.ISA, doc string, prepare attentionVariant, scratch func(shape.Shape) int) *Kernel {
	needs := []cpu.ISA{isa}
	k := &Kernel{
		Op: "attention", Variant: variant, DType: F32, ISA: isa, Needs: needs, Doc: doc, Roof: roof[float32](isa),
		Work: func(s shape.Shape) Work { return attentionWork(s, F32, 4, scratch(s)) },
	}
	k.Build = func(s shape.Shape, workers int) (Instance, error) {
		if err := k.checkBuild(s, workers); err != nil {
			return nil, err
		}
		p := newAttentionProblem(s, 0)
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
