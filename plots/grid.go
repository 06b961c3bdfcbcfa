package plots

import (
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
)

// grid is a text table: columns of cells, aligned by what a terminal shows (wide characters count as two).
type grid struct {
	left  []bool     // per column: aligned left
	gap   []int      // per column: blanks before it
	rows  [][]string // the first is the heading
	paint func(row, col int, s string) string

	suffix map[int]string // of rows, where it fits
}

func width(s string) int { return lipgloss.Width(s) }

// cut shortens s to at most n columns, ending in an ellipsis where something is lost.
func cut(s string, n int) string {
	if width(s) <= n {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if width(b.String()+string(r)) > n-1 {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + "…"
}

// cutName shortens a name to at most n columns in its middle: the names of a program's functions often begin alike.
func cutName(s string, n int) string {
	if width(s) <= n {
		return s
	}
	tail, room := "", int(float64(n-1)*nameTail)
	for _, r := range slices.Backward([]rune(s)) {
		if width(string(r)+tail) > room {
			break
		}
		tail = string(r) + tail
	}
	return cut(s, n-width(tail)) + tail
}

func pad(s string, n int, left bool) string {
	blanks := strings.Repeat(" ", max(n-width(s), 0))
	if left {
		return s + blanks
	}
	return blanks + s
}

// widths are the natural widths of the columns.
func (g *grid) widths() []int {
	w := make([]int, len(g.left))
	for _, row := range g.rows {
		for c, s := range row {
			w[c] = max(w[c], width(s))
		}
	}
	return w
}

// total is the width of the table.
func (g *grid) total() int {
	sum := 0
	for c, w := range g.widths() {
		if w > 0 {
			sum += w + g.gap[c]
		}
	}
	return sum
}

// lineWidth is the width of a row without the blanks at its end.
func (g *grid) lineWidth(row int) int { return g.lineWidthIn(g.widths(), row) }

// lineWidthIn is lineWidth where the widths w of the columns are known.
func (g *grid) lineWidthIn(w []int, row int) int {
	at, last := 0, 0
	for c, s := range g.rows[row] {
		if w[c] == 0 {
			continue
		}
		at += g.gap[c] + w[c]
		if s != "" {
			last = at
			if g.left[c] {
				last -= w[c] - width(s)
			}
		}
	}
	return last
}

// shrink shortens the cells of a column until the table is at most limit wide or the column at its minimum.
func (g *grid) shrink(col, minimum, limit int, short func(s string, n int) string) {
	excess := g.total() - limit
	if excess <= 0 {
		return
	}
	n := max(g.widths()[col]-excess, minimum)
	for _, row := range g.rows {
		row[col] = short(row[col], n)
	}
}

// drop empties a column; empty columns are not printed.
func (g *grid) drop(col int) {
	for _, row := range g.rows {
		row[col] = ""
	}
}

// String prints the table, no line longer than limit.
func (g *grid) render(limit int) string {
	w := g.widths()
	var out strings.Builder
	for i, row := range g.rows {
		line, used, last := "", 0, len(row)-1
		for last > 0 && row[last] == "" {
			last--
		}
		for c, s := range row[:last+1] {
			if w[c] == 0 || used >= limit {
				continue
			}
			cell := strings.Repeat(" ", g.gap[c]) + pad(s, w[c], g.left[c])
			if c == last {
				cell = strings.TrimRight(cell, " ")
			}
			if used+width(cell) > limit {
				cell = cut(cell, limit-used)
			}
			used += width(cell)
			if g.paint != nil {
				cell = g.paint(i, c, cell)
			}
			line += cell
		}
		line = strings.TrimRight(line, " ")
		if g.lineWidthIn(w, i)+width(g.suffix[i]) <= limit {
			line += g.suffix[i]
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}

// wrap breaks s into lines of at most n columns; words that are longer are broken.
func wrap(s string, n int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(s) {
		for width(word) > n {
			head := ""
			for _, r := range word {
				if width(head+string(r)) > n {
					break
				}
				head += string(r)
			}
			if head == "" {
				return append(lines, "…") // not even one character fits
			}
			if line != "" {
				lines, line = append(lines, line), ""
			}
			lines = append(lines, head)
			word = word[len(head):]
		}
		if line != "" && width(line)+1+width(word) > n {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// hang prints a paragraph behind a label, later lines indented as far as the first.
func hang(label, s string, limit int) string {
	var out strings.Builder
	indent := strings.Repeat(" ", width(label))
	for i, l := range wrap(s, limit-width(label)) {
		if i > 0 {
			label = indent
		}
		out.WriteString(label + l + "\n")
	}
	return out.String()
}
