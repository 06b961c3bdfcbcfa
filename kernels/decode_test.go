package kernels

import (
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// decodeForms are the decode implementations that can run here.
func decodeForms(t testing.TB) []testForm {
	forms := []testForm{{"naive", newNaiveAttention, 1}}
	for _, k := range []*decodeLanes{decodeAVX2, decodeAVX512} {
		if err := cpu.Usable(k.isa); err != nil {
			t.Logf("%s not tested: %v", k.isa, err)
			continue
		}
		forms = append(forms, testForm{string(k.isa), k.prepare, k.lanes})
	}
	return forms
}

func TestDecodeShapes(t *testing.T) {
	for _, form := range decodeForms(t) {
		t.Run(form.name, func(t *testing.T) {
			for _, d := range []int{1, 5, 8, 16, 64, 80, 128, 256} {
				if d%form.lanes != 0 {
					continue
				}
				for i, nkv := range append(testKeys, 511, 512, 513, 1100) {
					p := newAttentionProblem(oneQuery(shape.Shape{H: 1 + i%3, KV: nkv, D: d}), i%4)
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

func TestDecodeBuildChecksTheShape(t *testing.T) {
	for _, s := range []shape.Shape{{}, {H: 1, Q: 2, KV: 8, D: 8}, {H: 1, KV: 8}, {H: 1, KV: 8, D: 8, N: 3}} {
		if _, err := decodeKernels[0].Build(s, 1); err == nil {
			t.Errorf("Build(%+v) accepts an impossible shape", s)
		}
	}
	if _, err := decodeKernels[0].Build(shape.Shape{H: 1, KV: 8, D: 8}, 1); err != nil {
		t.Errorf("Build refuses a shape without q: %v", err)
	}
}
