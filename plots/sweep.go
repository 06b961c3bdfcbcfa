package plots

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// ErrNoSweep is returned for results that were measured before sweeps were kept, or without memory ceilings.
var ErrNoSweep = errors.New("the result keeps no sweep of the working set (measure one with `roofline ceilings --refresh`)")

// curve is a quantity over the working set.
type curve struct {
	name   string
	parts  []roofline.Ceiling // with sweeps, innermost level first
	points []roofline.SweepPoint
	hue    ink
	dash   []float64
	hollow bool
}

// curveOf joins the sweeps of the ceilings that are of it, for the lowest thread count that has any.
func curveOf(res *roofline.Result, of func(roofline.Ceiling) bool) (c curve) {
	for _, l := range res.Ceilings {
		if l.Sweep == nil || !of(l) {
			continue
		}
		switch {
		case len(c.parts) > 0 && l.Threads > c.parts[0].Threads:
			continue
		case len(c.parts) > 0 && l.Threads < c.parts[0].Threads:
			c.parts, c.points = nil, nil
		}
		c.parts = append(c.parts, l)
		for _, p := range l.Sweep.Points {
			if p.Bytes > 0 && p.Value > 0 && !math.IsInf(p.Value, 0) {
				c.points = append(c.points, p)
			}
		}
	}
	slices.SortStableFunc(c.points, func(a, b roofline.SweepPoint) int { return int(a.Bytes - b.Bytes) })
	return c
}

// Sweep draws the bandwidth of loads over the working set, as the measurement of the ceilings saw it, with the plateaus
// that were found in it, the ceilings, and the sizes of the caches.
func Sweep(res *roofline.Result) (*Chart, error) {
	if res == nil {
		return nil, errors.New("draw sweep: no result")
	}
	c := curveOf(res, func(l roofline.Ceiling) bool { return strings.HasPrefix(l.ID, "bandwidth.load.") })
	if len(c.points) == 0 {
		return nil, fmt.Errorf("draw sweep: %w", ErrNoSweep)
	}
	c.hue = slopeInk
	s := newSweepBoard(res, "Bandwidth of loads over the working set", "Bandwidth", []curve{c}, withUnit("B/s"),
		"Points: the best that was seen with a working set, by one thread. Bars: the plateaus found in them. Dotted: the ceiling of the level, measured later in many rounds.")
	s.curve(c)
	for _, p := range c.parts {
		s.plateau(p, giga(p.Value.Median, "B/s"))
	}
	s.outline()
	return s.chart("Bandwidth over the working set. " + s.describe(c, func(v float64) string { return giga(v, "B/s") })), nil
}

// Latency draws the time of a dependent load over the working set, on huge and on base pages, with the latencies of the
// levels and the sizes of the caches.
func Latency(res *roofline.Result) (*Chart, error) {
	if res == nil {
		return nil, errors.New("draw latency: no result")
	}
	small := func(l roofline.Ceiling) bool { return strings.HasSuffix(l.ID, ".4k") }
	huge := curveOf(res, func(l roofline.Ceiling) bool { return l.Kind == "latency" && !small(l) })
	base := curveOf(res, func(l roofline.Ceiling) bool { return l.Kind == "latency" && small(l) })
	huge.name, huge.hue = "huge pages", hueAVX512
	base.name, base.hue, base.dash, base.hollow = "base pages", hueAVX2, []float64{7, 4}, true
	var curves []curve
	for _, c := range []curve{huge, base} {
		if len(c.points) > 0 {
			curves = append(curves, c)
		}
	}
	if len(curves) == 0 {
		return nil, fmt.Errorf("draw latency: %w", ErrNoSweep)
	}
	seconds := func(v float64) string { return units.SI(v, "s") }
	s := newSweepBoard(res, "Latency of dependent loads over the working set", "Time of one load", curves, withUnit("s"),
		"A chain of pointers, one per cache line, in random order. Dotted: the latency of the level, measured later in many rounds.")
	desc := "Latency over the working set."
	for _, c := range curves {
		s.curve(c)
		desc += " On " + c.name + ": " + s.describe(c, seconds)
	}
	for _, p := range curves[0].parts {
		value := seconds(p.Value.Median)
		if hz := res.Machine.CPU.CoreHz; hz > 0 {
			value += fmt.Sprintf(" = %.0f cycles", p.Value.Median*hz)
		}
		s.plateau(p, value)
	}
	for i, c := range curves {
		s.name(c, i)
	}
	s.outline()
	return s.chart(desc), nil
}

// sweepBoard is a chart over the working set.
type sweepBoard struct {
	*board
	*placer
	x, y axis
}

func newSweepBoard(res *roofline.Result, title, yName string, curves []curve, label func(float64) string, notes ...string) *sweepBoard {
	cpu := orText(strings.TrimSpace(oneLine(res.Machine.CPU.Name)), "unnamed processor")
	b := newBoard(1400, 780, title+" · "+cpu, conditionsOf(res), notes...)
	xs, ys := span{math.Inf(1), math.Inf(-1)}, span{math.Inf(1), math.Inf(-1)}
	for _, c := range curves {
		for _, p := range c.points {
			xs.include(float64(p.Bytes))
			ys.include(p.Value)
		}
		for _, p := range c.parts {
			ys.include(p.Value.Median)
		}
	}
	pad := 0.25 + max(0, (1-(ys.hi-ys.lo))/2) // at least a decade
	s := &sweepBoard{board: b, placer: &placer{frame: frame{left: b.left, top: b.top, right: b.right, bottom: b.bottom}}}
	s.x = bytesAxis(math.Pow(10, xs.lo)/1.3, math.Pow(10, xs.hi)*1.3, b.left, b.right)
	s.y = logAxis(math.Pow(10, ys.lo-pad), math.Pow(10, ys.hi+pad), b.bottom, b.top, label)
	b.yAxis(s.y, yName)
	b.xAxis(s.x, b.top, b.bottom, "Working set of one thread")
	s.capacities(res)
	return s
}

// capacities marks the sizes of the caches.
func (s *sweepBoard) capacities(res *roofline.Result) {
	for _, c := range res.Machine.Caches {
		x := s.x.at(float64(c.Bytes))
		if c.Type == "instruction" || x <= s.left || x >= s.right {
			continue
		}
		s.line(Point{x, s.top}, Point{x, s.bottom}, grey, 1.1, 5, 3)
		s.addLine(segment{Point{x, s.top}, Point{x, s.bottom}}, roofCost)
		t := text{at: Point{x - 7, s.top + 14}, str: "L" + strconv.Itoa(c.Level) + " " + units.Bytes(c.Bytes), size: 12.5, color: grey, anchor: end, halo: true}
		if s.free(t.box()) {
			s.addText(s.put(t))
		}
	}
}

func (s *sweepBoard) at(p roofline.SweepPoint) Point {
	return Point{s.x.at(float64(p.Bytes)), s.y.at(p.Value)}
}

func (s *sweepBoard) curve(c curve) {
	var pts []Point
	for i, p := range c.points {
		pts = append(pts, s.at(p))
		if i > 0 {
			s.addLine(segment{pts[i-1], pts[i]}, roofCost)
		}
	}
	s.add(path{ops: polyline(pts...), stroke: c.hue, width: 1.8, dash: c.dash})
	for _, p := range pts {
		if c.hollow {
			s.add(path{ops: regular(p, 4.6, 4, 45), fill: white, stroke: c.hue, width: 1.5})
		} else {
			s.add(path{ops: circle(p, 3.6), fill: c.hue})
		}
		s.addMark(rect(p.X-5, p.Y-5, 10, 10))
	}
}

// plateau draws where a level was found, and its ceiling, and names both.
func (s *sweepBoard) plateau(c roofline.Ceiling, value string) {
	if len(c.Sweep.Points) == 0 || !(c.Value.Median > 0) {
		return
	}
	lo, hi := c.Sweep.Points[0].Bytes, c.Sweep.Points[len(c.Sweep.Points)-1].Bytes
	found := c.Sweep.Lo > 0
	if found {
		lo, hi = c.Sweep.Lo, c.Sweep.Hi
		var rates []float64
		for _, p := range c.Sweep.Points {
			if p.Bytes >= lo && p.Bytes <= hi {
				rates = append(rates, p.Value)
			}
		}
		slices.Sort(rates)
		if len(rates) > 0 {
			l, r := s.x.at(float64(lo))-7, s.x.at(float64(hi))+7
			y := s.y.at(rates[len(rates)/2])
			s.polygon(hueAVX512.alpha(0.22), Point{l, y - 8}, Point{r, y - 8}, Point{r, y + 8}, Point{l, y + 8})
		}
	}
	y := s.y.at(c.Value.Median)
	l, r := s.x.at(float64(lo)), s.x.at(float64(hi))
	s.line(Point{max(l-12, s.left), y}, Point{min(r+12, s.right), y}, black, 1.3, theoryDash...)
	s.addLine(segment{Point{l, y}, Point{r, y}}, roofCost)
	name := c.Level + "  " + value
	if pm := plusMinus(relative(c.Value)); pm != "" {
		name += " " + pm
	}
	lines := []string{name}
	if found {
		lines = append(lines, "found from "+units.Bytes(lo)+" to "+units.Bytes(hi))
		if lo == hi {
			lines[1] = "found at " + units.Bytes(lo) + " only"
		}
	}
	w := 0.0
	for i, t := range lines {
		w = max(w, textWidth(t, nameSize, i == 0))
	}
	h := float64(len(lines)) * nameSize * 1.25
	spot, ok := s.near(Point{(l + r) / 2, y}, 8, w, h, 190)
	if !ok {
		return
	}
	s.addText(spot.box)
	if spot.leader != nil {
		s.line(spot.leader.A, spot.leader.B, grey, 0.9)
	}
	x0, y0, _, _ := spot.box.bounds()
	for i, t := range lines {
		size, c := float64(nameSize), black
		if i > 0 {
			size, c = shareSize, grey
		}
		s.put(text{at: Point{x0, y0 + nameSize*(0.95+1.25*float64(i))}, str: t, size: size, bold: i == 0, color: c, halo: true})
	}
}

// name writes which curve is which, at the upper left, where no curve of latencies comes.
func (s *sweepBoard) name(c curve, line int) {
	y := s.top + 44 + 22*float64(line)
	a, b := Point{s.left + 16, y}, Point{s.left + 58, y}
	t := text{at: b.add(10, 4.5), str: c.name, size: nameSize, color: black, halo: true}
	s.line(a, b, c.hue, 1.8, c.dash...)
	mid := Point{(a.X + b.X) / 2, y}
	if c.hollow {
		s.add(path{ops: regular(mid, 4.6, 4, 45), fill: white, stroke: c.hue, width: 1.5})
	} else {
		s.add(path{ops: circle(mid, 3.6), fill: c.hue})
	}
	s.put(t)
}

// describe puts a curve into words.
func (s *sweepBoard) describe(c curve, value func(float64) string) string {
	var parts []string
	for _, p := range c.parts {
		text := p.Level + " " + value(p.Value.Median)
		if p.Sweep.Lo > 0 {
			text += fmt.Sprintf(" (found from %s to %s)", units.Bytes(p.Sweep.Lo), units.Bytes(p.Sweep.Hi))
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ") + "."
}
