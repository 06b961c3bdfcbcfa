package plots

import "math"

// Point is a position in pixels, y downwards.
type Point struct{ X, Y float64 }

func (p Point) add(dx, dy float64) Point { return Point{p.X + dx, p.Y + dy} }

// quad is a convex quadrilateral, corners in order around it.
type quad [4]Point

func rect(x, y, w, h float64) quad {
	return quad{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}
}

// rotated turns q by deg degrees counter-clockwise (as seen on the page) about c.
func (q quad) rotated(c Point, deg float64) quad {
	if deg == 0 {
		return q
	}
	sin, cos := math.Sincos(-deg * math.Pi / 180)
	for i, p := range q {
		dx, dy := p.X-c.X, p.Y-c.Y
		q[i] = Point{c.X + dx*cos - dy*sin, c.Y + dx*sin + dy*cos}
	}
	return q
}

func (q quad) grown(d float64) quad {
	// Grow along the edges' directions, so that rotated boxes grow evenly too.
	ux, uy := unit(q[0], q[1])
	vx, vy := unit(q[0], q[3])
	g := func(p Point, a, b float64) Point { return p.add(d*(a*ux+b*vx), d*(a*uy+b*vy)) }
	return quad{g(q[0], -1, -1), g(q[1], 1, -1), g(q[2], 1, 1), g(q[3], -1, 1)}
}

func unit(a, b Point) (x, y float64) {
	d := math.Hypot(b.X-a.X, b.Y-a.Y)
	if d == 0 {
		return 0, 0
	}
	return (b.X - a.X) / d, (b.Y - a.Y) / d
}

func (q quad) bounds() (x0, y0, x1, y1 float64) {
	x0, y0, x1, y1 = q[0].X, q[0].Y, q[0].X, q[0].Y
	for _, p := range q[1:] {
		x0, x1 = min(x0, p.X), max(x1, p.X)
		y0, y1 = min(y0, p.Y), max(y1, p.Y)
	}
	return
}

// overlap reports whether the interiors of two convex polygons meet (separating axis theorem).
func overlap(a, b []Point) bool {
	return !separated(a, b) && !separated(b, a)
}

func separated(a, b []Point) bool {
	for i := range a {
		p, q := a[i], a[(i+1)%len(a)]
		nx, ny := q.Y-p.Y, p.X-q.X
		if nx == 0 && ny == 0 {
			continue
		}
		a0, a1 := project(a, nx, ny)
		b0, b1 := project(b, nx, ny)
		if a1 <= b0+1e-9 || b1 <= a0+1e-9 {
			return true
		}
	}
	return false
}

func project(ps []Point, nx, ny float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, p := range ps {
		v := p.X*nx + p.Y*ny
		lo, hi = min(lo, v), max(hi, v)
	}
	return
}

func (q quad) overlaps(r quad) bool {
	ax0, ay0, ax1, ay1 := q.bounds()
	bx0, by0, bx1, by1 := r.bounds()
	if ax1 <= bx0 || bx1 <= ax0 || ay1 <= by0 || by1 <= ay0 {
		return false
	}
	if q.upright() && r.upright() {
		return true
	}
	return overlap(q[:], r[:])
}

func (q quad) upright() bool { return q[0].Y == q[1].Y && q[0].X == q[3].X }

// segment is a straight line between two positions.
type segment struct{ A, B Point }

func (s segment) crosses(q quad) bool {
	x0, y0, x1, y1 := q.bounds()
	if _, ok := s.clipped(x0, y0, x1, y1); !ok {
		return false
	}
	return overlap(q[:], []Point{s.A, s.B})
}

// clipped returns the part of s inside the rectangle (Liang–Barsky).
func (s segment) clipped(x0, y0, x1, y1 float64) (segment, bool) {
	t0, t1 := 0.0, 1.0
	dx, dy := s.B.X-s.A.X, s.B.Y-s.A.Y
	for _, e := range [4][2]float64{{-dx, s.A.X - x0}, {dx, x1 - s.A.X}, {-dy, s.A.Y - y0}, {dy, y1 - s.A.Y}} {
		p, q := e[0], e[1]
		switch {
		case p == 0 && q < 0:
			return segment{}, false
		case p < 0:
			t0 = max(t0, q/p)
		case p > 0:
			t1 = min(t1, q/p)
		}
	}
	if t0 > t1 {
		return segment{}, false
	}
	at := func(t float64) Point { return Point{s.A.X + t*dx, s.A.Y + t*dy} }
	return segment{at(t0), at(t1)}, true
}
