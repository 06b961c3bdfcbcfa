package plots

// board is a chart under construction that is no roofline: a heading, a plotting area, notes at its foot.
type board struct {
	scene
	left, top, right, bottom float64 // plotting area
}

const (
	boardMargin = 24.0
	noteSize    = 12.5
	noteLine    = 17.0
)

// newBoard begins a chart of the given size. Of the notes, at most four lines are written.
func newBoard(w, h float64, title, sub string, notes ...string) *board {
	b := &board{scene: scene{w: w, h: h, title: oneLine(title), desc: oneLine(sub)}, left: 106, top: 92, right: w - boardMargin, bottom: h - 64}
	b.put(text{at: Point{boardMargin, 42}, str: fit(oneLine(title), 24, true, w-2*boardMargin), size: 24, bold: true, color: black})
	b.put(text{at: Point{boardMargin, 70}, str: fit(oneLine(sub), 15, false, w-2*boardMargin), size: 15, color: grey})
	for i, n := range notes {
		notes[i] = oneLine(n)
	}
	lines := wrapPixels(notes, noteSize, w-2*boardMargin, 4)
	if len(lines) == 1 && lines[0] == "" {
		lines = nil
	}
	b.bottom -= noteLine * float64(len(lines))
	for i, l := range lines {
		b.put(text{at: Point{boardMargin, h - 14 - noteLine*float64(len(lines)-1-i)}, str: l, size: noteSize, color: grey.darker(0.8)})
	}
	return b
}

// chart ends the construction. The description puts the chart into words for readers who cannot see it.
func (b *board) chart(desc string) *Chart {
	b.desc = oneLine(desc)
	return &Chart{b.scene}
}

// label writes a text whose line is centered on the height y.
func (b *board) label(x, y float64, a anchor, str string, size float64, bold bool, c ink) quad {
	return b.put(text{at: Point{x, y + size*0.36}, str: str, size: size, bold: bold, color: c, anchor: a})
}

// frame draws the outline of the plotting area.
func (b *board) outline() {
	b.add(path{ops: closed(Point{b.left, b.top}, Point{b.right, b.top}, Point{b.right, b.bottom}, Point{b.left, b.bottom}), stroke: black, width: 1.2})
}

// xAxis draws the grid, ticks and name of a horizontal axis between two heights.
func (b *board) xAxis(a axis, top, bottom float64, name string) {
	const size = 13
	for _, t := range a.ticks {
		x := a.at(t.value)
		c := gridMinor
		if t.major {
			c = gridMajor
		}
		b.line(Point{x, top}, Point{x, bottom}, c, 1)
	}
	b.line(Point{a.from, bottom}, Point{a.to, bottom}, black, 1.2)
	free := 0.0
	for _, t := range a.ticks {
		if t.label == "" {
			continue
		}
		x := a.at(t.value)
		b.line(Point{x, bottom}, Point{x, bottom + 5}, black, 1.2)
		if w := textWidth(t.label, size, false); x-w/2 > free && x+w/2 < b.size0().X-4 {
			b.put(text{at: Point{x, bottom + 20}, str: t.label, size: size, color: black, anchor: middle})
			free = x + w/2 + 8
		}
	}
	if name != "" {
		b.put(text{at: Point{(a.from + a.to) / 2, bottom + 42}, str: name, size: 14, color: black, anchor: middle})
	}
}

// yAxis draws the grid, ticks and name of a vertical axis along the plotting area.
func (b *board) yAxis(a axis, name string) {
	const size = 13
	for _, t := range a.ticks {
		y := a.at(t.value)
		c := gridMinor
		if t.major {
			c = gridMajor
		}
		b.line(Point{b.left, y}, Point{b.right, y}, c, 1)
	}
	free := b.size0().Y
	for _, t := range a.ticks {
		if t.label == "" {
			continue
		}
		y := a.at(t.value)
		b.line(Point{b.left - 5, y}, Point{b.left, y}, black, 1.2)
		if y+size*0.7 < free {
			b.label(b.left-9, y, end, t.label, size, false, black)
			free = y - size*0.7
		}
	}
	if name != "" {
		b.put(text{at: Point{26, (b.top + b.bottom) / 2}, str: name, size: 14, color: black, anchor: middle, angle: 90})
	}
}

func (b *board) size0() Point { w, h := b.size(); return Point{w, h} }
