package plots

import (
	"math"
	"slices"
)

// drawRegions tints where memory limits every kernel, where it depends on the level, and where compute limits.
func (d *drawing) drawRegions() {
	for _, z := range d.zones() {
		d.polygon(z.tint, z.shape...)
	}
}

// zone is a tinted region under the highest roofs.
type zone struct {
	name  string
	tint  ink
	shape []Point
	x     span // of its foot, in pixels
}

func (d *drawing) zones() (zones []zone) {
	hi, lo := d.bandwidths()
	if hi == 0 || len(d.roofs.flats) == 0 {
		return nil
	}
	f, top := d.frame, d.top()
	ridge1, ridge2 := f.x(top/hi), f.x(top/lo)
	y := f.y(top)
	l, ok := d.slopeLine(hi)
	if !ok {
		return nil
	}
	mem := []Point{l.A, {ridge1, y}, {ridge1, f.bottom}}
	if l.A.Y < f.bottom {
		mem = append(mem, Point{f.left, f.bottom})
	}
	box := func(a, b float64) []Point { return []Point{{a, y}, {b, y}, {b, f.bottom}, {a, f.bottom}} }
	zones = []zone{{"memory-bound", tintMem, mem, span{l.A.X, ridge1}}}
	if ridge2 > ridge1+1 {
		zones = append(zones, zone{"depends on the level", tintBoth, box(ridge1, ridge2), span{ridge1, ridge2}})
	}
	return append(zones, zone{"compute-bound", tintCPU, box(ridge2, f.right), span{ridge2, f.right}})
}

func (d *drawing) labelRegions() {
	for _, z := range d.zones() {
		for y := d.frame.bottom - 16; y > d.frame.bottom-48; y -= 6 {
			t := text{at: Point{(z.x.lo + z.x.hi) / 2, y}, str: z.name, size: 12, color: grey, anchor: middle}
			x0, _, x1, _ := t.box().bounds()
			if x0 >= z.x.lo+6 && x1 <= z.x.hi-6 && d.placer.cost(t.box()) == 0 {
				d.placer.addText(d.put(t))
				break
			}
		}
	}
}

func (d *drawing) drawGrid() {
	f := d.frame
	for _, major := range []bool{false, true} {
		c := gridMinor
		if major {
			c = gridMajor
		}
		for _, t := range ticks(f.x0, f.x1, aiLabel) {
			if t.major == major {
				d.line(Point{f.x(t.value), f.top}, Point{f.x(t.value), f.bottom}, c, 1)
			}
		}
		for _, t := range ticks(f.y0, f.y1, siLabel) {
			if t.major == major {
				d.line(Point{f.left, f.y(t.value)}, Point{f.right, f.y(t.value)}, c, 1)
			}
		}
	}
}

const (
	tickSize = 14
	axisSize = 15
)

func (d *drawing) drawAxes() {
	f := d.frame
	d.add(path{ops: closed(Point{f.left, f.top}, Point{f.right, f.top}, Point{f.right, f.bottom}, Point{f.left, f.bottom}), stroke: black, width: 1.2})
	across := ticks(f.x0, f.x1, aiLabel)
	widest := 0.0
	for _, t := range across {
		widest = max(widest, textWidth(t.label, tickSize, false))
	}
	for _, t := range f.thin(across, widest+textGap) {
		x, n := f.x(t.value), 3.0
		if t.label != "" {
			n = 6
			d.put(text{at: Point{x, f.bottom + 22}, str: t.label, size: tickSize, color: black, anchor: middle})
		}
		d.line(Point{x, f.bottom}, Point{x, f.bottom + n}, black, 1)
	}
	for _, t := range f.thin(ticks(f.y0, f.y1, siLabel), (ascent+descent)*tickSize+textGap) {
		y, n := f.y(t.value), 3.0
		if t.label != "" {
			n = 6
			d.put(text{at: Point{f.left - 10, y + 5}, str: t.label, size: tickSize, color: black, anchor: end})
		}
		d.line(Point{f.left, y}, Point{f.left - n, y}, black, 1)
	}
	d.put(text{at: Point{(f.left + f.right) / 2, f.bottom + 74}, str: "Arithmetic intensity (" + unitsOf(d.drawn, "/byte") + ")", size: axisSize, color: black, anchor: middle})
	d.put(text{at: Point{26, (f.top + f.bottom) / 2}, str: "Performance (" + unitsOf(d.drawn, "/s") + ")", size: axisSize, color: black, anchor: middle, angle: 90})
	d.drawRidges()
}

// drawRidges marks under the axis at which intensity each level can feed the highest compute roof.
func (d *drawing) drawRidges() {
	if len(d.roofs.flats) == 0 {
		return
	}
	const size = 12
	type mark struct {
		x     float64
		label string
	}
	var marks []mark
	for _, s := range d.roofs.slopes {
		ai := d.top() / s.value.Median
		if x := d.frame.x(ai); x >= d.frame.left && x <= d.frame.right {
			marks = append(marks, mark{x, s.level + " " + digits3(ai)})
		}
	}
	slices.SortFunc(marks, func(a, b mark) int { return int(math.Copysign(1, a.x-b.x)) })
	y := d.frame.bottom + 44
	free := d.frame.left - 60 // right edge of the previous label
	if len(marks) > 0 {
		t := text{at: Point{d.frame.left - 76, y}, str: "ridge points", size: size, color: grey}
		free = t.at.X + textWidth(t.str, t.size, false) + 10
		d.put(t)
	}
	right := d.frame.right + 20
	for i, m := range marks {
		w := textWidth(m.label, size, true)
		x := max(m.x-w/2, free)
		// Leave room for the labels that follow.
		rest := 0.0
		for _, n := range marks[i+1:] {
			rest += textWidth(n.label, size, true) + 10
		}
		x = max(free, min(x, right-rest-w))
		d.put(text{at: Point{x, y}, str: m.label, size: size, bold: true, color: slopeInk})
		d.line(Point{m.x, d.frame.bottom}, Point{m.x, d.frame.bottom - 9}, slopeInk, 2)
		d.line(Point{m.x, d.frame.bottom + 25}, Point{x + w/2, y - 10}, slopeInk.alpha(0.6), 1)
		free = x + w + 10
	}
}
