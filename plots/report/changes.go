package report

import (
	"fmt"
	"strings"

	"github.com/roofline-go/roofline/roofline/compare"
)

// changes are the kernels of two results, base against new.
type changes struct {
	Base, New string
	Rows      []changeRow
	Geomean   string
	Notes     []string
}

type changeRow struct {
	ID        string
	Base, New quantity
	Change    string // of the time
	Interval  string
	P         string
	Outcome   string // faster, slower, no difference, inconclusive
	Text      string
	Bar       bar // from no change, in the middle, to as much as 50 % more or less speed
}

func changesOf(s *story) *changes {
	if s.pair == nil {
		return nil
	}
	c := &changes{Base: s.entries[0].Label, New: s.entries[1].Label}
	for _, x := range s.pair.Comparisons {
		row := changeRow{ID: x.ID, Base: quantityOf(x.Time.Base, "s"), New: quantityOf(x.Time.New, "s"), P: compare.Probability(x.Adjusted),
			Outcome: string(x.Verdict.Outcome), Text: strings.TrimPrefix(x.Verdict.Text, string(x.Verdict.Outcome)+": "), Change: changeText(x), Interval: "–"}
		if sp := x.Time.Speedup; sp.Known() {
			row.Interval = fmt.Sprintf("[%s, %s]", relative(1/sp.Hi-1), relative(1/sp.Lo-1))
			row.Bar = changeBar(sp.Median, row.Outcome)
		}
		if x.Adjusted < 0.001 {
			row.P = "<0.001"
		}
		c.Rows = append(c.Rows, row)
	}
	if g := s.pair.GeoMean; len(c.Rows) > 1 && g.Median > 0 {
		c.Geomean = "Geometric mean of the times: " + relative(1/g.Median-1)
		if g.Known() {
			c.Geomean += fmt.Sprintf(" [%s, %s]", relative(1/g.Hi-1), relative(1/g.Lo-1))
		}
	}
	c.Notes = append(append(c.Notes, s.pair.Unmatched...), s.pair.Warnings...)
	return c
}

// changeText is the change of the time of a comparison: "−12.4 %", or "–" without one.
func changeText(c compare.Comparison) string {
	if m := c.Time.Speedup.Median; m > 0 {
		return relative(1/m - 1)
	}
	return "–"
}

// relative prints a relative change: "+4.1 %", "−13.0 %".
func relative(v float64) string {
	return strings.Replace(fmt.Sprintf("%+.1f\u00a0%%", 100*v), "-", "−", 1)
}

func changeBar(speedup float64, outcome string) bar {
	by := min(max(speedup-1, -0.5), 0.5)
	if speedup < 1 {
		by = max(1-1/speedup, -0.5)
	}
	return piece(min(0.5, 0.5+by), max(0.5, 0.5+by), strings.ReplaceAll(outcome, " ", "-"))
}
