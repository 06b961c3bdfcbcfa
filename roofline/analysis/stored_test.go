package analysis

import (
	"os"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/roofline"
)

// storedResult is a real result of a busy virtual machine of AMD Zen 4, its samples and most of its code left out.
func storedResult(t testing.TB) *roofline.Result {
	t.Helper()
	f, err := os.Open("testdata/zen4.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	res, err := roofline.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// In a real result the vector kernels have no findings, however busy the machine was, the plain one is told to vectorize, and gaps
// name what is known of these kernels: attention executes more than its products, naive code is narrow.
func TestStoredResult(t *testing.T) {
	res := storedResult(t)
	c := Context{Machine: res.Machine, Ceilings: res.Ceilings}
	for i := range res.Runs {
		run := &res.Runs[i]
		Fill(run, c)
		checkGap(t, run.Analysis.Gap)
		var want []string
		if run.ISA == "go" {
			want = []string{"scalar-code"}
		}
		var got []string
		for _, f := range run.Analysis.Findings {
			got = append(got, f.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: findings %v, want %v", run.ID(), got, want)
		}
		parts := map[string]float64{}
		for _, p := range run.Analysis.Gap.Parts {
			parts[p.Cause] = p.Seconds / run.Time.Median
		}
		switch run.Kernel + "/" + run.Variant {
		case "attention/avx512":
			if parts[roofline.CauseWork] < 0.01 || run.Analysis.Gap.Rule != "sum" || run.Analysis.Gap.IdealBy != "compute.fma.avx512.f32" {
				t.Errorf("%+v", run.Analysis.Gap)
			}
		case "matmul/naive":
			if parts[roofline.CauseWidth] < 0.02 || run.Analysis.Gap.Composed < 7*run.Analysis.Gap.Ideal {
				t.Errorf("%+v", run.Analysis.Gap)
			}
		case "triad/avx512":
			if run.Analysis.Gap.IdealBy != "bandwidth.triad.DRAM" || run.Analysis.Gap.Composed > 1.01*run.Analysis.Gap.Ideal {
				t.Errorf("%+v", run.Analysis.Gap)
			}
		}
		if len(run.Bound.Advice) > 0 && len(want) > 0 && !slices.Contains(run.Bound.Advice, Advice(run.Analysis.Findings[0])) {
			t.Errorf("%s: advice %q is not the finding", run.ID(), run.Bound.Advice)
		}
	}
}
