package kernels

import (
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
)

// Queries that fill no vector, up to six, have the bits that decode gives each by itself, and change none of the others.
func TestFewQueries(t *testing.T) {
	for _, k := range []*laneKernels{attentionAVX512, attentionBF16} {
		t.Run(string(k.dtype), func(t *testing.T) {
			if err := cpu.Usable(k.isa); err != nil {
				testkit.SkipUnsupported(t, err)
			}
			for _, causal := range []bool{false, true} {
				for _, nq := range []int{1, 6, 7, 17, 38, 39} {
					s := shape.Shape{H: 2, Q: nq, KV: 75, D: 64, Causal: causal}
					output := func(s shape.Shape, prepare attentionVariant, at func(p *attentionProblem)) []float32 {
						p := newAttentionProblem(s, 0)
						p.narrow("attention", k.dtype)
						at(p)
						part, err := prepare(p, 1)
						if err != nil {
							t.Fatal(err)
						}
						part(0)
						return p.o
					}
					got := output(s, k.prepare, func(*attentionProblem) {})
					for h := range s.H {
						for i := range nq {
							one := shape.Shape{H: 1, Q: 1, KV: s.KV, D: s.D}
							if causal {
								one.KV -= nq - 1 - i
							}
							alone := output(one, k.few.prepare, func(p *attentionProblem) {
								whole := newAttentionProblem(s, 0)
								whole.narrow("attention", k.dtype)
								p.q, p.k, p.v = whole.q.from(h*nq+i), whole.kHead(h), whole.vHead(h)
							})
							same := slices.Equal(got[(h*nq+i)*s.D:][:s.D], alone)
							if want := nq%16 <= fewQueries && i >= nq/16*16; same != want {
								t.Errorf("%s, head %d, query %d: has the bits of decode: %v, want %v", s, h, i, same, want)
							}
						}
					}
				}
			}
		})
	}
}
