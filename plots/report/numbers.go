package report

import (
	"fmt"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// number is one result with its interval, where it comes from and the formula that made it.
type number struct{ Name, Value, Interval, From, Formula string }

// numbers are the results of a run.
func numbers(r roofline.Run, ceilings []roofline.Ceiling) (list []number) {
	timed := quantityOf(r.Time.Estimate, "s")
	list = append(list, number{"Time of a call", timed.Text, plots.Interval(r.Time.Estimate, "s"), "clock", takenAs(r.Time.Estimate)})
	rate, unit := r.Rate()
	if rate.Median > 0 {
		formula := r.Operation() + "s ÷ time = " + si(r.FLOPs(), r.Operation()) + " ÷ " + timed.Text
		if unit == "B/s" {
			formula = "bytes of " + r.Traffic.Level + " ÷ time"
		}
		list = append(list, number{"Performance", si(rate.Median, unit), plots.Interval(rate, unit), "", formula})
	}
	list = append(list, flops(r))
	for _, level := range roofline.Levels {
		list = append(list, ofLevel(r, level))
	}
	if ratio, ok := r.ExecutedOverAlgorithmic(); ok {
		list = append(list, number{"Executed ÷ algorithmic " + r.Operation() + "s", plots.Significant(ratio, 3), "–", "", "counted ÷ declared"})
	}
	list = append(list, bound(r, ceilings)...)
	if r.Memory.WorkingSet > 0 {
		list = append(list, number{"Working set", units.Bytes(r.Memory.WorkingSet), "–", "shape", "bytes of all operands"})
	}
	if v := r.Verified; v.Against != "" {
		list = append(list, number{"Largest error", fmt.Sprintf("%.2g", v.MaxError), "–", "against " + v.Against, fmt.Sprintf("tolerated: %.2g", v.Tolerance)})
	}
	return list
}

func flops(r roofline.Run) number {
	c := countCell(r, perf.FLOPs, r.Operation())
	return number{r.Operation() + "s of a call", c.Text, "–", c.Why, ""}
}

func ofLevel(r roofline.Run, level string) number {
	ai := intensity(r, level)
	n := number{Name: "Intensity, " + level, Value: ai.Text, Interval: "–", From: ai.Why}
	if c, ok := r.Count(roofline.Bytes(level)); ok && ai.Text != "–" {
		n.Value += " " + r.Operation() + "/B"
		n.From = "bytes: " + sourceText(c)
		n.Formula = r.Operation() + "s ÷ bytes." + level + " = " + si(r.FLOPs(), r.Operation()) + " ÷ " + si(c.Value, "B")
	}
	return n
}

// bound is the attainable performance and how much of it was reached.
func bound(r roofline.Run, ceilings []roofline.Ceiling) []number {
	b := r.Bound
	if b == nil {
		return []number{{"Attainable", "–", "–", "not placed under any roof", ""}}
	}
	interval := "–"
	if c, ok := r.BoundCeiling(ceilings); ok {
		interval = plots.Interval(c.Value.Scale(b.Attainable/c.Value.Median), b.Unit)
	}
	formula := "that ceiling"
	if level, ok := levelOf(b.By); ok && b.Unit != "B/s" {
		formula = "intensity at " + level + " × that bandwidth; every other ceiling allows more"
	} else if ok {
		formula = "that bandwidth; the run has no FLOPs"
	}
	list := []number{{"Attainable", si(b.Attainable, b.Unit), interval, b.By, formula},
		{"Of the roof", plots.Percent(b.Fraction), "–", "", "performance ÷ attainable"}}
	if a := r.AtClock; a != nil && a.Fraction != nil {
		e := *a.Fraction
		interval := "–"
		if e.Known() {
			interval = plots.Percent(e.Lo) + " – " + plots.Percent(e.Hi)
		}
		list = append(list, number{"Of the roof at its clock", plots.Percent(e.Median), interval, a.By,
			"performance ÷ its loop right behind the samples (" + si(a.Value.Median, a.Unit) + "), turn by turn"})
	}
	return list
}

// levelOf is the level of a bandwidth ceiling.
func levelOf(id string) (string, bool) {
	if !strings.HasPrefix(id, "bandwidth.") {
		return "", false
	}
	return id[strings.LastIndexByte(id, '.')+1:], true
}
