package kernels

import (
	"math"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

// manyPieces is a shape of four pieces in every type, the last of them not whole steps.
func manyPieces(form testForm, d int) shape.Shape {
	return shape.Shape{H: 1, Q: 1, KV: 9*pieceBytes/(2*d*elementBytes[form.dtype]) + 45, D: d}
}

// Pieces are all keys, each once, and begin where steps do.
func TestDecodeSpans(t *testing.T) {
	for _, dtype := range []DType{F32, BF16, INT8} {
		for _, kv := range []int{1, 15, 16, 17, 4095, 8192, 8193, 30001, 1 << 20} {
			p := &attentionProblem{nkv: kv, d: 64, k: newOperand(dtype, 1, 64)}
			pieces, next := decodeSpans(p), 0
			for _, s := range pieces {
				if s.from != next || s.to <= s.from || s.from%decodeStep != 0 {
					t.Errorf("%s kv=%d: piece %v, want one from %d", dtype, kv, s, next)
				}
				next = s.to
			}
			if next != kv {
				t.Errorf("%s kv=%d: %d pieces up to %d", dtype, kv, len(pieces), next)
			}
		}
	}
}

// Workers that share a head give the bits of one alone, whichever of them comes last, and after calls of some of them.
func TestDecodeInPieces(t *testing.T) {
	forEach(t, decodeForms, func(t *testing.T, form testForm) {
		for _, d := range []int{64, 192} {
			if testing.Short() && d > 64 {
				continue
			}
			p := form.take(newAttentionProblem(manyPieces(form, d), 0))
			checkRun(t, form, p, 1)
			want := slices.Clone(p.o)
			for _, workers := range kerneltest.Workers {
				part, err := form.prepare(p, workers)
				if err != nil {
					t.Fatal(err)
				}
				part(0)
				for range 2 {
					clear(p.o)
					for w := workers - 1; w >= 0; w-- {
						part(w)
					}
					if !slices.Equal(p.o, want) {
						t.Fatalf("d=%d: %d workers differ from one", d, workers)
					}
				}
				if n := testing.AllocsPerRun(3, func() { part(workers - 1) }); n != 0 && form.name != "naive" {
					t.Errorf("a call allocates %v times", n)
				}
			}
		}
	})
}

// A piece of which no key counts adds nothing, and one with a NaN makes the output NaN.
func TestDecodePiecesWithoutKeys(t *testing.T) {
	forEach(t, decodeForms, func(t *testing.T, form testForm) {
		if form.dtype == INT8 {
			t.Skip("integers have no infinity")
		}
		s := manyPieces(form, 64)
		for name, from := range map[string]int{"first": 0, "last": s.KV - s.KV/4} {
			p := newAttentionProblem(s, 0)
			for h := range s.H {
				p.q.f32[h*p.q.ld] = 1
				for j := from; j < from+s.KV/4; j++ {
					p.k.f32[(h*s.KV+j)*p.k.ld] = float32(math.Inf(-1))
				}
			}
			if checkRun(t, form, p, 2); t.Failed() {
				t.Fatalf("without the %s keys", name)
			}
			p.k.f32[(s.KV/2)*p.k.ld+3] = float32(math.NaN())
			p = form.take(p)
			form.run(t, p, 2)
			for i, x := range p.o {
				if (x != x) != (i < s.D) {
					t.Fatalf("with a NaN in the first head, element %d is %v", i, x)
				}
			}
		}
	})
}
