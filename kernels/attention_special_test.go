package kernels

import (
	"math"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

// specialShapes have several blocks of keys and queries for every implementation. Decode has code of its own for d = 64, 80, 96 and 128.
var specialShapes = map[string][]shape.Shape{
	"attention": {{H: 2, Q: 53, KV: 331, D: 64}, {H: 2, Q: 17, KV: 331, D: 160}, {H: 2, Q: 53, KV: 331, D: 33}},
	"decode":    {{H: 2, Q: 1, KV: 1331, D: 64}, {H: 2, Q: 1, KV: 613, D: 96}, {H: 2, Q: 1, KV: 613, D: 128}, {H: 2, Q: 1, KV: 613, D: 192}},
}

// forEachSpecial runs f for every form of attention and decode and its special shape, causal too where there is such a thing.
func forEachSpecial(t *testing.T, f func(t *testing.T, form testForm, s shape.Shape)) {
	for _, forms := range [][]testForm{attentionForms, decodeForms} {
		forEach(t, forms, func(t *testing.T, form testForm) {
			for _, s := range specialShapes[form.op] {
				if !form.takes(s.D) {
					continue
				}
				f(t, form, s)
				if s.Causal = true; form.op == "attention" {
					f(t, form, s)
				}
			}
		})
	}
}

// run computes the output of form on p.
func (form testForm) run(t *testing.T, p *attentionProblem, workers int) {
	t.Helper()
	part, err := form.prepare(p, workers)
	if err != nil {
		t.Fatal(err)
	}
	for w := range workers {
		part(w)
	}
}

// masks are keys that a mask takes out, by number.
var masks = map[string]func(key, keys int) bool{
	"the first blocks":      func(key, keys int) bool { return key < keys/2 },
	"the last blocks":       func(key, keys int) bool { return key >= keys/2 },
	"every other key":       func(key, keys int) bool { return key%2 == 1 },
	"all but one":           func(key, keys int) bool { return key != keys/2 },
	"all but the first":     func(key, keys int) bool { return key != 0 },
	"blocks here and there": func(key, keys int) bool { return key/70%2 == 0 },
}

// A key with a score of -Inf has no weight, wherever it stands; large negative scores behind it count.
func TestAttentionMasksByMinusInfinity(t *testing.T) {
	forEachSpecial(t, func(t *testing.T, form testForm, s shape.Shape) {
		if form.dtype == INT8 || form.name == "dot" && s.D == 192 || s.Causal {
			// Integers have no infinity; the low digit of a query times one is NaN; queries without a key have no output.
			return
		}
		for name, masked := range masks {
			for _, level := range []float32{0, -300} {
				p := newAttentionProblem(s, 0)
				for i := range s.H * s.Q {
					p.q.f32[i*p.q.ld] = 1
				}
				for j := range s.H * s.KV {
					p.k.f32[j*p.k.ld] = level
					if masked(j%s.KV, s.KV) {
						p.k.f32[j*p.k.ld] = float32(math.Inf(-1))
					}
				}
				if checkRun(t, form, p, 2); t.Failed() {
					t.Fatalf("with %s masked, scores around %v", name, level)
				}
			}
		}
	})
}

// A query of which every key is masked has no output: all of it is NaN, and that of other heads is not.
func TestAttentionOfNoKeyIsNaN(t *testing.T) {
	forEachSpecial(t, func(t *testing.T, form testForm, s shape.Shape) {
		if form.dtype == INT8 {
			return
		}
		p := newAttentionProblem(s, 0)
		for i := range s.H * s.Q {
			p.q.f32[i*p.q.ld] = 1
		}
		for j := range s.KV {
			p.k.f32[j*p.k.ld] = float32(math.Inf(-1))
		}
		p = form.take(p)
		form.run(t, p, 1)
		for i, x := range p.o {
			if head := i / (s.Q * s.D); (head == 0) != (x != x) {
				t.Fatalf("head %d, element %d is %v", head, i, x)
			}
		}
	})
}

// A NaN reaches the outputs that depend on it, all of them, and no other.
func TestAttentionCarriesNaN(t *testing.T) {
	nan := float32(math.NaN())
	forEachSpecial(t, func(t *testing.T, form testForm, s shape.Shape) {
		clean := form.take(newAttentionProblem(s, 0))
		form.run(t, clean, 1)
		key := s.KV - 20
		attends := func(i int) bool { return clean.attended(i) > key }
		for name, tt := range map[string]struct {
			spoil   func(p *attentionProblem)
			want    func(i, c int) bool // of the second head
			perhaps func(i, c int) bool
		}{
			"a query": {spoil: func(p *attentionProblem) { p.q.f32[(s.Q+s.Q/2)*p.q.ld+3] = nan },
				want: func(i, c int) bool { return i == s.Q/2 }},
			"a key": {spoil: func(p *attentionProblem) { p.k.f32[(s.KV+key)*p.k.ld+3] = nan },
				want: func(i, c int) bool { return attends(i) }},
			"a value": {spoil: func(p *attentionProblem) { p.v.f32[(s.KV+key)*p.v.ld+3] = nan },
				want: func(i, c int) bool { return attends(i) && (c == 3 || form.dtype == INT8) },
				// A weight of 0 times NaN is NaN: queries just before a key compute it too.
				perhaps: func(i, c int) bool { return s.Causal && c == 3 }},
		} {
			p := newAttentionProblem(s, 0)
			tt.spoil(p)
			p = form.take(p)
			form.run(t, p, 1)
			for n, x := range p.o {
				head, i, c := n/(s.Q*s.D), n/s.D%s.Q, n%s.D
				want := head == 1 && tt.want(i, c)
				if (x != x) != want && !(head == 1 && tt.perhaps != nil && tt.perhaps(i, c)) {
					t.Fatalf("NaN in %s: head %d, query %d, column %d is %v", name, head, i, c, x)
				}
				if !want && x == x && x != clean.o[n] {
					t.Fatalf("NaN in %s: head %d, query %d, column %d is %v, was %v", name, head, i, c, x, clean.o[n])
				}
			}
		}
	})
}

// Numbers below the normal range are numbers.
func TestAttentionOfDenormals(t *testing.T) {
	forEachSpecial(t, func(t *testing.T, form testForm, s shape.Shape) {
		p := newAttentionProblem(s, 0)
		for j := range p.k.f32 {
			p.k.f32[j] *= 1e-40
			if j%3 == 0 {
				p.v.f32[j] *= 1e-40
			}
		}
		checkRun(t, form, p, 1)
	})
}

// The bits of a result do not depend on when, after what, or by how many workers it is computed.
func TestAttentionIsReproducible(t *testing.T) {
	forEachSpecial(t, func(t *testing.T, form testForm, s shape.Shape) {
		p := form.take(newAttentionProblem(s, 0))
		form.run(t, p, 1)
		want := slices.Clone(p.o)
		part, err := form.prepare(p, 1)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 3 { // on the scratch of the run before
			clear(p.o)
			if part(0); !slices.Equal(p.o, want) {
				t.Fatalf("run %d differs", n)
			}
		}
		for _, workers := range kerneltest.Workers {
			clear(p.o)
			if form.run(t, p, workers); !slices.Equal(p.o, want) {
				t.Fatalf("%d workers differ from one", workers)
			}
		}
	})
}

// The bits of a query do not depend on how many others share a block with it, though its largest score grows where theirs do not.
func TestAttentionOfAnyNumberOfWorkers(t *testing.T) {
	forEach(t, attentionForms, func(t *testing.T, form testForm) {
		for _, d := range []int{40, 64} {
			for _, causal := range []bool{false, true} {
				p := newAttentionProblem(shape.Shape{H: 1, Q: 150, KV: 331, D: d, Causal: causal}, 0)
				for i := range p.nq {
					for c := range d {
						p.q.f32[i*p.q.ld+c] *= float32(1 + i%11*5)
						if i%13 == 5 { // beyond what one FMA of AMX is exact for
							p.q.f32[i*p.q.ld+c] *= 1e7
						}
					}
				}
				if p = form.take(p); !form.takes(d) {
					continue
				}
				form.run(t, p, 1)
				want := slices.Clone(p.o)
				for _, workers := range []int{2, 3, 5, 10} {
					clear(p.o)
					if form.run(t, p, workers); !slices.Equal(p.o, want) {
						t.Fatalf("%v: %d workers differ from one", p, workers)
					}
				}
			}
		}
	})
}
