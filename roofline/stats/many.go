package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Holm adjusts the p-values of several comparisons made together, so that the chance of even one false discovery is what a
// single threshold says (Holm, A Simple Sequentially Rejective Multiple Test Procedure, 1979). The result is in the order
// of p; NaN stays NaN and does not count as a comparison.
func Holm(p []float64) []float64 {
	adjusted := slices.Clone(p)
	var order []int
	for i, v := range p {
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	least := 0.0
	for rank, i := range order {
		least = max(least, min(1, float64(len(order)-rank)*p[i]))
		adjusted[i] = least
	}
	return adjusted
}

// GeoMean is the geometric mean of the speed-ups of several comparisons, with the interval that follows from their
// bootstraps, taken as independent. N is the number of comparisons. The interval is unknown when one of them has none;
// the mean is NaN when there are none.
func GeoMean(list []Comparison) Estimate {
	e := Estimate{Median: math.NaN(), Lo: math.NaN(), Hi: math.NaN(), N: len(list)}
	if len(list) == 0 {
		return e
	}
	var sum float64
	known := true
	for _, c := range list {
		sum += math.Log(c.Speedup.Median)
		known = known && len(c.resampled) > 0
	}
	e.Median = math.Exp(sum / float64(len(list)))
	if !known {
		return e
	}
	means := make([]float64, replicates)
	draw := rand.New(rand.NewPCG(0x47656f, 0x4d65616e))
	for _, c := range list { // shuffled, since the same random numbers made all of them
		for i, j := range draw.Perm(replicates) {
			means[i] += math.Log(c.resampled[j]) / float64(len(list))
		}
	}
	for i := range means {
		means[i] = math.Exp(means[i])
	}
	e.Lo, e.Hi = interval(means, e.Median, tail)
	return e
}

// NoiseFloor is the relative difference that comparisons of identical code stay below with probability Confidence, from
// the speed-ups that such A/A comparisons gave: the order statistic that bounds this quantile of |ln speed-up| from above
// as well as the sample allows: its largest value, up to 92 of them; fewer than 59 do not reach that Confidence. It is NaN
// without any.
func NoiseFloor(speedups []float64) float64 {
	var size []float64
	for _, s := range speedups {
		if s > 0 && !math.IsInf(s, 0) {
			size = append(size, math.Abs(math.Log(s)))
		}
	}
	if len(size) == 0 {
		return math.NaN()
	}
	slices.Sort(size)
	return math.Expm1(size[upperRank(len(size))-1])
}

// upperRank is the smallest rank of n sorted values that lies above the Confidence quantile of their distribution with
// probability Confidence (binomial); n when none does.
func upperRank(n int) int {
	below := 0.0 // P(fewer than k of n values lie below the quantile)
	for k := 1; k <= n; k++ {
		below += binomial(n, k-1, Confidence)
		if below >= Confidence {
			return k
		}
	}
	return n
}

// binomial is the probability of exactly k of n.
func binomial(n, k int, p float64) float64 {
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
	return math.Exp(lg(n) - lg(k) - lg(n-k) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}
