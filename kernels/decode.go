package kernels

import (
	"errors"
	"fmt"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// decodeKernels are the implementations of decode attention in float32: one query per head against a cache of kv keys
// and values, [head][kv][d]. It reads every key and value once, so it is bound by memory.
var decodeKernels = []*Kernel{
	decodeKernel("naive", cpu.Go, "decode attention as the formula is written, plain Go", newNaiveAttention,
		func(s shape.Shape) int { return 4 * s.KV }),
	laneDecodeKernel(decodeAVX2, "decode attention in one pass over the cache, AVX2 assembly"),
	laneDecodeKernel(decodeAVX512, "decode attention in one pass over the cache, AVX-512 assembly"),
}

// decodeKernel makes the registry entry of one variant; scratch is the bytes that one worker keeps. Decode is attention
// with one query per head: q may be left out of the shape.
func decodeKernel(variant string, isa cpu.ISA, doc string, prepare attentionVariant, scratch func(shape.Shape) int) *Kernel {
	needs := []cpu.ISA{isa}
	k := &Kernel{
		Op: "decode", Variant: variant, DType: F32, ISA: isa, Needs: needs, Doc: doc, Roof: roof[float32](isa),
		Work: func(s shape.Shape) Work { return attentionWork(oneQuery(s), scratch(s)) },
	}
	k.Build = func(s shape.Shape, workers int) (Instance, error) {
		if err := k.checkBuild(s, workers); err != nil {
			return nil, err
		}
		return newAttentionInstance(newAttentionProblem(oneQuery(s), 0), workers, prepare)
	}
	return k
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
