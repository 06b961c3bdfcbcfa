package plots

import (
	"sort"
	"sync"
	"unicode"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
)

// Liberation Sans has the metrics of Arial and Helvetica, so one measurement serves all three.
const (
	ascent  = 0.76 // of the size, for capitals and digits
	descent = 0.22
)

var fonts = sync.OnceValue(func() *font.Cache { return font.NewCache(liberation.Collection()) })

func face(size float64, bold bool) font.Face {
	f := font.Font{Typeface: "Liberation", Variant: "Sans"}
	if bold {
		f.Weight = 3 // bold, as golang.org/x/image/font counts
	}
	return fonts().Lookup(f, vg.Length(size))
}

// textWidth is the advance of s in pixels.
func textWidth(s string, size float64, bold bool) float64 {
	f := face(size, bold)
	return f.Width(s).Points()
}

// fit shortens s with an ellipsis until it is at most width pixels wide.
func fit(s string, size float64, bold bool, width float64) string {
	if textWidth(s, size, bold) <= width {
		return s
	}
	r := []rune(s)
	n := sort.Search(len(r), func(i int) bool { return textWidth(string(r[:i+1])+"…", size, bold) > width })
	return string(r[:n]) + "…"
}

// fitName shortens a name to at most width pixels in its middle: the names of a program's functions often begin alike.
func fitName(s string, size float64, bold bool, width float64) string {
	if textWidth(s, size, bold) <= width {
		return s
	}
	r := []rune(s)
	room := (width - textWidth("…", size, bold)) * nameTail
	from := sort.Search(len(r), func(i int) bool { return textWidth(string(r[i:]), size, bold) <= room })
	for from < len(r) && unicode.Is(unicode.Mn, r[from]) { // an accent without its letter
		from++
	}
	tail := string(r[from:])
	return fit(s, size, bold, width-textWidth(tail, size, bold)) + tail
}

// nameTail is the share of a shortened name that its end has.
const nameTail = 0.35

// outline appends the outlines of s, with its base line starting at the origin, to ops; y downwards, in pixels.
func outline(s string, size float64, bold bool) []op {
	f := face(size, bold)
	const em = 1 << 16 // load glyphs at 1024 pixels per em, in 26.6 fixed point
	scale := size / em
	var ops []op
	x, prev := 0.0, rune(-1)
	for _, r := range s {
		gi, err := f.Face.GlyphIndex(nil, r)
		if err != nil {
			continue
		}
		if prev >= 0 {
			pi, _ := f.Face.GlyphIndex(nil, prev)
			if k, err := f.Face.Kern(nil, pi, gi, em, 0); err == nil {
				x += float64(k) * scale
			}
		}
		segs, err := f.Face.LoadGlyph(nil, gi, em, nil)
		if err != nil {
			continue
		}
		at := func(i, a int) Point {
			return Point{x + float64(segs[i].Args[a].X)*scale, float64(segs[i].Args[a].Y) * scale}
		}
		var cur Point
		for i := range segs {
			switch segs[i].Op {
			case 0: // move
				if i > 0 {
					ops = append(ops, op{kind: 'Z'})
				}
				cur = at(i, 0)
				ops = append(ops, op{'M', [3]Point{cur}})
			case 1: // line
				cur = at(i, 0)
				ops = append(ops, op{'L', [3]Point{cur}})
			case 2: // quadratic, raised to a cubic
				c, e := at(i, 0), at(i, 1)
				third := func(p Point) Point { return Point{p.X + 2*(c.X-p.X)/3, p.Y + 2*(c.Y-p.Y)/3} }
				ops = append(ops, op{'C', [3]Point{third(cur), third(e), e}})
				cur = e
			case 3: // cubic
				cur = at(i, 2)
				ops = append(ops, op{'C', [3]Point{at(i, 0), at(i, 1), cur}})
			}
		}
		if len(segs) > 0 {
			ops = append(ops, op{kind: 'Z'})
		}
		if adv, err := f.Face.GlyphAdvance(nil, gi, em, 0); err == nil {
			x += float64(adv) * scale
		}
		prev = r
	}
	return ops
}
