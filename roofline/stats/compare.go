package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/aclements/go-moremath/stats"
	"golang.org/x/perf/benchmath"
)

// replicates is the number of bootstrap resamples behind an interval. With 2,000 the ends of a 95 % interval rest on the
// 50 most extreme ones on either side. Tests make do with fewer.
var replicates = 2000

// Comparison is how a new sample of times compares with a base sample.
type Comparison struct {
	Base, New Estimate
	Speedup   Estimate // base time ÷ new time: above 1 the new one is faster; N is the smaller sample, or the number of pairs
	P         float64  // of the Mann–Whitney U test that both are of one distribution, two-sided; NaN when it could not be made
	Paired    bool
	Warnings  []string

	resampled []float64 // speed-ups of the bootstrap, unsorted; nil without an interval
}

// Compare compares two independent samples: the speed-up is the ratio of their medians. Its 95 % interval is the expanded
// percentile interval of the bootstrap (Hesterberg, What Teachers Should Know About the Bootstrap, The American
// Statistician 69, 2015: the percentiles are moved outwards as Student's t is wider than the normal distribution, since
// the plain ones are too narrow for small samples), each sample resampled on its own; it needs MinSamples on both sides. The
// result is a function of the samples alone: the random numbers of the bootstrap are the same each time.
func Compare(base, new []float64) Comparison {
	c := compare(base, new)
	c.Speedup = Estimate{Median: c.Base.Median / c.New.Median, Lo: math.NaN(), Hi: math.NaN(), N: min(len(base), len(new))}
	if !c.comparable() {
		return c
	}
	draw := source()
	b, n := newResampler(draw, base), newResampler(draw, new)
	c.bootstrap(1, func() float64 { return b.median() / n.median() })
	return c
}

// ComparePairs compares samples that were taken in pairs, base[i] and new[i] next to each other in time and in alternating
// order. What disturbs the machine for longer than a pair meets both halves alike, so the speed-up is the median of the
// ratios within the pairs, and the bootstrap resamples pairs. Samples of different length are a bug.
//
// looks is how often the samples may be judged while they grow, 1 where their number was fixed beforehand. Who stops when he
// likes what he sees is wrong more often than once; the interval is widened so that those of all looks together hold the
// speed-up with the Confidence (Bonferroni). P is that of this look.
func ComparePairs(base, new []float64, looks int) Comparison {
	if len(base) != len(new) {
		panic(fmt.Sprintf("stats: %d base samples in pairs with %d", len(base), len(new)))
	}
	c := compare(base, new)
	c.Paired = true
	ratios := make([]float64, len(base))
	for i := range base {
		ratios[i] = base[i] / new[i]
	}
	c.Speedup = Estimate{Median: Summarize(ratios).Median, Lo: math.NaN(), Hi: math.NaN(), N: len(ratios)}
	if !c.comparable() {
		return c
	}
	c.bootstrap(looks, newResampler(source(), ratios).median)
	return c
}

func compare(base, new []float64) Comparison {
	c := Comparison{Base: Summarize(base), New: Summarize(new)}
	c.P, c.Warnings = mannWhitney(base, new)
	return c
}

// comparable says whether there is an interval, and warns if there is none.
func (c *Comparison) comparable() bool {
	if math.IsNaN(c.Speedup.Median) || math.IsInf(c.Speedup.Median, 0) || c.Speedup.Median <= 0 {
		return false
	}
	if c.Speedup.N < MinSamples {
		c.Warnings = append(c.Warnings, fmt.Sprintf("need at least %d samples on each side for an interval, have %d", MinSamples, c.Speedup.N))
		return false
	}
	return true
}

// bootstrap fills in the interval from resampled speed-ups. It is widened to hold the median itself, which a tiny sample of
// few distinct values can leave outside.
func (c *Comparison) bootstrap(looks int, speedup func() float64) {
	c.resampled = make([]float64, replicates)
	for i := range c.resampled {
		c.resampled[i] = speedup()
	}
	c.Speedup.Lo, c.Speedup.Hi = interval(c.resampled, c.Speedup.Median, expanded(c.Speedup.N, tail/float64(max(looks, 1))))
}

// tail is the share of bootstrap replicates left out on each side of an interval.
const tail = (1 - Confidence) / 2

// expanded is a share to leave out, made smaller for a sample of n: Φ(−√(n/(n−1)) · t), t being the quantile of Student's
// distribution with n−1 degrees of freedom that leaves the share above it.
func expanded(n int, share float64) float64 {
	t := stats.InvCDF(stats.TDist{V: float64(n - 1)})(1 - share)
	return stats.StdNormal.CDF(-math.Sqrt(float64(n)/float64(n-1)) * t)
}

// interval leaves out the share given on both sides of values, but is widened to hold the center.
func interval(values []float64, center, share float64) (lo, hi float64) {
	s := slices.Clone(values)
	slices.Sort(s)
	cut := int(math.Floor(share * float64(len(s))))
	return min(s[cut], center), max(s[len(s)-1-cut], center)
}

// mannWhitney is the test as golang.org/x/perf/benchmath makes it, which benchstat uses too.
func mannWhitney(a, b []float64) (p float64, warnings []string) {
	if len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, math.IsNaN) || slices.ContainsFunc(b, math.IsNaN) {
		return math.NaN(), []string{"no samples to compare"}
	}
	sample := func(x []float64) *benchmath.Sample {
		return benchmath.NewSample(slices.Clone(x), &benchmath.DefaultThresholds)
	}
	c := benchmath.AssumeNothing.Compare(sample(a), sample(b))
	for _, w := range c.Warnings {
		warnings = append(warnings, w.Error())
	}
	return c.P, warnings
}

// resampler draws bootstrap samples from values, always the same ones.
type resampler struct {
	rand   *rand.Rand
	sorted []float64
	drawn  []int // how often each of sorted is in the sample
}

// source is that of the random numbers of one bootstrap.
func source() *rand.Rand { return rand.New(rand.NewPCG(0x526f6f66, 0x6c696e65)) }

func newResampler(source *rand.Rand, values []float64) *resampler {
	return &resampler{source, slices.Sorted(slices.Values(values)), make([]int, len(values))}
}

// median is that of a sample drawn from the values with replacement.
func (r *resampler) median() float64 {
	n := len(r.sorted)
	clear(r.drawn)
	for range n {
		r.drawn[r.rand.IntN(n)]++
	}
	at, below := 0, r.drawn[0]
	for below <= (n-1)/2 {
		at++
		below += r.drawn[at]
	}
	low := r.sorted[at]
	for below <= n/2 {
		at++
		below += r.drawn[at]
	}
	return (low + r.sorted[at]) / 2
}

// MedianRatio is the median of base[i] ÷ new[i]: the speed-up of ComparePairs without its interval.
func MedianRatio(base, new []float64) float64 {
	ratios := make([]float64, len(base))
	for i := range base {
		ratios[i] = base[i] / new[i]
	}
	return median(ratios)
}
