package manual

import (
	"fmt"
	"slices"
	"strings"

	extast "github.com/yuin/goldmark/extension/ast"

	"github.com/roofline-go/roofline/internal/units"
)

// table writes a table with columns side by side; a cell that is too wide goes on in the lines below.
func (p *page) table(n *extast.Table, first, rest string) {
	var rows [][]string
	for r := n.FirstChild(); r != nil; r = r.NextSibling() {
		var cells []string
		for c := r.FirstChild(); c != nil; c = c.NextSibling() {
			cells = append(cells, p.inline(c))
		}
		rows = append(rows, cells)
	}
	widths := fit(rows, p.width-len([]rune(rest)))
	for i, cells := range rows {
		if len(widths) < len(cells) {
			continue // a row with more cells than the head has no columns for them
		}
		wrapped, height := make([][]string, len(cells)), 0
		for c, cell := range cells {
			wrapped[c] = broken(cell, widths[c])
			height = max(height, len(wrapped[c]))
		}
		for line := range height {
			text := ""
			for c := range cells {
				part := ""
				if line < len(wrapped[c]) {
					part = wrapped[c][line]
				}
				text += part + strings.Repeat(" ", max(widths[c]-len([]rune(part)), 0)+2)
			}
			fmt.Fprintln(&p.out, strings.TrimRight(first+text, " "))
			first = rest
		}
		if i == 0 {
			fmt.Fprintln(&p.out, rest+strings.Repeat("-", min(sum(widths)+2*(len(widths)-1), p.width-len([]rune(rest)))))
		}
	}
}

// fit chooses the widths of columns so that a row is at most width wide: the widest column is narrowed until it fits, first
// those that have only to be wrapped between words.
func fit(rows [][]string, width int) []int {
	widths, words := make([]int, len(rows[0])), make([]int, len(rows[0]))
	for _, r := range rows {
		for c := range min(len(widths), len(r)) {
			widths[c] = max(widths[c], len([]rune(r[c])))
			for word := range strings.FieldsSeq(r[c]) {
				words[c] = max(words[c], len([]rune(word)))
			}
		}
	}
	for sum(widths)+2*(len(widths)-1) > width {
		narrow := -1
		for c, w := range widths {
			if w > words[c] && (narrow < 0 || w > widths[narrow]) {
				narrow = c
			}
		}
		if narrow < 0 { // words must be broken
			narrow = slices.Index(widths, slices.Max(widths))
			words[narrow]--
		}
		if widths[narrow] == 1 {
			break
		}
		widths[narrow]--
	}
	return widths
}

// broken is a cell in lines of at most width characters: words that are longer are broken.
func broken(cell string, width int) (lines []string) {
	for _, line := range units.Wrap(cell, width) {
		for rest := []rune(line); ; {
			n := min(width, len(rest))
			lines = append(lines, string(rest[:n]))
			if rest = rest[n:]; len(rest) == 0 {
				break
			}
		}
	}
	return lines
}

func sum(list []int) (s int) {
	for _, n := range list {
		s += n
	}
	return s
}
