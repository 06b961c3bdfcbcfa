package plots

import (
	"fmt"
	"io"
	"strings"

	"github.com/roofline-go/roofline/roofline"
)

// TableOptions says how to print a table.
type TableOptions struct {
	Format string // "text" (also ""), "markdown", "csv" or, for runs, "benchfmt"
	Width  int    // columns of a text table; 0: 80
	Color  bool   // whether a text table may use colour
	ASCII  bool   // a text table for terminals that show nothing else
	Signs  bool   // name runs as Terminal does, whose chart stands above the table
}

// minWidth is what a text table needs at least; a narrower terminal wraps.
const minWidth = 40

func (o TableOptions) width() int {
	if o.Width == 0 {
		return 80
	}
	return max(o.Width, minWidth)
}

// Table prints the runs of a result: one line per run, then numbered footnotes (what is missing and why, what was unfit
// and how to cure it), then for each run in a sentence what binds it. CSV has numbers in SI units that read back exactly,
// and nothing but the table; missing values are "–", in CSV empty, and never 0.
func Table(w io.Writer, res *roofline.Result, o TableOptions) error {
	return o.write(w, "runs", map[string]func() (string, error){
		"text": func() (string, error) {
			if isCommand(res) {
				return textCommand(res, o), nil
			}
			return textTable(res, o), nil
		},
		"markdown": func() (string, error) { return markdownTable(res), nil },
		"csv":      func() (string, error) { return csvTable(res) },
		"benchfmt": func() (string, error) { return benchTable(res) },
	})
}

// CeilingsTable prints the ceilings of a result, grouped by kind, with the theoretical value beside the measured one.
func CeilingsTable(w io.Writer, res *roofline.Result, o TableOptions) error {
	return o.write(w, "ceilings", map[string]func() (string, error){
		"text":     func() (string, error) { return textCeilings(res, o), nil },
		"markdown": func() (string, error) { return markdownCeilings(res), nil },
		"csv":      func() (string, error) { return csvCeilings(res) },
	})
}

func (o TableOptions) write(w io.Writer, what string, formats map[string]func() (string, error)) error {
	format := o.Format
	if format == "" {
		format = "text"
	}
	render, ok := formats[format]
	if !ok {
		return fmt.Errorf("print table of %s: unknown format %q (use text, markdown or csv)", what, o.Format)
	}
	s, err := render()
	if err != nil {
		return fmt.Errorf("print table of %s: %w", what, err)
	}
	if o.ASCII && format == "text" {
		s = toASCII(s)
	}
	if _, err := io.WriteString(w, s); err != nil {
		return fmt.Errorf("print table of %s: %w", what, err)
	}
	return nil
}

// footnotes numbers texts in the order in which they are first cited.
type footnotes struct {
	texts  []string
	number map[string]int
}

// cite returns the number of a footnote; equal texts share one.
func (f *footnotes) cite(text string) int {
	text = oneLine(text)
	if n := f.number[text]; n > 0 {
		return n
	}
	if f.number == nil {
		f.number = map[string]int{}
	}
	f.texts = append(f.texts, text)
	f.number[text] = len(f.texts)
	return len(f.texts)
}

// about cites the warnings of one run and returns their numbers.
func (f *footnotes) about(res *roofline.Result, id string) (numbers []int) {
	for _, w := range res.Warnings {
		if w.About == id {
			numbers = append(numbers, f.cite(withCure(sentence(w.Text), w.Cure)))
		}
	}
	return numbers
}

// rest cites the warnings that are about no run, so that none is lost.
func (f *footnotes) rest(res *roofline.Result) {
	runs := map[string]bool{}
	for _, r := range res.Runs {
		runs[r.ID()] = true
	}
	for _, w := range res.Warnings {
		if runs[w.About] {
			continue
		}
		text := withCure(sentence(w.Text), w.Cure)
		if w.About != "" {
			text = w.About + ": " + text
		}
		f.cite(text)
	}
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹"

// superscript writes footnote numbers in one column per digit.
func superscript(numbers ...int) string {
	var b strings.Builder
	for i, n := range numbers {
		if i > 0 {
			b.WriteByte(',')
		}
		for _, d := range fmt.Sprint(n) {
			b.WriteRune([]rune(superscripts)[d-'0'])
		}
	}
	return b.String()
}
