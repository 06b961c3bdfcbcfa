package compare

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline/stats"
)

// columns is the width that text is written for.
const columns = 80

// WriteText prints the report for people: of each comparison the times, the verdict, what moved and what did not.
func (r *Report) WriteText(w io.Writer) error {
	p := &printer{w: w}
	for i := range r.Comparisons {
		if i > 0 {
			p.line("")
		}
		p.comparison(&r.Comparisons[i])
	}
	if len(r.Comparisons) > 1 {
		p.line("")
		text := fmt.Sprintf("geometric mean of %d: %s", len(r.Comparisons), ratioText(r.GeoMean))
		p.line(text)
	}
	for _, u := range r.Unmatched {
		p.wrap("not compared: ", units.OneLine(u))
	}
	for _, warning := range r.Warnings {
		p.wrap("note: ", warning)
	}
	return p.err
}

func ratioText(e stats.Estimate) string {
	switch {
	case math.IsNaN(e.Median): // a side has no samples
		return "not known"
	case !e.Known():
		return fmt.Sprintf("%.3f ×", e.Median)
	}
	return fmt.Sprintf("%.3f × [%.3f, %.3f]", e.Median, e.Lo, e.Hi)
}

type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(s string) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, strings.TrimRight(s, " "))
	}
}

// wrap prints a text behind a prefix in lines of the width; further lines are indented like the first.
func (p *printer) wrap(prefix, text string) {
	for _, line := range units.Hang(prefix, strings.Repeat(" ", utf8.RuneCountInString(prefix)), text, columns) {
		p.line(line)
	}
}

// Probability is the text of a p value: three digits, of which none is 0, or a dash where there is none.
func Probability(p float64) string {
	switch {
	case math.IsNaN(p):
		return "–"
	case p < 0.0005:
		return "< 0.001"
	}
	return fmt.Sprintf("%.3f", p)
}

func (p *printer) comparison(c *Comparison) {
	p.wrap("", units.OneLine(c.ID))
	n := fmt.Sprintf("n %d+%d", c.Time.Base.N, c.Time.New.N)
	if c.Time.Paired {
		n = fmt.Sprintf("%d pairs", c.Time.New.N)
		if c.Time.New.N == 1 {
			n = "1 pair"
		}
	}
	pv := "p " + Probability(c.Time.P)
	if adjusted := Probability(c.Adjusted); !math.IsNaN(c.Time.P) && "p "+adjusted != pv {
		pv += fmt.Sprintf(" (adjusted %s)", adjusted)
	}
	p.line(fmt.Sprintf("  %s → %s  %s, %s", duration(c.Time.Base), duration(c.Time.New), pv, n))
	p.wrap("  ", c.Verdict.Text)
	var same, declared []string
	missing := map[string][]string{}
	var reasons []string
	for _, m := range c.Metrics {
		switch {
		case !m.Known():
			if missing[m.Why] == nil {
				reasons = append(reasons, m.Why)
			}
			missing[m.Why] = append(missing[m.Why], m.Name)
		case m.Declared && m.Base.Median == m.New.Median:
			declared = append(declared, m.Name)
		case m.Base.Median == m.New.Median || math.Abs(m.Ratio.Median-1) < 0.001:
			same = append(same, m.Name)
		default:
			p.line("  " + m.String())
		}
	}
	if len(same) > 0 {
		p.wrap("  same:  ", strings.Join(same, ", "))
	}
	if len(declared) > 0 {
		p.wrap("  not counted:  ", strings.Join(declared, ", ")+" (what the shape declares, the same for both)")
	}
	for _, why := range reasons {
		if strings.HasPrefix(why, "no point at") || why == "not counted" {
			continue // follows from the bytes that are missing, with their reason
		}
		p.wrap("  not known:  ", strings.Join(missing[why], ", ")+" ("+why+")")
	}
}

func duration(e stats.Estimate) string {
	s := units.SI(e.Median, "s")
	if e.Known() {
		s += fmt.Sprintf(" ±%s", percent(e.RelHalfWidth()))
	}
	return s
}

// String is the metric in one line of a table.
func (m Metric) String() string {
	value := func(e stats.Estimate) string {
		if m.Name == "roof" {
			return fmt.Sprintf("%.1f %%", 100*e.Median)
		}
		if m.Unit == "" {
			return fmt.Sprintf("%.3g", e.Median)
		}
		if strings.HasSuffix(m.Unit, "/B") && e.Median < 1 { // 0.164 FLOP/B, not 164 mFLOP/B
			return fmt.Sprintf("%.3g %s", e.Median, m.Unit)
		}
		return units.SI(e.Median, m.Unit)
	}
	ratio := ""
	if !math.IsNaN(m.Ratio.Median) {
		ratio = signed(m.Ratio.Median - 1)
		if m.Ratio.Known() && m.Ratio.Lo != m.Ratio.Hi {
			ratio += fmt.Sprintf(" [%s, %s]", signed(m.Ratio.Lo-1), signed(m.Ratio.Hi-1))
		}
	}
	return fmt.Sprintf("%-10s %14s → %-14s %s", m.Name, value(m.Base), value(m.New), ratio)
}
