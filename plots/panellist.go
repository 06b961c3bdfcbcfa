package plots

import (
	"fmt"
	"strconv"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// sheet is a table in the panel: right edges of the columns, except for the names, which start at a left edge.
type sheet struct {
	d      *drawing
	y      float64
	pitch  float64
	size   float64
	markX  float64
	nameX  float64
	rate   float64
	pm     float64
	ai     float64
	share  float64
	bottom float64
}

func (d *drawing) newSheet(y float64, rows int) *sheet {
	s := &sheet{d: d, y: y, bottom: d.frame.bottom + 80,
		markX: panelLeft + 36, nameX: panelLeft + 50, rate: panelRight - 250, pm: panelRight - 192, ai: panelRight - 116, share: panelRight - 66}
	s.pitch = clamp((s.bottom-y-8)/float64(rows+1), 17, 23)
	s.size = clamp(s.pitch*0.62, 11, 13)
	return s
}

func (s *sheet) cell(x float64, a anchor, str string, bold bool) {
	s.d.put(text{at: Point{x, s.y}, str: str, size: s.size, bold: bold, color: black, anchor: a})
}

func (s *sheet) head(name, rate, share, last string) {
	s.cell(panelLeft, start, name, true)
	s.cell(s.rate, end, rate, true)
	s.cell(s.pm, end, "±", true)
	s.cell(s.share, end, share, true)
	s.cell(panelRight, end, last, true)
	s.d.line(Point{panelLeft, s.y + 6}, Point{panelRight, s.y + 6}, gridMajor, 1)
	s.y += s.pitch + 3
}

// shown is how many of n lines have room, when the last one may have to say how many are left out.
func (s *sheet) shown(n int) int {
	if fits := int((s.bottom-s.y)/s.pitch) + 1; n > fits {
		return max(fits-1, 0)
	}
	return n
}

func (s *sheet) more(n int) {
	if n > 0 {
		s.d.put(text{at: Point{s.nameX, s.y}, str: fmt.Sprintf("and %d more: see the table of the result", n), size: s.size, color: grey})
		s.y += s.pitch
	}
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// drawKernels writes the table of kernels and returns where it ends.
func (d *drawing) drawKernels(rows []row, y float64) float64 {
	s := d.newSheet(y, len(rows))
	s.cell(s.ai, end, "AI", true)
	s.head("Kernels", "G"+operationOf(rows)+"/s", "% roof", "bound")
	n := s.shown(len(rows))
	for _, r := range rows[:n] {
		d.begin(r.tip(), "run", r.run.ID())
		s.kernel(r)
		d.finish()
		s.y += s.pitch
	}
	s.more(len(rows) - n)
	return s.y
}

// shortAI prints an arithmetic intensity in few characters: one line that a whole product reads makes it large, a single operation
// on much that is copied small.
func shortAI(ai float64) string {
	if ai >= 0.01 && ai < 1e4 {
		return significant(ai, 2)
	}
	scale, prefix := prefixOf(ai)
	if v := ai / scale; v < 0.995 || v >= 1e4 { // beyond all prefixes
		return strconv.FormatFloat(ai, 'e', 0, 64)
	}
	return significant(ai/scale, 2) + prefix
}

// shortRate prints a rate in the unit of its column, or with a unit of its own.
func (r row) shortRate() string {
	switch giga := r.rate.Median / 1e9; {
	case r.unit == "":
		return "–"
	case giga < 0.001 || giga >= 1e6:
		return units.SI(r.rate.Median, r.unit)
	case r.unit == "B/s":
		return digits3(giga) + " GB/s"
	default:
		return digits3(giga)
	}
}

func (s *sheet) kernel(r row) {
	s.cell(panelLeft+22, end, strconv.Itoa(r.number), false)
	mark, hue := Point{s.markX, s.y - s.size*0.36}, familyOf(r.run.ISA).hue
	if r.placed() {
		s.d.add(path{ops: glyph(r.run.Kernel, mark, 5), fill: hue})
	} else { // not on the chart
		s.d.line(mark.add(-5, 0), mark.add(5, 0), hue, 2)
	}
	rate := r.shortRate()
	s.cell(s.nameX, start, fitName(r.name, s.size, false, s.rate-textWidth(rate, s.size, false)-8-s.nameX), false)
	s.cell(s.rate, end, rate, false)
	s.cell(s.pm, end, orDash(plusMinus(relative(r.rate))), false)
	if ai := r.ai[r.mainLevel()]; ai > 0 {
		str := shortAI(ai) + " " + r.mainLevel()
		if textWidth(str, s.size, false) > s.ai-s.pm-4 {
			str = shortAI(ai)
		}
		s.cell(s.ai, end, str, false)
	}
	if r.run.Bound == nil {
		s.cell(s.share, end, "–", false)
		s.cell(panelRight, end, "–", false)
		return
	}
	share := percent(r.run.Bound.Fraction)
	s.cell(s.share, end, share, true)
	if r.above(s.d.res.Ceilings) {
		s.d.warningSign(Point{s.share - textWidth(share, s.size, true) - 18, s.y}, s.size*0.85)
	}
	s.cell(panelRight, end, r.bound(), false)
}

// drawReasons says in a sentence for each kernel what binds it and what to do, as far as there is room: of many kernels first for those
// that are furthest from their roofs.
func (d *drawing) drawReasons(rows []row, y float64) {
	const size, pitch = 12, 16
	bottom := d.frame.bottom + 80
	first := true
	for _, r := range furthestFirst(rows) {
		if r.run.Bound == nil || r.run.Bound.Why == "" {
			continue
		}
		lines := wrapOne(oneLine(r.why()), size, panelRight-panelLeft-28)
		need := float64(len(lines)) * pitch
		if first {
			need += pitch + 6
		}
		if y+need > bottom {
			return
		}
		if first {
			d.put(text{at: Point{panelLeft, y}, str: "What binds them", size: 13, bold: true, color: black})
			d.line(Point{panelLeft, y + 6}, Point{panelRight, y + 6}, gridMajor, 1)
			y += pitch + 8
			first = false
		}
		d.put(text{at: Point{panelLeft + 22, y}, str: strconv.Itoa(r.number), size: size, color: black, anchor: end})
		for _, l := range lines {
			d.put(text{at: Point{panelLeft + 28, y}, str: l, size: size, color: grey})
			y += pitch
		}
		y += 4
	}
}

// drawCeilings lists the ceilings of a chart without kernels.
func (d *drawing) drawCeilings(y float64) {
	var list []roofline.Ceiling
	for _, c := range d.res.Ceilings {
		if c.Threads == d.roofs.threads && c.Value.Median > 0 {
			list = append(list, c)
		}
	}
	s := d.newSheet(y, len(list))
	s.head("Ceilings", "measured", "theory", "%")
	n := s.shown(len(list))
	for _, c := range list[:n] {
		value := ceilingValue(c, c.Value.Median)
		s.cell(panelLeft, start, fit(oneLine(c.ID), s.size, false, s.rate-textWidth(value, s.size, false)-8-panelLeft), false)
		s.cell(s.rate, end, value, false)
		s.cell(s.pm, end, orDash(plusMinus(relative(c.Value))), false)
		theory, share := "–", "–"
		if c.Theory > 0 {
			number, prefix := units.Scale(c.Theory)
			theory, share = number+" "+prefix, percent(c.Value.Median/c.Theory)
		}
		s.cell(s.share, end, theory, false)
		s.cell(panelRight, end, share, false)
		s.y += s.pitch
	}
	s.more(len(list) - n)
}

// ceilingValue prints a value of a ceiling: bandwidths in GB/s, the rest with the fitting prefix.
func ceilingValue(c roofline.Ceiling, v float64) string {
	if c.Kind == "bandwidth" {
		return giga(v, "B/s")
	}
	return units.SI(v, c.Unit)
}
