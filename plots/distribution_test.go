package plots

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline/stats"
)

// skewed is n times of about median seconds with a tail to the right, as timings have.
func skewed(seed uint64, n int, median, noise float64) []float64 {
	rnd := rand.New(rand.NewPCG(seed, 2))
	out := make([]float64, n)
	for i := range out {
		out[i] = median * (1 + noise*math.Exp(0.7*rnd.NormFloat64()) - noise)
	}
	return out
}

// changeOf compares two samples as compare does.
func changeOf(name string, base, new []float64, floor float64) Change {
	c := Change{Name: name, Base: Sample{"old/result.json", base}, New: Sample{"new/result.json", new}, Floor: floor,
		Speedup: stats.Compare(base, new).Speedup}
	c.Outcome, c.Verdict = "no difference", "no difference: −0.1 % [−0.4 %, +0.2 %]"
	switch {
	case c.Speedup.Lo > 1:
		c.Outcome, c.Verdict = "faster", "faster by 8.3 % [7.6, 9.0], fewer L3 bytes (−31 %); still bound by L3 bandwidth (71 % of it)"
	case c.Speedup.Hi < 1:
		c.Outcome, c.Verdict = "slower", "slower by 3.1 % [2.6, 3.9]; still bound by AVX-512 FMA f32 (84 % of it)"
	}
	return c
}

func distributionGallery() map[string]Change {
	return map[string]Change{
		"distribution":       changeOf("matmul/avx512/f32 512x512x512", skewed(1, 60, 2.31e-3, 0.01), skewed(2, 60, 2.13e-3, 0.008), 0.012),
		"distribution-same":  changeOf("triad/best/f32 "+strings.Repeat("a very long name of a kernel ", 8), skewed(3, 2000, 8e-6, 0.02), skewed(4, 2000, 8e-6, 0.02), 0.02),
		"distribution-few":   changeOf("sleep 0.3", skewed(5, 3, 0.3, 0.001), skewed(6, 4, 0.31, 0.001), 0),
		"distribution-tail":  changeOf("decode/avx512/bf16 h=8,kv=4096,d=64", append(skewed(7, 40, 1e-3, 0.01), 9e-3, 30e-3), skewed(8, 40, 1.3e-3, 0.01), 0.01),
		"distribution-equal": changeOf("constant", []float64{1, 1, 1, 1, 1, 1, 1}, []float64{1, 1, 1, 1, 1, 1, 1}, 0.01),
		"distribution-far":   changeOf("from naive to best", skewed(9, 20, 1, 0.01), skewed(10, 20, 1e-6, 0.01), 0.01),
	}
}

func TestDistribution(t *testing.T) {
	for name, c := range distributionGallery() {
		t.Run(name, func(t *testing.T) {
			chart, err := Distribution(c)
			if err != nil {
				t.Fatal(err)
			}
			checkBoxes(t, chart)
			dots := 0
			for _, it := range chart.scene.items {
				if it.path != nil && it.path.ops[len(it.path.ops)-1].kind == 'Z' && len(it.path.ops) == 6 { // a circle
					dots++
				}
			}
			_, hi, left := timeRange(c.Base.Values, c.New.Values)
			if want := len(c.Base.Values) + len(c.New.Values) - left + 1; dots != want {
				t.Errorf("%d circles, want one per value up to %g s and one for the change: %d", dots, hi, want)
			}
		})
	}
}

func TestDistributionSaysTheChange(t *testing.T) {
	chart, err := Distribution(distributionGallery()["distribution"])
	if err != nil {
		t.Fatal(err)
	}
	_, doc := writeSVG(t, chart)
	all := strings.Join(doc.texts(), "\n")
	for _, want := range []string{"faster by 8.3 %", "median 2.13 ms", "(n = 60)", "noise floor ±1.2 %", "time per call (ms)", "time −7."} {
		if !strings.Contains(all, want) {
			t.Errorf("the chart does not say %q in\n%s", want, all)
		}
	}
}

func TestDistributionErrors(t *testing.T) {
	for _, c := range []Change{
		{Name: "a", Base: Sample{"b", nil}, New: Sample{"n", []float64{1}}},
		{Name: "a", Base: Sample{"b", []float64{1, math.NaN()}}, New: Sample{"n", []float64{1}}},
		{Name: "a", Base: Sample{"b", []float64{1}}, New: Sample{"n", []float64{0}}},
	} {
		if _, err := Distribution(c); err == nil {
			t.Errorf("no error for %v and %v", c.Base.Values, c.New.Values)
		}
	}
}

// A density integrates to the same area for any sample; Silverman's bandwidth of a normal sample is known.
func TestSilverman(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	v := make([]float64, 20000)
	for i := range v {
		v[i] = 5 + 2*rnd.NormFloat64()
	}
	if got, want := silverman(v), 0.9*2*math.Pow(20000, -0.2); math.Abs(got/want-1) > 0.03 {
		t.Errorf("bandwidth %g, want about %g", got, want)
	}
	if silverman([]float64{1}) != 0 || silverman([]float64{1, 1, 1}) != 0 {
		t.Error("a bandwidth without spread")
	}
}
