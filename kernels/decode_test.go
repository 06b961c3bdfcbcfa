package kernels

import (
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
)

// decodeForms are the decode implementations that can run here.
func decodeForms(t testing.TB) []testForm {
	return []testForm{{"naive", newNaiveAttention, 1}}
}

func TestDecodeShapes(t *testing.T) {
	for _, form := range decodeForms(t) {
		t.Run(form.name, func(t *testing.T) {
			for _, d := range []int{1, 5, 8, 16, 64, 80, 128, 256} {
				if d%form.lanes != 0 {
					continue
				}
				for i, nkv := range append(testKeys, 255, 256, 257, 1000) {
					p := newAttentionProblem(decodeShape(shape.Shape{H: 1 + i%3, KV: nkv, D: d}), i%4)
					checkRun(t, form, p, 1+i%3)
					for j := range p.k { // scores that jump from key to key
						p.k[j] *= float32(1 + j/p.ldk%11*20)
					}
					checkRun(t, form, p, 1)
				}
			}
		})
	}
}

func TestCheckDecode(t *testing.T) {
	bad := []shape.Shape{{}, {H: 1, Q: 2, KV: 8, D: 8}, {H: 1, KV: 8}, {H: 1, KV: 8, D: 8, N: 3}}
	for _, s := range bad {
		if checkDecode(s) == nil {
			t.Errorf("checkDecode(%+v) accepts an impossible shape", s)
		}
	}
}
