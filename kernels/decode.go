package kernels

import (
	"errors"
	"fmt"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// decodeKernels are the implementations of decode attention: one query per head, in float32, against a cache of kv keys
// and values, [head][kv][d], in float32, bf16 or int8. It reads every key and value once, so it is bound by memory.
//
// The cache in bf16 holds numbers rounded to the nearest; that in int8 holds, for every key and value of each head, integers
// from -127 to 127 and one scale in float32: element c of the row is scale·integer[c], as vLLM and TensorRT-LLM quantise a
// cache per token. Sums are in float32 for all of them, and so is the output.
var decodeKernels = func() (list []*Kernel) {
	for _, t := range []struct {
		dtype DType
		cache string
	}{{F32, ""}, {BF16, " of bf16"}, {INT8, " of int8 with a scale per row"}} {
		list = append(list,
			decodeKernel("naive", cpu.Go, t.dtype, "decode attention as the formula is written, cache"+t.cache+", plain Go", newNaiveAttention, naiveBytes),
			laneDecodeKernel(decodeAVX2, t.dtype, "decode attention in one pass over the cache"+t.cache+", AVX2 assembly"),
			laneDecodeKernel(decodeAVX512, t.dtype, "decode attention in one pass over the cache"+t.cache+", AVX-512 assembly"))
	}
	return list
}()

// decodeKernel makes the registry entry of one variant; scratch is the bytes that one worker keeps. Decode is attention
// with one query per head: q may be left out of the shape.
func decodeKernel(variant string, isa cpu.ISA, dtype DType, doc string, prepare attentionVariant, scratch func(shape.Shape) int) *Kernel {
	k := &Kernel{
		Op: "decode", Variant: variant, DType: dtype, ISA: isa, Needs: []cpu.ISA{isa}, Doc: doc, Roof: roof[float32](isa),
		Work: func(s shape.Shape) Work { return attentionWork(oneQuery(s), dtype, 4, scratch(s)) },
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
