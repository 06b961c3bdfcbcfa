package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// findingRow is one piece of advice: about one kernel, or several that it is alike for.
type findingRow struct {
	Names    []string // of the kernels
	ID       string
	Cause    string
	Evidence []string
	Next     string
	Gain     string // "up to 1.9× faster", "" when not known
	Moves    string // "bound: 84 GFLOP/s → 168 GFLOP/s"
	gain     float64
}

// findings lists those of all current runs, the most rewarding first, and the same advice once, with the evidence of the
// kernel that it rewards most; healthy says that runs were analysed and none has any.
func findings(s *story, marks []plots.Mark) (rows []findingRow, healthy bool) {
	for i, r := range s.current.Runs {
		if r.Analysis == nil {
			continue
		}
		healthy = healthy || r.Analysis.Gap != nil || len(r.Analysis.Mix) > 0
		for _, f := range r.Analysis.Findings {
			row := findingOf(f)
			row.Names = []string{marks[i].Name}
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b findingRow) int { return cmp.Compare(b.gain, a.gain) })
	type advice struct{ id, next string }
	at := map[advice]int{}
	once := rows[:0]
	for _, row := range rows {
		key := advice{row.ID, row.Next}
		if i, ok := at[key]; ok {
			once[i].Names = append(once[i].Names, row.Names...)
			continue
		}
		at[key] = len(once)
		once = append(once, row)
	}
	return once, healthy && len(once) == 0
}

func findingOf(f roofline.Finding) findingRow {
	row := findingRow{ID: f.ID, Cause: plots.Sentence(f.Cause), Evidence: f.Evidence, Next: plots.Sentence(f.Next), gain: f.Gain}
	switch {
	case f.Gain >= 1.1:
		row.Gain = fmt.Sprintf("about %.2g× as fast", f.Gain)
	case f.Gain > 1:
		row.Gain = fmt.Sprintf("about %.0f %% faster", 100*(f.Gain-1))
	}
	if f.From > 0 && f.To > 0 {
		row.Moves = si(f.From, f.Unit) + " → " + si(f.To, f.Unit)
	}
	return row
}
