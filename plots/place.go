package plots

import "math"

// placer finds room for labels inside a frame, first come, first served.
type placer struct {
	frame frame
	texts buckets[solid] // must not be overlapped
	marks buckets[solid] // must not be overlapped
	lines buckets[obstacle]
}

// solid is a quadrilateral with its bounds, which most tests need no more than.
type solid struct {
	quad
	box
}

func (p *placer) addText(q quad) { p.texts.add(bounds(q), newSolid(q)) }
func (p *placer) addMark(q quad) { p.marks.add(bounds(q), newSolid(q)) }

// addLine adds a line that a label should not cross, and how bad it is.
func (p *placer) addLine(s segment, cost float64) { p.lines.add(s.bounds(), obstacle{s, cost}) }

func bounds(q quad) box {
	x0, y0, x1, y1 := q.bounds()
	return box{x0, y0, x1, y1}
}

func (s segment) bounds() box {
	return box{min(s.A.X, s.B.X), min(s.A.Y, s.B.Y), max(s.A.X, s.B.X), max(s.A.Y, s.B.Y)}
}

func newSolid(q quad) solid { return solid{q, bounds(q)} }

// meets reports whether two solids overlap.
func (a *solid) meets(b *solid) bool {
	return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1 && a.overlaps(b.quad)
}

// obstacle is a line that a label should not cross, and how bad it is in pixels of distance to a better place.
type obstacle struct {
	segment
	cost float64
}

const (
	roofCost  = 30.0
	trailCost = 8.0

	textGap   = 3.0 // pixels between two texts, at least
	noLabel   = math.MaxFloat64
	leaderGap = 16.0 // from this distance on a label is tied to its marker by a line
)

// inside says whether q is within the frame.
func (p *placer) inside(q quad) bool {
	x0, y0, x1, y1 := q.bounds()
	return x0 >= p.frame.left+2 && x1 <= p.frame.right-2 && y0 >= p.frame.top+2 && y1 <= p.frame.bottom-2
}

// free says whether a text at q would cover nothing.
func (p *placer) free(q quad) bool {
	if !p.inside(q) {
		return false
	}
	near, own := newSolid(q.grown(textGap)), newSolid(q)
	for t := range p.texts.near(near.box) {
		if near.meets(t) {
			return false
		}
	}
	for m := range p.marks.near(own.box) {
		if own.meets(m) {
			return false
		}
	}
	return true
}

// cost of putting a text at q: noLabel when it would cover something.
func (p *placer) cost(q quad) float64 {
	if !p.free(q) {
		return noLabel
	}
	c := 0.0
	for l := range p.lines.near(bounds(q)) {
		if l.crosses(q) {
			c += l.cost
		}
	}
	return c
}

// blocked says whether a leader would run through a text.
func (p *placer) blocked(s segment) bool {
	for t := range p.texts.near(s.bounds()) {
		if s.crosses(t.quad) {
			return true
		}
	}
	return false
}

// spot is a place for a label of a given size near a marker.
type spot struct {
	box    quad
	leader *segment // nil when the label touches its marker
}

// near looks for the best place for a w × h label around c, trying ever wider rings. limit is the widest ring.
func (p *placer) near(c Point, radius, w, h, limit float64) (best spot, ok bool) {
	bestCost := noLabel
	for _, d := range rings {
		if d > limit || d > bestCost {
			break
		}
		for i := range 16 {
			q := around(c, radius+4+d, w, h, i)
			cost := p.cost(q)
			if cost == noLabel {
				continue
			}
			cost += d + preference[i]
			s := spot{box: q}
			if d >= leaderGap {
				to := nearest(q, c)
				ux, uy := unit(c, to)
				l := segment{c.add(ux*(radius+1), uy*(radius+1)), to.add(-ux*2, -uy*2)}
				if p.blocked(l) {
					continue
				}
				s.leader = &l
				cost += 12
			}
			if cost < bestCost {
				best, bestCost = s, cost
			}
		}
	}
	return best, bestCost < noLabel
}

// anywhere scans the frame for the free place that is nearest to c: near c first, and farther only where nothing is free.
func (p *placer) anywhere(c Point, radius, w, h float64) (best spot, ok bool) {
	for _, reach := range []float64{120, 360, Width} {
		var dist float64
		if best, dist = p.within(c, radius, w, h, reach); dist <= reach-w-h {
			return best, true
		}
		ok = !math.IsInf(dist, 1)
	}
	return best, ok
}

// within scans the places whose corner is within a square about c.
func (p *placer) within(c Point, radius, w, h, reach float64) (best spot, bestDist float64) {
	bestDist = math.Inf(1)
	stepX, stepY := w/2+2, h/2+2
	first := func(from, low, step float64) float64 { return from + max(0, math.Floor((low-from)/step))*step }
	for y := first(p.frame.top+4, c.Y-reach, stepY); y+h < min(p.frame.bottom-2, c.Y+reach+h); y += stepY {
		for x := first(p.frame.left+4, c.X-reach, stepX); x+w < min(p.frame.right-2, c.X+reach+w); x += stepX {
			q := rect(x, y, w, h)
			to := nearest(q, c)
			d := math.Hypot(to.X-c.X, to.Y-c.Y)
			if d < radius+3 || d >= bestDist || !p.free(q) {
				continue
			}
			ux, uy := unit(c, to)
			l := segment{c.add(ux*(radius+1), uy*(radius+1)), to.add(-ux*2, -uy*2)}
			if p.blocked(l) { // as far as this, rather than not at all
				d += Width
			}
			if d < bestDist {
				best, bestDist = spot{q, &l}, d
			}
		}
	}
	return best, bestDist
}

var rings = []float64{0, 5, 10, 16, 24, 34, 46, 60, 76, 94, 114, 136, 160, 190, 220, 260, 300}

// preference of the sixteen directions, counter-clockwise from the right: beside, then above, then below.
var preference = [16]float64{0, 2, 3, 5, 6, 5, 4, 3, 1, 4, 6, 8, 9, 8, 6, 4}

// around puts a w × h box at distance r from c in direction i of 16.
func around(c Point, r, w, h float64, i int) quad {
	sin, cos := math.Sincos(2 * math.Pi * float64(i) / 16)
	a := c.add(r*cos, -r*sin)
	// The side of the box that faces c slides along with the direction.
	x := a.X - w/2 + clamp(cos*1.5, -1, 1)*w/2
	y := a.Y - h/2 - clamp(sin*1.5, -1, 1)*h/2
	return rect(x, y, w, h)
}

func clamp(v, lo, hi float64) float64 { return max(lo, min(hi, v)) }

// nearest is the point of an upright box that is nearest to c.
func nearest(q quad, c Point) Point {
	x0, y0, x1, y1 := q.bounds()
	return Point{clamp(c.X, x0, x1), clamp(c.Y, y0, y1)}
}
