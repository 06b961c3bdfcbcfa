package peer

import (
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/roofline"
)

// The fastest of either side, by time, problem by problem; what only one side has solved is left out.
func TestAgainst(t *testing.T) {
	run := func(variant, dtype string, m int, seconds float64) roofline.Run {
		r := roofline.Run{Kernel: "matmul", Variant: variant, DType: dtype, Shape: shape.Shape{M: m, N: 8, K: 8}}
		r.Time.Median = seconds
		if variant == "openblas" || variant == "blis" {
			r.Peer = &roofline.Peer{Library: variant}
		}
		return r
	}
	got := Against([]roofline.Run{
		run("naive", "f32", 4, 9), run("avx2", "f32", 4, 2), run("avx2", "f32", 5, 2), run("avx2", "f64", 4, 4), run("openblas", "f32", 4, 3),
		run("blis", "f32", 4, 2.5), run("openblas", "f64", 4, 1), run("blis", "bf16", 4, 1),
	})
	if want := "Best peer's time ÷ ours, above 1 where ours is faster: matmul f32 4x8x8 1.25 (blis), matmul f64 4x8x8 0.25 (openblas)\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := Against([]roofline.Run{run("avx2", "f32", 4, 2), run("blis", "f64", 4, 2)}); got != "" {
		t.Errorf("nothing to compare: %q", got)
	}
}
