package kernels

import (
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
	if v, wrong := VerifyAttention(s, p.q.f32, p.k.f32, p.v.f32, p.o, func() { part(0) }); wrong != nil || !(v.MaxError <= v.Tolerance) {
		t.Errorf("right: %+v, %+v", v, wrong)
	}
	at := (1*5+3)*4 + 2 // head 1, row 3, column 2
	var want float32
	v, wrong := VerifyAttention(s, p.q.f32, p.k.f32, p.v.f32, p.o, func() { part(0); want = p.o[at]; p.o[at] += 0.01 })
	if v.MaxError <= v.Tolerance || wrong == nil || len(wrong.Index) != 3 || wrong.Index[0] != 1 || wrong.Index[1] != 3 || wrong.Index[2] != 2 {
		t.Fatalf("wrong at [1][3][2]: %+v, %+v", v, wrong)
	}
	if d := wrong.Want - float64(want); d > 1e-5 || d < -1e-5 {
		t.Errorf("wanted %g there, want %g", wrong.Want, want)
	}
	if _, wrong := VerifyAttention(s, p.q.f32, p.k.f32, p.v.f32, p.o, func() {}); wrong == nil || wrong.Got == wrong.Got || wrong.Index[0] != 0 || wrong.Index[2] != 0 {
		t.Errorf("nothing written: %+v", wrong)
	}
}
