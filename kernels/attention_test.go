package kernels

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// testForm is one implementation under test.
type testForm struct {
	name    string
	prepare attentionVariant
	lanes   int // d must be a multiple of it
}

// attentionForms are the attention implementations that can run here.
func attentionForms(t testing.TB) []testForm {
	forms := []testForm{{"naive", newNaiveAttention, 1}, {"flash", newFlashAttention, 1}}
	for _, k := range []*laneKernels{attentionAVX2, attentionAVX512} {
		if err := cpu.Usable(k.isa); err != nil {
			t.Logf("%s not tested: %v", k.isa, err)
			continue
		}
		forms = append(forms, testForm{string(k.isa), k.prepare, k.lanes})
	}
	return forms
}

// checkRun runs form on p with workers and requires a result within the tolerance and unchanged inputs and padding.
func checkRun(t *testing.T, form testForm, p *attentionProblem, workers int) {
	t.Helper()
	q, k, v := slices.Clone(p.q), slices.Clone(p.k), slices.Clone(p.v)
	part, err := form.prepare(p, workers)
	if err != nil {
		t.Fatal(err)
	}
	result := p.verify(part, workers)
	if !(result.MaxError <= result.Tolerance) {
		t.Errorf("%s %s: error %.3g > %.3g", form.name, p, result.MaxError, result.Tolerance)
	}
	if !sameBits(q, p.q) || !sameBits(k, p.k) || !sameBits(v, p.v) {
		t.Errorf("%s %s: an input was changed", form.name, p)
	}
	for r := range p.heads * p.nq {
		for c := p.d; c < p.ldo; c++ {
			if x := p.o[r*p.ldo+c]; !math.IsNaN(float64(x)) {
				t.Fatalf("%s %s: wrote %v into the padding of row %d", form.name, p, x, r)
			}
		}
	}
}

func (p *attentionProblem) String() string {
	return fmt.Sprintf("h=%d,q=%d,kv=%d,d=%d,causal=%v,ld=%d", p.heads, p.nq, p.nkv, p.d, p.causal, p.ldq)
}

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// testSizes cover one, block sizes ± 1, odd numbers and more than one key block.
var (
	testQueries = []int{1, 3, 7, 8, 15, 16, 17, 23, 24, 25, 31, 33, 47, 48, 49, 63, 70}
	testKeys    = []int{1, 2, 5, 7, 8, 9, 17, 31, 63, 64, 65, 95, 96, 97, 127, 130}
)

func TestAttentionShapes(t *testing.T) {
	for _, form := range attentionForms(t) {
		t.Run(form.name, func(t *testing.T) {
			for _, d := range []int{1, 3, 8, 16, 64, 80, 128} {
				if d%form.lanes != 0 {
					continue
				}
				for i, nq := range testQueries {
					for j, nkv := range testKeys {
						s := shape.Shape{H: 1 + (i+j)%3, Q: nq, KV: nkv, D: d}
						p := newAttentionProblem(s, (i+2*j)%4)
						checkRun(t, form, p, 1+j%3)
						if s.Causal = true; checkAttention(s) == nil {
							checkRun(t, form, newAttentionProblem(s, (2*i+j)%3), 1+i%3)
						}
					}
				}
			}
		})
	}
}

// TestAttentionLargeScores lets the running maximum jump by hundreds, up and down, from key to key and block to block.
func TestAttentionLargeScores(t *testing.T) {
	for _, form := range attentionForms(t) {
		t.Run(form.name, func(t *testing.T) {
			for _, causal := range []bool{false, true} {
				p := newAttentionProblem(shape.Shape{H: 2, Q: 53, KV: 331, D: 64, Causal: causal}, 0)
				for j := range p.k { // key rows of very different length, growing in steps of several keys
					row := j / p.ldk % p.nkv
					p.k[j] *= float32(1 + row/7*5)
				}
				checkRun(t, form, p, 2)
				for j := range p.k {
					row := j / p.ldk % p.nkv
					p.k[j] *= float32([]float64{1, -1, 0, 1e-3}[row/40%4])
				}
				checkRun(t, form, p, 2)
			}
		})
	}
}

// TestAttentionOneHot has scores so far apart that each query copies the value row of a known key.
func TestAttentionOneHot(t *testing.T) {
	for _, form := range attentionForms(t) {
		t.Run(form.name, func(t *testing.T) {
			p := newAttentionProblem(shape.Shape{H: 1, Q: 37, KV: 64, D: 64}, 0)
			clear(p.q)
			clear(p.k)
			want := func(i int) int { return (i*29 + 5) % 64 }
			for i := range p.nq {
				p.q[i*p.ldq+want(i)] = 100
			}
			for j := range p.nkv {
				p.k[j*p.ldk+j] = 100
			}
			part, err := form.prepare(p, 1)
			if err != nil {
				t.Fatal(err)
			}
			part(0)
			for i := range p.nq {
				if got, row := p.o[i*p.ldo:][:p.d], p.v[want(i)*p.ldv:][:p.d]; !slices.Equal(got, row) {
					t.Errorf("query %d: got %v, want value row %d %v", i, got, want(i), row)
				}
			}
		})
	}
}

func TestVerifyFindsWrongResults(t *testing.T) {
	broken := map[string]func(p *attentionProblem){
		"one element off":    func(p *attentionProblem) { p.o[len(p.o)-1] += 1e-2 },
		"row not written":    func(p *attentionProblem) { p.o[0] = float32(math.NaN()) },
		"last key forgotten": func(p *attentionProblem) { p.nkv--; naiveAttention(p); p.nkv++ },
	}
	for name, sabotage := range broken {
		p := newAttentionProblem(shape.Shape{H: 1, Q: 40, KV: 128, D: 64}, 0)
		result := p.verify(func(int) { naiveAttention(p); sabotage(p) }, 1)
		if result.MaxError <= result.Tolerance {
			t.Errorf("%s: error %.3g passes with tolerance %.3g", name, result.MaxError, result.Tolerance)
		}
	}
}

func naiveAttention(p *attentionProblem) {
	part, _ := newNaiveAttention(p, 1)
	part(0)
}

func TestAttendedPairs(t *testing.T) {
	for nq := 1; nq < 9; nq++ {
		for nkv := nq; nkv < 12; nkv++ {
			for _, causal := range []bool{false, true} {
				s := shape.Shape{H: 1, Q: nq, KV: nkv, D: 1, Causal: causal}
				want := 0
				for i := range nq {
					for j := range nkv {
						if !causal || j <= i+nkv-nq {
							want++
						}
					}
				}
				if got := attendedPairs(s); got != float64(want) {
					t.Errorf("attendedPairs(%+v) = %v, want %d", s, got, want)
				}
			}
		}
	}
}

func TestSplitByCost(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 7} {
		for _, n := range []int{1, 2, 5, 100} {
			cost := func(i int) int { return i + 1 }
			spans := splitByCost(n, workers, cost)
			next, total := 0, 0
			sums := make([]int, workers)
			for w, s := range spans {
				if s.from != next || s.to < s.from {
					t.Fatalf("n=%d workers=%d: spans %v leave a gap", n, workers, spans)
				}
				for next = s.from; next < s.to; next++ {
					sums[w] += cost(next)
					total += cost(next)
				}
			}
			if next != n {
				t.Fatalf("n=%d workers=%d: spans %v end at %d", n, workers, spans, next)
			}
			if largest := slices.Max(sums); largest > total/workers+n+1 {
				t.Errorf("n=%d workers=%d: a share of %d of %d is not balanced", n, workers, largest, total)
			}
		}
	}
}

func TestCheckAttention(t *testing.T) {
	bad := []shape.Shape{{}, {H: 1, Q: 1, KV: 1}, {H: 1, Q: 5, KV: 4, D: 8, Causal: true}, {M: 1, H: 1, Q: 1, KV: 1, D: 1}}
	for _, s := range bad {
		if checkAttention(s) == nil {
			t.Errorf("checkAttention(%+v) accepts an impossible shape", s)
		}
	}
}
