package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/native"
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

// worked declares the work of an operation of f32.
func worked(op string) func(shape.Shape) kernels.Work {
	return func(s shape.Shape) kernels.Work { return native.Problem{Op: op, DType: kernels.F32, Shape: s}.Work() }
}

// Ratios are those within the turns, whatever the machine's mood; the roof is the best sample of each turn; the slower of compute
// and memory binds.
func TestRow(t *testing.T) {
	const flops = 2 * 100 * 100 * 100
	ours := &kernels.Kernel{Op: "matmul", Variant: "avx512", DType: kernels.F32, Work: worked("matmul")}
	square := shape.Shape{M: 100, N: 100, K: 100}
	tb := table{subject: subjects[0], dtype: kernels.F32, libraries: []*peer.Library{{Variant: "openblas"}, {Variant: "blis"}, {Variant: "absent"}}}
	res := &roofline.Result{Runs: []roofline.Run{
		fake("matmul", "avx512", flops, 20e-6, 20e-6), // 100 GFLOP/s in a good mood
		fake("matmul", "openblas", flops, 22e-6, 22e-6),
		fake("matmul", "blis", flops, 40e-6, 40e-6),
		fake(computeOp, "compute.fma.avx2.f32", 10*flops, 300e-6, 300e-6),
		fake(computeOp, "compute.fma.avx512.f32", 10*flops, 170e-6, 160e-6), // at best 125 GFLOP/s
	}}
	got := tb.row(res, ours, square)
	if want := []string{"100³", "125", "100 (50–100)", "80.0 % (80.0–80.0)", "–", "90.91 (45.45–90.91)", "50 (25–50)", "–", "1.100 (1.100–1.100) openblas"}; !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	res.Runs[0].AtClock = &roofline.AtClock{By: "compute.fma.avx512.f32", Fraction: &stats.Estimate{Median: 0.95, Lo: 0.94, Hi: 0.96, N: 7}}
	if got := tb.row(res, ours, square); got[3] != "80.0 % (80.0–80.0)" || got[4] != "95.0 % (94.0–96.0)" {
		t.Errorf("at its clock: %q", got)
	}
	res.Runs = append(res.Runs, fake(memoryOp, "avx512", 1, 18e-6, 19e-6))
	if got := tb.row(res, ours, shape.Shape{M: 1, N: 1000, K: 1000}); got[0] != "1×1000×1000" || got[1] != "111.1 (memory)" || got[3] != "90.0 % (90.0–90.0)" || got[4] != "–" {
		t.Errorf("bound by memory: %q", got)
	}
	if got := tb.row(res, nil, square); strings.Join(got, " ") != "100³ 111.1 (memory) – – – 90.91 (45.45–90.91) 50 (25–50) – –" {
		t.Errorf("without a kernel of ours: %q", got)
	}
}

// Attention is told in operations, of the pairs that are attended; decode in bytes, against the time that loading them takes.
func TestRowOfAttention(t *testing.T) {
	for _, c := range []struct {
		op, shape string
		fakes     []roofline.Run
		want      string
	}{
		{"attention", "h=2,q=4,kv=4,d=64,causal", []roofline.Run{fake(computeOp, "compute.fma.avx512.f32", 4*64*10*2, 40e-9, 40e-9)},
			"h=2,q=4,kv=4,d=64,causal 128 102.4 (51.2–102.4) 80.0 % (80.0–80.0) – 51.2 (25.6–51.2) 2.000 (2.000–2.000) onednn"},
		{"decode", "h=1,kv=1000,d=64", []roofline.Run{fake(computeOp, "compute.fma.avx512.f32", 4*64*10*2, 1e-12, 1e-12), fake(memoryOp, "avx512", 1, 45e-9, 45e-9)},
			"h=1,q=1,kv=1000,d=64 1.139e+04 (memory) 1.025e+04 (5125–1.025e+04) 90.0 % (90.0–90.0) – 5125 (2563–5125) 2.000 (2.000–2.000) onednn"},
	} {
		what, err := find(c.op)
		if err != nil {
			t.Fatal(err)
		}
		shapes, err := what.parse(c.shape)
		if err != nil || len(shapes) != 1 {
			t.Fatal(shapes, err)
		}
		tb := table{subject: what, dtype: kernels.F32, libraries: []*peer.Library{{Variant: "onednn"}}}
		res := &roofline.Result{Runs: append(c.fakes, fake(c.op, "avx512", 0, 50e-9, 50e-9), fake(c.op, "onednn", 0, 100e-9, 100e-9))}
		k := &kernels.Kernel{Op: c.op, Variant: "avx512", DType: kernels.F32, Work: worked(c.op)}
		if got := strings.Join(tb.row(res, k, shapes[0]), " "); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestSubjectsParseTheirShapes(t *testing.T) {
	for _, s := range subjects {
		if list, err := s.parse(s.shapes); err != nil || len(list) < 9 {
			t.Errorf("%s: %v, %v", s.op, list, err)
		}
	}
	attention, err := find("attention")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := attention.parse("h=1,q=64,kv=32,d=64,causal"); err == nil {
		t.Error("queries without a key were taken")
	}
	if _, err := find("axpy"); err == nil || !strings.Contains(err.Error(), "matmul, attention, decode") {
		t.Errorf("%v", err)
	}
}

// Loops above a kernel's instructions are no roof of it.
func TestComputeCeilings(t *testing.T) {
	for _, c := range []struct {
		dtype kernels.DType
		limit cpu.ISA
	}{{kernels.F32, cpu.AVX2}, {kernels.F32, cpu.AVX512}, {kernels.INT8, cpu.AVX512VNNI}, {kernels.BF16, cpu.AVX512BF16}, {kernels.BF16, cpu.AMXBF16}} {
		items := computeCeilings(c.dtype, c.limit)
		if len(items) == 0 && cpu.Usable(c.limit) == nil {
			t.Errorf("%s within %s: none", c.dtype, c.limit)
		}
		for _, i := range items {
			if !i.Kernel.ISA.Within(c.limit) {
				t.Errorf("%s within %s: %s needs %s", c.dtype, c.limit, i.Kernel.Variant, i.Kernel.ISA)
			}
		}
	}
}
