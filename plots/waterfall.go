package plots

import (
	"fmt"
	"math"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// causeNames are the causes of a gap in a few words, and causeInk what kind they are of: the core's work, memory, waiting.
var causeNames = map[string]string{
	roofline.CauseWork: "extra work", roofline.CauseTails: "masked lanes, padding", roofline.CauseWidth: "vector width",
	roofline.CauseFMA: "unfused arithmetic", roofline.CauseL1: "L1 ports", roofline.CauseL2: "L2 traffic", roofline.CauseL3: "L3 traffic",
	roofline.CauseDRAM: "memory traffic", roofline.CauseLatency: "latency", roofline.CauseImbalance: "imbalance",
	roofline.CauseClock: "the core's clock", roofline.CauseOther: "not explained",
}

// CauseName is what a cause is called within a sentence.
func CauseName(cause string) string { return orText(causeNames[cause], oneLine(cause)) }

func causeInk(cause string) ink {
	switch cause {
	case roofline.CauseWork, roofline.CauseTails, roofline.CauseWidth, roofline.CauseFMA, roofline.CauseClock:
		return hueAMX
	case roofline.CauseL1, roofline.CauseL2, roofline.CauseL3, roofline.CauseDRAM:
		return hueAVX512
	case roofline.CauseLatency, roofline.CauseImbalance:
		return hueAVX2
	}
	return rgb(0x7c828a)
}

// fall is a waterfall under construction.
type fall struct {
	*board
	x     unitAxis
	texts float64 // left edge of the sentences
	y     float64
}

const (
	fallPitch = 44.0
	thinPitch = 24.0
)

// Waterfall draws how the time of a call divides: from the least time that its work can take on this machine, cause by
// cause, to the measured time; below it what each resource would need for what was executed.
func Waterfall(run *roofline.Run) (*Chart, error) {
	if run == nil || run.Analysis == nil || run.Analysis.Gap == nil {
		return nil, fmt.Errorf("draw waterfall: the run has no analysis of its gap")
	}
	g := run.Analysis.Gap
	if !(g.Measured > 0) || math.IsInf(g.Measured, 0) || !(g.Ideal >= 0) {
		return nil, fmt.Errorf("draw waterfall of %s: ideal %g s, measured %g s", run.ID(), g.Ideal, g.Measured)
	}
	var parts []roofline.GapPart
	for _, p := range g.Parts {
		if p.Seconds > 0 {
			parts = append(parts, p)
		}
	}
	sub := fmt.Sprintf("one call takes %s, %s the %s that its work needs at least under %s", units.SI(g.Measured, "s"),
		ratioText(g.Measured/g.Ideal), units.SI(g.Ideal, "s"), roofline.BoundName(g.IdealBy))
	note := "Bars: time of one call. Each cause adds what it costs; together with the ideal they are the measured time."
	bars := len(parts) + 2
	if g.Ideal == 0 {
		sub = fmt.Sprintf("one call takes %s; %s", units.SI(g.Measured, "s"), NoIdeal)
		note = "Bars: time of one call. Each cause adds what it costs; together they are the measured time."
		bars--
	}
	h := 92 + 28 + fallPitch*float64(bars) + 66 + noteLine
	if len(g.Resources) > 0 {
		h += 40 + thinPitch*float64(len(g.Resources))
	}
	f := &fall{board: newBoard(1400, h, "Where the time goes: "+run.ID(), sub, note)}
	f.top += 24
	f.left, f.right, f.texts = 210, 800, 830
	longest := max(g.Measured, g.Composed, g.Ideal)
	for _, r := range g.Resources {
		longest = max(longest, r.Seconds)
	}
	f.x = timeAxis(0, longest*1.3, f.left, f.right) // room for the values
	f.xAxis(f.x.axis, f.top, f.bottom, "time ("+f.x.unit+")")
	f.y = f.top
	f.composed(g, f.top+fallPitch*float64(bars))
	if g.Ideal > 0 {
		f.bar("ideal", "Least time for the work on this machine: "+roofline.BoundName(g.IdealBy)+".", 0, g.Ideal, g.Measured, black, true)
	}
	at := g.Ideal
	for _, p := range parts {
		f.bar(CauseName(p.Cause), p.Text, at, p.Seconds, g.Measured, causeInk(p.Cause), true)
		at += p.Seconds
	}
	f.bar("measured", "", 0, g.Measured, g.Measured, slopeInk, false)
	f.resources(g)
	desc := fmt.Sprintf("Waterfall of %s: %s.", run.ID(), sub)
	for _, p := range parts {
		desc += fmt.Sprintf(" %s: %s.", CauseName(p.Cause), units.SI(p.Seconds, "s"))
	}
	return f.chart(desc), nil
}

// ratioText words a ratio: "1.38 ×", or "as long as" for 1.
func ratioText(v float64) string {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return "beyond"
	}
	return significant(v, 3) + " ×"
}

// bar draws one row: name, bar from a time on, its value, and a sentence.
func (f *fall) bar(name, sentence string, from, seconds, whole float64, hue ink, link bool) {
	mid := f.y + fallPitch/2
	f.begin(fmt.Sprintf("%s: %s, %s of the call", name, units.SI(seconds, "s"), percent(seconds/whole)))
	f.label(f.left-12, mid, end, fitName(name, 14, true, f.left-12-boardMargin), 14, true, hue.darker(0.8))
	l, r := f.x.at(from), f.x.at(from+seconds)
	r = max(r, l+1.5)
	f.add(path{ops: closed(Point{l, mid - 13}, Point{r, mid - 13}, Point{r, mid + 13}, Point{l, mid + 13}), fill: hue.alpha(0.85), stroke: hue, width: 1})
	value := units.SI(seconds, "s")
	if share := percent(seconds / whole); share != "100 %" {
		value += " · " + share
	}
	f.put(text{at: Point{r + 8, mid + 13*0.36}, str: value, size: 13, bold: true, color: hue.darker(0.8), halo: true})
	if link {
		f.line(Point{f.x.at(from + seconds), mid + 13}, Point{f.x.at(from + seconds), mid + fallPitch - 13}, grey, 1)
	}
	f.sentence(sentence, mid)
	f.finish()
	f.y += fallPitch
}

func (f *fall) sentence(s string, mid float64) {
	lines := wrapOne(oneLine(s), 12.5, f.w-boardMargin-f.texts)
	if s == "" {
		return
	}
	if len(lines) > 2 {
		lines = []string{lines[0], fit(lines[1]+" "+lines[2], 12.5, false, f.w-boardMargin-f.texts)}
	}
	for i, l := range lines {
		f.label(f.texts, mid+(float64(i)-float64(len(lines)-1)/2)*16, start, l, 12.5, false, grey.darker(0.8))
	}
}

// composed marks the least time of this very code.
func (f *fall) composed(g *roofline.Gap, bottom float64) {
	if !(g.Composed > 0) {
		return
	}
	x := f.x.at(g.Composed)
	f.line(Point{x, f.top}, Point{x, bottom}, alarm, 1.4, 6, 3)
	t := text{at: Point{x, f.top - 8}, str: "this code at best: " + units.SI(g.Composed, "s"), size: 12.5, bold: true, color: alarm, anchor: middle}
	x0, _, x1, _ := t.box().bounds()
	t.at.X += max(0, boardMargin-x0) - max(0, x1-(f.w-boardMargin))
	f.put(t)
}

// resources draws what each pipe and level needs for what was executed.
func (f *fall) resources(g *roofline.Gap) {
	if len(g.Resources) == 0 {
		return
	}
	rule := "they work side by side, the slowest counts"
	if g.Rule == "sum" {
		rule = "in each phase the slowest counts, phases add up"
	}
	f.y += 10
	f.line(Point{boardMargin, f.y}, Point{f.w - boardMargin, f.y}, gridMajor, 1)
	f.label(f.texts, f.y+16, start, "What this code keeps busy: "+rule+".", 12.5, true, black)
	f.label(f.left-12, f.y+16, end, "resources", 14, true, black)
	f.y += 30
	slowest := 0.0
	for _, r := range g.Resources {
		slowest = max(slowest, r.Seconds)
	}
	for _, r := range g.Resources {
		mid := f.y + thinPitch/2
		hue := hueAMX
		if r.Unit == "B" {
			hue = hueAVX512
		}
		name := roofline.BoundName(r.Ceiling)
		f.label(f.left-12, mid, end, fit(oneLine(name), 12.5, false, f.left-12-boardMargin), 12.5, false, black)
		to := max(f.x.at(r.Seconds), f.left+1.5)
		f.polygon(hue.alpha(0.55), Point{f.left, mid - 7}, Point{to, mid - 7}, Point{to, mid + 7}, Point{f.left, mid + 7})
		f.label(to+8, mid, start, units.SI(r.Seconds, "s"), 12.5, r.Seconds == slowest, black)
		f.label(f.texts, mid, start, fit(units.SI(r.Work, r.Unit)+" per call at the measured ceiling", 12.5, false, f.w-boardMargin-f.texts), 12.5, false, grey.darker(0.8))
		f.y += thinPitch
	}
}
