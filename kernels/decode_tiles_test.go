package kernels

import (
	"math"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
)

// An infinity or a NaN in a value, or in one piece of several, makes its column so, and changes no bit of others.
func TestTilesKeepInfinitiesApart(t *testing.T) {
	if err := cpu.Usable(cpu.AMXBF16); err != nil {
		testkit.SkipUnsupported(t, err)
	}
	for _, s := range []shape.Shape{{H: 1, Q: 1, KV: 200, D: 64}, {H: 1, Q: 1, KV: 200, D: 96}, {H: 2, Q: 1, KV: 131, D: 128}, {H: 1, Q: 1, KV: 8192, D: 128}} {
		output := func(spoil func(v []float32)) []float32 {
			p := newAttentionProblem(s, 0)
			spoil(p.v.f32[100*p.v.ld:])
			p.narrow("decode", BF16)
			part, err := decodeBF16AMX.prepare(p, 1)
			if err != nil {
				t.Fatal(err)
			}
			part(0)
			return p.o
		}
		clean := output(func([]float32) {})
		for _, x := range []float64{math.Inf(1), math.Inf(-1), math.NaN()} {
			for c, got := range output(func(v []float32) { v[6] = float32(x) }) {
				want := float64(clean[c])
				if c == 6 {
					want = x
				}
				if got := float64(got); got != want && !(got != got && want != want) {
					t.Errorf("%v: with %v in column 6, column %d is %v, want %v", s, x, c, got, want)
				}
			}
		}
	}
}

// Small caches, and in int8 those that L2 cannot hold, are left to other code.
func TestTilesSuit(t *testing.T) {
	c := caches{l2: 2 << 20}
	for _, test := range []struct {
		k       *decodeLanes
		kv, d   int
		bytes   int
		suitsIt bool
	}{
		{decodeBF16AMX, 127, 128, 1 << 20, false}, {decodeBF16AMX, 128, 64, 1 << 20, true}, {decodeBF16AMX, 128, 64, 64 << 20, true},
		{decodeINT8AMX, 128, 64, 1 << 20, false}, {decodeINT8AMX, 256, 64, 1 << 20, true}, {decodeINT8AMX, 128, 128, 2 << 20, true},
		{decodeINT8AMX, 1024, 128, 4 << 20, false},
	} {
		p := &attentionProblem{nkv: test.kv, d: test.d}
		if got := test.k.suits(p, test.bytes, c); got != test.suitsIt {
			t.Errorf("%s, %d keys of %d, %d bytes: %v, want %v", test.k.dtype, test.kv, test.d, test.bytes, got, test.suitsIt)
		}
	}
}
