package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// glanceRow is a kernel in the first table.
type glanceRow struct {
	Run      int // of the current ones
	Name     string
	Family   string
	Rate     quantity
	Share    string // of the roof
	Bar      bar
	Grade    string // near, middle, far or above: how far from the roof, in a word
	Roof     string // what binds, in words
	RoofRate string
	Next     string
	Detail   bool // it has a section of its own
	fraction float64
}

// glance says of each kernel which roof binds it, how far away it is and what to do next.
func glance(s *story, marks []plots.Mark) (rows []glanceRow, more int) {
	has := inDetail(s.current)
	for i, r := range s.current.Runs {
		rate, unit := r.Rate()
		g := glanceRow{Run: i, Name: marks[i].Name, Family: marks[i].Family, Rate: quantityOf(rate, unit), Detail: has[i], fraction: ofRoof(r)}
		if b := r.Bound; b != nil {
			g.Share, g.Bar, g.Grade = plots.Percent(b.Fraction), share(b.Fraction, "of-roof"), grade(b.Fraction, marks[i].Above)
			g.Roof, g.RoofRate = roofline.BoundName(b.By), si(b.Attainable, b.Unit)
		}
		if rate.Median == 0 {
			g.Rate = quantityOf(r.Time.Estimate, "s")
		}
		g.Next = nextStep(r)
		for _, w := range s.current.Warnings {
			if g.Next == "" && r.Bound == nil && w.About == r.ID() {
				g.Next = plots.Sentence(w.Text) + " " + plots.Sentence(w.Cure)
			}
		}
		rows = append(rows, g)
	}
	if len(rows) > glanceAll {
		slices.SortStableFunc(rows, func(a, b glanceRow) int { return cmp.Compare(a.fraction, b.fraction) })
		rows, more = rows[:glanceWorst], len(rows)-glanceWorst
	}
	return rows, more
}

// grade words the distance from the roof.
func grade(fraction float64, above bool) string {
	switch {
	case above:
		return "above"
	case fraction >= 0.8:
		return "near"
	case fraction >= 0.5:
		return "middle"
	}
	return "far"
}

// nextStep is what to do about a run: that of its most rewarding finding, else the first advice, else where its time goes.
func nextStep(r roofline.Run) string {
	switch {
	case r.Analysis != nil && len(r.Analysis.Findings) > 0:
		return plots.Sentence(r.Analysis.Findings[0].Next)
	case r.Bound == nil:
		return ""
	case len(r.Bound.Advice) > 0:
		return plots.Sentence(r.Bound.Advice[0])
	case r.Bound.Fraction >= 0.8 && strings.HasPrefix(r.Bound.By, "compute."):
		return "At the compute roof: only less work, a wider instruction set or a smaller type helps."
	}
	return largestLoss(r)
}

// largestLoss names the part of the gap that takes most of the time.
func largestLoss(r roofline.Run) string {
	if r.Analysis == nil || r.Analysis.Gap == nil || len(r.Analysis.Gap.Parts) == 0 {
		return ""
	}
	g := r.Analysis.Gap
	most := slices.MaxFunc(g.Parts, func(a, b roofline.GapPart) int { return cmp.Compare(a.Seconds, b.Seconds) })
	if !(most.Seconds > 0) || !(g.Measured > 0) {
		return ""
	}
	lost := fmt.Sprintf("No fault found. The largest loss, %s of the time: %s", plots.Percent(most.Seconds/g.Measured), plots.CauseName(most.Cause))
	switch {
	case most.Cause != roofline.CauseOther:
		return lost + "."
	case disturbed(r):
		return lost + ", but other programs disturbed this run. Measure it again on a quiet machine."
	case isBandwidth(r.Bound.By):
		return lost + ". Streams of the ceiling keep more lines on their way: try prefetches, more streams at a time, or huge pages."
	}
	return lost + ". Look for it in the hot blocks: front end, registers, loops that are left too soon."
}

func isBandwidth(id string) bool {
	_, ok := levelOf(id)
	return ok
}

// disturbed says whether other programs kept a run from being measured well.
func disturbed(r roofline.Run) bool {
	return slices.ContainsFunc(r.Analysis.Quality, func(k roofline.Check) bool { return k.Name == "undisturbed" && !k.OK && k.Cure != "" })
}
