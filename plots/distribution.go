package plots

import (
	"fmt"
	"math"
	"slices"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Sample is a set of measurements of the same thing, and what they are called.
type Sample struct {
	Label  string
	Values []float64 // seconds per call
}

// Change is how one kernel or command changed from base to new.
type Change struct {
	Name      string
	Base, New Sample
	Speedup   stats.Estimate // base time ÷ new time
	Floor     float64        // relative difference that identical code may show here; 0: not known
	Outcome   string         // faster, slower, no difference, inconclusive
	Verdict   string         // in words
}

// Distribution draws the two samples of a change above each other on one time axis: every value a dot, hollow for the base
// and filled for the new one, with density, median and its 95 % interval; below them the change of the time with its
// interval, against the noise floor.
func Distribution(c Change) (*Chart, error) {
	for _, s := range []Sample{c.Base, c.New} {
		if len(s.Values) == 0 {
			return nil, fmt.Errorf("draw distribution of %s: no samples of %q", c.Name, s.Label)
		}
		for _, v := range s.Values {
			if !(v > 0) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("draw distribution of %s: a sample of %q is %g s", c.Name, s.Label, v)
			}
		}
	}
	notes := []string{"Each dot is one measurement; hollow: base, filled: new. The bar is the median, the bracket its 95 % interval."}
	lo, hi, left := timeRange(c.Base.Values, c.New.Values)
	if left > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d values lie beyond the right edge, up to %s.", left, len(c.Base.Values)+len(c.New.Values),
			units.SI(max(slices.Max(c.Base.Values), slices.Max(c.New.Values)), "s")))
	}
	b := newBoard(1200, 660, c.Name, c.Verdict, notes...)
	changeHeight := 96.0
	b.bottom -= changeHeight + 34
	b.left = boardMargin + 8 + max(textWidth("base", 14, true), 60)
	x := timeAxis(lo, hi, b.left, b.right)
	if hi > 4*lo {
		x = logTimeAxis(lo, hi, b.left, b.right)
	}
	b.xAxis(x.axis, b.top, b.bottom, "time per call ("+x.unit+")")
	mid := (b.top + b.bottom) / 2
	b.line(Point{b.left, mid}, Point{b.right, mid}, gridMajor, 1)
	b.swarm(c.Base, x.axis, b.top, mid, slopeInk, true)
	b.swarm(c.New, x.axis, mid, b.bottom, changeInk, false)
	b.outline()
	b.changeStrip(c, b.bottom+74, changeHeight-40)
	return b.chart(fmt.Sprintf("Distributions of the time per call: base %s, new %s. %s.", describeSample(c.Base), describeSample(c.New), c.Verdict)), nil
}

// changeInk is the hue of what is new.
var changeInk = hueAVX512

func describeSample(s Sample) string {
	e := stats.Summarize(s.Values)
	text := fmt.Sprintf("%s: %d values, median %s", oneLine(s.Label), e.N, units.SI(e.Median, "s"))
	if e.Known() {
		text += fmt.Sprintf(" [%s, %s]", units.SI(e.Lo, "s"), units.SI(e.Hi, "s"))
	}
	return text
}

// timeRange is the range to draw: all values, but without the far end of a long tail, which would squeeze the rest into a
// line. left is how many values lie beyond.
func timeRange(samples ...[]float64) (lo, hi float64, left int) {
	var all []float64
	widest := 0.0
	for _, s := range samples {
		all = append(all, s...)
		s = slices.Sorted(slices.Values(s))
		widest = max(widest, s[len(s)*3/4]-s[len(s)/4])
	}
	slices.Sort(all)
	lo, hi = all[0], all[len(all)-1]
	if limit := all[len(all)*9/10] + 8*widest; widest > 0 && hi > limit {
		n, _ := slices.BinarySearch(all, limit)
		left = len(all) - n
		hi = all[n-1]
	}
	if hi > 4*lo { // drawn by logarithms
		return lo / 1.1, hi * 1.1, left
	}
	pad := max((hi-lo)*0.04, hi*0.002)
	return lo - pad, hi + pad, left
}

// unitAxis is an axis with the SI unit that its labels are in.
type unitAxis struct {
	axis
	unit  string
	scale float64
}

func timeAxis(lo, hi, from, to float64) unitAxis {
	scale, prefix := prefixOf(hi)
	return unitAxis{linearAxis(lo, hi, from, to, 8, stepLabel(scale)), prefix + "s", scale}
}

func logTimeAxis(lo, hi, from, to float64) unitAxis {
	return unitAxis{logAxis(lo, hi, from, to, withUnit("s")), "logarithmic", 1}
}

// swarm draws one sample between two heights: density on top, dots beneath it, median and interval at the foot.
func (b *board) swarm(s Sample, x axis, top, bottom float64, hue ink, hollow bool) {
	const titleLine = 22
	e := stats.Summarize(s.Values)
	name := "new"
	if hollow {
		name = "base"
	}
	b.label(b.left-12, top+titleLine*0.6, end, name, 14, true, hue.darker(0.8))
	value := fmt.Sprintf("median %s", units.SI(e.Median, "s"))
	if pm := plusMinus(relative(e)); pm != "" {
		value += " " + pm
	}
	value += fmt.Sprintf("  (n = %d)", e.N)
	room := b.right - b.left - 20 - textWidth(value, 13, true)
	b.put(text{at: Point{b.left + 10, top + titleLine*0.6 + 5}, str: fit(oneLine(s.Label), 13, false, room-20), size: 13, color: grey, halo: true})
	b.put(text{at: Point{b.right - 10, top + titleLine*0.6 + 5}, str: value, size: 13, bold: true, color: hue.darker(0.8), anchor: end, halo: true})

	foot := bottom - 18
	height := foot - 14 - (top + titleLine + 4)
	ground := top + titleLine + 4 + height*0.55
	b.density(s.Values, x, ground, height*0.55, hue, hollow)
	b.dots(s.Values, x, ground+4, height*0.45-4, hue, hollow)

	beyond := 0
	for _, v := range s.Values {
		if v > x.hi {
			beyond++
		}
	}
	if beyond > 0 {
		b.put(text{at: Point{b.right - 18, ground - 8}, str: fmt.Sprintf("%d beyond", beyond), size: 12, color: hue.darker(0.8), anchor: end, halo: true})
		b.polygon(hue, Point{b.right - 6, ground - 12}, Point{b.right - 14, ground - 16}, Point{b.right - 14, ground - 8})
	}
	m := x.at(e.Median)
	b.line(Point{m, ground - height*0.55}, Point{m, foot + 6}, hue, 2.2)
	if e.Known() {
		b.bracket(x, e.Lo, e.Hi, foot, hue)
	}
}

// bracket draws an interval as a line with ends.
func (b *board) bracket(x axis, lo, hi, y float64, c ink) {
	l, r := clamp(x.at(lo), x.from, x.to), clamp(x.at(hi), x.from, x.to)
	b.line(Point{l, y}, Point{r, y}, c, 2)
	for _, p := range []float64{l, r} {
		b.line(Point{p, y - 5}, Point{p, y + 5}, c, 2)
	}
}

// density draws a Gaussian kernel estimate with Silverman's bandwidth (0.9 · min(σ, IQR/1.34) · n^−⅕) up to the height.
func (b *board) density(values []float64, x axis, ground, height float64, hue ink, hollow bool) {
	h := silverman(values)
	if len(values) < stats.MinSamples || !(h > 0) {
		return
	}
	const steps = 240
	curve, top := make([]float64, steps+1), 0.0
	for i := range curve {
		t := x.value(x.from + (x.to-x.from)*float64(i)/steps)
		for _, v := range values {
			if d := (t - v) / max(h, x.perPixel(t)*2); math.Abs(d) < 5 {
				curve[i] += math.Exp(-d * d / 2)
			}
		}
		top = max(top, curve[i])
	}
	if top == 0 {
		return
	}
	pts := []Point{{x.from, ground}}
	for i, v := range curve {
		pts = append(pts, Point{x.from + (x.to-x.from)*float64(i)/steps, ground - v/top*height*0.95})
	}
	pts = append(pts, Point{x.to, ground})
	p := path{ops: polyline(pts...), stroke: hue, width: 1.4}
	if !hollow {
		p.fill = hue.alpha(0.25)
	}
	b.add(p)
}

func silverman(values []float64) float64 {
	if len(values) < 2 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	mean := 0.0
	for _, v := range s {
		mean += v / float64(len(s))
	}
	variance := 0.0
	for _, v := range s {
		variance += (v - mean) * (v - mean) / float64(len(s)-1)
	}
	width := math.Sqrt(variance)
	if iqr := (s[len(s)*3/4] - s[len(s)/4]) / 1.34; iqr > 0 {
		width = min(width, iqr)
	}
	return 0.9 * width * math.Pow(float64(len(s)), -0.2)
}

// dots draws every value as a dot, piled downwards where several are at one place.
func (b *board) dots(values []float64, x axis, top, height float64, hue ink, hollow bool) {
	radius := clamp(60/math.Sqrt(float64(len(values))), 2, 4.5)
	pitch := 2*radius + 1
	cells := map[int]int{}
	deepest := 1
	var places []Point // x and position in the pile
	for _, v := range slices.Sorted(slices.Values(values)) {
		if v > x.hi || v < x.lo {
			continue
		}
		px := x.at(v)
		cell := int(math.Floor(px / pitch))
		places = append(places, Point{(float64(cell) + 0.5) * pitch, float64(cells[cell])})
		cells[cell]++
		deepest = max(deepest, cells[cell])
	}
	step := min(pitch, (height-2*radius)/float64(max(deepest-1, 1)))
	for _, p := range places {
		p = Point{clamp(p.X, x.from+radius, x.to-radius), top + radius + p.Y*step}
		if hollow {
			b.add(path{ops: circle(p, radius-0.6), fill: white, stroke: hue, width: 1.2})
		} else {
			b.add(path{ops: circle(p, radius), fill: hue.alpha(0.75)})
		}
	}
}

// changeStrip draws the relative change of the time with its interval, and the noise floor as a band around none.
func (b *board) changeStrip(c Change, top, height float64) {
	s := c.Speedup
	b.label(b.left-12, top+height/2, end, "change", 14, true, black)
	if !(s.Median > 0) || math.IsInf(s.Median, 0) {
		b.label(b.left+10, top+height/2, start, "the change is not known", 13, false, grey)
		return
	}
	x, at := changeAxis(c, b.left, b.right)
	b.xAxis(x, top, top+height, "")
	if c.Floor > 0 {
		lo, hi := x.at(at(1+c.Floor)), x.at(at(1/(1+c.Floor)))
		b.polygon(grey.alpha(0.14), Point{lo, top}, Point{hi, top}, Point{hi, top + height}, Point{lo, top + height})
	}
	b.line(Point{x.at(at(1)), top}, Point{x.at(at(1)), top + height}, black, 1.2)
	y := top + height*0.62
	if s.Known() {
		b.bracket(x, at(s.Hi), at(s.Lo), y, changeInk)
	}
	dot := Point{x.at(at(s.Median)), y}
	b.add(path{ops: circle(dot, 5.5), fill: changeInk})
	label := "time " + changeText(1/s.Median-1)
	if s.Known() {
		label += fmt.Sprintf(" [%s, %s]", changeText(1/s.Hi-1), changeText(1/s.Lo-1))
	}
	if s.Median >= 2 {
		label = timesText(s.Median) + " as fast"
		if s.Known() {
			label += fmt.Sprintf(" [%s, %s]", timesText(s.Lo), timesText(s.Hi))
		}
	}
	if c.Floor > 0 {
		label += fmt.Sprintf(", noise floor ±%s", percentOf(c.Floor))
	}
	w := textWidth(label, 13, true)
	b.put(text{at: Point{clamp(dot.X-w/2, b.left+6, b.right-6-w), y - 12}, str: label, size: 13, bold: true, color: changeInk.darker(0.8), halo: true})
}

// changeAxis is an axis of the relative change of the time, or of its ratio where it is large, symmetric about no change;
// at is where on it a speed-up lies.
func changeAxis(c Change, from, to float64) (x axis, at func(speedup float64) float64) {
	reach := max(math.Abs(math.Log(c.Speedup.Median)), 1.5*math.Log1p(c.Floor), 0.01)
	if c.Speedup.Known() {
		reach = max(reach, math.Abs(math.Log(c.Speedup.Lo)), math.Abs(math.Log(c.Speedup.Hi)))
	}
	reach *= 1.15
	if reach > math.Log(2) {
		return logAxis(math.Exp(-reach), math.Exp(reach), from, to, timesTick), func(s float64) float64 { return 1 / s }
	}
	reach = math.Expm1(reach)
	return linearAxis(-reach, reach, from, to, 8, percentTick), func(s float64) float64 { return 1/s - 1 }
}

// timesText writes a ratio: 2.4×, 31×, 12000×.
func timesText(v float64) string { return significant(v, 2+min(1, int(v/100))) + "×" }

// timesTick writes a ratio of times as a tick: ÷10, 1, ×10.
func timesTick(v float64) string {
	switch {
	case v < 0.99:
		return "÷" + siLabel(1/v)
	case v > 1.01:
		return "×" + siLabel(v)
	}
	return "1"
}

// percentTick writes a relative change as a tick.
func percentTick(v, step float64) string {
	s := stepLabel(0.01)(v, step)
	if v > step/2 {
		s = "+" + s
	}
	return s + " %"
}

// percentOf prints a small share with a digit.
func percentOf(f float64) string { return significant(100*f, 2) + " %" }
