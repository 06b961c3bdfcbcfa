package plots

import (
	"image/png"
	"io"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// WritePNG writes the chart as a PNG image in its size in pixels.
func (c *Chart) WritePNG(w io.Writer) error {
	width, height := c.scene.size()
	theme := c.scene.theme
	img := vgimg.NewWith(vgimg.UseWH(vg.Length(width), vg.Length(height)), vgimg.UseDPI(72), // at 72 dpi a point is a pixel
		vgimg.UseBackgroundColor(theme.ink(white).nrgba()))
	for _, it := range c.scene.items {
		switch {
		case it.path != nil:
			paint(img, *it.path, height, theme)
		case it.text != nil:
			for _, p := range it.text.paths() {
				paint(img, p, height, theme)
			}
		}
	}
	return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(w, img.Image())
}

// paths turns a text into filled outlines, with the halo stroked beneath.
func (t text) paths() []path {
	ops := outline(t.str, t.size, t.bold)
	dx := 0.0
	switch t.anchor {
	case middle:
		dx = -textWidth(t.str, t.size, t.bold) / 2
	case end:
		dx = -textWidth(t.str, t.size, t.bold)
	}
	sin, cos := math.Sincos(-t.angle * math.Pi / 180)
	for i := range ops {
		for j, p := range ops[i].p {
			x, y := p.X+dx, p.Y
			ops[i].p[j] = Point{t.at.X + x*cos - y*sin, t.at.Y + x*sin + y*cos}
		}
	}
	if !t.halo {
		return []path{{ops: ops, fill: t.color}}
	}
	return []path{{ops: ops, stroke: white.alpha(haloOpacity), width: haloWidth}, {ops: ops, fill: t.color}}
}

// The white seam around texts that may stand on lines.
const (
	haloWidth   = 4
	haloOpacity = 0.9
)

func paint(c *vgimg.Canvas, p path, height float64, theme Theme) {
	vp := make(vg.Path, 0, len(p.ops))
	at := func(q Point) vg.Point { return vg.Point{X: vg.Length(q.X), Y: vg.Length(height - q.Y)} }
	for _, o := range p.ops {
		switch o.kind {
		case 'M':
			vp.Move(at(o.p[0]))
		case 'L':
			vp.Line(at(o.p[0]))
		case 'C':
			vp.CubeTo(at(o.p[0]), at(o.p[1]), at(o.p[2]))
		case 'Z':
			vp.Close()
		}
	}
	if p.fill.A > 0 {
		c.SetColor(theme.ink(p.fill).nrgba())
		c.Fill(vp)
	}
	if p.stroke.A > 0 {
		c.SetColor(theme.ink(p.stroke).nrgba())
		c.SetLineWidth(vg.Length(p.width))
		dash := make([]vg.Length, len(p.dash))
		for i, d := range p.dash {
			dash[i] = vg.Length(d)
		}
		c.SetLineDash(dash, 0)
		c.Stroke(vp)
	}
}
