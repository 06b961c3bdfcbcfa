package kernels

import (
	"math"
	"math/rand/v2"
)

// fullWork is the largest m·n·k whose product is compared element by element.
const fullWork = 1 << 24

// samples is how many random elements of a larger product are compared, beside whole edges.
const samples = 256

// Verify computes C with all workers' shares, after filling it with NaN, and compares it with the float64 sums
// Σₖ A[i,k]·B[k,j], relative to Σₖ |A[i,k]·B[k,j]|; the bound is sumTolerance(k). Up to m·n·k = 2^24 every element is
// compared; beyond that every element is looked at for being written, and compared are 256 random ones, the corners, and
// up to 256 in each of the first and last rows and columns.
func (m *matmul[T]) Verify() (Verification, error) {
	p := m.p
	for i := range p.c.rows {
		poison(p.c.row(i))
	}
	for w := range m.workers {
		m.Part(w)
	}
	var w worst
	if float64(p.c.rows)*float64(p.c.cols)*float64(p.a.cols) <= fullWork {
		p.compareAll(&w)
	} else {
		p.compareSampled(&w)
	}
	return Verification{Against: against, MaxError: float64(w), Tolerance: sumTolerance[T](p.a.cols)}, nil
}

// compareAll compares row by row with the reference.
func (p *product[T]) compareAll(w *worst) {
	sum, scale := make([]float64, p.c.cols), make([]float64, p.c.cols)
	for i := range p.c.rows {
		clear(sum)
		clear(scale)
		for k, x := range p.a.row(i) {
			for j, y := range p.b.row(k) {
				xy := float64(x) * float64(y)
				sum[j] += xy
				scale[j] += math.Abs(xy)
			}
		}
		for j, got := range p.c.row(i) {
			w.see(float64(got), sum[j], scale[j])
		}
	}
}

// compareSampled compares the edges and random elements.
func (p *product[T]) compareSampled(w *worst) {
	for i := range p.c.rows {
		for _, got := range p.c.row(i) {
			if got != got {
				w.see(float64(got), 0, 1)
			}
		}
	}
	rng := rand.New(rand.NewPCG(3, 4))
	lastRow, lastCol := p.c.rows-1, p.c.cols-1
	for range samples {
		p.compareOne(w, rng.IntN(p.c.rows), rng.IntN(p.c.cols))
	}
	for q := range samples {
		i, j := q*lastRow/(samples-1), q*lastCol/(samples-1)
		for _, at := range [][2]int{{0, j}, {lastRow, j}, {i, 0}, {i, lastCol}} {
			p.compareOne(w, at[0], at[1])
		}
	}
}

// compareOne compares element (i, j).
func (p *product[T]) compareOne(w *worst, i, j int) {
	var sum, scale float64
	for k, x := range p.a.row(i) {
		xy := float64(x) * float64(p.b.at(k, j)[0])
		sum += xy
		scale += math.Abs(xy)
	}
	w.see(float64(p.c.at(i, j)[0]), sum, scale)
}
