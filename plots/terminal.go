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

// TerminalOptions says how to draw a chart of characters.
type TerminalOptions struct {
	Width, Height int  // characters; at least 40 × 10
	Color         bool // hues of the instruction sets, as on other charts; nothing is told by colour alone
	ASCII         bool // for terminals that show nothing else: no braille, no box drawing
	NoKey         bool // leave out the lines below that say which point is which: a Table with Signs does
}

// Terminal draws a roofline, roofs in braille dots and runs as digits and letters, and below it one line per run that says
// which is which. It moves no cursor, so that it can be piped.
func Terminal(w io.Writer, res *roofline.Result, o TerminalOptions) error {
	if res == nil {
		return errors.New("draw terminal chart: no result")
	}
	if o.Width < minColumns || o.Height < minLines {
		return fmt.Errorf("draw terminal chart: %d×%d characters are too few (it needs at least %d×%d)", o.Width, o.Height, minColumns, minLines)
	}
	rows := rowsOf(res)
	threads := usualThreads(res)
	var same []row
	for _, r := range rows {
		if r.run.Threads == threads {
			same = append(same, r)
		}
	}
	drawn := drawnOf(rows, threads)
	rs, err := chooseRoofs(res, same, threads, nil)
	if err != nil {
		return fmt.Errorf("draw terminal chart: %w", err)
	}
	x, y := fitSpans(rs, drawn)
	t := newTerm(o.Width, o.Height, x, y, operationOf(drawn))
	t.draw(rs, drawn)
	out := t.render(o.Color, o.ASCII)
	if !o.NoKey {
		out += key(res, same, drawn, o.Width)
	}
	if o.ASCII {
		out = toASCII(out)
	}
	if _, err := io.WriteString(w, out); err != nil {
		return fmt.Errorf("draw terminal chart: %w", err)
	}
	return nil
}

// drawnOf are the rows that a chart for the thread count shows, which a terminal names by pointNames in this order.
func drawnOf(rows []row, threads int) (drawn []row) {
	for _, r := range rows {
		if r.run.Threads == threads && r.placed() {
			drawn = append(drawn, r)
		}
	}
	return drawn
}

// signs are the characters that stand for runs, by their numbers.
func signs(drawn []row) map[int]string {
	sign := map[int]string{}
	for i, r := range drawn {
		if i < len(pointNames) {
			sign[r.number] = pointNames[i : i+1]
		}
	}
	return sign
}

func (t *term) draw(rs roofs, drawn []row) {
	top := t.y.hi
	if len(rs.flats) > 0 {
		top = math.Log10(rs.flats[0].value.Median)
	}
	fastest := math.Inf(-1)
	rise := func(s slope, nth int) {
		b := math.Log10(s.value.Median)
		from := max(t.x.lo, t.y.lo-b)
		t.line(from, from+b, top-b, top, nth)
		fastest = max(fastest, b)
	}
	for i, s := range rs.slopes {
		rise(s, 1+i) // outer levels have fewer dots
	}
	for _, s := range rs.others {
		rise(s, 5)
	}
	for _, f := range rs.flats {
		p := math.Log10(f.value.Median)
		from := t.x.lo
		if len(rs.slopes) > 0 {
			from = max(from, p-fastest)
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
			t.over[line][col], t.hue[line][col] = name, "1;"+familyOf(r.run.ISA).sgr()
		}
	}
	for _, f := range rs.flats {
		label := units.SI(f.value.Median, f.unit) + " " + f.label
		_, line := t.cell(t.x.hi, math.Log10(f.value.Median))
		t.place(t.cols-len([]rune(label)), line, label, f.families[0].sgr(), []int{-1, 1}, -1)
	}
	foot := func(s slope, name string) {
		b := math.Log10(s.value.Median)
		from := max(t.x.lo, t.y.lo-b)
		col, line := t.cell(from, from+b)
		t.place(col+1, line, name+" "+giga(s.value.Median, "B/s"), "", []int{0, -1, 1}, 1)
	}
	for _, s := range rs.slopes {
		foot(s, s.level)
	}
	for _, s := range rs.others {
		foot(s, s.name(oneLine))
	}
}

// key lists the runs by the characters that stand for them, and those that could not be drawn.
func key(res *roofline.Result, same, drawn []row, width int) string {
	var out strings.Builder
	sign := signs(drawn)
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
