package plots

import "math"

// The size of a roofline chart in pixels.
const (
	Width  = 1600
	Height = 1000
)

// scene is a drawing: what to draw in which order, in pixels, y downwards, independent of the file format.
type scene struct {
	w, h        float64 // 0: Width × Height
	title, desc string
	theme       Theme
	items       []item
}

func (s *scene) size() (w, h float64) {
	if s.w == 0 {
		return Width, Height
	}
	return s.w, s.h
}

// item is a path, a text, or the begin or end of a group that has a title of its own (a tool tip in SVG).
type item struct {
	path  *path
	text  *text
	begin string
	data  []string // of a group: names and values of data attributes by turns
	end   bool
}

// path is a sequence of straight and cubic pieces, painted with fill first and stroke on top.
type path struct {
	ops          []op
	fill, stroke ink // A = 0: not painted
	width        float64
	dash         []float64
}

type op struct {
	kind byte // 'M', 'L', 'C', 'Z'
	p    [3]Point
}

// text is one line of text. At is the anchor on the base line; angle is in degrees, counter-clockwise.
type text struct {
	at     Point
	str    string
	size   float64
	bold   bool
	color  ink
	angle  float64
	anchor anchor
	halo   bool
}

type anchor int

const (
	start anchor = iota
	middle
	end
)

// TextBox is where a text stands in a chart.
type TextBox struct {
	Text    string
	Corners [4]Point
}

// box returns the quadrilateral that t fills, from font metrics.
func (t text) box() quad {
	w := textWidth(t.str, t.size, t.bold)
	x := t.at.X
	switch t.anchor {
	case middle:
		x -= w / 2
	case end:
		x -= w
	}
	return rect(x, t.at.Y-ascent*t.size, w, (ascent+descent)*t.size).rotated(t.at, t.angle)
}

func (s *scene) add(p path)      { s.items = append(s.items, item{path: &p}) }
func (s *scene) put(t text) quad { s.items = append(s.items, item{text: &t}); return t.box() }
func (s *scene) begin(tip string, data ...string) {
	s.items = append(s.items, item{begin: tip, data: data})
}
func (s *scene) finish() { s.items = append(s.items, item{end: true}) }

// boxes returns the boxes of all texts.
func (s *scene) boxes() []TextBox {
	var out []TextBox
	for _, it := range s.items {
		if it.text != nil {
			out = append(out, TextBox{it.text.str, it.text.box()})
		}
	}
	return out
}

func (s *scene) line(a, b Point, c ink, width float64, dash ...float64) {
	s.add(path{ops: polyline(a, b), stroke: c, width: width, dash: dash})
}

func (s *scene) polygon(fill ink, pts ...Point) {
	s.add(path{ops: append(polyline(pts...), op{kind: 'Z'}), fill: fill})
}

func polyline(pts ...Point) []op {
	ops := make([]op, len(pts))
	for i, p := range pts {
		ops[i] = op{kind: 'L', p: [3]Point{p}}
	}
	ops[0].kind = 'M'
	return ops
}

func closed(pts ...Point) []op { return append(polyline(pts...), op{kind: 'Z'}) }

// circle approximates a circle by four cubics.
func circle(c Point, r float64) []op {
	const k = 0.5522847498
	q := func(dx, dy float64) Point { return c.add(dx*r, dy*r) }
	return []op{
		{'M', [3]Point{q(1, 0)}},
		{'C', [3]Point{q(1, k), q(k, 1), q(0, 1)}},
		{'C', [3]Point{q(-k, 1), q(-1, k), q(-1, 0)}},
		{'C', [3]Point{q(-1, -k), q(-k, -1), q(0, -1)}},
		{'C', [3]Point{q(k, -1), q(1, -k), q(1, 0)}},
		{kind: 'Z'},
	}
}

// regular is a regular polygon of n corners, the first at angle deg (0: to the right, 90: up).
func regular(c Point, r float64, n int, deg float64) []op {
	pts := make([]Point, n)
	for i := range pts {
		sin, cos := math.Sincos((deg + 360*float64(i)/float64(n)) * math.Pi / 180)
		pts[i] = c.add(r*cos, -r*sin)
	}
	return closed(pts...)
}
