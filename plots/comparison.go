package plots

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline/stats"
)

// mostChanges is how many rows a comparison chart has room for.
const mostChanges = 40

// The hues and marks of what became of a kernel. Each is also said in words.
var (
	betterInk = rgb(0x0b63b5)
	worseInk  = rgb(0xb4470b)
)

func outcomeInk(outcome string) ink {
	switch outcome {
	case "faster":
		return betterInk
	case "slower":
		return worseInk
	}
	return grey
}

// Comparison draws changes side by side: for each kernel the speed-up with its 95 % interval on one logarithmic axis,
// against the noise floor, with both medians and the verdict in words. A mean, if it is known, stands below them.
func Comparison(title, sub string, list []Change, mean stats.Estimate) (*Chart, error) {
	if len(list) == 0 {
		return nil, errors.New("draw comparison: nothing is compared")
	}
	all := len(list)
	list = list[:min(all, mostChanges)]
	rows := len(list)
	hasMean := mean.Median > 0 && all > 1
	if hasMean {
		rows++
	}
	notes := []string{"Filled: a difference that counts. Hollow: none, or none that can be told. Grey band: the noise floor of this machine."}
	if all > len(list) {
		notes = append(notes, fmt.Sprintf("%d more are in the table.", all-len(list)))
	}
	const pitch = 38.0
	c := &comparison{board: newBoard(1400, 92+34+float64(rows)*pitch+66+noteLine*float64(len(notes)), title, sub, notes...), pitch: pitch}
	c.top += 30
	c.left, c.right = 560, 940
	c.scale(list, mean)
	head := func(x float64, a anchor, s string) {
		c.put(text{at: Point{x, c.top - 12}, str: s, size: 13, bold: true, color: black, anchor: a})
	}
	head(boardMargin, start, "kernel")
	head(c.left-120, end, "base")
	head(c.left-24, end, "new")
	head((c.left+c.right)/2, middle, "speed-up")
	head(c.right+20, start, "verdict")
	bottom := c.top + float64(rows)*pitch
	c.xAxis(c.x, c.top, bottom, "")
	y := c.top
	for _, l := range list {
		c.row(l, y)
		y += pitch
	}
	if hasMean {
		c.line(Point{boardMargin, y}, Point{c.w - boardMargin, y}, gridMajor, 1)
		c.mean(mean, y+pitch/2, slices.ContainsFunc(list, Change.counts))
	}
	c.line(Point{c.x.at(1), c.top}, Point{c.x.at(1), bottom}, black, 1.2)
	c.put(text{at: Point{c.left - 10, bottom + 20}, str: "slower", size: 13, color: worseInk, anchor: end})
	c.put(text{at: Point{c.right + 10, bottom + 20}, str: "faster", size: 13, color: betterInk})
	var desc []string
	for _, l := range list {
		desc = append(desc, oneLine(l.Name)+": "+oneLine(l.Verdict))
	}
	return c.chart("Comparison. " + strings.Join(desc, ". ") + "."), nil
}

type comparison struct {
	*board
	x     axis
	pitch float64
}

// scale covers all speed-ups and floors, with no change in the middle.
func (c *comparison) scale(list []Change, mean stats.Estimate) {
	reach := 0.01
	add := func(s stats.Estimate) {
		for _, v := range []float64{s.Median, s.Lo, s.Hi} {
			if v > 0 && !math.IsInf(v, 0) {
				reach = max(reach, math.Abs(math.Log(v)))
			}
		}
	}
	for _, l := range list {
		add(l.Speedup)
		reach = max(reach, math.Log1p(l.Floor))
	}
	add(mean)
	reach *= 1.12
	if reach > math.Log(1.9) {
		c.x = logAxis(math.Exp(-reach), math.Exp(reach), c.left, c.right, timesTick)
		return
	}
	// Percentages of speed on a logarithmic axis: 1.05 and 1/1.05 are as far from 1.
	c.x = axis{lo: math.Exp(-reach), hi: math.Exp(reach), from: c.left, to: c.right, log: true}
	step := niceStep(-math.Expm1(-reach) / 3)
	for i := -5.0; i <= 5; i++ {
		if v := 1 + i*step; v > 0 && math.Abs(math.Log(v)) <= reach {
			c.x.ticks = append(c.x.ticks, tick{value: v, label: percentTick(i*step, step), major: true})
		}
	}
}

// counts says whether there is a difference beyond noise.
func (l Change) counts() bool { return l.Outcome == "faster" || l.Outcome == "slower" }

func (c *comparison) row(l Change, top float64) {
	y := top + c.pitch/2
	c.line(Point{boardMargin, top}, Point{c.w - boardMargin, top}, gridMinor, 1)
	if l.Floor > 0 {
		lo, hi := c.x.at(1/(1+l.Floor)), c.x.at(1+l.Floor)
		c.polygon(grey.alpha(0.14), Point{lo, top + 1}, Point{hi, top + 1}, Point{hi, top + c.pitch - 1}, Point{lo, top + c.pitch - 1})
	}
	c.begin(oneLine(l.Name)+": "+oneLine(l.Verdict), "change", l.Name)
	c.label(boardMargin, y, start, fitName(oneLine(l.Name), 14, false, c.left-190-boardMargin-12), 14, false, black)
	c.label(c.left-120, y, end, medianOf(l.Base), 13, false, black)
	c.label(c.left-24, y, end, medianOf(l.New), 13, false, black)
	c.estimate(l.Speedup, y, outcomeInk(l.Outcome), l.counts())
	words := wrapOne(oneLine(l.Verdict), 12.5, c.w-boardMargin-c.right-20)
	if len(words) > 2 {
		words = []string{words[0], fit(words[1]+" "+words[2], 12.5, false, c.w-boardMargin-c.right-20)}
	}
	for i, w := range words {
		c.label(c.right+20, y+(float64(i)-float64(len(words)-1)/2)*15.5, start, w, 12.5, false, outcomeInk(l.Outcome))
	}
	c.finish()
}

func medianOf(s Sample) string {
	if len(s.Values) == 0 {
		return "–"
	}
	return units.SI(stats.Summarize(s.Values).Median, "s")
}

// mean is filled where one of the differences counts.
func (c *comparison) mean(m stats.Estimate, y float64, counts bool) {
	c.label(boardMargin, y, start, "geometric mean", 14, true, black)
	c.estimate(m, y, black, counts)
	text := timesText(m.Median) + " as fast"
	if m.Median < 2 {
		text = "speed " + changeText(m.Median-1)
		if m.Known() {
			text += fmt.Sprintf(" [%s, %s]", changeText(m.Lo-1), changeText(m.Hi-1))
		}
	}
	c.label(c.right+20, y, start, text, 13, true, black)
}

// estimate draws an interval with its median.
func (c *comparison) estimate(s stats.Estimate, y float64, hue ink, filled bool) {
	if !(s.Median > 0) || math.IsInf(s.Median, 0) {
		return
	}
	if s.Known() {
		c.bracket(c.x, s.Lo, s.Hi, y, hue)
	}
	p := path{ops: circle(Point{c.x.at(s.Median), y}, 6), fill: hue, stroke: hue, width: 1.8}
	if !filled {
		p.fill = white
	}
	c.add(p)
}
