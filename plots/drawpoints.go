package plots

import (
	"fmt"
	"math"
	"strconv"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// where is the place of the row's main point.
func (d *drawing) where(r row) Point { return d.frame.at(r.ai[r.mainLevel()], r.rate.Median) }

// levelPoint is the place of one or more levels of a row that are too near to each other to be told apart.
type levelPoint struct {
	at      Point
	letters string // of L1, L2, L3, DRAM: 1 2 3 D
	carm    bool   // L1 is among them: the cache-aware point
	main    bool
}

func (d *drawing) levelPoints(r row) (out []levelPoint) {
	for i, l := range roofline.Levels {
		if r.ai[l] <= 0 {
			continue
		}
		p := d.frame.at(r.ai[l], r.rate.Median)
		n := len(out)
		if n == 0 || math.Abs(out[n-1].at.X-p.X) > 7 {
			out = append(out, levelPoint{at: p})
			n++
		}
		q := &out[n-1]
		q.letters += string("123D"[i])
		q.carm = q.carm || i == 0
		if l == r.mainLevel() {
			q.at, q.main = p, true
		}
	}
	return out
}

// crowded says whether there are so many points that only the main ones can be labelled.
func (d *drawing) crowded() bool { return len(d.drawn) > 12 }

// countless says whether there are so many points that a label for each would cover the chart: those that have room beside them get one.
func (d *drawing) countless() bool { return len(d.drawn) > 150 }

// radius is the outer radius of the row's main marker.
func (d *drawing) radius(r row) float64 {
	if d.isCARM(r) {
		return markerRadius + 4.5
	}
	return markerRadius
}

// isCARM says whether the main point stands for L1.
func (d *drawing) isCARM(r row) bool {
	for _, p := range d.levelPoints(r) {
		if p.main {
			return p.carm
		}
	}
	return false
}

// drawTrails draws what belongs to the points and lies under them: drop lines, lines through the levels, whiskers.
func (d *drawing) drawTrails() {
	f, opacity := d.frame, 0.6
	if d.crowded() {
		opacity = 0.3
	}
	for _, r := range d.drawn {
		c, hue := d.where(r), familyOf(r.run.ISA).hue
		if b := r.run.Bound; b != nil && b.Attainable > 0 && b.Unit != "B/s" {
			roof := Point{c.X, f.y(b.Attainable)}
			if s, ok := f.clip(segment{c, roof}); ok {
				d.line(s.A, s.B, hue.alpha(opacity), 1.1)
				d.line(roof.add(-4, 0), roof.add(4, 0), hue, 1.6)
				d.placer.addLine(s, trailCost)
			}
		}
		pts := d.levelPoints(r)
		if len(pts) > 1 {
			s := segment{pts[0].at, pts[len(pts)-1].at}
			d.line(s.A, s.B, hue.alpha(opacity), 1.1)
			d.placer.addLine(s, trailCost)
		}
		if r.rate.Known() {
			lo, hi := Point{c.X, f.y(r.rate.Lo)}, Point{c.X, f.y(r.rate.Hi)}
			d.line(lo, hi, hue, 1.6)
			for _, p := range []Point{lo, hi} {
				d.line(p.add(-5, 0), p.add(5, 0), hue, 1.6)
			}
		}
	}
}

// reserveMarkers keeps texts off the markers.
func (d *drawing) reserveMarkers() {
	for _, r := range d.drawn {
		for _, p := range d.levelPoints(r) {
			n := 5.0
			if p.main {
				n = d.radius(r) + 1
			}
			d.placer.addMark(rect(p.at.X-n, p.at.Y-n, 2*n, 2*n))
		}
	}
}

// drawMarkers draws the points and their labels.
func (d *drawing) drawMarkers() {
	for _, r := range d.drawn {
		d.begin(r.tip(), "run", r.run.ID())
		hue := familyOf(r.run.ISA).hue
		for _, p := range d.levelPoints(r) {
			radius := 3.2
			if d.crowded() {
				radius = 2.4
			}
			if p.main {
				radius = markerRadius + 1.5
			}
			if p.carm {
				d.add(path{ops: circle(p.at, radius+3), stroke: hue, width: 1.1})
			}
			if !p.main {
				d.add(path{ops: circle(p.at, radius), fill: white, stroke: hue, width: 1.5})
			}
		}
		d.marker(d.where(r), r.run.Kernel, hue, r.provenance, r.hollow)
		d.finish()
	}
	// Crowded points have the least choice, so they choose first.
	var labels []label
	for _, r := range byCrowd(d.drawn, d.where) {
		if l, ok := d.labelPoint(r); ok {
			labels = append(labels, l)
		}
	}
	for _, l := range labels { // beneath all labels, where two cross after all
		if l.leader != nil {
			d.line(l.leader.A, l.leader.B, l.hue.alpha(0.7), 0.9)
		}
	}
	for _, l := range labels {
		d.writeLabel(l)
	}
}

// tip is the tool tip and spoken text of a point.
func (r row) tip() string {
	s := r.run.ID() + ": " + units.SI(r.rate.Median, r.unit)
	if pm := plusMinus(relative(r.rate)); pm != "" {
		s += " " + pm
	}
	for _, l := range roofline.Levels {
		if ai, ok := r.ai[l]; ok {
			s += fmt.Sprintf(", AI %s %s %s/byte", l, digits3(ai), r.run.Operation())
		}
	}
	if b := r.run.Bound; b != nil {
		s += fmt.Sprintf(", %s of %s", percent(b.Fraction), b.By)
	}
	return s + ", " + r.provenance.String()
}

// labelLines are the sizes of a label of a point: name above, share of the roof below.
const (
	nameSize  = 13
	shareSize = 11.5
	badgeSize = 12
	signWidth = 18
)

// label is a placed label of a point.
type label struct {
	spot
	at    Point // of the marker
	lines []string
	hue   ink
	above bool
}

// labelPoint names a point on the chart: in two lines if there is room near it, else in one, else by its number, if need be far away.
func (d *drawing) labelPoint(r row) (label, bool) {
	c, above := d.where(r), r.above(d.res.Ceilings)
	name := fitName(r.name, nameSize, true, 210)
	share := r.share()
	many := len(d.drawn) > 16
	sign := 0.0
	if above {
		sign = signWidth
	}
	type form struct {
		lines []string
		limit float64
	}
	forms := []form{{[]string{name, share}, 76}, {[]string{name}, 60}, {[]string{strconv.Itoa(r.number)}, 300}}
	if share == "" {
		forms[0].lines = forms[0].lines[:1]
	}
	if many {
		forms = []form{{[]string{name}, 34}, forms[2]}
	}
	if d.countless() {
		forms[1].limit = 34
	}
	for i, f := range forms {
		w, h := 0.0, 0.0
		for j, l := range f.lines {
			size := float64(nameSize)
			if j > 0 {
				size = shareSize
			}
			w, h = max(w, textWidth(l, size, j == 0)), h+size*1.16
		}
		s, ok := d.placer.near(c, d.radius(r), w+sign, h, f.limit)
		if !ok && i == len(forms)-1 && !d.countless() {
			s, ok = d.placer.anywhere(c, d.radius(r), w+sign, h)
		}
		if ok {
			d.placer.addText(s.box)
			if s.leader != nil {
				d.placer.addLine(*s.leader, roofCost)
			}
			return label{s, c, f.lines, familyOf(r.run.ISA).hue, above}, true
		}
	}
	return label{}, false
}

// share is the second line of a label: how much of which roof.
func (r row) share() string {
	switch b := r.run.Bound; {
	case b == nil:
		return ""
	case r.bound() == "compute":
		return percent(b.Fraction) + " · compute-bound"
	default:
		return percent(b.Fraction) + " · " + r.bound() + "-bound"
	}
}

func (d *drawing) writeLabel(b label) {
	x0, y0, x1, _ := b.box.bounds()
	a, x := start, x0
	if b.above {
		d.warningSign(Point{x0, y0 + nameSize*0.98}, nameSize*0.9)
		x += signWidth
	} else if x1 < b.at.X { // left of the point: the lines end beside it
		a, x = end, x1
	}
	y := y0
	for i, l := range b.lines {
		t := text{str: l, size: nameSize, bold: i == 0, color: b.hue.darker(0.75), anchor: a, halo: true}
		if i > 0 {
			t.size, t.color = shareSize, grey
		}
		y += t.size * 1.16
		t.at = Point{x, y - descent*t.size - 1}
		d.put(t)
	}
}

// labelLevels writes the letters of the levels where there is room.
func (d *drawing) labelLevels() {
	const size = 10.5
	if d.crowded() {
		return
	}
	for _, r := range d.drawn {
		pts := d.levelPoints(r)
		if len(pts) < 2 {
			continue
		}
		for _, p := range pts {
			radius := 3.2
			if p.main {
				radius = markerRadius
			}
			if p.carm {
				radius += 4
			}
			w := textWidth(p.letters, size, true)
			if s, ok := d.placer.near(p.at, radius-2, w, size, 5); ok && s.leader == nil {
				x0, y0, _, _ := s.box.bounds()
				d.placer.addText(s.box)
				d.put(text{at: Point{x0, y0 + size*0.8}, str: p.letters, size: size, bold: true, color: familyOf(r.run.ISA).hue.darker(0.75), halo: true})
			}
		}
	}
}

// byCrowd orders rows by how many others are near, most first.
func byCrowd(rows []row, where func(row) Point) []row {
	const reach = 60
	var points buckets[Point]
	for _, r := range rows {
		p := where(r)
		points.add(box{p.X, p.Y, p.X, p.Y}, p)
	}
	crowd := func(r row) (n int) {
		c := where(r)
		for p := range points.near(box{c.X - reach, c.Y - reach, c.X + reach, c.Y + reach}) {
			if math.Hypot(p.X-c.X, p.Y-c.Y) < reach {
				n++
			}
		}
		return n
	}
	return sortedBy(rows, func(r row) int { return -crowd(r) })
}
