package plots

import (
	"fmt"
	"strings"
)

const (
	footerSize = 12.5
	footerLine = 17
)

// collectNotes gathers what a reader must know to read the chart rightly, the gravest first.
func (d *drawing) collectNotes() (notes []string) {
	seen := map[string]bool{}
	for _, r := range d.drawn {
		if !r.above(d.res.Ceilings) {
			continue
		}
		text := fmt.Sprintf("%s: %s of its roof %s. A run cannot be faster than its roof: the ceiling or a count is wrong.",
			r.name, percent(r.run.Bound.Fraction), r.run.Bound.By)
		id := r.run.ID()
		for _, w := range d.res.Warnings {
			if w.About == id && strings.Contains(w.Text, "roof") {
				text = r.name + ": " + withCure(sentence(w.Text), w.Cure)
				seen[w.Text] = true
			}
		}
		notes = append(notes, "ABOVE ROOF  "+oneLine(text))
	}
	var others, unplaced []string
	for _, r := range d.rows {
		switch {
		case r.run.Threads != d.roofs.threads:
			others = append(others, r.name)
		case !r.placed() && r.unit != "B/s":
			unplaced = append(unplaced, r.name)
		}
	}
	if len(others) > 0 {
		notes = append(notes, "Not drawn, other thread count: "+listed(others)+".")
	}
	if len(unplaced) > 0 {
		notes = append(notes, "Not drawn, FLOPs or bytes are not known: "+listed(unplaced)+".")
	}
	declared := 0
	for _, r := range d.drawn {
		if r.provenance == estimated {
			declared++
		}
	}
	if declared > 0 {
		text := "FLOPs and bytes are declared work, not counted"
		if declared < len(d.drawn) {
			text = fmt.Sprintf("FLOPs and bytes of %d of %d kernels are declared work, not counted", declared, len(d.drawn))
		}
		if p := d.res.Machine.PMU; !p.Available && p.Reason != "" {
			text += " (" + oneLine(p.Reason) + ")"
		}
		notes = append(notes, text+"; declared bytes are compulsory traffic, so a point may lie further left.")
	}
	if d.countless() {
		notes = append(notes, fmt.Sprintf("Of %d points those have a label that have room for it; in the SVG pointing at one names it.", len(d.drawn)))
	}
	for _, o := range d.roofs.omitted {
		notes = append(notes, "Not drawn: "+o+".")
	}
	for _, w := range d.res.Warnings {
		if !seen[w.Text] {
			text := withCure(sentence(w.Text), w.Cure)
			if w.About != "" {
				text = w.About + ": " + text
			}
			notes = append(notes, oneLine(text))
		}
	}
	return notes
}

func withCure(text, cure string) string {
	text = strings.TrimRight(text, ". ") + "."
	if cure != "" {
		text += " Cure: " + strings.TrimRight(cure, ". ") + "."
	}
	return text
}

// listed joins at most six names.
func listed(names []string) string {
	if len(names) > 6 {
		names = append(names[:5:5], fmt.Sprintf("%d more", len(names)-5))
	}
	return strings.Join(names, ", ")
}

func (d *drawing) drawFooter() {
	y := float64(Height - 12 - (len(d.footer)-1)*footerLine)
	for _, l := range d.footer {
		x := 24.0
		if rest, ok := strings.CutPrefix(l, "ABOVE ROOF "); ok {
			d.warningSign(Point{x, y}, 12)
			x, l = x+18, strings.TrimSpace(rest)
		}
		d.put(text{at: Point{x, y}, str: l, size: footerSize, color: grey.darker(0.8)})
		y += footerLine
	}
}
