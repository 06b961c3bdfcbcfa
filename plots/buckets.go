package plots

import "iter"

// bucket is the side in pixels of the squares that a chart is cut into, so that what is near a place is found without a look at all.
const bucket = 40

// buckets hold things by the squares that their bounds touch. What lies beyond the edges of a chart counts to the squares there.
type buckets[T any] [Width/bucket + 1][Height/bucket + 1][]held[T]

// held is a thing and the first of its squares.
type held[T any] struct {
	thing        T
	column, line int
}

// box is an upright rectangle.
type box struct{ x0, y0, x1, y1 float64 }

// squares are the first and the last column and line that b touches.
func (b box) squares() (column0, line0, column1, line1 int) {
	at := func(v float64, size int) int {
		if !(v > 0) { // nor not a number
			return 0
		}
		return min(int(v), size) / bucket
	}
	return at(b.x0, Width), at(b.y0, Height), at(b.x1, Width), at(b.y1, Height)
}

func (s *buckets[T]) add(b box, thing T) {
	c0, l0, c1, l1 := b.squares()
	for c := c0; c <= c1; c++ {
		for l := l0; l <= l1; l++ {
			s[c][l] = append(s[c][l], held[T]{thing, c0, l0})
		}
	}
}

// near yields each thing once that shares a square with b.
func (s *buckets[T]) near(b box) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		c0, l0, c1, l1 := b.squares()
		for c := c0; c <= c1; c++ {
			for l := l0; l <= l1; l++ {
				for i := range s[c][l] {
					h := &s[c][l][i]
					if c != max(c0, h.column) || l != max(l0, h.line) {
						continue // yielded at another square
					}
					if !yield(&h.thing) {
						return
					}
				}
			}
		}
	}
}
