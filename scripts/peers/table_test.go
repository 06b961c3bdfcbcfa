package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/native/peer"
	"github.com/roofline-go/roofline/roofline/stats"
)

// fake has seven turns of two samples; each turn's times are those of the first scaled by how the machine was in that turn.
func fake(kernel, variant string, flops float64, first, second float64) roofline.Run {
	r := roofline.Run{Kernel: kernel, Variant: variant, DType: "f32", Threads: 1,
		Counts: map[perf.Quantity][]perf.Count{perf.FLOPs: {{Value: flops, Source: perf.SourceAnalytic, Quality: perf.Analytic}}}}
	for _, mood := range []float64{1, 2, 1, 1.5, 1, 1, 1.25} {
		r.Time.Samples = append(r.Time.Samples, first*mood, second*mood)
	}
	r.Time.Estimate = stats.SummarizeTurns(r.Time.Samples, 2)
	return r
}

// Ratios are those within the turns, whatever the machine's mood; the roof is the best sample of each turn; the slower of compute
// and memory binds.
func TestRow(t *testing.T) {
	const flops = 2 * 100 * 100 * 100
	ours := &kernels.Kernel{Op: "matmul", Variant: "avx512", DType: kernels.F32}
	square := shape.Shape{M: 100, N: 100, K: 100}
	tb := table{libraries: []*peer.Library{{Variant: "openblas"}, {Variant: "blis"}, {Variant: "absent"}}}
	res := &roofline.Result{Runs: []roofline.Run{
		fake("matmul", "avx512", flops, 20e-6, 20e-6), // 100 GFLOP/s in a good mood
		fake("matmul", "openblas", flops, 22e-6, 22e-6),
		fake("matmul", "blis", flops, 40e-6, 40e-6),
		fake(computeOp, "compute.fma.avx2.f32", 10*flops, 300e-6, 300e-6),
		fake(computeOp, "compute.fma.avx512.f32", 10*flops, 170e-6, 160e-6), // at best 125 GFLOP/s
	}}
	got := tb.row(res, ours, square)
	if want := []string{"100³", "125", "100 (50–100)", "80.0 % (80.0–80.0)", "90.91 (45.45–90.91)", "50 (25–50)", "–", "1.100 (1.100–1.100) openblas"}; !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	res.Runs = append(res.Runs, fake(memoryOp, "avx512", 1, 18e-6, 19e-6))
	if got := tb.row(res, ours, shape.Shape{M: 1, N: 1000, K: 1000}); got[0] != "1×1000×1000" || got[1] != "111.1 (memory)" || got[3] != "90.0 % (90.0–90.0)" {
		t.Errorf("bound by memory: %q", got)
	}
	if got := tb.row(res, nil, square); strings.Join(got, " ") != "100³ 111.1 (memory) – – 90.91 (45.45–90.91) 50 (25–50) – –" {
		t.Errorf("without a kernel of ours: %q", got)
	}
}
