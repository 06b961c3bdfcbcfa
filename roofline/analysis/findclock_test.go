package analysis

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// The clock that a kernel leaves is a part of its gap, and a finding where it is most of what is missing to the roof.
func TestLowerClock(t *testing.T) {
	for _, c := range []struct {
		name     string
		gflops   float64 // done in a second, of 100 by the ceiling
		behind   float64 // GFLOP/s of its loop right behind
		part     float64 // seconds
		finding  bool
		evidence string
	}{
		{"the clock's", 80, 86, 80. / 86 * 0.14, true, "80 % of the one, 93 % of the other is reached"},
		{"the kernel's, too", 40, 86, 40. / 86 * 0.14, false, ""},
		{"no lower", 80, 98, 0, false, ""},
		{"higher", 80, 110, 0, false, ""},
		{"lower than the kernel is", 90, 88, 0.1, true, ""}, // no more than what is missing
	} {
		e := func(v float64) stats.Estimate { return stats.Estimate{Median: v, Lo: 0.99 * v, Hi: 1.01 * v, N: 7} }
		r := &roofline.Run{Kernel: "matmul", Variant: "v", DType: "f32", Threads: 1,
			Counts:  map[perf.Quantity][]perf.Count{perf.FLOPs: {{Value: c.gflops * 1e9, Source: perf.SourceAnalytic, Quality: perf.Analytic}}},
			AtClock: &roofline.AtClock{By: "compute.fma.avx512.f32", Unit: "FLOP/s", Value: e(c.behind * 1e9), Samples: slices.Repeat([]float64{c.behind * 1e9}, 7)}}
		r.Time.Samples = slices.Repeat([]float64{1}, 7)
		r.Time.Estimate = stats.SummarizeTurns(r.Time.Samples, 1)
		ceilings := []roofline.Ceiling{{ID: "compute.fma.avx512.f32", Kind: "compute", Op: "fma", ISA: "avx512", DType: "f32", Threads: 1, Unit: "FLOP/s", Value: e(100e9)}}
		roofline.Place(r, ceilings)
		Fill(r, Context{Ceilings: ceilings})
		part := 0.0
		for _, p := range r.Analysis.Gap.Parts {
			if p.Cause == roofline.CauseClock {
				part = p.Seconds
			}
		}
		if math.Abs(part-c.part) > 1e-9 || math.Abs(r.Analysis.Gap.Explained()-1) > 1e-9 {
			t.Errorf("%s: the clock takes %g s, want %g; explained %g s of 1", c.name, part, c.part, r.Analysis.Gap.Explained())
		}
		i := slices.IndexFunc(r.Analysis.Findings, func(f roofline.Finding) bool { return f.ID == "lower-clock" })
		if i >= 0 != c.finding {
			t.Errorf("%s: findings %+v", c.name, r.Analysis.Findings)
		}
		if i >= 0 && !strings.Contains(strings.Join(r.Analysis.Findings[i].Evidence, "; "), c.evidence) {
			t.Errorf("%s: %q lacks %q", c.name, r.Analysis.Findings[i].Evidence, c.evidence)
		}
	}
}
