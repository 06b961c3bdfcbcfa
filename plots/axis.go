package plots

import (
	"math"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
)

// frame is the plotting area: where it is in pixels and which decades it shows. Both axes have the same scale, so that
// every bandwidth slope rises at 45°.
type frame struct {
	left, top, right, bottom float64
	x0, x1, y0, y1           float64 // log10 of AI (FLOP/byte) and performance (FLOP/s)
	decade                   float64 // pixels
}

// maxDecade keeps a chart of almost equal values from being magnified until it has no decade on its axes.
const maxDecade = 420

// newFrame fits the wanted decades into the rectangle; what is left over goes to the right and below.
func newFrame(left, top, right, bottom, x0, x1, y0, y1 float64) frame {
	w, h := right-left, bottom-top
	s := min(w/(x1-x0), h/(y1-y0), maxDecade)
	dx, dy := w/s-(x1-x0), h/s-(y1-y0)
	return frame{left, top, right, bottom, x0 - 0.4*dx, x1 + 0.6*dx, y0 - 0.75*dy, y1 + 0.25*dy, s}
}

func (f frame) x(ai float64) float64   { return f.left + (math.Log10(ai)-f.x0)*f.decade }
func (f frame) y(perf float64) float64 { return f.bottom - (math.Log10(perf)-f.y0)*f.decade }

func (f frame) at(ai, perf float64) Point { return Point{f.x(ai), f.y(perf)} }

func (f frame) minAI() float64   { return math.Pow(10, f.x0) }
func (f frame) maxAI() float64   { return math.Pow(10, f.x1) }
func (f frame) maxPerf() float64 { return math.Pow(10, f.y1) }

func (f frame) clip(s segment) (segment, bool) { return s.clipped(f.left, f.top, f.right, f.bottom) }

// tick is a grid line; label is "" for minor ones.
type tick struct {
	value float64
	label string
	major bool
}

// ticks lists the grid of a log axis from 10^lo to 10^hi. Decades are labelled; with few decades 2 and 5 are, too.
func ticks(lo, hi float64, label func(float64) string) (out []tick) {
	for e := int(math.Floor(lo)); e <= int(math.Ceil(hi)); e++ {
		for m := 1; m <= 9; m++ {
			v := float64(m) * math.Pow(10, float64(e))
			if l := math.Log10(v); l < lo-1e-9 || l > hi+1e-9 {
				continue
			}
			t := tick{value: v, major: m == 1}
			if m == 1 || hi-lo < 3 && (m == 2 || m == 5) {
				t.label = label(v)
			}
			out = append(out, t)
		}
	}
	return out
}

// thin leaves the labels of some decades out where those of neighbours are less than so many pixels apart.
func (f frame) thin(list []tick, apart float64) []tick {
	nth := int(math.Ceil(apart / f.decade))
	for i, t := range list {
		if decade := int(math.Round(math.Log10(t.value))); nth > 1 && decade%nth != 0 {
			list[i].label = ""
		}
	}
	return list
}

// siLabel writes a tick of the performance axis: 500 M, 1 G, 10 G, 1 T.
func siLabel(v float64) string {
	number, prefix := units.Scale(v)
	if strings.Contains(number, "e") { // beyond all prefixes
		return strconv.FormatFloat(v, 'e', 0, 64)
	}
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	return strings.TrimRight(number+" "+prefix, " ")
}

// aiLabel writes a tick of the intensity axis: 10 µ, 0.001, 0.1, 1, 10, 1 k.
func aiLabel(v float64) string {
	if v < 1 && v > 0.9e-3 {
		return strconv.FormatFloat(v, 'f', max(0, -int(math.Floor(math.Log10(v)+1e-9))), 64)
	}
	return siLabel(v)
}

// fitFrame chooses the decades so that every ridge, roof and point is inside with room for labels.
func fitFrame(rs roofs, rows []row, left, top, right, bottom float64) frame {
	x, y := fitSpans(rs, rows)
	return newFrame(left, top, right, bottom, x.lo, x.hi, y.lo, y.hi)
}

// fitSpans is the range of decades that a chart of the roofs and rows must show at least.
func fitSpans(rs roofs, rows []row) (x, y span) {
	x = span{math.Inf(1), math.Inf(-1)}
	y = x
	for _, f := range rs.flats {
		y.include(f.value.Median)
		y.include(max(f.theory, f.value.Median))
	}
	for _, r := range rows {
		if !r.placed() {
			continue
		}
		for _, ai := range r.ai {
			x.include(ai)
		}
		y.include(r.rate.Median)
		if r.rate.Known() {
			y.include(r.rate.Lo)
			y.include(r.rate.Hi)
		}
		if b := r.run.Bound; b != nil && b.Attainable > 0 {
			y.include(b.Attainable)
		}
	}
	for _, s := range rs.slopes {
		if len(rs.flats) > 0 {
			x.include(rs.flats[0].value.Median / s.value.Median)
		} else if len(rows) == 0 {
			x.include(1)
			y.include(s.value.Median)
		}
	}
	if len(rs.slopes) > 0 && math.IsInf(x.lo, 1) {
		x.include(1)
	}
	if math.IsInf(x.lo, 1) {
		x = span{0, 1}
	}
	if math.IsInf(y.lo, 1) {
		y = span{8, 9}
	}
	// A label of a slope is about 0.7 decades long; leave room for it left of the first ridge, and for the labels of the
	// flats right of the last one.
	return span{x.lo - 0.6, x.hi + 0.6}, span{y.lo - 0.35, y.hi + 0.3}
}

// span is a range of decades.
type span struct{ lo, hi float64 }

func (s *span) include(v float64) {
	if v > 0 && !math.IsInf(v, 0) {
		s.lo, s.hi = min(s.lo, math.Log10(v)), max(s.hi, math.Log10(v))
	}
}
