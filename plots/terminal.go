package plots

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// The smallest terminal chart that can be read.
const (
	minColumns = 40
	minLines   = 10
)

// axisColumns is the room left of a terminal chart for the labels of its ticks.
const axisColumns = 7

// points are named by these characters, in the order of the runs.
const pointNames = "123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// Terminal draws a roofline of width × height characters, roofs in braille dots and runs as digits and letters, and below
// it one line per run that says which is which. It uses neither colour nor cursor movement, so that it can be piped.
func Terminal(w io.Writer, res *roofline.Result, width, height int) error {
	if res == nil {
		return errors.New("draw terminal chart: no result")
	}
	if width < minColumns || height < minLines {
		return fmt.Errorf("draw terminal chart: %d×%d characters are too few (it needs at least %d×%d)", width, height, minColumns, minLines)
	}
	rows := rowsOf(res)
	threads := usualThreads(res)
	var same, drawn []row
	for _, r := range rows {
		if r.run.Threads == threads {
			same = append(same, r)
			if r.placed() {
				drawn = append(drawn, r)
			}
		}
	}
	rs, err := chooseRoofs(res, same, threads, nil)
	if err != nil {
		return fmt.Errorf("draw terminal chart: %w", err)
	}
	x, y := fitSpans(rs, drawn)
	t := newTerm(width, height, x, y)
	t.draw(rs, drawn)
	if _, err := io.WriteString(w, t.String()+key(res, same, drawn, width)); err != nil {
		return fmt.Errorf("draw terminal chart: %w", err)
	}
	return nil
}

// term is a plotting area of characters with 2 × 4 dots each, and characters written over the dots.
type term struct {
	cols, lines int
	x, y        span
	dots        [][]rune
	over        [][]rune
}

func newTerm(width, height int, x, y span) *term {
	t := &term{cols: width - axisColumns, lines: height - 2, x: x, y: y}
	for range t.lines {
		t.dots = append(t.dots, make([]rune, t.cols))
		t.over = append(t.over, make([]rune, t.cols))
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
func (t *term) write(col, line int, s string) bool {
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
	return true
}

func (t *term) cell(x, y float64) (col, line int) {
	px, py := t.pos(x, y)
	return int(math.Round(px)) / 2, int(math.Round(py)) / 4
}

func (t *term) draw(rs roofs, drawn []row) {
	top := t.y.hi
	if len(rs.flats) > 0 {
		top = math.Log10(rs.flats[0].value.Median)
	}
	left := t.x.lo
	for i, s := range rs.slopes {
		b := math.Log10(s.value.Median)
		from := max(t.x.lo, t.y.lo-b)
		t.line(from, from+b, top-b, top, 1+i) // outer levels have fewer dots
		if i == 0 {
			left = b
		}
	}
	for _, f := range rs.flats {
		p := math.Log10(f.value.Median)
		from := t.x.lo
		if len(rs.slopes) > 0 {
			from = max(from, p-left)
		}
		t.line(from, p, t.x.hi, p, 1)
	}
	for i, r := range drawn {
		col, line := t.cell(math.Log10(r.ai[r.mainLevel()]), math.Log10(r.rate.Median))
		if i < len(pointNames) && line >= 0 && line < t.lines && col >= 0 && col < t.cols {
			name := rune(pointNames[i])
			if t.over[line][col] != 0 {
				name = '+' // several at one place
			}
			t.over[line][col] = name
		}
	}
	for _, f := range rs.flats {
		label := units.SI(f.value.Median, "FLOP/s") + " " + f.label
		_, line := t.cell(t.x.hi, math.Log10(f.value.Median))
		t.place(t.cols-len([]rune(label)), line, label, []int{-1, 1}, -1)
	}
	for _, s := range rs.slopes {
		b := math.Log10(s.value.Median)
		from := max(t.x.lo, t.y.lo-b)
		col, line := t.cell(from, from+b)
		t.place(col+1, line, s.level+" "+giga(s.value.Median, "B/s"), []int{0, -1, 1}, 1)
	}
}

// place writes a label near a cell: on one of the lines beside it, moved along by steps of dir until it fits.
func (t *term) place(col, line int, label string, lines []int, dir int) {
	for shift := 0; shift < 24; shift++ {
		for _, dy := range lines {
			if t.write(col+dir*shift, line+dy, label) {
				return
			}
		}
	}
}

// String prints the area with its axes.
func (t *term) String() string {
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
		line := fmt.Sprintf("%*s%s", axisColumns-1, labels[i], mark)
		for j := range t.cols {
			switch {
			case t.over[i][j] != 0:
				line += string(t.over[i][j])
			case t.dots[i][j] != 0:
				line += string(0x2800 | t.dots[i][j])
			default:
				line += " "
			}
		}
		out.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	axis, under := []rune(strings.Repeat("─", t.cols)), []rune(strings.Repeat(" ", t.cols))
	for _, k := range ticks(t.x.lo, t.x.hi, aiLabel) {
		if k.label == "" || !k.major {
			continue
		}
		col, _ := t.cell(math.Log10(k.value), t.y.hi)
		axis[col] = '┬'
		if from := col - len([]rune(k.label))/2; from >= 0 && from+len([]rune(k.label)) <= t.cols {
			copy(under[from:], []rune(k.label))
		}
	}
	if title := []rune("  FLOP/byte"); strings.TrimSpace(string(under[t.cols-len(title):])) == "" {
		copy(under[t.cols-len(title):], title)
	}
	out.WriteString(fmt.Sprintf("%*s└", axisColumns-1, "FLOP/s") + string(axis) + "\n")
	out.WriteString(strings.TrimRight(strings.Repeat(" ", axisColumns)+string(under), " ") + "\n")
	return out.String()
}

// key lists the runs by the characters that stand for them, and those that could not be drawn.
func key(res *roofline.Result, same, drawn []row, width int) string {
	var out strings.Builder
	sign := map[int]string{}
	for i, r := range drawn {
		if i < len(pointNames) {
			sign[r.number] = pointNames[i : i+1]
		}
	}
	for _, r := range same {
		line := orDash(sign[r.number]) + "  " + oneLine(r.name)
		if r.unit != "" {
			line += "  " + units.SI(r.rate.Median, r.unit)
		}
		if share := r.share(); share != "" {
			line += "  " + share
		}
		if r.above(res.Ceilings) {
			line += "  ! above its roof: the ceiling or a count is wrong"
		}
		out.WriteString(cut(line, width) + "\n")
	}
	return out.String()
}
