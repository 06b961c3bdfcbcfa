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
// Σₖ A[i,k]·B[k,j], relative to Σₖ |A[i,k]·B[k,j]|; the bound is sumTolerance(k), for narrow types narrowTolerance. Up to
// m·n·k = 2^24 every element is compared; beyond that every element is looked at for being written, and compared are 256
// random ones, the corners, and up to 256 in each of the first and last rows and columns.
func (m *matmul[I, O]) Verify() (Verification, error) {
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
	return Verification{Against: against, MaxError: float64(w), Tolerance: p.tolerance()}, nil
}

// f16Depth is the number of products that kernels may sum up one after the other in half precision, and then add two such sums,
// before they go on in float32.
const f16Depth = 128

// tolerance is sumTolerance for sums of k products in the type of C, 0 for integers. Products of bfloat16 are exact in
// float32. Sums of binary16 may be kept in half precision over f16Depth products, each such sum relative to its own terms,
// and add up in float32:
//
//	(2 + 4·√min(k, 128))·2⁻¹¹ + (2 + 4·√⌈k/128⌉)·2⁻²⁴
func (p *product[I, O]) tolerance() float64 {
	k := p.a.cols
	switch {
	case sizeof[O]() == 8:
		return sumTolerance[float64](k)
	case dtypeOf[I]() == INT8:
		return 0
	case dtypeOf[I]() == F16:
		return SumTolerance(min(k, f16Depth), 0x1p-11) + sumTolerance[float32]((k+f16Depth-1)/f16Depth)
	}
	return sumTolerance[float32](k)
}

// compareAll compares row by row with the reference.
func (p *product[I, O]) compareAll(w *worst) {
	sum, scale, got := make([]float64, p.c.cols), make([]float64, p.c.cols), make([]float64, p.c.cols)
	a, b := make([]float64, p.a.cols), make([]float64, p.b.rows*p.b.cols)
	for k := range p.b.rows {
		values(b[k*p.b.cols:], p.b.row(k))
	}
	for i := range p.c.rows {
		clear(sum)
		clear(scale)
		values(a, p.a.row(i))
		for k, x := range a {
			for j, y := range b[k*p.b.cols:][:p.b.cols] {
				xy := x * y
				sum[j] += xy
				scale[j] += math.Abs(xy)
			}
		}
		values(got, p.c.row(i))
		for j := range got {
			w.see(got[j], p.wrapped(sum[j]), scale[j])
		}
	}
}

// wrapped is a sum as the type of C holds it: an integer modulo 2^32.
func (p *product[I, O]) wrapped(sum float64) float64 {
	if dtypeOf[I]() == INT8 {
		return float64(int32(int64(sum)))
	}
	return sum
}

// compareSampled compares the edges and random elements.
func (p *product[I, O]) compareSampled(w *worst) {
	unwritten := poisonOf[O]()
	for i := range p.c.rows {
		for _, got := range p.c.row(i) {
			if got != got || got == unwritten {
				w.see(math.NaN(), 0, 1)
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
func (p *product[I, O]) compareOne(w *worst, i, j int) {
	a := make([]float64, p.a.cols)
	values(a, p.a.row(i))
	var sum, scale float64
	for k, x := range a {
		xy := x * value(p.b.at(k, j)[0])
		sum += xy
		scale += math.Abs(xy)
	}
	w.see(value(p.c.at(i, j)[0]), p.wrapped(sum), scale)
}
