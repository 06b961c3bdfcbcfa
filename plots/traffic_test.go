package plots

import (
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline"
)

// withArrays tells the arrays of the second and the third run apart.
func withArrays(res *roofline.Result) *roofline.Result {
	for i := range res.Runs[:min(3, len(res.Runs))] {
		r := &res.Runs[i]
		if i == 0 {
			continue
		}
		r.Analysis = &roofline.Analysis{}
		for _, l := range roofline.Levels {
			c, _ := r.Count(roofline.Bytes(l))
			level := roofline.CacheLevel{Level: l}
			for j, name := range []string{"A", "B", "C", "other"} {
				level.Arrays = append(level.Arrays, roofline.CacheArray{Array: name, CacheCounts: roofline.CacheCounts{Bytes: c.Value * []float64{0.2, 0.65, 0.12, 0.03}[j]}})
			}
			r.Analysis.Caches = append(r.Analysis.Caches, level)
		}
	}
	return res
}

func TestTraffic(t *testing.T) {
	c, err := Traffic(withArrays(sixKernels()))
	if err != nil {
		t.Fatal(err)
	}
	checkBoxes(t, c)
	all := allTexts(t, c)
	for _, want := range []string{"matmul avx2", "86.5 MB per call", "96.0 GFLOP/s, 82 % · compute-bound", "AI 3.10", "pmu", "120 % above the roof",
		"not counted: The working set fits in L2", "18.9 GB/s of 19.8 GB/s", "<== binds", "simulated · B 65 %, A 20 %, C 12 %, other 3 %"} {
		if !strings.Contains(all, want) {
			t.Errorf("the chart does not say %q in\n%s", want, all)
		}
	}
}

// The share of a bandwidth that was not measured is not 0 %, in words neither.
func TestTrafficWithoutCeilings(t *testing.T) {
	res := sixKernels()
	res.Ceilings = nil
	c, err := Traffic(res)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(c.scene.desc, "matmul avx2, L1: ") || strings.Contains(c.scene.desc, "of the bandwidth") {
		t.Errorf("the chart is described as %q", c.scene.desc)
	}
}

func TestTrafficTextsNeverOverlap(t *testing.T) {
	for name, res := range gallery() {
		if len(res.Runs) == 0 {
			if _, err := Traffic(res); err == nil {
				t.Error(name, "no error without runs")
			}
			continue
		}
		c, err := Traffic(withArrays(res))
		if err != nil {
			t.Fatal(name, err)
		}
		checkBoxes(t, c)
	}
	c, err := Traffic(hostileResult())
	if err != nil {
		t.Fatal(err)
	}
	checkBoxes(t, c)
	writeSVG(t, c)
}
