package kernels

import (
	"math"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
)

// TestAttentionLargeScores lets the running maximum jump by hundreds, up and down, from key to key and block to block.
func TestAttentionLargeScores(t *testing.T) {
	forEach(t, attentionForms, func(t *testing.T, form testForm) {
		for _, causal := range []bool{false, true} {
			p := newAttentionProblem(shape.Shape{H: 2, Q: 53, KV: 331, D: 64, Causal: causal}, 0)
			scaleKeys := func(factor func(key int) float32) {
				for j := range p.k.f32 {
					p.k.f32[j] *= factor(j / p.k.ld % p.nkv)
				}
			}
			scaleKeys(func(key int) float32 { return float32(1 + key/7*5) }) // growing in steps of several keys
			checkRun(t, form, p, 2)
			scaleKeys(func(key int) float32 { return []float32{1, -1, 0, 1e-3}[key/40%4] }) // per block up and down
			checkRun(t, form, p, 2)
		}
	})
}

// TestAttentionCopiesTheChosenValue has scores so far apart that each query copies the value row of a known key.
func TestAttentionCopiesTheChosenValue(t *testing.T) {
	forEach(t, attentionForms, func(t *testing.T, form testForm) {
		p := newAttentionProblem(shape.Shape{H: 1, Q: 37, KV: 64, D: 64}, 0)
		clear(p.q.f32)
		clear(p.k.f32)
		chosen := func(i int) int { return (i*29 + 5) % 64 }
		for i := range p.nq {
			p.q.f32[i*p.q.ld+chosen(i)] = 100
		}
		for j := range p.nkv {
			p.k.f32[j*p.k.ld+j] = 100
		}
		p = form.take(p)
		part, err := form.prepare(p, 1)
		if err != nil {
			t.Fatal(err)
		}
		part(0)
		buf, tolerance := make([]float32, p.d), float32(0)
		if form.dtype == BF16 {
			tolerance = 1e-5 // scores are rounded after they are scaled
		}
		for i := range p.nq {
			near := func(a, b float32) bool { return max(a-b, b-a) <= tolerance }
			if got, want := p.o[i*p.ldo:][:p.d], p.v.row(chosen(i), p.d, buf); !slices.EqualFunc(got, want, near) {
				t.Errorf("query %d: got %v, want value row %d %v", i, got, chosen(i), want)
			}
		}
	})
}

// TestAttentionIgnoresLaterKeys gives the keys and values behind the causal boundary of each query overwhelming scores.
func TestAttentionIgnoresLaterKeys(t *testing.T) {
	forEach(t, attentionForms, func(t *testing.T, form testForm) {
		for _, nkv := range []int{101, 130, 257} {
			p := newAttentionProblem(shape.Shape{H: 1, Q: 101, KV: nkv, D: max(16, form.lanes), Causal: true}, 0)
			for i := range p.q.f32 {
				p.q.f32[i] = 1
			}
			for j := range p.nkv {
				for c := range p.d {
					p.k.f32[j*p.k.ld+c] = float32(j) // every key outweighs all before it
				}
				for c := range p.d {
					p.v.f32[j*p.v.ld+c] = float32(j)
				}
			}
			p = form.take(p)
			part, err := form.prepare(p, 1)
			if err != nil {
				t.Fatal(err)
			}
			part(0)
			for i := range p.nq {
				// Scores are √d·j, so the weights fall off by e^(-√d) per key: the newest key less Σ j·e^(-√d·j)/Σ e^(-√d·j).
				want := float64(p.attended(i)-1) - 1/(math.Exp(math.Sqrt(float64(p.d)))-1)
				if p.attended(i) < 8 {
					continue // the series is cut
				}
				if got := float64(p.o[i*p.ldo]); math.Abs(got-want) > 1e-4*want {
					t.Errorf("kv=%d query %d: got %v, want %v", nkv, i, got, want)
				}
			}
		}
	})
}

func TestVerifyFindsWrongResults(t *testing.T) {
	naive := func(p *attentionProblem) {
		part, _ := newNaiveAttention(p, 1)
		part(0)
	}
	broken := map[string]func(p *attentionProblem){
		"one element off":    func(p *attentionProblem) { p.o[len(p.o)-1] += 1e-2 },
		"row not written":    func(p *attentionProblem) { p.o[0] = float32(math.NaN()) },
		"last key forgotten": func(p *attentionProblem) { p.nkv--; naive(p); p.nkv++ },
	}
	for name, sabotage := range broken {
		p := newAttentionProblem(shape.Shape{H: 1, Q: 40, KV: 128, D: 64}, 0)
		result := p.verify(func(int) { naive(p); sabotage(p) }, 1)
		if result.MaxError <= result.Tolerance {
			t.Errorf("%s: error %.3g passes with tolerance %.3g", name, result.MaxError, result.Tolerance)
		}
	}
}

// Verify sees every single lost key that a wrong bound of a loop may cost, in the shapes that are measured by default.
func TestVerifyFindsALostKey(t *testing.T) {
	for _, s := range []shape.Shape{{H: 1, Q: 1, KV: 16384, D: 64}, {H: 1, Q: 4, KV: 512, D: 64}, {H: 1, Q: 1, KV: 16384, D: 128}} {
		p := newAttentionProblem(s, 0)
		without := newAttentionProblem(shape.Shape{H: 1, Q: s.Q, KV: s.KV - 1, D: s.D}, 0)
		without.q, without.o = p.q, p.o
		lose := func(key int) attentionPart {
			return func(int) { // the last key takes the place of the lost one
				copy(without.k.f32, p.k.f32)
				copy(without.v.f32, p.v.f32)
				if key < s.KV-1 {
					copy(without.k.f32[key*p.k.ld:][:p.d], p.k.f32[(s.KV-1)*p.k.ld:])
					copy(without.v.f32[key*p.v.ld:][:p.d], p.v.f32[(s.KV-1)*p.v.ld:])
				}
				part, err := newNaiveAttention(without, 1)
				if err != nil {
					t.Fatal(err)
				}
				part(0)
			}
		}
		right, err := newNaiveAttention(p, 1)
		if err != nil {
			t.Fatal(err)
		}
		if v := p.verify(right, 1); v.MaxError > v.Tolerance {
			t.Errorf("%s: right result: %+v", p, v)
		}
		n := s.KV
		keys := []int{0, 1, 7, 8, 63, 64, 95, 96, n/2 - 1, n / 2, n - 512, n - 9, n - 8, n - 2, n - 1}
		if testing.Short() {
			keys = []int{0, n / 2, n - 1}
		}
		for _, key := range keys {
			if v := p.verify(lose(key), 1); v.MaxError <= v.Tolerance {
				t.Errorf("%s: lost key %d of %d passes: %+v", p, key, n, v)
			}
		}
	}
}

// A row that is not compared must have been written all the same.
func TestVerifyFindsRowsNotWritten(t *testing.T) {
	if testing.Short() {
		t.Skip("spends the whole budget of a verification (left out by -short)")
	}
	p := newAttentionProblem(shape.Shape{H: 2, Q: 3000, KV: 3000, D: 16}, 0)
	compared := p.sampledRows()
	missed := 0
	for slices.Contains(compared, missed) {
		missed++
	}
	if missed == p.nq {
		t.Fatal("every row is compared")
	}
	right, _ := newFlashAttention(p, 1)
	v := p.verify(func(w int) {
		right(w)
		p.o[(p.nq+missed)*p.ldo+p.d-1] = float32(math.NaN())
	}, 1)
	if v.MaxError <= v.Tolerance {
		t.Errorf("row %d of the second head is not written: %+v", missed, v)
	}
}

func TestSampledRowsOfALargeProblem(t *testing.T) {
	p := &attentionProblem{heads: 8, nq: 4096, nkv: 4096, d: 128}
	rows := p.sampledRows()
	if len(rows) < 3 || 2*len(rows)*p.heads*p.nkv*p.d > 2*verifyBudget {
		t.Errorf("%d rows sampled", len(rows))
	}
	if !slices.Contains(rows, 0) || !slices.Contains(rows, p.nq-1) {
		t.Errorf("rows %v leave out the first or the last", rows)
	}
}
