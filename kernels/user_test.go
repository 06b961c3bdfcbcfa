package kernels

import (
	"math"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
)

// VerifyAttention finds a right result right and names the element that is wrong.
func TestVerifyAttention(t *testing.T) {
	s := shape.Shape{H: 2, Q: 5, KV: 9, D: 4, Causal: true}
	p := newAttentionProblem(s, 0)
	part, err := newNaiveAttention(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	if v, wrong := VerifyAttention(s, p.q.f32, p.k.f32, p.v.f32, p.o, false, func() { part(0) }); wrong != nil || !(v.MaxError <= v.Tolerance) {
		t.Errorf("right: %+v, %+v", v, wrong)
	}
	at := (1*5+3)*4 + 2 // head 1, row 3, column 2
	var want float32
	v, wrong := VerifyAttention(s, p.q.f32, p.k.f32, p.v.f32, p.o, false, func() { part(0); want = p.o[at]; p.o[at] += 0.01 })
	if v.MaxError <= v.Tolerance || wrong == nil || len(wrong.Index) != 3 || wrong.Index[0] != 1 || wrong.Index[1] != 3 || wrong.Index[2] != 2 {
		t.Fatalf("wrong at [1][3][2]: %+v, %+v", v, wrong)
	}
	if d := wrong.Want - float64(want); d > 1e-5 || d < -1e-5 {
		t.Errorf("wanted %g there, want %g", wrong.Want, want)
	}
	if _, wrong := VerifyAttention(s, p.q.f32, p.k.f32, p.v.f32, p.o, false, func() {}); wrong == nil || wrong.Got == wrong.Got || wrong.Index[0] != 0 || wrong.Index[2] != 0 {
		t.Errorf("nothing written: %+v", wrong)
	}
}

// Scores rounded to bf16 shift weights by more than a product of bf16 may be off, and are right where that is said.
func TestVerifyAttentionOfRoundedScores(t *testing.T) {
	s := shape.Shape{H: 1, Q: 200, KV: 3, D: 32}
	p := newAttentionProblem(s, 0)
	for i := range p.q.f32 {
		p.q.f32[i] *= 20 // scores of some 7
	}
	p.narrow("attention", BF16)
	bits := func(o operand) []uint16 {
		list := make([]uint16, len(o.bf16))
		for i, x := range o.bf16 {
			list[i] = uint16(x)
		}
		return list
	}
	rounded := func() {
		for i := range s.Q {
			sums, total := make([]float64, s.D), 0.0
			for j := range s.KV {
				score := 0.0
				for c := range s.D {
					score += float64(p.q.bf16[i*s.D+c].float32()) * float64(p.k.bf16[j*s.D+c].float32())
				}
				w := math.Exp(float64(toBF16(float32(score / math.Sqrt(float64(s.D)))).float32()))
				total += w
				for c := range s.D {
					sums[c] += w * float64(p.v.bf16[j*s.D+c].float32())
				}
			}
			for c := range s.D {
				p.o[i*s.D+c] = float32(sums[c] / total)
			}
		}
	}
	q, k, v := bits(p.q), bits(p.k), bits(p.v)
	if got, wrong := VerifyAttention(s, q, k, v, p.o, true, rounded); wrong != nil || !(got.MaxError <= got.Tolerance) {
		t.Errorf("rounded scores: %+v, %+v", got, wrong)
	}
	if got, wrong := VerifyAttention(s, q, k, v, p.o, false, rounded); wrong == nil || got.MaxError <= got.Tolerance {
		t.Errorf("rounded scores pass as exact ones: %+v", got)
	}
}
