package kernels

import (
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
)

// However large scores are, a key that is masked has no weight: values are the numbers of their keys, so the output of a query is a mean of those that it attends.
func TestAttentionKeepsMaskedKeysOutOfLargeScores(t *testing.T) {
	forEach(t, attentionForms, func(t *testing.T, form testForm) {
		for _, level := range []float32{1e4, -1e4, 1e6, -1e6, 1e8, -1e8, 1e10, -1e10, 1e12, -1e12, 1e20, -1e20} {
			p := newAttentionProblem(shape.Shape{H: 1, Q: 101, KV: 230, D: 64, Causal: true}, 0)
			clear(p.k.f32)
			for i := range p.nq {
				p.q.f32[i*p.q.ld] = 1
			}
			for j := range p.nkv {
				p.k.f32[j*p.k.ld] = level * 8
				p.v.f32[j*p.v.ld] = float32(j)
			}
			p = form.take(p)
			form.run(t, p, 1)
			for i := range p.nq {
				if got, most := p.o[i*p.ldo], float32(p.attended(i)-1); !(got >= 0 && got <= most) {
					t.Errorf("scores of %v, query %d: %v is no mean of 0 to %v", level, i, got, most)
					break
				}
			}
		}
	})
}
