package plots

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Step is one measurement in the story of a kernel.
type Step struct {
	Number     int // of the session's measurements
	Label      string
	Note       string
	Machine    string         // "": that of all others
	Rate       stats.Estimate // performance
	Unit       string         // FLOP/s, B/s, or 1/s for calls
	Attainable float64        // by the roofline, in the same unit; 0: not known
	Bound      string         // in words: compute, L2, …
	Change     string         // against the step before, in words; "": the first
	Outcome    string         // of the change: faster, slower, no difference, inconclusive
}

// mostRows is how many steps the list beside a trajectory has room for.
const mostRows = 24

// Trajectory draws the performance of a kernel over the steps of a tuning session: each step with its interval, filled
// where it was the best so far on its machine, the best as a line, and what the roofline allowed each of them. The list
// beside it says what each step changed. The line of the best is broken where the machine changes.
func Trajectory(title, sub string, steps []Step) (*Chart, error) {
	if len(steps) == 0 {
		return nil, errors.New("draw trajectory: no steps")
	}
	lo, hi := math.Inf(1), 0.0
	for i, s := range steps {
		if !(s.Rate.Median > 0) || math.IsInf(s.Rate.Median, 0) || s.Unit != steps[0].Unit {
			return nil, fmt.Errorf("draw trajectory: step %d has a rate of %g %s among %s", i+1, s.Rate.Median, s.Unit, steps[0].Unit)
		}
		lo, hi = min(lo, s.Rate.Median), max(hi, s.Rate.Median, s.Attainable)
		if s.Rate.Known() && s.Rate.Lo > 0 {
			lo, hi = min(lo, s.Rate.Lo), max(hi, s.Rate.Hi)
		}
	}
	note := "Filled: the best so far. Hollow: a step that another one had beaten before. Short lines: what the roofline allows the step."
	if slices.ContainsFunc(steps, func(s Step) bool { return s.Machine != steps[0].Machine }) {
		note = "Filled: the best so far on its machine. Hollow: a step that another one had beaten there before. Short lines: what the roofline of its machine allows the step."
	}
	t := &trajectory{board: newBoard(1400, 760, title, sub, note), steps: steps}
	t.right = 850
	if hi > 4*lo {
		t.y = logAxis(lo/1.4, hi*1.4, t.bottom, t.top, withUnit(steps[0].Unit))
	} else {
		scale, prefix := prefixOf(hi)
		t.y = linearAxis(0, hi*1.12, t.bottom, t.top, 7, func(v, step float64) string { return stepLabel(scale)(v, step) + " " + prefix + steps[0].Unit })
	}
	t.yAxis(t.y, "")
	t.numbers()
	t.draw()
	t.outline()
	t.list()
	return t.chart(t.words()), nil
}

type trajectory struct {
	*board
	y     axis
	steps []Step
}

// x is where a step stands.
func (t *trajectory) x(i int) float64 {
	return t.left + (t.right-t.left)*(float64(i)+0.5)/float64(len(t.steps))
}

// numbers writes the numbers of the steps under the plot, as many as have room.
func (t *trajectory) numbers() {
	free := 0.0
	for i := range t.steps {
		str := t.called(i)
		w := textWidth(str, 13, false)
		t.line(Point{t.x(i), t.bottom}, Point{t.x(i), t.bottom + 5}, black, 1.2)
		if t.x(i)-w/2 > free {
			t.put(text{at: Point{t.x(i), t.bottom + 20}, str: str, size: 13, color: black, anchor: middle})
			free = t.x(i) + w/2 + 8
		}
	}
	t.put(text{at: Point{(t.left + t.right) / 2, t.bottom + 42}, str: "measurement of the session", size: 14, color: black, anchor: middle})
}

// called is the number of a step, with its label where one measurement was of several variants.
func (t *trajectory) called(i int) string {
	s := t.steps[i]
	name := "#" + strconv.Itoa(s.Number)
	for j, other := range t.steps {
		if j != i && other.Number == s.Number {
			return name + " " + oneLine(s.Label)
		}
	}
	return name
}

func (t *trajectory) draw() {
	p := &placer{frame: frame{left: t.left, top: t.top, right: t.right, bottom: t.bottom}}
	width := min((t.right-t.left)/float64(len(t.steps)), 80)
	best := map[string]float64{} // by machine
	var line []Point
	draw := func() {
		t.add(path{ops: polyline(line...), stroke: changeInk.alpha(0.45), width: 2})
	}
	for i, s := range t.steps {
		if i > 0 && s.Machine != t.steps[i-1].Machine {
			draw()
			line = nil
		}
		if last := best[s.Machine]; s.Rate.Median > last {
			if len(line) > 0 {
				line = append(line, Point{t.x(i), t.y.at(last)})
			}
			best[s.Machine] = s.Rate.Median
		}
		line = append(line, Point{t.x(i), t.y.at(best[s.Machine])})
		if s.Attainable > 0 {
			y := t.y.at(s.Attainable)
			t.line(Point{t.x(i) - width*0.45, y}, Point{t.x(i) + width*0.45, y}, slopeInk, 2, 5, 3)
		}
	}
	line = append(line, Point{t.right, line[len(line)-1].Y})
	draw()
	radius := clamp(width/5, 2.5, 7)
	for i, s := range t.steps {
		c := Point{t.x(i), t.y.at(s.Rate.Median)}
		p.addMark(rect(c.X-radius-2, c.Y-radius-2, 2*radius+4, 2*radius+4))
	}
	clear(best)
	scale := unitScale(slices.MaxFunc(t.steps, func(a, b Step) int { return cmp.Compare(a.Rate.Median, b.Rate.Median) }).Rate.Median)
	for i, s := range t.steps {
		c := Point{t.x(i), t.y.at(s.Rate.Median)}
		t.begin(fmt.Sprintf("#%d %s: %s. %s", s.Number, oneLine(s.Label), units.SI(s.Rate.Median, s.Unit), oneLine(s.Change)), "step", strconv.Itoa(s.Number))
		if s.Rate.Known() {
			a, b := Point{c.X, t.y.at(s.Rate.Lo)}, Point{c.X, t.y.at(s.Rate.Hi)}
			t.line(a, b, changeInk, 1.5)
			for _, e := range []Point{a, b} {
				t.line(e.add(-radius*0.7, 0), e.add(radius*0.7, 0), changeInk, 1.5)
			}
		}
		m := path{ops: circle(c, radius), fill: changeInk, stroke: changeInk, width: 1.6}
		if s.Rate.Median <= best[s.Machine] {
			m.fill = white
		}
		best[s.Machine] = max(best[s.Machine], s.Rate.Median)
		t.add(m)
		t.finish()
		str := digits3(s.Rate.Median / scale)
		if spot, ok := p.near(c, radius, textWidth(str, 12, true), 13, 20); ok && spot.leader == nil && width > 24 {
			x0, y0, _, _ := spot.box.bounds()
			p.addText(spot.box)
			t.put(text{at: Point{x0, y0 + 11}, str: str, size: 12, bold: true, color: changeInk.darker(0.75), halo: true})
		}
	}
}

func unitScale(v float64) float64 { scale, _ := prefixOf(v); return scale }

// list writes what each step was and changed. Of many steps it has the first and the latest.
func (t *trajectory) list() {
	x, y := t.right+26, t.top+8
	room := t.w - boardMargin - x
	show := t.steps
	left := 0
	if len(show) > mostRows {
		left = len(show) - mostRows
		show = append(append([]Step{}, show[0]), show[left+1:]...)
	}
	pitch := min((t.bottom-t.top)/float64(len(show)), 52)
	for i, s := range show {
		head := fmt.Sprintf("#%d %s  %s", s.Number, oneLine(s.Label), units.SI(s.Rate.Median, s.Unit))
		if pm := plusMinus(relative(s.Rate)); pm != "" {
			head += " " + pm
		}
		if s.Attainable > 0 {
			head += ", " + percent(s.Rate.Median/s.Attainable) + " of the roof"
			if s.Bound != "" {
				head += " (" + oneLine(s.Bound) + ")"
			}
		}
		second := oneLine(s.Change)
		if s.Note != "" {
			second = strings.Trim(second+"  “"+oneLine(s.Note)+"”", " ")
		}
		if i == 1 && left > 0 {
			head = fmt.Sprintf("(%d steps are left out here)  ", left) + head
		}
		if pitch < 40 {
			t.put(text{at: Point{x, y + 6}, str: fit(head+"  "+second, 12, false, room), size: 12, color: black})
		} else {
			t.put(text{at: Point{x, y + 6}, str: fit(head, 13, true, room), size: 13, bold: true, color: black})
			words := wrapOne(second, 12.5, room)
			if len(words) > 2 {
				words = []string{words[0], fit(strings.Join(words[1:], " "), 12.5, false, room)}
			}
			if len(words) > 1 && pitch < 50 {
				words = []string{fit(second, 12.5, false, room)}
			}
			for j, w := range words {
				t.put(text{at: Point{x, y + 23 + 15*float64(j)}, str: w, size: 12.5, color: outcomeInk(s.Outcome)})
			}
		}
		y += pitch
	}
}

// words describes the trajectory.
func (t *trajectory) words() string {
	first, best := t.steps[0], t.steps[0]
	for _, s := range t.steps {
		if s.Rate.Median > best.Rate.Median {
			best = s
		}
	}
	return fmt.Sprintf("Performance over %d steps, from %s to at best %s at step %d.", len(t.steps), units.SI(first.Rate.Median, first.Unit),
		units.SI(best.Rate.Median, best.Unit), best.Number)
}
