package kernels

import (
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
)

// Queries that fill no vector, up to six behind others, or eight alone, have the bits that decode gives each by itself, and change none of the others.
// Lengths of rows that decode has no code of its own for have four behind others, and none behind one vector where blocks have two. In AMX it is up to
// four alone, or two.
func TestFewQueries(t *testing.T) {
	type size struct{ q, d, few int }
	vectors := []size{
		{1, 64, 1}, {6, 33, 6}, {8, 64, 8}, {6, 112, 6}, {8, 96, 8}, {8, 160, 8}, {9, 150, 0}, {17, 64, 1}, {38, 64, 6}, {39, 64, 0}, {20, 112, 4}, {21, 112, 0}, {20, 72, 0}, {36, 72, 4},
	}
	tiles := []size{{1, 64, 1}, {4, 64, 4}, {5, 64, 0}, {4, 96, 4}, {3, 128, 3}, {2, 80, 2}, {3, 80, 0}, {33, 64, 0}}
	for _, test := range []struct {
		k     *laneKernels
		keys  int
		sizes []size
	}{{attentionAVX512, 75, vectors}, {attentionBF16, 75, vectors}, {attentionAMX, 300, tiles}} {
		k := test.k
		t.Run(k.variant+"/"+string(k.dtype), func(t *testing.T) {
			testkit.SkipUnsupported(t, cpu.Usable(k.isa))
			for _, causal := range []bool{false, true} {
				for _, size := range test.sizes {
					nq, few := size.q, size.few
					s := shape.Shape{H: 2, Q: nq, KV: test.keys, D: size.d, Causal: causal}
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
							if want := i >= nq-few; same != want {
								t.Errorf("%s, head %d, query %d: has the bits of decode: %v, want %v", s, h, i, same, want)
							}
						}
					}
				}
			}
		})
	}
}

// Queries that take turns at parts of the keys have the right output, also where the last part is no whole step or only some of them attend it.
func TestFewQueriesInParts(t *testing.T) {
	for _, k := range []*laneKernels{attentionAVX512, attentionBF16} {
		t.Run(string(k.dtype), func(t *testing.T) {
			testkit.SkipUnsupported(t, cpu.Usable(k.isa))
			for _, size := range []struct{ q, d int }{{21, 64}, {21, 128}, {17, 160}, {2, 160}, {3, 48}} {
				q, d := size.q, size.d
				for _, kv := range []int{32, 34, 64, 75, 200} {
					s := shape.Shape{H: 2, Q: q, KV: kv, D: d}
					s.Causal = kv%4 != 0
					p := newAttentionProblem(s, 0)
					p.narrow("attention", k.dtype)
					part, err := k.prepare(p, 1)
					if err != nil {
						t.Fatal(err)
					}
					few := k.newFew(p)
					few.keys = 32
					scratch := few.newScratch(k.fewFor(d))
					got := p.verify(func(worker int) {
						part(worker)
						for h := range s.H {
							for i := few.from; i < s.Q; i++ {
								clear(p.oHead(h)[i*p.ldo:][:d])
							}
							few.run(scratch, h)
						}
					}, 1)
					if !(got.MaxError <= got.Tolerance) {
						t.Errorf("%s: error %g, tolerance %g", s, got.MaxError, got.Tolerance)
					}
				}
			}
		})
	}
}
