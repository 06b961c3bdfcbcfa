package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/roofline"
)

// samplesView is the distribution of the times of a run: each sample in the order taken, and how many fell where.
type samplesView struct {
	Dots     string // each sample in the order taken, from top to bottom: a path in a square of 100 × 100
	Bins     string // how many fell where, the same
	Lo, Hi   string // ends of the axis
	Median   bar
	Interval bar
	Text     string
	Cut      int // samples beyond the axis, drawn at its end
}

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
	at := func(v float64) float64 { return 0.02 + 0.96*min(max((v-lo)/(hi-lo), 0), 1) } // room for the dots at the ends
	v := &samplesView{Lo: si(lo, "s"), Hi: si(hi, "s"), Text: quantityOf(t.Estimate, "s").Full}
	v.Median = piece(at(t.Median), at(t.Median), "median")
	if t.Known() {
		v.Interval = piece(at(t.Lo), at(t.Hi), "interval")
	}
	var heights [bins]int
	var dots, columns strings.Builder
	step := max(1, (n+mostDots-1)/mostDots)
	for i, s := range t.Samples {
		heights[min(int(at(s)*bins), bins-1)]++
		if s > hi {
			v.Cut++
		}
		if i%step == 0 {
			fmt.Fprintf(&dots, "M%g %gh0", tenths(at(s)), tenths((float64(i)+0.5)/float64(n)))
		}
	}
	most := slices.Max(heights[:])
	for i, h := range heights {
		if h > 0 {
			fmt.Fprintf(&columns, "M%g 100V%gh%gV100z", 100*float64(i)/bins, 100-tenths(float64(h)/float64(most)), 100.0/bins-0.4)
		}
	}
	v.Dots, v.Bins = dots.String(), columns.String()
	return v
}

// Describe is the picture in words.
func (v samplesView) Describe() string {
	s := "from " + v.Lo + " to " + v.Hi + "; " + v.Text
	if v.Cut > 0 {
		s += fmt.Sprintf("; %d beyond, drawn at the right end", v.Cut)
	}
	return s
}
