package kernels

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
)

// Problems of all kinds at random, the same ones each time: numbers of queries, keys and columns, masks, scores from tiny to large, a first block of keys that weighs little or
// nothing, and denormal numbers.
func TestAttentionOfRandomProblems(t *testing.T) {
	n := 400
	if testing.Short() {
		n = 20
	}
	forEach(t, slices.Concat(attentionForms, decodeForms), func(t *testing.T, form testForm) {
		r := rand.New(rand.NewPCG(1, 2))
		for range n {
			s := shape.Shape{H: 1 + r.IntN(2), Q: 1 + r.IntN(150), KV: 1 + r.IntN(400), D: []int{16, 32, 40, 64, 96, 128, 160}[r.IntN(7)], Causal: r.IntN(2) == 0}
			pad, workers, magnitude, kind := r.IntN(5), 1+r.IntN(3), math.Exp2(float64(r.IntN(22)-6)), r.IntN(6)
			if form.op == "decode" {
				s.Q, s.Causal, s.KV, s.D = 1, false, 4*s.KV, []int{64, 128}[s.D/8%2]
			}
			if !form.takes(s.D) || checkAttention(s) != nil {
				continue
			}
			p := newAttentionProblem(s, pad)
			for i := range p.q.f32 {
				p.q.f32[i] *= float32(magnitude)
			}
			from := r.IntN(s.KV) // keys before it are others
			for j := range s.H * s.KV {
				k, v := p.k.f32[j*p.k.ld:][:s.D], p.v.f32[j*p.v.ld:][:s.D]
				for c := range k {
					switch before := j%s.KV < from; kind {
					case 1: // little before much
						if before {
							k[c] *= 1e-3
						}
					case 2: // much before little
						if !before {
							k[c] *= 1e-3
						}
					case 3: // denormal numbers
						k[c] *= 1e-40
						if c%2 == 0 {
							v[c] *= 1e-40
						}
					case 4: // growing from key to key
						k[c] *= float32(j % s.KV / 16)
					}
				}
			}
			if kind == 5 && form.dtype != INT8 && !s.Causal && from < s.KV { // keys before it, or every other one, are masked by scores of -Inf
				for i := range s.H * s.Q {
					p.q.f32[i*p.q.ld] = 1
				}
				for j := range s.H * s.KV {
					if key := j % s.KV; key < from || (key-from)%3 == 1 {
						p.k.f32[j*p.k.ld] = float32(math.Inf(-1))
					}
				}
			}
			if checkRun(t, form, p, workers); t.Failed() {
				t.Fatalf("kind %d, queries times %v, keys from %d on", kind, magnitude, from)
			}
		}
	})
}
