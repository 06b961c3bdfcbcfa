package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/history"
)

// trend is the story of one kernel, step by step.
type trend struct {
	Key      string
	Marks    []trendMark
	Ways     []trendWay
	Top, Low string // values at the upper and lower end of the axis
	Steps    []trendStep
	Last     quantity
	Roof     string // share of the roof that the last step reached
	Since    string // best over the first of its machine: "3.4× the first"
	BestN    int
	LastIs   string // outcome of the last step against the best before it, as a class
	Verdict  string // in words
	IsBest   bool   // the last step is the best
	Machines bool   // not all steps are of one machine
}

// trendMark is a step in the drawing, in percent of its box.
type trendMark struct {
	X, Y, Lo, Hi float64
	Shape        string // up, down, same or unsure: against the step before
	Best         bool
	Title        string
}

// trendWay leads from one step to the next.
type trendWay struct{ X1, Y1, X2, Y2 float64 }

// trendStep is a line of the table of a trend.
type trendStep struct {
	N       int
	Time    string
	Code    string
	Variant string
	Value   quantity
	Rate    quantity
	Roof    string
	Before  string // change of the time against the step before
	P       string
	Verdict string
	Outcome string
	Best    bool
	Notes   []string
}

// mostSteps is how many steps the drawing of a trend shows; the table has all.
const mostSteps = 60

func trends(s *story) (list []trend) {
	for _, t := range s.steps {
		list = append(list, trendOf(t))
	}
	return list
}

func trendOf(t *history.Trajectory) trend {
	n := len(t.Steps)
	first, best, last := t.Steps[0], t.Steps[t.Best], t.Steps[n-1]
	rate, unit := last.Run.Rate()
	gain, than := t.Gain()
	v := trend{Key: t.Key, Last: quantityOf(rate, unit), Roof: "–", BestN: best.N, IsBest: t.Best == n-1, Since: fmt.Sprintf("%.2f× %s", gain, than)}
	if rate.Median == 0 {
		v.Last = quantityOf(last.Run.Time.Estimate, "s")
	}
	if b := last.Run.Bound; b != nil {
		v.Roof = plots.Percent(b.Fraction)
	}
	v.LastIs, v.Verdict = "first", "first measurement"
	if c := last.Best; c != nil {
		v.LastIs, v.Verdict = outcomeClass(c), "against the best before (#"+fmt.Sprint(bestBefore(t))+"): "+c.Verdict.Text
	} else if n > 1 {
		v.LastIs, v.Verdict = "inconclusive", "on another machine than the steps before"
	}
	for i, step := range t.Steps {
		v.Machines = v.Machines || step.Machine != first.Machine
		v.Steps = append(v.Steps, stepOf(step, i == t.Best))
	}
	v.draw(t)
	return v
}

// bestBefore is the number of the fastest step before the last, on its machine.
func bestBefore(t *history.Trajectory) (n int) {
	steps := t.Steps[:len(t.Steps)-1]
	least := math.Inf(1)
	for _, s := range steps {
		if s.Machine == t.Steps[len(steps)].Machine && s.Run.Time.Median < least {
			n, least = s.N, s.Run.Time.Median
		}
	}
	return n
}

func stepOf(s history.Step, best bool) trendStep {
	rate, unit := s.Run.Rate()
	step := trendStep{N: s.N, Time: s.Time, Code: s.Code.Short(), Variant: s.Run.Variant, Value: quantityOf(s.Run.Time.Estimate, "s"),
		Rate: quantityOf(rate, unit), Roof: "–", Before: "–", P: "–", Outcome: "first", Best: best, Notes: s.Notes}
	if at, err := time.Parse(time.RFC3339, s.Time); err == nil {
		step.Time = at.UTC().Format("2006-01-02 15:04")
	}
	if b := s.Run.Bound; b != nil {
		step.Roof = plots.Percent(b.Fraction)
	}
	if c := s.Previous; c != nil {
		step.Before, step.Verdict, step.Outcome = changeText(*c), c.Verdict.Text, outcomeClass(c)
		step.P = compare.Probability(c.Adjusted)
	}
	return step
}

func outcomeClass(c *compare.Comparison) string {
	return strings.ReplaceAll(string(c.Verdict.Outcome), " ", "-")
}

// shapes are the marks of a step by what it changed.
var shapes = map[compare.Outcome]string{compare.Faster: "up", compare.Slower: "down", compare.NoDifference: "same", compare.Inconclusive: "unsure"}

// draw places the steps: time runs to the right, speed upwards, the axis as narrow as the intervals allow.
func (v *trend) draw(t *history.Trajectory) {
	steps := t.Steps
	best := t.Best
	if cut := len(steps) - mostSteps; cut > 0 {
		steps, best = steps[cut:], best-cut
	}
	speed := func(s history.Step) (mid, lo, hi float64, unit string) {
		e, unit := s.Run.Rate()
		if !(e.Median > 0) {
			e, unit = s.Run.Time.Over(1), "calls/s"
		}
		if !e.Known() {
			return e.Median, e.Median, e.Median, unit
		}
		return e.Median, e.Lo, e.Hi, unit
	}
	_, low, top, unit := speed(steps[0])
	for _, s := range steps {
		_, lo, hi, _ := speed(s)
		low, top = min(low, lo), max(top, hi)
	}
	v.Top, v.Low = si(top, unit), si(low, unit)
	y := func(s float64) float64 {
		if top == low {
			return 50
		}
		return 8 + 84*(top-s)/(top-low)
	}
	for i, s := range steps {
		mid, lo, hi, _ := speed(s)
		m := trendMark{X: 4 + 92*(float64(i)+0.5)/float64(len(steps)), Y: y(mid), Lo: y(lo), Hi: y(hi), Shape: "same", Best: i == best,
			Title: fmt.Sprintf("#%d %s: %s", s.N, s.Run.Variant, si(mid, unit))}
		if c := s.Previous; c != nil {
			m.Shape = shapes[c.Verdict.Outcome]
			m.Title += ", " + c.Verdict.Text
		}
		if m.Best {
			m.Title += ", the best"
		}
		if i > 0 {
			p := v.Marks[i-1]
			v.Ways = append(v.Ways, trendWay{p.X, p.Y, m.X, m.Y})
		}
		v.Marks = append(v.Marks, m)
	}
}
