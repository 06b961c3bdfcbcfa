package plots

import (
	"fmt"
	"math"
	"strings"
)

// term is a plotting area of characters with 2 × 4 dots each, and characters written over the dots.
type term struct {
	cols, lines int
	x, y        span
	dots        [][]rune
	over        [][]rune
	operation   string     // what the axes count: FLOP or OP
	hue         [][]string // of what is written over the dots: parameters of SGR
}

func newTerm(width, height int, x, y span, operation string) *term {
	t := &term{operation: operation, cols: width - axisColumns, lines: height - 2, x: x, y: y}
	for range t.lines {
		t.dots = append(t.dots, make([]rune, t.cols))
		t.over = append(t.over, make([]rune, t.cols))
		t.hue = append(t.hue, make([]string, t.cols))
	}
	return t
}

// pos is the position in dots of a point given in decades.
func (t *term) pos(x, y float64) (float64, float64) {
	return (x - t.x.lo) / (t.x.hi - t.x.lo) * float64(2*t.cols-1), (t.y.hi - y) / (t.y.hi - t.y.lo) * float64(4*t.lines-1)
}

// dotBits are the bits of the braille characters by line and column of the dot.
var dotBits = [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

func (t *term) dot(x, y float64) {
	i, j := int(math.Round(x)), int(math.Round(y))
	if i >= 0 && j >= 0 && i < 2*t.cols && j < 4*t.lines {
		t.dots[j/4][i/2] |= dotBits[j%4][i%2]
	}
}

// line draws between two points given in decades, every nth dot.
func (t *term) line(x0, y0, x1, y1 float64, nth int) {
	ax, ay := t.pos(x0, y0)
	bx, by := t.pos(x1, y1)
	n := int(max(math.Abs(bx-ax), math.Abs(by-ay))) + 1
	for i := 0; i <= n; i += nth {
		f := float64(i) / float64(n)
		t.dot(ax+f*(bx-ax), ay+f*(by-ay))
	}
}

// write puts s at a cell if nothing was written there and it fits.
func (t *term) write(col, line int, s, hue string) bool {
	r := []rune(s)
	if line < 0 || line >= t.lines || col < 0 || col+len(r) > t.cols {
		return false
	}
	for i := max(col-1, 0); i < min(col+len(r)+1, t.cols); i++ {
		if t.over[line][i] != 0 {
			return false
		}
	}
	copy(t.over[line][col:], r)
	for i := range r {
		t.hue[line][col+i] = hue
	}
	return true
}

func (t *term) cell(x, y float64) (col, line int) {
	px, py := t.pos(x, y)
	return int(math.Round(px)) / 2, int(math.Round(py)) / 4
}

// place writes a label near a cell: on one of the lines beside it, moved along by steps of dir until it fits.
func (t *term) place(col, line int, label, hue string, lines []int, dir int) {
	for shift := 0; shift < 24; shift++ {
		for _, dy := range lines {
			if t.write(col+dir*shift, line+dy, label, hue) {
				return
			}
		}
	}
}

// asciiCell stands for a cell with dots: a line where the dots of a height stand beside each other, two where they do so at
// two heights, and else a slope.
func asciiCell(dots rune) string {
	level, heights := 0, 0
	for _, row := range dotBits {
		if both := row[0] | row[1]; dots&both == both {
			level++
		}
		if dots&(row[0]|row[1]) != 0 {
			heights++
		}
	}
	switch {
	case level > 1:
		return "="
	case level == 1 && heights <= 2, heights == 1:
		return "-"
	}
	return "/"
}

// render prints the area with its axes.
func (t *term) render(color, ascii bool) string {
	var out strings.Builder
	labels := map[int]string{}
	for _, k := range ticks(t.y.lo, t.y.hi, siLabel) {
		if k.label != "" && k.major {
			_, line := t.cell(t.x.lo, math.Log10(k.value))
			labels[line] = k.label
		}
	}
	for i := range t.lines {
		mark := "│"
		if labels[i] != "" {
			mark = "┤"
		}
		out.WriteString(strings.TrimRight(fmt.Sprintf("%*s%s", axisColumns-1, labels[i], mark)+t.row(i, color, ascii), " ") + "\n")
	}
	axis, under := []rune(strings.Repeat("─", t.cols)), []rune(strings.Repeat(" ", t.cols))
	for _, k := range ticks(t.x.lo, t.x.hi, aiLabel) {
		if k.label == "" || !k.major {
			continue
		}
		col, _ := t.cell(math.Log10(k.value), t.y.hi)
		axis[col] = '┬'
		label := []rune(k.label)
		from := col - len(label)/2
		if to := from + len(label); from >= 0 && to <= t.cols && blank(under[max(from-1, 0):min(to+1, t.cols)]) {
			copy(under[from:], label)
		}
	}
	if title := []rune("  " + t.operation + "/byte"); blank(under[t.cols-len(title):]) {
		copy(under[t.cols-len(title):], title)
	}
	out.WriteString(fmt.Sprintf("%*s└", axisColumns-1, t.operation+"/s") + string(axis) + "\n")
	out.WriteString(strings.TrimRight(strings.Repeat(" ", axisColumns)+string(under), " ") + "\n")
	return out.String()
}

func blank(text []rune) bool { return strings.TrimSpace(string(text)) == "" }

// row prints one line of the area; hues change only where they must.
func (t *term) row(line int, color, ascii bool) string {
	var out strings.Builder
	now := ""
	for j := range t.cols {
		cell, hue := " ", ""
		switch {
		case t.over[line][j] != 0:
			cell, hue = string(t.over[line][j]), t.hue[line][j]
		case t.dots[line][j] != 0 && ascii:
			cell = asciiCell(t.dots[line][j])
		case t.dots[line][j] != 0:
			cell = string(0x2800 | t.dots[line][j])
		}
		if color && hue != now {
			if now != "" {
				out.WriteString("\x1b[0m")
			}
			if hue != "" {
				out.WriteString("\x1b[" + hue + "m")
			}
			now = hue
		}
		out.WriteString(cell)
	}
	if now != "" {
		out.WriteString("\x1b[0m")
	}
	return out.String()
}
