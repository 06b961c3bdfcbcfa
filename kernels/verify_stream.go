package kernels

import "math"

// Verify fills the output with NaN, runs, and compares every element: a copy is exact or wrong.
func (r *copyRun[T]) Verify() (Verification, error) {
	poison(r.dst)
	for w := range r.workers {
		r.Part(w)
	}
	var w worst
	for i, got := range r.dst {
		w.see(float64(got), float64(r.src[i]), 1)
	}
	return Verification{Against: against, MaxError: float64(w), Tolerance: 0}, nil
}

// Verify compares every element with the same formula in float64, relative to |b| + |s·c|. The bound is 2·u: one
// rounding for the product, which FMA saves, and one for the sum.
func (r *triadRun[T]) Verify() (Verification, error) {
	poison(r.dst)
	for w := range r.workers {
		r.Part(w)
	}
	var w worst
	for i, got := range r.dst {
		b, sc := float64(r.b[i]), float64(r.s)*float64(r.c[i])
		w.see(float64(got), b+sc, math.Abs(b)+math.Abs(sc))
	}
	return Verification{Against: against, MaxError: float64(w), Tolerance: 2 * roundoff[T]()}, nil
}

// Verify adds up the partial sums and compares with the float64 sum, relative to Σ |a·b|. The operands are multiples of
// 1/8 whose sums are exact in any order (see fillEighths), so the bound is 0 and a single missed element shows in
// millions. That holds while partial sums stay below 2^18, which for these operands is certain up to 2^18 elements and
// in effect far beyond 2^30.
func (r *dotRun[T]) Verify() (Verification, error) {
	poison(r.sums)
	for w := range r.workers {
		r.Part(w)
	}
	var got, want, scale float64
	for w := range r.workers {
		got += float64(r.sums[w*slot/sizeof[T]()])
	}
	for i, a := range r.a {
		ab := float64(a) * float64(r.b[i])
		want += ab
		scale += math.Abs(ab)
	}
	var w worst
	w.see(got, want, scale)
	return Verification{Against: against, MaxError: float64(w), Tolerance: 0}, nil
}

// Verify compares every row with the float64 sum, relative to Σ |a·x|; the bound is sumTolerance(n).
func (r *gemvRun[T]) Verify() (Verification, error) {
	poison(r.y)
	for w := range r.workers {
		r.Part(w)
	}
	var w worst
	for i, got := range r.y {
		var want, scale float64
		for j, a := range r.a.row(i) {
			ax := float64(a) * float64(r.x[j])
			want += ax
			scale += math.Abs(ax)
		}
		w.see(float64(got), want, scale)
	}
	return Verification{Against: against, MaxError: float64(w), Tolerance: sumTolerance[T](r.a.cols)}, nil
}
