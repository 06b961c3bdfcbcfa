package report

import (
	"math"
	"slices"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// samplesView is the distribution of the times of a run: each sample in the order taken, and how many fell where.
type samplesView struct {
	Dots     []dot
	Bins     []bin
	Lo, Hi   string // ends of the axis
	Median   bar
	Interval bar
	Text     string
	Cut      int // samples beyond the axis, drawn at its end
}

// dot is a sample; both coordinates in percent.
type dot struct{ X, Y float64 }

// bin is a column of the histogram, in percent.
type bin struct{ X, W, Y, H float64 }

const (
	mostDots = 300
	bins     = 40
)

// samples is nil where there are none.
func samples(t roofline.Timing) *samplesView {
	n := len(t.Samples)
	if n < 2 || !(t.Median > 0) {
		return nil
	}
	sorted := slices.Sorted(slices.Values(t.Samples))
	lo, hi := sorted[0], sorted[n-1]
	if far := 3*sorted[n*9/10] - 2*sorted[n/2]; hi > far && far > lo { // a few strays must not squeeze the rest
		hi = far
	}
	if t.Known() {
		lo, hi = min(lo, t.Lo), max(hi, t.Hi)
	}
	if hi <= lo {
		lo, hi = 0.99*lo, 1.01*lo
	}
	at := func(v float64) float64 { return min(max((v-lo)/(hi-lo), 0), 1) }
	v := &samplesView{Lo: si(lo, "s"), Hi: si(hi, "s"), Text: quantityOf(t.Estimate, "s").Full}
	v.Median = piece(at(t.Median)-0.001, at(t.Median)+0.001, "median")
	if t.Known() {
		v.Interval = piece(at(t.Lo), at(t.Hi), "interval")
	}
	var heights [bins]int
	step := max(1, (n+mostDots-1)/mostDots)
	for i, s := range t.Samples {
		heights[min(int(at(s)*bins), bins-1)]++
		if s > hi {
			v.Cut++
		}
		if i%step == 0 {
			v.Dots = append(v.Dots, dot{percent2(at(s)), percent2((float64(i) + 0.5) / float64(n))})
		}
	}
	most := slices.Max(heights[:])
	for i, h := range heights {
		if h > 0 {
			height := percent2(float64(h) / float64(most))
			v.Bins = append(v.Bins, bin{100 * float64(i) / bins, 100.0/bins - 0.4, 100 - height, height})
		}
	}
	return v
}

func percent2(f float64) float64 { return math.Round(1e4*f) / 100 }

// text for screen readers.
func (v samplesView) Describe() string {
	s := "from " + v.Lo + " to " + v.Hi + "; " + v.Text
	if v.Cut > 0 {
		s += "; " + plots.Significant(float64(v.Cut), 3) + " beyond, drawn at the right end"
	}
	return s
}
