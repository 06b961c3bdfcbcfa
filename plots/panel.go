package plots

import (
	"fmt"
	"slices"
	"strconv"
)

// drawPanel draws the column at the right: how to read the chart, and the table of all its kernels.
func (d *drawing) drawPanel() {
	y := d.drawLegend(frameTop + 4)
	rows := d.ofThreads(d.roofs.threads)
	if len(rows) > 0 {
		d.drawList(rows, y+26)
	}
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
	g.x = panelLeft + 70
}

func (g *legend) line() { g.x, g.y = panelLeft+70, g.y+21 }

// item draws a symbol of the given width with a caption.
func (g *legend) item(width float64, caption string, symbol func(c Point)) {
	w := width + 6 + textWidth(caption, legendSize, false)
	if g.x+w > panelRight {
		g.line()
	}
	symbol(Point{g.x + width/2, g.y - 4.5})
	g.d.put(text{at: Point{g.x + width + 6, g.y}, str: caption, size: legendSize, color: black})
	g.x += w + 16
}

// drawLegend explains the encodings that occur and returns where it ends.
func (d *drawing) drawLegend(y float64) float64 {
	g := &legend{d, panelLeft, y + 8}
	bar := func(c ink, width float64, dash ...float64) func(Point) {
		return func(p Point) { d.line(p.add(-14, 0), p.add(14, 0), c, width, dash...) }
	}
	if fams := d.usedFamilies(); len(fams) > 0 {
		g.head("Hue")
		for _, f := range fams {
			g.item(28, f.name, bar(f.hue, 3.5))
		}
	}
	if len(d.roofs.slopes) > 0 {
		g.head("Slope")
		for _, s := range d.roofs.slopes {
			g.item(28, s.level, bar(slopeInk, 2.4, dashOf(s.level)...))
		}
	}
	g.head("Line")
	g.item(28, "measured, band: 95 % interval", func(p Point) {
		d.polygon(slopeInk.alpha(0.18), p.add(-14, -4), p.add(14, -4), p.add(14, 4), p.add(-14, 4))
		d.line(p.add(-14, 0), p.add(14, 0), slopeInk, 2.4)
	})
	if slices.ContainsFunc(d.roofs.flats, func(f flat) bool { return f.theory > 0 }) {
		g.item(28, "theory", bar(slopeInk, 1.2, theoryDash...))
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
	}{{counted, "counted"}, {modelled, "FLOPs counted, bytes modelled"}, {estimated, "declared work"}} {
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

// drawList writes the table of kernels.
func (d *drawing) drawList(rows []row, y float64) {
	const (
		colMark  = panelLeft + 34
		colName  = panelLeft + 48
		colRate  = panelRight - 158
		colPM    = panelRight - 104
		colShare = panelRight - 62
	)
	limit := d.frame.bottom + 78
	pitch := clamp((limit-y-8)/float64(len(rows)+1), 17, 24)
	size := clamp(pitch*0.62, 11, 13)
	fits := int((limit - y - 4) / pitch)
	shown := rows
	if len(rows) > fits {
		shown = rows[:max(fits-1, 0)]
	}
	unit := "GFLOP/s"
	head := func(x float64, a anchor, s string) {
		d.put(text{at: Point{x, y}, str: s, size: size, bold: true, color: black, anchor: a})
	}
	head(panelLeft, start, "Kernels")
	head(colRate, end, unit)
	head(colPM, end, "±")
	head(colShare, end, "% roof")
	head(panelRight, end, "bound")
	d.line(Point{panelLeft, y + 6}, Point{panelRight, y + 6}, gridMajor, 1)
	y += pitch + 3
	for _, r := range shown {
		d.begin(r.tip())
		d.listRow(r, y, size, func(x float64, a anchor, s string, bold bool) {
			d.put(text{at: Point{x, y}, str: s, size: size, bold: bold, color: black, anchor: a})
		}, [5]float64{colMark, colName, colRate, colPM, colShare})
		d.finish()
		y += pitch
	}
	if n := len(rows) - len(shown); n > 0 {
		d.put(text{at: Point{colName, y}, str: fmt.Sprintf("and %d more: see the table of the result", n), size: size, color: grey})
	}
}

func (d *drawing) listRow(r row, y, size float64, cell func(x float64, a anchor, s string, bold bool), col [5]float64) {
	cell(panelLeft+20, end, strconv.Itoa(r.number), false)
	mark := Point{col[0], y - size*0.36}
	hue := familyOf(r.run.ISA).hue
	if r.placed() {
		d.add(path{ops: glyph(r.run.Kernel, mark, 5), fill: hue})
	} else {
		d.line(mark.add(-4, 0), mark.add(4, 0), hue, 2)
	}
	nameEnd := col[2] - textWidth("0000 GB/s", size, false) + 8
	rate, unit := "–", ""
	if r.unit != "" {
		rate = digits3(r.rate.Median / 1e9)
		if r.unit == "B/s" {
			unit = " GB/s"
		}
	}
	nameEnd = min(nameEnd, col[2]-textWidth(rate+unit, size, false)-8)
	cell(col[1], start, fit(r.name, size, false, nameEnd-col[1]), false)
	cell(col[2], end, rate+unit, false)
	pm := plusMinus(relative(r.rate))
	if pm == "" {
		pm = "–"
	}
	cell(col[3], end, pm, false)
	if r.run.Bound == nil {
		cell(col[4], end, "–", false)
		cell(panelRight, end, "–", false)
		return
	}
	cell(col[4], end, percent(r.run.Bound.Fraction), true)
	if r.above(d.res.Ceilings) {
		d.warningSign(Point{col[4] - textWidth(percent(r.run.Bound.Fraction), size, true) - 17, y}, size*0.85)
	}
	cell(panelRight, end, r.bound(), false)
}
