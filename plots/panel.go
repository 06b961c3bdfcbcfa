package plots

import (
	"slices"
)

// drawPanel draws the column at the right: how to read the chart, and the table of all its kernels.
func (d *drawing) drawPanel() {
	y := d.drawLegend(frameTop+4) + 30
	if rows := d.ofThreads(d.roofs.threads); len(rows) > 0 {
		y = d.drawKernels(rows, y)
		d.drawReasons(rows, y+14)
		return
	}
	d.drawCeilings(y)
}

const legendSize = 12.5

// legend flows items into lines.
type legend struct {
	d    *drawing
	x, y float64
}

func (g *legend) head(s string) {
	if g.x > panelLeft {
		g.line()
	}
	g.d.put(text{at: Point{panelLeft, g.y}, str: s, size: legendSize, bold: true, color: black})
	g.x = panelLeft + 62
}

func (g *legend) line() { g.x, g.y = panelLeft+62, g.y+21 }

// item draws a symbol of the given width with a caption.
func (g *legend) item(width float64, caption string, symbol func(c Point)) {
	w := width + 6 + textWidth(caption, legendSize, false)
	if g.x+w > panelRight {
		g.line()
	}
	symbol(Point{g.x + width/2, g.y - 4.5})
	g.d.put(text{at: Point{g.x + width + 6, g.y}, str: caption, size: legendSize, color: black})
	g.x += w + 11
}

// drawLegend explains the encodings that occur and returns where it ends.
func (d *drawing) drawLegend(y float64) float64 {
	g := &legend{d, panelLeft, y + 8}
	bar := func(half float64, c ink, width float64, dash ...float64) func(Point) {
		return func(p Point) { d.line(p.add(-half, 0), p.add(half, 0), c, width, dash...) }
	}
	if fams := d.usedFamilies(); len(fams) > 0 {
		g.head("Hue")
		for _, f := range fams {
			g.item(16, f.name, bar(8, f.hue, 3.5))
		}
	}
	if len(d.roofs.slopes) > 0 {
		g.head("Slope")
		for _, s := range d.roofs.slopes {
			g.item(28, s.level, bar(14, slopeInk, 2.4, dashOf(s.level)...))
		}
	}
	g.head("Line")
	g.item(28, "measured, band: 95 % interval", func(p Point) {
		d.polygon(slopeInk.alpha(0.18), p.add(-14, -4), p.add(14, -4), p.add(14, 4), p.add(-14, 4))
		d.line(p.add(-14, 0), p.add(14, 0), slopeInk, 2.4)
	})
	if slices.ContainsFunc(d.roofs.flats, func(f flat) bool { return f.theory > 0 }) {
		g.item(28, "theory", bar(14, slopeInk, 1.2, theoryDash...))
	}
	if len(d.drawn) == 0 {
		return g.y
	}
	g.head("Marker")
	var ops []string
	for _, r := range d.drawn {
		if !slices.Contains(ops, r.run.Kernel) {
			ops = append(ops, r.run.Kernel)
		}
	}
	for i, k := range ops {
		if i == 8 {
			break
		}
		g.item(14, fit(oneLine(k), legendSize, false, 110), func(p Point) { d.add(path{ops: glyph(k, p, 5.5), fill: grey}) })
	}
	g.head("Outline")
	for _, p := range []struct {
		provenance
		caption string
	}{{counted, "counted"}, {modelled, "bytes modelled"}, {estimated, "declared work"}} {
		g.item(18, p.caption, func(c Point) {
			d.add(path{ops: circle(c, 7), fill: white, stroke: grey, width: 1.7, dash: p.outlineDash()})
			d.add(path{ops: circle(c, 4), fill: grey})
		})
	}
	d.legendOfLevels(g)
	return g.y
}

func (d *drawing) legendOfLevels(g *legend) {
	levels, carm := false, false
	for _, r := range d.drawn {
		pts := d.levelPoints(r)
		levels = levels || len(pts) > 1
		carm = carm || pts[0].carm
	}
	if levels {
		g.head("Levels")
		g.item(28, "1 2 3 D: bytes of L1, L2, L3, DRAM", func(p Point) {
			d.line(p.add(-12, 0), p.add(12, 0), grey, 1.1)
			for _, x := range []float64{-12, 12} {
				d.add(path{ops: circle(p.add(x, 0), 3.2), fill: white, stroke: grey, width: 1.5})
			}
		})
	}
	if carm {
		if !levels {
			g.head("Ring")
		}
		g.item(16, "ring: L1 (cache-aware)", func(p Point) {
			d.add(path{ops: circle(p, 3.2), fill: white, stroke: grey, width: 1.5})
			d.add(path{ops: circle(p, 6.4), stroke: grey, width: 1.1})
		})
	}
	if slices.ContainsFunc(d.drawn, func(r row) bool { return r.run.Bound != nil }) {
		g.item(14, "up to the binding roof", func(p Point) {
			d.line(p.add(0, 7), p.add(0, -6), grey, 1.1)
			d.line(p.add(-4, -6), p.add(4, -6), grey, 1.6)
		})
	}
}

// usedFamilies lists the families that occur in roofs or points, by rank.
func (d *drawing) usedFamilies() (out []family) {
	for _, f := range families {
		inRow := slices.ContainsFunc(d.drawn, func(r row) bool { return familyOf(r.run.ISA) == f })
		inFlat := slices.ContainsFunc(d.roofs.flats, func(l flat) bool { return slices.Contains(l.families, f) })
		if inRow || inFlat {
			out = append(out, f)
		}
	}
	return out
}
