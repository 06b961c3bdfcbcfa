package history

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/session"
)

// Compared is a live comparison that a session has recorded.
type Compared struct {
	Time   string
	Code   *session.Code
	Report *compare.Report
	Notes  []string // made after it and before the next measurement or comparison
}

// Comparisons are those of the records, in order. loose are the notes that belong to no measurement and no comparison, since
// they were made before the first. A report that cannot be read is left out, and named.
func Comparisons(records []*session.Record) (list []*Compared, loose []string, skipped []error) {
	var latest *Compared
	begun := false
	for i, r := range records {
		switch r.Kind {
		case session.Measure, session.Tune:
			begun, latest = true, nil
		case session.Compare:
			begun, latest = true, &Compared{Time: r.Time, Code: r.Code}
			if err := json.Unmarshal(r.Compare, &latest.Report); err != nil || latest.Report == nil {
				skipped = append(skipped, fmt.Errorf("record %d: read comparison: %w", i+1, err))
				latest = nil
				continue
			}
			list = append(list, latest)
		case session.Note:
			switch {
			case latest != nil:
				latest.Notes = append(latest.Notes, r.Note)
			case !begun:
				loose = append(loose, r.Note)
			}
		}
	}
	return list, loose, skipped
}

// WriteComparisons prints a line per comparison with its verdict, and the notes.
func WriteComparisons(w io.Writer, list []*Compared) error {
	if len(list) == 0 {
		return nil
	}
	sameDay := day(list[0].Time) == day(list[len(list)-1].Time)
	fmt.Fprintln(w, "compared live")
	for _, c := range list {
		for i := range c.Report.Comparisons {
			one := &c.Report.Comparisons[i]
			when := strings.TrimSpace(clock(c.Time, sameDay) + "  " + c.Code.Short())
			if err := hang(w, "  ", fmt.Sprintf("%s  %s: %s", when, units.OneLine(one.ID), one.Verdict.Text)); err != nil {
				return err
			}
		}
		if g := c.Report.Gate; g != nil {
			if _, err := fmt.Fprintf(w, "    gate: %s\n", g.Ruling); err != nil {
				return err
			}
			for _, f := range g.Findings {
				if err := hang(w, "      ", units.OneLine(f.Text)); err != nil {
					return err
				}
			}
		}
		for _, note := range c.Notes {
			if err := hang(w, "    ", "note: "+units.OneLine(note)); err != nil {
				return err
			}
		}
	}
	return nil
}
