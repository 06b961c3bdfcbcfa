package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// detail is the section of one kernel.
type detail struct {
	Run      int
	Name     string
	ID       string
	Family   string
	Rate     quantity
	Share    string
	Bar      bar
	Why      string
	Advice   []string
	Command  string // of a run of a command
	Findings []findingRow
	Warnings []roofline.Warning
	Numbers  []number
	Traffic  []trafficRow
	Gap      *gapView
	Caches   []cacheView
	Mix      []mixRow
	Blocks   []blockRow
	Samples  *samplesView
	Counts   []countRow
	Quality  []roofline.Check
}

// details makes a section for as many kernels as a page can hold, those farthest from their roofs where there are more.
func details(s *story, marks []plots.Mark) (list []detail, left int) {
	order := make([]int, len(s.current.Runs))
	for i := range order {
		order[i] = i
	}
	if len(order) > detailed {
		left, order = len(order)-detailed, order[:detailed]
	}
	lines := map[int][]plots.Line{}
	for _, i := range order {
		r := s.current.Runs[i]
		if _, ok := lines[r.Threads]; !ok {
			lines[r.Threads], _ = plots.Lines(s.current, r.Threads) // without ceilings there are no lines to compare with
		}
		list = append(list, detailOf(s.current, i, marks[i], lines[r.Threads]))
	}
	return list, left
}

func detailOf(res *roofline.Result, i int, mark plots.Mark, lines []plots.Line) detail {
	r := res.Runs[i]
	rate, unit := r.Rate()
	d := detail{Run: i, Name: mark.Name, ID: r.ID(), Family: mark.Family, Rate: quantityOf(rate, unit), Numbers: numbers(r, res.Ceilings),
		Traffic: traffic(r, lines), Samples: samples(r.Time), Counts: countRows(r)}
	if b := r.Bound; b != nil {
		d.Why, d.Share, d.Bar = plots.Sentence(b.Why), plots.Percent(b.Fraction), share(b.Fraction, "of-roof")
		for _, a := range b.Advice {
			d.Advice = append(d.Advice, plots.Sentence(a))
		}
	}
	if r.Command != nil {
		d.Command = strings.Join(r.Command.Args, " ")
	}
	for _, w := range res.Warnings {
		if w.About == d.ID {
			d.Warnings = append(d.Warnings, w)
		}
	}
	if a := r.Analysis; a != nil {
		for _, f := range a.Findings {
			d.Findings = append(d.Findings, findingOf(f))
		}
		d.Gap, d.Caches, d.Mix, d.Blocks, d.Quality = gap(a.Gap), caches(a.Caches), mix(a.Mix), blocks(a.Blocks), a.Quality
	}
	return d
}

// countRow is a quantity with all that was counted of it.
type countRow struct {
	Quantity string
	Used     string
	From     string
	Others   []string
}

func countRows(r roofline.Run) (rows []countRow) {
	for q, list := range r.Counts {
		if len(list) == 0 {
			continue
		}
		row := countRow{Quantity: string(q), Used: "–", From: "not counted"}
		for i, c := range list {
			text := sourceText(c)
			if c.Note != "" {
				text += " (" + c.Note + ")"
			}
			switch {
			case c.Quality == "missing":
				row.Others = append(row.Others, string(c.Source)+": "+c.Reason)
			case i == 0:
				row.Used, row.From = plots.Significant(c.Value, 6), text
			case list[0].Quality != "missing" && c.Value > 0:
				row.Others = append(row.Others, fmt.Sprintf("%s: %s (used ÷ this = %.3g)", text, plots.Significant(c.Value, 6), list[0].Value/c.Value))
			default:
				row.Others = append(row.Others, text+": "+plots.Significant(c.Value, 6))
			}
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b countRow) int { return cmp.Compare(a.Quantity, b.Quantity) })
	return rows
}
