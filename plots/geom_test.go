package plots

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestOverlap(t *testing.T) {
	square := rect(0, 0, 10, 10)
	diamond := rect(-5, -5, 10, 10).rotated(Point{}, 45)
	for name, c := range map[string]struct {
		a, b quad
		want bool
	}{
		"inside":         {square, rect(2, 2, 3, 3), true},
		"touching":       {square, rect(10, 0, 5, 5), false},
		"apart":          {square, rect(20, 20, 5, 5), false},
		"corner beside":  {rect(5.5, 5.5, 3, 3), diamond, false}, // their bounds meet, they do not
		"corner reached": {rect(3, 3, 3, 3), diamond, true},
	} {
		if got := c.a.overlaps(c.b); got != c.want || c.b.overlaps(c.a) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Sampling points is the independent witness for the separating axis theorem.
func TestOverlapAgainstSampling(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		random := func() quad {
			c := Point{rnd.Float64() * 20, rnd.Float64() * 20}
			return rect(c.X, c.Y, 2+rnd.Float64()*15, 2+rnd.Float64()*5).rotated(c, 360*rnd.Float64())
		}
		a, b := random(), random()
		common := 0
		x0, y0, x1, y1 := a.bounds()
		for i := range 120 {
			for j := range 120 {
				p := Point{x0 + (x1-x0)*(float64(i)+0.5)/120, y0 + (y1-y0)*(float64(j)+0.5)/120}
				if holds(a, p) && holds(b, p) {
					common++
				}
			}
		}
		if got := a.overlaps(b); common > 0 && !got || common == 0 && got && !grazing(a, b) {
			t.Fatalf("%v and %v: overlap %v, %d common points", a, b, got, common)
		}
	}
}

// grazing says whether shrinking the boxes a little parts them, so that sampling may miss the overlap.
func grazing(a, b quad) bool { return !a.grown(-0.4).overlaps(b.grown(-0.4)) }

func holds(q quad, p Point) bool {
	side := 0.0
	for i := range q {
		a, b := q[i], q[(i+1)%4]
		s := (b.X-a.X)*(p.Y-a.Y) - (b.Y-a.Y)*(p.X-a.X)
		if s*side < 0 {
			return false
		}
		side = s
	}
	return true
}

func TestClip(t *testing.T) {
	got, ok := segment{Point{-10, -10}, Point{30, 30}}.clipped(0, 0, 20, 10)
	if want := (segment{Point{0, 0}, Point{10, 10}}); !ok || math.Hypot(got.A.X-want.A.X, got.B.X-want.B.X) > 1e-9 {
		t.Errorf("clipped to %v, %v", got, ok)
	}
	if _, ok := (segment{Point{-10, 5}, Point{-1, 5}}).clipped(0, 0, 20, 10); ok {
		t.Error("a segment outside was kept")
	}
	if _, ok := (segment{Point{-10, 11}, Point{30, 11}}).clipped(0, 0, 20, 10); ok {
		t.Error("a parallel outside was kept")
	}
}

func TestRotationIsCounterClockwise(t *testing.T) {
	// A text at the origin that runs to the right must, turned by 90°, run upwards: to negative y.
	q := rect(0, -10, 100, 12).rotated(Point{}, 90)
	x0, y0, x1, y1 := q.bounds()
	for i, d := range []float64{x0 + 10, y0 + 100, x1 - 2, y1 - 0} {
		if math.Abs(d) > 1e-9 {
			t.Errorf("bounds %v %v %v %v (%d)", x0, y0, x1, y1, i)
		}
	}
}
