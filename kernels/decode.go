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
	decodeKernel("naive", cpu.Go, goRoof, "decode attention as the formula is written, plain Go", newNaiveAttention,
		func(s shape.Shape) int { return 4 * s.KV }),
}

// decodeKernel makes the registry entry of one variant. Decode is attention with one query per head: q may be left out
// of the shape.
func decodeKernel(variant string, isa cpu.ISA, roof, doc string, prepare attentionVariant, scratch func(shape.Shape) int) *Kernel {
	needs := []cpu.ISA{isa}
	return &Kernel{
		Op: "decode", Variant: variant, DType: F32, ISA: isa, Needs: needs, Doc: doc, Roof: roof,
		Work: func(s shape.Shape) Work { return attentionWork(decodeShape(s), scratch(s)) },
		Build: func(s shape.Shape, workers int) (Instance, error) {
			if err := checkDecode(s); err != nil {
				return nil, err
			}
			if err := usable(needs); err != nil {
				return nil, err
			}
			return newAttentionInstance(newAttentionProblem(decodeShape(s), 0), workers, prepare)
		},
	}
}

// decodeShape returns s with its one query written out.
func decodeShape(s shape.Shape) shape.Shape {
	s.Q, s.Causal = 1, false // the one query is the newest token: causal or not, it sees every key
	return s
}

// checkDecode says why s is no decode problem, with the cure.
func checkDecode(s shape.Shape) error {
	switch {
	case s.H < 1 || s.KV < 1 || s.D < 1:
		return fmt.Errorf("shape h=%d,kv=%d,d=%d has an empty dimension (all must be at least 1)", s.H, s.KV, s.D)
	case s.Q > 1:
		return fmt.Errorf("decode takes one query per head, not q=%d (leave q out, or use attention)", s.Q)
	case s.M != 0 || s.N != 0 || s.K != 0:
		return errors.New("decode takes h, kv and d (e.g. h=8,kv=4096,d=128)")
	}
	return nil
}
