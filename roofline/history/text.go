package history

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline/compare"
)

// WriteLog prints the trajectories: a line per step with its time, performance, what changed and whether that is
// significant, and the notes.
func WriteLog(w io.Writer, list []*Trajectory) error {
	for i, t := range list {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s  %s\n", units.OneLine(t.Key), Sparkline(t.Speed()))
		sameDay := day(t.Steps[0].Time) == day(t.Steps[len(t.Steps)-1].Time)
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(tw, "  #\twhen\tcode\tvariant\ttime\trate\troof\tbefore\tbest")
		for j, s := range t.Steps {
			fmt.Fprintf(tw, "  %d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.N, clock(s.Time, sameDay), s.Code.Short(), cut(units.OneLine(s.Run.Variant), 9),
				units.SI(s.Run.Time.Median, "s"), rate(s), roofShare(s), delta(s.Previous), mark(delta(s.Best), j == t.Best))
		}
		if err := tw.Flush(); err != nil {
			return err
		}
		for _, s := range t.Steps {
			for _, note := range s.Notes {
				if err := hang(w, "  ", fmt.Sprintf("%d: %s", s.N, units.OneLine(note))); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// hang prints a text behind an indent in lines of 80 columns; further lines are indented by three more.
func hang(w io.Writer, indent, text string) error {
	further := indent + "   "
	_, err := fmt.Fprintf(w, "%s%s\n", indent, strings.Join(units.Wrap(text, 80-len(further)), "\n"+further))
	return err
}

// mark points at the best step.
func mark(text string, best bool) string {
	if best {
		return strings.TrimSpace(text + " <==")
	}
	return text
}

// delta words a comparison in few characters: how many times as fast (2.00×) or slow (÷2.00) it is, or ~ when there is no
// significant difference.
func delta(c *compare.Comparison) string {
	switch {
	case c == nil:
		return "–"
	case c.Verdict.Outcome == compare.NoDifference:
		return "~"
	case c.Verdict.Outcome == compare.Inconclusive:
		return "?"
	}
	text, times := "%s×", c.Time.Speedup.Median
	if times < 1 {
		text, times = "÷%s", 1/times
	}
	digits := 2
	if times < 1.1 { // the third tells a few percent apart
		digits = 3
	}
	return fmt.Sprintf(text, strconv.FormatFloat(times, 'f', digits, 64))
}

func rate(s Step) string {
	e, unit := s.Run.Rate()
	if e.Median == 0 {
		return "–"
	}
	return units.SI(e.Median, unit)
}

func roofShare(s Step) string {
	if s.Run.Bound == nil {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*s.Run.Bound.Fraction)
}

// clock is the time of day in UTC, with the date unless all is of one day.
func clock(rfc3339 string, sameDay bool) string {
	t, err := time.Parse(time.RFC3339, rfc3339)
	if err != nil {
		return rfc3339
	}
	if sameDay {
		return t.UTC().Format("15:04")
	}
	return t.UTC().Format("01-02 15:04")
}

// day is the date of a time in RFC 3339.
func day(rfc3339 string) string { return rfc3339[:min(10, len(rfc3339))] }

func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// WriteBest prints the best step of a trajectory and how far it is from the first on its machine.
func WriteBest(w io.Writer, t *Trajectory) error {
	s := t.Steps[t.Best]
	gain, than := t.Gain()
	code := ""
	if s.Code != nil {
		code = ", code " + s.Code.Short()
	}
	return hang(w, "", fmt.Sprintf("%s: #%d, the best of %d, %s %s, %s, %s of the roof, %.2f× %s%s", units.OneLine(t.Key), s.N, len(t.Steps), units.OneLine(s.Run.Variant),
		units.SI(s.Run.Time.Median, "s"), rate(s), roofShare(s), gain, than, code))
}

// WriteSteps prints what every step of a trajectory changed, in the words of its verdict.
func WriteSteps(w io.Writer, t *Trajectory) error {
	fmt.Fprintf(w, "%s  %s\n", units.OneLine(t.Key), Sparkline(t.Speed()))
	for i, s := range t.Steps {
		text := "first"
		switch {
		case s.Previous != nil:
			text = s.Previous.Verdict.Text
		case i > 0:
			text = "on another machine"
		}
		best := ""
		if i == t.Best {
			best = " <== best"
		}
		step := fmt.Sprintf("#%d %s %s: %s%s", s.N, units.OneLine(s.Run.Variant), units.SI(s.Run.Time.Median, "s"), text, best)
		if err := hang(w, "  ", step); err != nil {
			return err
		}
		for _, note := range s.Notes {
			if err := hang(w, "     ", "note: "+units.OneLine(note)); err != nil {
				return err
			}
		}
	}
	return nil
}
