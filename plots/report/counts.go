package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// countRow is a quantity with all that was counted of it.
type countRow struct {
	Quantity string
	Used     string
	From     string
	Others   string
}

func countRows(r roofline.Run) (rows []countRow) {
	for q, list := range r.Counts {
		row := countRow{Quantity: string(q), Used: "–", From: "not counted"}
		used, ok := r.Count(q)
		if !slices.ContainsFunc(list, func(c perf.Count) bool { return c.Quality != perf.Missing }) {
			continue // see missing
		}
		if ok {
			row.Used, row.From = plots.Significant(used.Value, 6), noted(used)
			list = list[1:]
		}
		var others []string
		for _, c := range list {
			if c.Quality == perf.Missing {
				continue
			}
			text := noted(c) + ": " + plots.Significant(c.Value, 6)
			if ok && c.Value > 0 {
				text += fmt.Sprintf(" (used ÷ this = %.3g)", used.Value/c.Value)
			}
			others = append(others, text)
		}
		row.Others = strings.Join(others, "; ")
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b countRow) int { return cmp.Compare(a.Quantity, b.Quantity) })
	return rows
}

func noted(c perf.Count) string {
	if c.Note == "" {
		return sourceText(c)
	}
	return sourceText(c) + " (" + c.Note + ")"
}

// missing says once for every reason which source did not count what.
func missing(r roofline.Run) (list []string) {
	quantities := map[string][]string{}
	for q, counts := range r.Counts {
		for _, c := range counts {
			if c.Quality == perf.Missing {
				key := string(c.Source) + ": " + c.Reason
				quantities[key] = append(quantities[key], string(q))
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(quantities)) {
		slices.Sort(quantities[key])
		list = append(list, key+" ("+strings.Join(quantities[key], ", ")+")")
	}
	return list
}
