package stats

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

func TestSpeedupExact(t *testing.T) {
	base := []float64{8, 10, 12, 9, 11, 10, 10}
	half := make([]float64, len(base))
	for i, v := range base {
		half[i] = v / 2
	}
	for name, c := range map[string]Comparison{"independent": Compare(base, half), "pairs": ComparePairs(base, half, 1)} {
		if c.Speedup.Median != 2 || c.Speedup.N != 7 || !c.Speedup.Known() || c.Paired != (name == "pairs") {
			t.Errorf("%s: %+v", name, c)
		}
	}
	// every pair has the ratio 2: resampling pairs cannot give anything else
	if c := ComparePairs(base, half, 1); c.Speedup.Lo != 2 || c.Speedup.Hi != 2 {
		t.Errorf("pairs of one ratio: %+v", c.Speedup)
	}
	if a, b := Compare(base, half), Compare(base, half); a.Speedup != b.Speedup {
		t.Errorf("not repeatable: %+v, %+v", a.Speedup, b.Speedup)
	}
}

// The resampler's median is that of the sample it has drawn.
func TestResampler(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for n := 1; n < 12; n++ {
		values := make([]float64, n)
		for i := range values {
			values[i] = math.Round(10 * r.Float64())
		}
		draw := newResampler(r, values)
		for range 100 {
			got := draw.median()
			var sample []float64
			for i, times := range draw.drawn {
				for range times {
					sample = append(sample, draw.sorted[i])
				}
			}
			if len(sample) != n || got != median(sample) {
				t.Fatalf("%g, want the median of %v", got, sample)
			}
		}
	}
}

func TestTooFew(t *testing.T) {
	five := []float64{1, 2, 3, 4, 5}
	if c := Compare(five, five); c.Speedup.Known() || c.Speedup.Median != 1 || len(c.Warnings) == 0 {
		t.Errorf("five samples: %+v", c)
	}
	if c := Compare(nil, five); !math.IsNaN(c.P) || !math.IsNaN(c.Speedup.Median) {
		t.Errorf("no samples: %+v", c)
	}
	if c := Compare([]float64{1, 1, 1, 1, 1, math.NaN()}, append(five, 6)); !math.IsNaN(c.Speedup.Median) || !math.IsNaN(c.P) {
		t.Errorf("NaN: %+v", c)
	}
}

func TestMain(m *testing.M) {
	replicates = 400
	os.Exit(m.Run())
}

// samplers draw a base and a new time of a pair whose medians are in the ratio of the effect.
var samplers = map[string]func(r *rand.Rand) (noise func() float64){
	"normal":    func(r *rand.Rand) func() float64 { return func() float64 { return 1 + 0.02*r.NormFloat64() } },
	"lognormal": func(r *rand.Rand) func() float64 { return func() float64 { return math.Exp(0.1 * r.NormFloat64()) } },
	"one-sided": func(r *rand.Rand) func() float64 { return func() float64 { return 1 + 0.05*r.ExpFloat64() } },
	"bimodal": func(r *rand.Rand) func() float64 {
		return func() float64 { return 1 + 0.01*r.NormFloat64() + 0.2*math.Floor(r.Float64()+0.3) }
	},
}

// The interval has to hold the true speed-up in at least 94 % of 2,000 simulated comparisons; 0.94 is 2 standard errors
// below the nominal level.
func TestCoverage(t *testing.T) {
	const simulations, effect = 2000, 1.05
	if testing.Short() {
		t.Skip("thousands of comparisons, with nothing concurrent in them")
	}
	for name, sampler := range samplers {
		for _, n := range []int{10, 20} {
			t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(uint64(n), 7))
				noise := sampler(r)
				base, new := make([]float64, n), make([]float64, n)
				var independent, pairs int
				for range simulations {
					for i := range n {
						base[i], new[i] = effect*noise(), noise()
					}
					if c := Compare(base, new).Speedup; c.Lo <= effect && effect <= c.Hi {
						independent++
					}
					for i := range n { // the machine drifts by a third over the pairs
						drift := 1 + float64(i)/float64(3*n)
						base[i], new[i] = drift*base[i], drift*new[i]
					}
					if c := ComparePairs(base, new, 1).Speedup; c.Lo <= effect && effect <= c.Hi {
						pairs++
					}
				}
				for what, hits := range map[string]int{"independent": independent, "pairs": pairs} {
					if share := float64(hits) / simulations; share < 0.94 {
						t.Errorf("%s: coverage %.3f, want ≥ 0.94", what, share)
					}
				}
			})
		}
	}
}

func TestHolm(t *testing.T) {
	// worked example: 0.01·4, 0.02·3, 0.03·2 = 0.06, 0.04·1 raised to 0.06
	got := Holm([]float64{0.04, 0.01, math.NaN(), 0.03, 0.02})
	for i, want := range []float64{0.06, 0.04, math.NaN(), 0.06, 0.06} {
		if math.Abs(got[i]-want) > 1e-12 && !(math.IsNaN(got[i]) && math.IsNaN(want)) {
			t.Errorf("Holm[%d] = %g, want %g", i, got[i], want)
		}
	}
	if got := Holm([]float64{0.9, 0.8}); got[0] != 1 || got[1] != 1 {
		t.Errorf("p above 1: %v", got)
	}
}

func TestGeoMean(t *testing.T) {
	ones := []float64{1, 1, 1, 1, 1, 1}
	twos, halves := make([]float64, 6), make([]float64, 6)
	for i := range ones {
		twos[i], halves[i] = 2, 0.5
	}
	m := GeoMean([]Comparison{Compare(twos, ones), Compare(halves, ones), Compare(twos, halves)}) // 2, ½, 4
	if want := math.Cbrt(4); math.Abs(m.Median-want) > 1e-12 || math.Abs(m.Lo-want) > 1e-12 || math.Abs(m.Hi-want) > 1e-12 || m.N != 3 {
		t.Errorf("%+v, want %g", m, want)
	}
	if m := GeoMean([]Comparison{Compare(twos, ones), Compare(twos[:3], ones)}); m.Known() {
		t.Errorf("an interval out of too few samples: %+v", m)
	}
	if m := GeoMean(nil); !math.IsNaN(m.Median) {
		t.Errorf("of nothing: %+v", m)
	}
}

// The mean of k comparisons with equal errors has an interval √k times as narrow.
func TestGeoMeanNarrows(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var list []Comparison
	for range 9 {
		a, b := make([]float64, 40), make([]float64, 40)
		for i := range a {
			a[i], b[i] = math.Exp(0.1*r.NormFloat64()), math.Exp(0.1*r.NormFloat64())
		}
		list = append(list, Compare(a, b))
	}
	var single float64
	for _, c := range list {
		single += c.Speedup.RelHalfWidth() / 9
	}
	if ratio := single / GeoMean(list).RelHalfWidth(); ratio < 2.2 || ratio > 4 {
		t.Errorf("narrower by %.2f, want about 3", ratio)
	}
}

func TestNoiseFloor(t *testing.T) {
	if got := NoiseFloor([]float64{1, 0.98, 1.01}); math.Abs(got-(1/0.98-1)) > 1e-12 {
		t.Errorf("few: %g, want the largest", got)
	}
	if !math.IsNaN(NoiseFloor(nil)) {
		t.Error("a floor out of nothing")
	}
	// 59 is the smallest sample whose largest value is above the 95 % quantile with 95 % confidence: 1 − 0.95⁵⁹ ≥ 0.95
	if upperRank(58) != 58 || upperRank(59) != 59 || upperRank(93) != 92 {
		t.Errorf("ranks %d, %d, %d; want 58, 59, 92", upperRank(58), upperRank(59), upperRank(93))
	}
	r := rand.New(rand.NewPCG(5, 6))
	above := 0
	for range 400 {
		s := make([]float64, 100)
		for i := range s {
			s[i] = math.Exp(0.01 * r.NormFloat64())
		}
		if NoiseFloor(s) >= math.Expm1(0.01*1.959964) {
			above++
		}
	}
	if above < 370 { // 95 % of 400 are 380; 2.3 standard errors
		t.Errorf("the floor bounds the quantile in %d of 400 cases", above)
	}
}

// benchstat itself, on the same samples, has to give the same medians and p.
func TestAgreesWithBenchstat(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "benchstat")
	build := exec.Command("go", "build", "-o", bin, "golang.org/x/perf/cmd/benchstat")
	build.Env = append(os.Environ(), "GOARCH=") // for this machine, whatever the test is built for
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build benchstat: %v\n%s", err, out)
	}
	r := rand.New(rand.NewPCG(8, 9))
	base, new := make([]float64, 12), make([]float64, 12)
	for i := range base { // whole nanoseconds, so that the text holds them exactly
		base[i], new[i] = math.Round(1e6+3e4*r.NormFloat64()), math.Round(0.98e6+3e4*r.NormFloat64())
	}
	write := func(name string, values []float64) string {
		path := filepath.Join(t.TempDir(), name)
		var b bytes.Buffer
		for _, v := range values {
			fmt.Fprintf(&b, "BenchmarkX 1 %.0f ns/op\n", v)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	out, err := exec.Command(bin, "-format", "csv", write("a", base), write("b", new)).CombinedOutput()
	if err != nil {
		t.Fatalf("benchstat: %v\n%s", err, out)
	}
	m := regexp.MustCompile(`(?m)^X,([^,]+),[^,]*,([^,]+),[^,]*,[^,]*,p=([0-9.]+) n=12`).FindSubmatch(out)
	if m == nil {
		t.Fatalf("no comparison in benchstat's output:\n%s", out)
	}
	number := func(b []byte) float64 {
		v, err := strconv.ParseFloat(string(b), 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	c := Compare(base, new)
	if got := number(m[1]); math.Abs(got*1e9/c.Base.Median-1) > 1e-6 {
		t.Errorf("base median %g s, ours %g ns", got, c.Base.Median)
	}
	if got := number(m[2]); math.Abs(got*1e9/c.New.Median-1) > 1e-6 {
		t.Errorf("new median %g s, ours %g ns", got, c.New.Median)
	}
	if got := number(m[3]); math.Abs(got-c.P) > 0.0006 {
		t.Errorf("p %g, ours %g", got, c.P)
	}
}
