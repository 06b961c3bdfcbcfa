package plots

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

// mostTraffic is how many kernels a traffic chart has room for.
const mostTraffic = 12

// arrayInks tell the arrays of a kernel apart, in the order of their names; what has no hue of its own is grey.
var arrayInks = []ink{hueAVX512, hueAVX2, hueSSE, hueAMX}

// Traffic draws for each run how many bytes each level serves per call, and which share of that level's measured bandwidth
// they take up: the level that is nearest to 100 % holds the others back. Where the cache simulator told the arrays apart,
// a bar shows how much of it each array is.
func Traffic(res *roofline.Result) (*Chart, error) {
	if res == nil {
		return nil, errors.New("draw traffic: no result")
	}
	var rows []row
	for _, r := range rowsOf(res) {
		if len(r.run.KnownLevels()) > 0 && r.run.Time.Median > 0 {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return nil, errors.New("draw traffic: no bytes are known of any run")
	}
	notes := []string{"Bar: share of the bandwidth that was measured for the level. Bytes are of one call, both ways: L1 between core and L1, L2 between L1 and L2, L3 between L2 and L3, DRAM beyond."}
	if left := len(rows) - mostTraffic; left > 0 {
		notes = append(notes, fmt.Sprintf("%d more kernels are in the table.", left))
		rows = rows[:mostTraffic]
	}
	const pitch, head = 26.0, 34.0
	h := 92 + noteLine*float64(len(notes)+1) + 70
	for _, r := range rows {
		h += head + pitch*float64(len(trafficLevels(r))) + 8
	}
	cpu := orText(strings.TrimSpace(oneLine(res.Machine.CPU.Name)), "unnamed processor")
	t := &trafficBoard{board: newBoard(1400, h, "Traffic per level · "+cpu, conditionsOf(res), notes...), res: res}
	t.left, t.right = 100, 780
	most := 1.0
	for _, r := range rows {
		for _, l := range trafficLevels(r) {
			if share, ok := t.share(r, l); ok {
				most = max(most, share)
			}
		}
	}
	t.x = linearAxis(0, min(most, 3)*1.08, t.left, t.right, 6, percentOfRoof)
	t.xAxis(t.x, t.top, t.bottom, "share of the level's measured bandwidth")
	t.line(Point{t.x.at(1), t.top}, Point{t.x.at(1), t.bottom}, black, 1.4)
	y := t.top
	desc := "Traffic per level."
	for _, r := range rows {
		t.heading(r, y+head/2)
		y += head
		for _, l := range trafficLevels(r) {
			desc += " " + t.level(r, l, y+pitch/2)
			y += pitch
		}
		y += 8
	}
	return t.chart(desc), nil
}

type trafficBoard struct {
	*board
	res *roofline.Result
	x   axis
}

func percentOfRoof(v, step float64) string { return stepLabel(0.01)(v, step) + " %" }

// trafficLevels are the levels to show of a run: those that some source was asked about.
func trafficLevels(r row) (levels []string) {
	for _, l := range roofline.Levels {
		if len(r.run.Counts[roofline.Bytes(l)]) > 0 {
			levels = append(levels, l)
		}
	}
	return levels
}

// share is the rate of bytes of a level over its ceiling.
func (t *trafficBoard) share(r row, level string) (float64, bool) {
	bytes, ok := r.run.Count(roofline.Bytes(level))
	roof, known := r.run.BandwidthRoof(t.res.Ceilings, level)
	if !ok || !known {
		return 0, false
	}
	return bytes.Value / r.run.Time.Median / roof.Value.Median, true
}

func (t *trafficBoard) heading(r row, y float64) {
	t.line(Point{boardMargin, y - 15}, Point{t.w - boardMargin, y - 15}, gridMajor, 1)
	hue := familyOf(r.run.ISA).hue
	t.add(path{ops: glyph(r.run.Kernel, Point{boardMargin + 8, y + 2}, 5.5), fill: hue})
	name := fitName(r.name, 14, true, 420)
	t.label(boardMargin+22, y+2, start, name, 14, true, hue.darker(0.75))
	about := units.SI(r.run.Time.Median, "s") + " per call"
	if r.unit != "" {
		about += ", " + units.SI(r.rate.Median, r.unit)
	}
	if s := r.share(); s != "" {
		about += ", " + s
	}
	x := boardMargin + 22 + textWidth(name, 14, true) + 14
	t.label(x, y+2, start, fit(about, 13, false, t.right-x), 13, false, grey)
}

// level draws one bar and returns it in words.
func (t *trafficBoard) level(r row, level string, y float64) string {
	binds := r.boundLevel() == level
	t.label(t.left-10, y, end, level, 13, binds, black)
	textX := t.right + 20
	room := t.w - boardMargin - textX
	bytes, ok := r.run.Count(roofline.Bytes(level))
	if !ok {
		text := "not counted: " + orText(shortReason(r, roofline.Bytes(level)), "no source")
		t.label(textX, y, start, fit(oneLine(text), 12.5, false, room), 12.5, false, grey)
		return fmt.Sprintf("%s, %s: %s.", r.name, level, text)
	}
	text := units.SI(bytes.Value, "B") + " per call"
	if bytes.Value == 0 {
		text = "0 B per call"
	}
	words := fmt.Sprintf("%s, %s: ", r.name, level)
	share, known := t.share(r, level)
	if known {
		roof, _ := r.run.BandwidthRoof(t.res.Ceilings, level)
		text += fmt.Sprintf(" · %s of %s", giga(bytes.Value/r.run.Time.Median, "B/s"), giga(roof.Value.Median, "B/s"))
		t.begin(fmt.Sprintf("%s, %s: %s of the bandwidth", r.name, level, percent(share)))
		t.bar(r, level, y, share)
		t.finish()
	}
	if ai := r.ai[level]; ai > 0 {
		text += " · AI " + digits3(ai)
	}
	text += " · " + sourceWord(bytes) + arraysText(r.run, level)
	if binds {
		text += " <== binds"
	}
	t.label(textX, y, start, fit(text, 12.5, binds, room), 12.5, binds, black)
	if words += text; known {
		words += ", " + percent(share) + " of the bandwidth"
	}
	return words + "."
}

// sourceWord says who counted.
func sourceWord(c perf.Count) string {
	if c.Source == "" {
		return string(c.Quality)
	}
	return string(c.Source)
}

// bar draws the share of the bandwidth, divided by arrays where they are known, and its value.
func (t *trafficBoard) bar(r row, level string, y, share float64) {
	const half = 9
	x := t.left
	end := min(t.x.at(share), t.right-2)
	total := max(end-x, 1)
	parts, whole := arraysOf(r.run, level)
	if len(parts) == 0 {
		t.polygon(slopeInk.alpha(0.6), Point{x, y - half}, Point{x + total, y - half}, Point{x + total, y + half}, Point{x, y + half})
	}
	var names []string
	if len(parts) > 0 {
		names = arrayNames(r.run)
	}
	for _, p := range parts {
		w := total * p.Bytes / whole
		hue := grey
		if i := slices.Index(names, p.Array); i >= 0 && i < len(arrayInks) {
			hue = arrayInks[i]
		}
		t.add(path{ops: closed(Point{x, y - half}, Point{x + w, y - half}, Point{x + w, y + half}, Point{x, y + half}), fill: hue.alpha(0.85), stroke: white, width: 1})
		name := oneLine(p.Array)
		if tw := textWidth(name, 12, true); w > tw+6 {
			t.label(x+w/2, y, middle, name, 12, true, white)
		}
		x += w
	}
	label := percent(share)
	if share > 1.01 {
		label += " above the roof"
	}
	w := textWidth(label, 12.5, true)
	switch {
	case end+8+w < t.right:
		x := end + 8
		if roof := t.x.at(1); x < roof && x+w > roof-4 { // beyond the line rather than across it
			x = roof + 6
		}
		t.put(text{at: Point{x, y + 4.5}, str: label, size: 12.5, bold: true, color: black, halo: true})
	case len(parts) == 0:
		t.label(end-8-w, y, start, label, 12.5, true, white)
	}
}

// arraysText lists the arrays that make up the traffic of a level.
func arraysText(run *roofline.Run, level string) string {
	list, whole := arraysOf(run, level)
	if len(list) == 0 {
		return ""
	}
	var parts []string
	for _, a := range list[:min(len(list), 5)] {
		parts = append(parts, oneLine(a.Array)+" "+percent(a.Bytes/whole))
	}
	return " · " + strings.Join(parts, ", ")
}

// arrayNames are the arrays of a run at any level, in alphabetical order, so that each has one hue.
func arrayNames(run *roofline.Run) (names []string) {
	for _, c := range run.Analysis.Caches {
		for _, a := range c.Arrays {
			if a.Array != "other" && !slices.Contains(names, a.Array) {
				names = append(names, a.Array)
			}
		}
	}
	slices.Sort(names)
	return names
}

// arraysOf are the arrays of a level by their traffic, largest first, and what they sum up to.
func arraysOf(run *roofline.Run, level string) (list []roofline.CacheArray, whole float64) {
	if run.Analysis == nil {
		return nil, 0
	}
	for _, c := range run.Analysis.Caches {
		if c.Level != level {
			continue
		}
		for _, a := range c.Arrays {
			if a.Bytes > 0 && !math.IsInf(a.Bytes, 0) {
				list, whole = append(list, a), whole+a.Bytes
			}
		}
	}
	slices.SortStableFunc(list, func(a, b roofline.CacheArray) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return list, whole
}
