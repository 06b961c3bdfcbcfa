package report

import (
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// tableRow is a kernel in the full table, which says in words and numbers all that the chart shows.
type tableRow struct {
	Run     int
	Number  int
	ID      string
	Name    string
	Family  string
	ISA     string
	Threads int
	Time    quantity
	Rate    quantity
	AI      []cell // per level
	Share   string
	Bar     bar
	Bound   string
	FLOPs   cell
	Memory  string
	Above   bool
	Detail  bool
	Values  rowValues // to sort by
}

// cell is a text with what stands behind it.
type cell struct{ Text, Why string }

// rowValues are what the columns are sorted by, in base units; 0 where not known.
type rowValues struct{ Time, Rate, Share float64 }

func table(s *story, marks []plots.Mark) (rows []tableRow, left int) {
	has := inDetail(s.current)
	for i, r := range s.current.Runs {
		if i == tableRows {
			return rows, len(s.current.Runs) - i
		}
		rate, unit := r.Rate()
		row := tableRow{Run: i, Number: i + 1, ID: r.ID(), Name: marks[i].Name, Family: marks[i].Family, ISA: r.ISA, Threads: r.Threads,
			Time: quantityOf(r.Time.Estimate, "s"), Rate: quantityOf(rate, unit), Bound: orText(marks[i].Bound, "–"), Share: "–",
			FLOPs: countCell(r, perf.FLOPs, r.Operation()), Above: marks[i].Above, Detail: has[i],
			Values: rowValues{r.Time.Median, rate.Median, 0}}
		for _, level := range roofline.Levels {
			row.AI = append(row.AI, intensity(r, level))
		}
		if b := r.Bound; b != nil {
			row.Share, row.Bar, row.Values.Share = plots.Percent(b.Fraction), share(b.Fraction, "of-roof"), b.Fraction
		}
		if r.Memory.WorkingSet > 0 {
			row.Memory = units.Bytes(r.Memory.WorkingSet)
		}
		rows = append(rows, row)
	}
	return rows, 0
}

// intensity is the AI of a run at a level, infinite where nothing moved, or why there is none.
func intensity(r roofline.Run, level string) cell {
	for _, p := range r.Points {
		if p.Level == level {
			c, _ := r.Count(roofline.Bytes(level))
			return cell{plots.Significant(p.AI, 3), si(r.FLOPs(), r.Operation()) + " ÷ " + si(c.Value, "B") + ", bytes " + sourceText(c)}
		}
	}
	if c, ok := r.Count(roofline.Bytes(level)); ok && c.Value == 0 && r.FLOPs() > 0 {
		return cell{"∞", "no traffic was seen at this level (" + sourceText(c) + "): repeated calls need nothing from there"}
	}
	c := countCell(r, roofline.Bytes(level), "B")
	if c.Text != "–" {
		c.Why = "no intensity: " + c.Text + " at this level"
	}
	return cell{"–", c.Why}
}

// countCell is a count in use, with its source; or why it is missing.
func countCell(r roofline.Run, q perf.Quantity, unit string) cell {
	if c, ok := r.Count(q); ok {
		return cell{si(c.Value, unit), sourceText(c)}
	}
	if list := r.Counts[q]; len(list) > 0 {
		return cell{"–", "not counted: " + list[0].Reason}
	}
	return cell{"–", "not counted"}
}

// sourceText says where a count comes from and how good it is.
func sourceText(c perf.Count) string {
	switch {
	case c.Quality == perf.Scaled:
		return string(c.Source) + ", scaled up from " + plots.Percent(c.Running) + " of the time"
	case string(c.Source) == string(c.Quality):
		return string(c.Source)
	}
	return string(c.Source) + ", " + string(c.Quality)
}
