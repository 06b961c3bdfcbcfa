package plots

// markerRadius is the radius of the outline of a main point in pixels.
const markerRadius = 8.5

// glyph draws the shape that stands for an operation.
func glyph(kernel string, c Point, r float64) []op {
	switch kernel {
	case "matmul":
		return circle(c, r)
	case "attention":
		return regular(c, r*1.2, 4, 45)
	case "decode":
		return regular(c.add(0, r*0.2), r*1.3, 3, 90)
	case "gemv":
		return regular(c, r*1.25, 4, 0)
	case "triad":
		return regular(c.add(0, -r*0.2), r*1.3, 3, -90)
	case "dot":
		return regular(c, r*1.15, 5, 90)
	}
	return regular(c, r*1.1, 6, 0)
}

// outlineDash is how the outline of a marker shows provenance.
func (p provenance) outlineDash() []float64 {
	return [...][]float64{nil, {4.5, 2.5}, {1.4, 2}}[p]
}

// marker draws a main point: the operation by its shape, the instruction set by its hue, provenance by its outline.
func (s *scene) marker(c Point, kernel string, hue ink, p provenance, hollow bool) {
	s.add(path{ops: glyph(kernel, c, markerRadius), fill: white, stroke: hue, width: 1.7, dash: p.outlineDash()})
	if !hollow {
		s.add(path{ops: glyph(kernel, c, 5), fill: hue})
	}
}

// warningSign draws a triangle with an exclamation mark of the given height, its left lower corner at p.
func (s *scene) warningSign(p Point, h float64) {
	s.add(path{ops: closed(p, p.add(h*1.1, 0), p.add(h*0.55, -h)), fill: alarm, stroke: alarm, width: 1})
	x := p.X + h*0.55
	s.line(Point{x, p.Y - h*0.66}, Point{x, p.Y - h*0.3}, white, h*0.14)
	s.line(Point{x, p.Y - h*0.2}, Point{x, p.Y - h*0.06}, white, h*0.14)
}
