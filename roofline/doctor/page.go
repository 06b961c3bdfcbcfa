package doctor

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// columns are those of the tables as they are printed where there is room, oneLine those that a counter's kernel and numbers need
// in one line, and leastColumns those of the narrowest page.
const (
	columns      = 80
	oneLine      = 52
	leastColumns = 40
)

// page builds the text.
type page struct {
	bytes.Buffer
	columns int
}

// narrow says that tables have to do with less than they like.
func (p *page) narrow() bool { return p.columns < columns }

func (p *page) line(s string) { fmt.Fprintln(p, strings.TrimRight(s, " ")) }

func (p *page) head(title string) {
	if p.Len() > 0 {
		p.line("")
	}
	p.text0(title)
}

// row prints a label and a text.
func (p *page) row(label, format string, args ...any) {
	p.hang(fmt.Sprintf("  %-12s  ", label), format, args...)
}

// mark prints whether something is fit, its name and a text.
func (p *page) mark(ok bool, name, text string) {
	word := "ok"
	if !ok {
		word = "no"
	}
	p.hang(fmt.Sprintf("  %s  %-13s  ", word, name), "%s", text)
}

func (p *page) text0(s string) { p.hang("", "%s", s) }

func (p *page) text(s string) { p.hang("  ", "%s", s) }

// hang prints a text behind a prefix; further lines are indented as deep as the prefix is wide.
func (p *page) hang(prefix, format string, args ...any) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(prefix))
	line, empty := prefix, true
	for word := range strings.SplitSeq(fmt.Sprintf(format, args...), " ") {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > p.columns {
			p.line(line)
			line, empty = indent, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	p.line(line)
}
