package plots

import (
	"fmt"
	"math"
	"strings"

	"github.com/roofline-go/roofline/roofline"
)

// labelSteps names the rows by the labels of the steps, and has all of them drawn against the same level: the outermost that
// every step knows, so that a step to the right is a step to a higher intensity and not to another level.
func (d *drawing) labelSteps() error {
	if len(d.opt.Steps) == 0 {
		return nil
	}
	if len(d.opt.Steps) != len(d.rows) {
		return fmt.Errorf("%d labels for %d runs", len(d.opt.Steps), len(d.rows))
	}
	if n := len(d.opt.Speedups); n > 0 && n != len(d.rows)-1 {
		return fmt.Errorf("%d speed-ups between %d runs", n, len(d.rows))
	}
	common := ""
	for _, level := range roofline.Levels {
		all := true
		for _, r := range d.rows {
			all = all && r.ai[level] > 0
		}
		if all {
			common = level
		}
	}
	for i := range d.rows {
		d.rows[i].name, d.rows[i].level = d.opt.Steps[i], common
		d.rows[i].hollow = i < len(d.rows)-1
	}
	return nil
}

// arrowGap is how far an arrow stays away from the centers of the markers it connects.
const arrowGap = markerRadius + 5

// arrow is the way from one step to the next.
type arrow struct {
	shaft segment
	label string // change of the performance
}

// arrows are the ways between the steps that are drawn. Steps that lie on each other have none.
func (d *drawing) arrows() (list []arrow) {
	if len(d.opt.Steps) == 0 {
		return nil
	}
	for i := 1; i < len(d.drawn); i++ {
		from, to := d.where(d.drawn[i-1]), d.where(d.drawn[i])
		dx, dy := to.X-from.X, to.Y-from.Y
		length := math.Hypot(dx, dy)
		if length < 2*arrowGap+6 {
			continue
		}
		dx, dy = dx/length, dy/length
		list = append(list, arrow{
			shaft: segment{from.add(arrowGap*dx, arrowGap*dy), to.add(-arrowGap*dx, -arrowGap*dy)},
			label: d.changeLabel(i),
		})
	}
	return list
}

// changeLabel words what the step to drawn[i] changed, with the interval where it is known.
func (d *drawing) changeLabel(i int) string {
	to, from := d.drawn[i], d.drawn[i-1]
	if len(d.opt.Speedups) == 0 || to.number != from.number+1 {
		return changeText(to.rate.Median/from.rate.Median - 1)
	}
	s := d.opt.Speedups[to.number-2]
	label := changeText(s.Median - 1)
	if s.Known() {
		label += " [" + changeText(s.Lo-1) + ", " + changeText(s.Hi-1) + "]"
	}
	return label
}

// drawArrows draws the ways under the markers, and keeps texts off them.
func (d *drawing) drawArrows() {
	for _, a := range d.arrows() {
		from, to := a.shaft.A, a.shaft.B
		dx, dy := to.X-from.X, to.Y-from.Y
		length := math.Hypot(dx, dy)
		dx, dy = dx/length, dy/length
		d.line(from, to.add(-6*dx, -6*dy), arrowInk, 2)
		d.polygon(arrowInk, to, to.add(-11*dx-5*dy, -11*dy+5*dx), to.add(-11*dx+5*dy, -11*dy-5*dx))
		d.placer.addLine(a.shaft, roofCost)
	}
}

// labelArrows writes the change of the performance beside each way where there is room.
func (d *drawing) labelArrows() {
	const size = 12
	for _, a := range d.arrows() {
		middle := Point{(a.shaft.A.X + a.shaft.B.X) / 2, (a.shaft.A.Y + a.shaft.B.Y) / 2}
		w := textWidth(a.label, size, true)
		s, ok := d.placer.near(middle, 4, w, size*1.16, 40)
		if !ok {
			continue
		}
		x0, y0, _, _ := s.box.bounds()
		d.placer.addText(s.box)
		d.put(text{at: Point{x0, y0 + size*0.95}, str: a.label, size: size, bold: true, color: arrowInk, halo: true})
	}
}

// changeText words a relative change of performance: "+4.1 %", "−13 %", from twice as fast on "2.0×".
func changeText(change float64) string {
	switch {
	case change >= 1:
		return significant(1+change, 2) + "×"
	case math.Abs(change) < 0.0005:
		return "0.0 %"
	}
	return strings.Replace(fmt.Sprintf("%+.1f %%", 100*change), "-", "−", 1)
}
