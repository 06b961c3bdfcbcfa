package roofline

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline/stats"
)

// clocked took 1 s in each of seven turns for 80 GFLOP under a ceiling of 100 GFLOP/s, whose loop did so much right behind them.
func clocked(behind float64) (*Run, []Ceiling) {
	samples := make([]float64, 7)
	for i := range samples {
		samples[i] = behind * (1 + float64(i-3)/1000)
	}
	r := &Run{Kernel: "matmul", Variant: "v", DType: "f32", Threads: 1,
		Counts:  map[perf.Quantity][]perf.Count{perf.FLOPs: {{Value: 80e9, Source: perf.SourceAnalytic, Quality: perf.Analytic}}},
		AtClock: &AtClock{By: "compute.fma.avx512.f32", Unit: "FLOP/s", Value: stats.Summarize(samples), Samples: samples}}
	r.Time.Samples = []float64{1, 1, 1, 1, 1, 1, 1}
	r.Time.Estimate = stats.SummarizeTurns(r.Time.Samples, 1)
	return r, []Ceiling{{ID: "compute.fma.avx512.f32", Kind: "compute", DType: "f32", Threads: 1, Unit: "FLOP/s",
		Value: stats.Estimate{Median: 100e9, Lo: 99e9, Hi: 101e9, N: 9}}}
}

func TestAtClockIsToldWhereItDiffers(t *testing.T) {
	for _, c := range []struct {
		behind float64
		want   string // in the sentence about the bound; "": nothing
		share  float64
	}{
		{86e9, "; 80 % of it reached, 93 % of what the ceiling's loop did right behind it (14 % slower: a lower clock, or a busier machine)", 80. / 86},
		{97e9, "", 80. / 97}, // within 5 %
		{100e9, "", 0.8},
		{110e9, "; 80 % of it reached, 73 % of what the ceiling's loop did right behind it (10 % faster than when the ceiling was measured)", 80. / 110},
	} {
		r, ceilings := clocked(c.behind)
		Place(r, ceilings)
		if f := r.AtClock.Fraction; f == nil || math.Abs(f.Median-c.share) > 1e-9 || !f.Known() || r.Bound.Fraction != 0.8 {
			t.Errorf("%g behind: of the roof %+v, at its clock %+v", c.behind, r.Bound, f)
		}
		if !strings.HasSuffix(r.Bound.Why, c.want) || c.want == "" && !strings.HasSuffix(r.Bound.Why, "; 80 % of it reached") {
			t.Errorf("%g behind: %q, want %q", c.behind, r.Bound.Why, c.want)
		}
		if err := r.validate(); err != nil {
			t.Error(err)
		}
		data, err := json.Marshal(r)
		if err != nil || !strings.Contains(string(data), `"at_clock":{"by":"compute.fma.avx512.f32","unit":"FLOP/s","value":{"median":`) {
			t.Errorf("%v in %s", err, data)
		}
		var back Run
		if err := json.Unmarshal(data, &back); err != nil || back.AtClock.Fraction.Median != r.AtClock.Fraction.Median {
			t.Errorf("%v: %+v", err, back.AtClock)
		}
	}
}

// What no interval tells apart is no difference; and times of other turns have no share at this clock.
func TestAtClockRefuses(t *testing.T) {
	r, ceilings := clocked(86e9)
	ceilings[0].Value.Lo = 85e9
	if _, ok := r.AtClock.Lower(ceilings[0]); ok {
		t.Error("within the ceiling's interval it is called lower")
	}
	other := ceilings[0]
	other.ID = "compute.fma.avx2.f32"
	if _, ok := r.AtClock.Lower(other); ok {
		t.Error("compared with another ceiling")
	}
	r.Time.Samples = r.Time.Samples[:6]
	r.Time.Estimate = stats.SummarizeTurns(r.Time.Samples, 1)
	if Place(r, ceilings); r.AtClock.Fraction != nil {
		t.Errorf("of six turns with seven samples: %+v", r.AtClock.Fraction)
	}
	r.AtClock.Samples = nil
	if r.validate() == nil {
		t.Error("a value without samples is valid")
	}
}
