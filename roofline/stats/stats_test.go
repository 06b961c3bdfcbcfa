package stats

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/perf/benchmath"
)

// binomialCoverage is the probability that the population median lies between order statistics lo and hi (1-based) of n
// samples: the sum of C(n,k)/2ⁿ for lo ≤ k < hi.
func binomialCoverage(n, lo, hi int) float64 {
	sum, c := 0.0, 1.0 // c = C(n,k)
	for k := 0; k < hi; k++ {
		if k >= lo {
			sum += c
		}
		c = c * float64(n-k) / float64(k+1)
	}
	return sum / math.Pow(2, float64(n))
}

// The order statistics of the 95 % interval of the median, worked out by hand from the binomial distribution; for n = 8,
// 11 (and others) two mirrored intervals are equally good and benchmath takes the lower one.
func TestOrderStatistics(t *testing.T) {
	for _, c := range []struct{ n, lo, hi int }{
		{6, 1, 6},   // 1 − 2/64 = 0.969
		{7, 1, 7},   // 1 − 2/128 = 0.984; one side less: 0.930
		{8, 1, 7},   // 1 − (1+1+8)/256 = 0.961
		{9, 2, 8},   // 1 − 2·(1+9)/512 = 0.961
		{10, 2, 9},  // 1 − 2·(1+10)/1024 = 0.979; one side less: 0.935
		{11, 2, 9},  // 1 − (12+12+55)/2048 = 0.961
		{12, 3, 10}, // 1 − 2·(1+12+66)/4096 = 0.961
		{20, 6, 15}, // the textbook interval: 0.9586
	} {
		if p := binomialCoverage(c.n, c.lo, c.hi); p < Confidence {
			t.Errorf("n=%d: the test's own interval [%d,%d] covers only %.4f", c.n, c.lo, c.hi, p)
		}
		samples := make([]float64, c.n)
		for i := range samples {
			samples[i] = float64(i + 1)
		}
		rand.New(rand.NewPCG(1, 2)).Shuffle(c.n, func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
		before := slices.Clone(samples)
		e := Summarize(samples)
		if want := (Estimate{float64(c.n+1) / 2, float64(c.lo), float64(c.hi), c.n, 0}); e != want {
			t.Errorf("n=%d: got %+v, want %+v", c.n, e, want)
		}
		if !slices.Equal(samples, before) {
			t.Errorf("n=%d: Summarize reordered the samples", c.n)
		}
	}
}

func TestAgainstBenchmath(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := MinSamples; n < 300; n += 7 {
		samples := make([]float64, n)
		for i := range samples {
			samples[i] = r.ExpFloat64()
		}
		s := benchmath.AssumeNothing.Summary(
			benchmath.NewSample(slices.Clone(samples), &benchmath.DefaultThresholds), Confidence)
		if e := Summarize(samples); e != (Estimate{s.Center, s.Lo, s.Hi, n, 0}) {
			t.Errorf("n=%d: got %+v, want %+v", n, e, s)
		}
	}
}

func TestDegenerate(t *testing.T) {
	for n := range MinSamples {
		e := Summarize([]float64{1, 2, 3, 4, 5}[:n])
		if e.Known() || e.N != n || !math.IsInf(e.RelHalfWidth(), 1) {
			t.Errorf("n=%d: got %+v, want no interval", n, e)
		}
		if math.IsNaN(e.Median) != (n == 0) {
			t.Errorf("n=%d: median %v", n, e.Median)
		}
	}
	same := Summarize([]float64{7, 7, 7, 7, 7, 7})
	if same != (Estimate{7, 7, 7, 6, 0}) || same.RelHalfWidth() != 0 {
		t.Errorf("six equal samples: %+v", same)
	}
	if e := Summarize([]float64{1, 2, 3, math.NaN(), 5, 6, 7}); !math.IsNaN(e.Median) || e.Known() {
		t.Errorf("a NaN sample must show: %+v", e)
	}
}

func TestOverAndScale(t *testing.T) {
	e := Estimate{Median: 2, Lo: 1, Hi: 4, N: 9, Turns: 3}
	if r := e.Over(8); r != (Estimate{4, 2, 8, 9, 3}) {
		t.Errorf("Over: %+v", r)
	}
	if r := e.Scale(3); r != (Estimate{6, 3, 12, 9, 3}) {
		t.Errorf("Scale: %+v", r)
	}
	if r := e.Scale(-1); r != (Estimate{-2, -4, -1, 9, 3}) {
		t.Errorf("Scale by a negative factor: %+v", r)
	}
	if h := e.RelHalfWidth(); h != 0.75 {
		t.Errorf("RelHalfWidth %v, want (4−1)/2/2", h)
	}
}

func TestJSON(t *testing.T) {
	got, err := json.Marshal(Estimate{Median: 2, Lo: math.NaN(), Hi: math.NaN(), N: 3})
	if want := `{"median":2,"lo":null,"hi":null,"n":3}`; err != nil || string(got) != want {
		t.Fatalf("got %s, %v; want %s", got, err, want)
	}
	var e Estimate
	if err := json.Unmarshal(got, &e); err != nil || e.Median != 2 || e.Known() || e.N != 3 {
		t.Errorf("round trip: %+v, %v", e, err)
	}
	if err := json.Unmarshal([]byte(`{"median":1,"lo":0.5,"hi":2,"n":8}`), &e); err != nil || e != (Estimate{1, 0.5, 2, 8, 0}) {
		t.Errorf("decode: %+v, %v", e, err)
	}
}

func TestTurns(t *testing.T) {
	samples := []float64{ // by hand: the medians of the turns are 2, 20, 7, 5, 6 and 9
		1, 2, 90, 30, 20, 10, 7, 7, 7, 5, 4, 6, 6, 0, 8, 9, 9, 1,
	}
	before := slices.Clone(samples)
	if e := SummarizeTurns(samples, 3); e != (Estimate{6.5, 2, 20, 18, 6}) {
		t.Errorf("6 turns of 3: %+v", e)
	}
	if !slices.Equal(samples, before) {
		t.Error("SummarizeTurns reordered the samples")
	}
	if e := SummarizeTurns(samples[:15], 3); e.Median != 6 || e.Known() || e.Turns != 5 || e.N != 15 {
		t.Errorf("5 turns have no interval: %+v", e)
	}
	if e := SummarizeTurns([]float64{1, 2, 3, 4, 9}, 2); e.Median != 2.5 || e.N != 5 || e.Turns != 2 {
		t.Errorf("the median of 1.5 and 3.5, without the rest: %+v", e)
	}
	if e, each := SummarizeTurns(samples, 1), Summarize(samples); e.Median != each.Median || e.Lo != each.Lo || e.Hi != each.Hi || e.Turns != 18 {
		t.Errorf("turns of one: %+v, want %+v", e, each)
	}
	if e := SummarizeTurns(append(slices.Repeat([]float64{1}, 20), math.NaN()), 3); !math.IsNaN(e.Median) || e.Known() {
		t.Errorf("a NaN sample must show: %+v", e)
	}
	var back Estimate
	b, err := json.Marshal(SummarizeTurns(samples, 3))
	if err == nil {
		err = json.Unmarshal(b, &back)
	}
	if err != nil || string(b) != `{"median":6.5,"lo":2,"hi":20,"n":18,"turns":6}` || back.Turns != 6 {
		t.Errorf("%s, %+v, %v", b, back, err)
	}
}

// With an effect of the turn three times as strong as the noise within it, the interval of turns covers the true median as
// often as it claims, and the one of samples does not.
func TestCoverageWithTurnEffect(t *testing.T) {
	const trials, perTurn = 2000, 5
	r := rand.New(rand.NewPCG(5, 6))
	for _, turns := range []int{6, 8, 11, 20, 60} {
		byTurn, bySample := 0, 0
		samples := make([]float64, turns*perTurn)
		for range trials {
			for i := range samples {
				if i%perTurn == 0 {
					effect := 100 + 3*r.NormFloat64()
					for k := range perTurn {
						samples[i+k] = effect
					}
				}
				samples[i] += r.NormFloat64()
			}
			if e := SummarizeTurns(samples, perTurn); e.Lo <= 100 && 100 <= e.Hi {
				byTurn++
			}
			if e := Summarize(samples); e.Lo <= 100 && 100 <= e.Hi {
				bySample++
			}
		}
		// The claim is 95 %; three standard deviations of the count are 1.5 %.
		if covered := float64(byTurn) / trials; covered < 0.935 {
			t.Errorf("%d turns: the interval covers %.1f %%", turns, 100*covered)
		}
		if covered := float64(bySample) / trials; covered > 0.85 {
			t.Errorf("%d turns: taking samples as independent covers %.1f %%: the simulation has no turn effect", turns, 100*covered)
		}
	}
}
