package plots

import (
	"fmt"
	"math"

	"github.com/roofline-go/roofline/internal/units"
)

// dashOf tells a level by its dash.
func dashOf(level string) []float64 {
	return map[string][]float64{"L2": {12, 5}, "L3": {12, 4, 3, 4}, "DRAM": {5, 4}}[level]
}

var theoryDash = []float64{1.5, 3}

// top is the highest compute roof, or the upper edge of the frame without one.
func (d *drawing) top() float64 {
	if len(d.roofs.flats) > 0 {
		return d.roofs.flats[0].value.Median
	}
	return d.frame.maxPerf()
}

// bandwidths returns the highest bandwidth drawn and the lowest of those that stand for a level.
func (d *drawing) bandwidths() (hi, lo float64) {
	lo = math.Inf(1)
	for _, s := range d.roofs.slopes {
		hi, lo = max(hi, s.value.Median), min(lo, s.value.Median)
	}
	for _, s := range d.roofs.others {
		hi = max(hi, s.value.Median)
	}
	return hi, lo
}

// slopeLine is the line of a bandwidth (B/s) from the lower left edge of the frame up to the top roof.
func (d *drawing) slopeLine(bandwidth float64) (segment, bool) {
	f, top := d.frame, d.top()
	low := math.Pow(10, min(f.x0, f.y0-math.Log10(bandwidth))-1)
	return f.clip(segment{f.at(low, low*bandwidth), f.at(top/bandwidth, top)})
}

// flatLine is the line of a compute roof from the fastest slope to the right edge.
func (d *drawing) flatLine(perf float64) (segment, bool) {
	f, x := d.frame, d.frame.minAI()
	if hi, _ := d.bandwidths(); hi > 0 {
		x = max(x, perf/hi)
	}
	return f.clip(segment{f.at(x, perf), f.at(f.maxAI(), perf)})
}

func (d *drawing) drawRoofs() {
	for i := len(d.roofs.flats) - 1; i >= 0; i-- {
		f := d.roofs.flats[i]
		hue := f.families[0].hue
		if f.theory > 0 {
			if l, ok := d.flatLine(f.theory); ok {
				d.line(l.A, l.B, hue, 1.2, theoryDash...)
			}
		}
		l, ok := d.flatLine(f.value.Median)
		if !ok {
			continue
		}
		if f.value.Known() {
			lo, ok1 := d.flatLine(f.value.Lo)
			hi, ok2 := d.flatLine(f.value.Hi)
			d.band(lo, hi, ok1 && ok2, hue)
		}
		d.byTurns(l, f.families)
		d.placer.addLine(l, roofCost)
	}
	for _, s := range d.roofs.others {
		if l, ok := d.slopeLine(s.value.Median); ok {
			d.line(l.A, l.B, slopeInk, 1.2, dashOf(s.level)...)
			d.placer.addLine(l, roofCost)
		}
	}
	for _, s := range d.roofs.slopes {
		l, ok := d.slopeLine(s.value.Median)
		if !ok {
			continue
		}
		if s.value.Known() {
			lo, ok1 := d.slopeLine(s.value.Lo)
			hi, ok2 := d.slopeLine(s.value.Hi)
			d.band(lo, hi, ok1 && ok2, slopeInk)
		}
		d.line(l.A, l.B, slopeInk, 2.4, dashOf(s.level)...)
		d.placer.addLine(l, roofCost)
	}
}

// byTurns draws one line for several instruction sets in the hue of each by turns.
func (d *drawing) byTurns(l segment, fams []family) {
	const piece = 14
	d.line(l.A, l.B, fams[0].hue, 2.4)
	ux, uy := unit(l.A, l.B)
	length := math.Hypot(l.B.X-l.A.X, l.B.Y-l.A.Y)
	for i, f := range fams[1:] {
		var ops []op
		for at := float64(i+1) * piece; at < length; at += piece * float64(len(fams)) {
			to := min(at+piece, length)
			ops = append(ops, polyline(l.A.add(ux*at, uy*at), l.A.add(ux*to, uy*to))...)
		}
		d.add(path{ops: ops, stroke: f.hue, width: 2.4})
	}
}

// band fills the interval of a ceiling.
func (d *drawing) band(lo, hi segment, ok bool, hue ink) {
	if ok {
		d.polygon(hue.alpha(0.18), lo.A, lo.B, hi.B, hi.A)
	}
}

const roofSize = 13.5

// labelRoofs writes on every roof what it is and its value, and as much of the rest as there is room for.
func (d *drawing) labelRoofs() {
	for _, f := range d.roofs.flats {
		value, pm, theory := units.SI(f.value.Median, f.unit), plusMinus(relative(f.value)), ""
		if pm != "" {
			pm = " " + pm
		}
		if f.theory > 0 {
			theory = fmt.Sprintf("  (%s of theory)", percent(f.value.Median/f.theory))
		}
		name := "  " + fit(f.label, roofSize, true, 330)
		if l, ok := d.flatLine(f.value.Median); ok {
			d.labelAlong(l, text{size: roofSize, bold: true, color: f.families[0].hue.darker(0.8), anchor: end, halo: true}, true,
				value+pm+name+theory, value+pm+name, value+name, value)
		}
	}
	for _, s := range d.roofs.slopes {
		d.labelSlope(s, true)
	}
	for _, s := range d.roofs.others {
		d.labelSlope(s, false)
	}
}

func (d *drawing) labelSlope(s slope, bold bool) {
	name, value, pm := s.name(func(op string) string { return fit(oneLine(op), roofSize, bold, 90) }), "  "+giga(s.value.Median, "B/s"), plusMinus(relative(s.value))
	if pm != "" {
		pm = " " + pm
	}
	if l, ok := d.slopeLine(s.value.Median); ok {
		d.labelAlong(l, text{size: roofSize, bold: bold, color: slopeInk, halo: true}, false, name+value+pm, name+value, s.level+value, s.level)
	}
}

// labelAlong writes the first of the versions that has room along a line, above it if possible, near its start or end.
func (d *drawing) labelAlong(l segment, t text, fromEnd bool, versions ...string) {
	length := math.Hypot(l.B.X-l.A.X, l.B.Y-l.A.Y)
	ux, uy := unit(l.A, l.B)
	nx, ny := uy, -ux // upwards
	t.angle = math.Atan2(-uy, ux) * 180 / math.Pi
	for _, t.str = range versions {
		width := textWidth(t.str, t.size, t.bold)
		best, bestCost := t, noLabel
		for along := 8.0; along+width+4 <= length; along += 6 {
			p := along
			if fromEnd {
				p = length - along
			}
			for side, off := range [2]float64{6, -ascent*t.size - 4} {
				t.at = l.A.add(ux*p+nx*off, uy*p+ny*off)
				cost := d.placer.cost(t.box())
				if cost == noLabel {
					continue
				}
				if cost += along/8 + float64(side)*14; cost < bestCost {
					best, bestCost = t, cost
				}
			}
		}
		if bestCost < noLabel {
			d.placer.addText(d.put(best))
			return
		}
	}
}
