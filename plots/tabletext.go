package plots

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

// The columns of the text table.
const (
	colKernel = iota
	colSize
	colTime
	colPM
	colRate
	colL1
	colL2
	colL3
	colDRAM
	colRoof
	colBound
	colSource
	columns
)

// textTable prints at most o.Width columns.
func textTable(res *roofline.Result, o TableOptions) string {
	var out strings.Builder
	limit := o.width()
	out.WriteString(strings.Join(wrap(headline(res), limit), "\n") + "\n")
	if len(res.Runs) == 0 {
		out.WriteString("\nno runs\n")
	} else {
		out.WriteString("\n")
	}
	rows := rowsOf(res)
	g, notes, left := fitted(res, rows, o)
	worst := furthest(rows)
	if len(left) > 0 {
		names := make([]string, len(left))
		for i, c := range left {
			names[i] = columnNames[c]
		}
		notes.cite("Left out for want of columns: " + strings.Join(names, ", ") + "; --format markdown has it.")
	}
	if o.Color {
		g.paint = painter(rows)
	}
	if len(rows) > 0 {
		out.WriteString(overline(g, operationOf(rows), limit) + g.render(limit))
		out.WriteString(legendText(rows, g.rows[0], worst >= 0, limit))
	}
	for i, t := range notes.texts {
		if i == 0 {
			out.WriteString("\n")
		}
		out.WriteString(hang(superscript(i+1)+" ", t, limit))
	}
	out.WriteString(comparedText(res, rows, limit))
	out.WriteString(reasonsText(res, rows, limit))
	return out.String()
}

// fitted is the table within its limit, with the footnotes of the columns that it has; left are those that it had to leave out.
func fitted(res *roofline.Result, rows []row, o TableOptions) (g *grid, notes *footnotes, left []int) {
	worst := furthest(rows)
	for {
		g, notes = textGrid(res, rows, o, left)
		more := squeeze(g, o.width())
		if worst >= 0 && g.lineWidth(worst+1) > o.width()-len(worstMark) {
			more = append(more, squeeze(g, o.width()-len(worstMark))...)
		}
		if worst >= 0 {
			g.suffix = map[int]string{worst + 1: worstMark}
		}
		if len(more) == 0 {
			return g, notes, left
		}
		left = append(left, more...) // and once more, without their footnotes
	}
}

// textGrid is the table, but for the columns that are left out, however wide it may be.
func textGrid(res *roofline.Result, rows []row, o TableOptions, left []int) (*grid, *footnotes) {
	notes := &footnotes{}
	g := &grid{left: make([]bool, columns), gap: make([]int, columns)}
	g.left[colKernel], g.left[colSize], g.left[colBound], g.left[colSource] = true, true, true, true
	for c := 1; c < columns; c++ {
		g.gap[c] = 1
	}
	g.rows = append(g.rows, []string{"kernel", "size", "time", "±", "G" + operationOf(rows) + "/s", "L1", "L2", "L3", "DRAM", "roof", "bound", "src"})
	sign := map[int]string{}
	if o.Signs {
		sign = signs(drawnOf(rows, usualThreads(res)))
	}
	for i, name := range tableNames(res.Runs) {
		if o.Signs {
			name = orDash(sign[rows[i].number]) + " " + name
		}
		g.rows = append(g.rows, textRow(res, rows[i], name, left, notes))
	}
	for _, c := range left {
		g.drop(c)
	}
	notes.rest(res)
	return g, notes
}

// worstMark points at the run that reaches the least share of its roof.
const worstMark = " <=="

// fewRuns is how many runs are all explained; of more, only mostReasons.
const (
	fewRuns     = 4
	mostReasons = 3
)

// columnNames are those of the columns that may be left out.
var columnNames = map[int]string{colL1: "AI of L1", colL2: "AI of L2", colL3: "AI of L3", colDRAM: "AI of DRAM",
	colSource: "source", colSize: "size", colBound: "bound", colPM: "±"}

// squeeze makes the table fit by abbreviations, then by leaving out columns, which it returns, then by cutting names. Columns of
// intensities that are all infinite or not known go first.
func squeeze(g *grid, limit int) (left []int) {
	for c := colL1; c <= colDRAM && g.total() > limit; c++ {
		for _, line := range g.rows {
			if strings.HasPrefix(line[c], "0.") {
				line[c] = line[c][1:] // .24
			}
		}
	}
	for _, short := range []struct {
		col  int
		name string
	}{{colBound, "by"}, {colRate, strings.Replace(g.rows[0][colRate], "FLOP", "F", 1)}} {
		if g.total() > limit && g.widths()[short.col] > 0 {
			g.rows[0][short.col] = short.name
		}
	}
	drop := func(col int) {
		if g.total() > limit && g.widths()[col] > 0 {
			g.drop(col)
			left = append(left, col)
		}
	}
	for c := colDRAM; c >= colL1; c-- {
		if !slices.ContainsFunc(g.rows[1:], func(line []string) bool { return strings.Trim(line[c], "∞–¹²³⁴⁵⁶⁷⁸⁹⁰") != "" }) {
			drop(c)
		}
	}
	g.shrink(colKernel, 24, limit, cutName)
	drop(colL3)
	drop(colL2)
	g.shrink(colKernel, 16, limit, cutName)
	g.shrink(colSize, 8, limit, cut)
	g.shrink(colKernel, 12, limit, cutName)
	drop(colL1)
	drop(colDRAM)
	drop(colSource)
	drop(colSize)
	drop(colBound)
	drop(colPM)
	g.shrink(colKernel, 4, limit, cutName)
	return left
}

// textRow is the line of a run, with nothing in the columns that are left out, and its footnotes.
func textRow(res *roofline.Result, r row, name string, left []int, notes *footnotes) []string {
	cells := make([]string, columns)
	cells[colKernel], cells[colSize] = name, sizeOf(r.run.Shape)
	missing := func(reason string) string { return "–" + superscript(notes.cite(reason)) }

	t := r.run.Time
	if cells[colTime] = strings.ReplaceAll(units.SI(t.Median, "s"), " ", ""); !(t.Median > 0) {
		cells[colTime] = missing("No time was measured.")
	}
	if cells[colPM] = tight(plusMinus(relative(t.Estimate))); cells[colPM] == "" {
		cells[colPM] = missing(fmt.Sprintf("No 95 %% interval: %s, at least 6 are needed. Cure: a larger --time-budget.", units.Count(t.N, "sample")))
	}
	if cells[colRate] = digits3(r.rate.Median / 1e9); r.unit == "" {
		cells[colRate] = missing(orText(shortReason(r, perf.FLOPs), "FLOPs were not counted."))
	}
	for i, level := range roofline.Levels {
		c := colL1 + i
		if slices.Contains(left, c) {
			if r.unit == "B/s" && i == 0 {
				cells[colRate] += "GB/s"
			}
			continue
		}
		switch {
		case r.ai[level] > 0:
			cells[c] = significant(r.ai[level], 2)
		case r.unit == "B/s" && i == 0:
			cells[c] = "GB/s" // the rate's unit, in the place of an intensity that such a run does not have
		case r.unit != "B/s" && nothingMoved(r, level):
			cells[c] = "∞" + superscript(notes.cite("∞: no traffic was seen at this level ("+sourceOf(r, roofline.Bytes(level))+"): repeated calls need nothing from there."))
		case r.unit != "B/s":
			cells[c] = missing(orText(shortReason(r, roofline.Bytes(level)), "Bytes of "+level+" were not counted."))
		}
	}
	warnings := notes.about(res, r.run.ID())
	if b := r.run.Bound; b == nil {
		cells[colRoof], cells[colBound] = "–", "–"
		if len(warnings) == 0 {
			warnings = append(warnings, notes.cite("Not placed under a roof."))
		}
	} else {
		cells[colRoof] = tight(percent(b.Fraction))
		cells[colBound] = map[string]string{"compute": "comp"}[r.bound()]
		if cells[colBound] == "" {
			cells[colBound] = r.bound()
		}
	}
	cells[colRoof] += superscript(warnings...)
	cells[colSource] = sources(r)
	return cells
}

// nothingMoved says whether the traffic of a level was counted, and none was seen.
func nothingMoved(r row, level string) bool {
	c, ok := r.run.Count(roofline.Bytes(level))
	return ok && c.Value == 0
}

func tight(s string) string { return strings.ReplaceAll(strings.TrimPrefix(s, "±"), " ", "") }

func orText(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// reasonOf is why a count is missing: the reasons of the sources that were asked, each once.
func reasonOf(r row, q perf.Quantity) string {
	var reasons []string
	sources := map[string][]string{} // by reason
	for _, c := range r.run.Counts[q] {
		if c.Quality == perf.Missing && c.Reason != "" {
			why := strings.TrimRight(c.Reason, ". ")
			if sources[why] == nil {
				reasons = append(reasons, why)
			}
			sources[why] = append(sources[why], string(c.Source))
		}
	}
	switch len(reasons) {
	case 0:
		return ""
	case 1:
		return sentence(reasons[0])
	}
	for i, why := range reasons {
		reasons[i] = strings.Join(sources[why], ", ") + ": " + why
	}
	return strings.Join(reasons, "; ") + "."
}

// sizes are what makes the same reason differ from run to run.
var sizes = regexp.MustCompile(` of [0-9.]+ ([KMGT]i)?B\b`)

// shortReason is a reason without sizes, so that runs with the same reason share a footnote; CSV has them.
func shortReason(r row, q perf.Quantity) string { return sizes.ReplaceAllString(reasonOf(r, q), "") }

// sources names who counted the FLOPs, and behind a + who counted the bytes if it was another: a, p, i, s, o.
func sources(r row) string {
	letter := func(q perf.Quantity) string {
		c, ok := r.run.Count(q)
		if !ok || c.Source == "" {
			return ""
		}
		return string(c.Source)[:1]
	}
	flops, bytes := letter(perf.FLOPs), letter(roofline.Bytes(r.mainLevel()))
	switch {
	case flops == bytes || bytes == "":
		return orDash(flops)
	case flops == "":
		return bytes
	}
	return flops + "+" + bytes
}

// overline groups the intensity columns under their name.
func overline(g *grid, operation string, limit int) string {
	w, x := g.widths(), 0
	from := 0
	for c := range columns {
		if w[c] == 0 {
			continue
		}
		x += g.gap[c] + w[c]
		if c == colRate {
			from = x + 1
		}
		if c == colDRAM {
			break
		}
	}
	label := "AI, " + operation + "/byte"
	if room := x - from; room > width(label)+2 {
		side := room - width(label) - 2
		label = strings.Repeat("─", side/2) + " " + label + " " + strings.Repeat("─", side-side/2)
	}
	if from+width(label) > limit {
		return ""
	}
	return strings.Repeat(" ", from) + label + "\n"
}

// painter colours the heading and the shares of the roof.
func painter(rows []row) func(row, col int, s string) string {
	sgr := func(code, s string) string { return "\x1b[" + code + "m" + s + "\x1b[0m" }
	return func(i, c int, s string) string {
		switch {
		case i == 0:
			return sgr("1", s)
		case c == colRoof && rows[i-1].run.Bound != nil:
			switch f := rows[i-1].run.Bound.Fraction; {
			case f > 1.01 || math.IsNaN(f):
				return sgr("1;31", s)
			case f >= 0.8:
				return sgr("32", s)
			case f < 0.5:
				return sgr("33", s)
			}
		case c == colSource || c == colPM:
			return sgr("2", s)
		}
		return s
	}
}
