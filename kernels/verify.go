package kernels

import "math"

// against names the reference of every verification: plain Go in float64.
const against = "go reference"

// roundoff is the unit roundoff u of the element type: half the distance from 1 to the next larger value.
func roundoff[T float]() float64 {
	if sizeof[T]() == 4 {
		return 0x1p-24
	}
	return 0x1p-53
}

// sumTolerance bounds |computed − exact| / Σ|aᵢ·bᵢ| for a sum of n products in the precision of T, in any order, with
// or without FMA:
//
//	(2 + 4·√n)·u
//
// The worst case is n·u (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1). Rounding errors
// of unrelated operands behave like independent ones of mean zero, so that errors beyond λ·√n·u are exponentially rare in
// λ² (Higham and Mary, A New Approach to Probabilistic Rounding Error Analysis, SIAM J. Sci. Comput. 41, 2019); λ = 4
// leaves room for the float64 reference, whose own error counts when T is float64, and 2 for products and short sums.
func sumTolerance[T float](n int) float64 {
	return (2 + 4*math.Sqrt(float64(n))) * roundoff[T]()
}

// worst keeps the largest error seen.
type worst float64

// see compares got with want, relative to scale ≥ 0. A NaN, or any error where nothing can be wrong (scale 0), is
// infinite.
func (w *worst) see(got, want, scale float64) {
	err := math.Abs(got - want)
	switch {
	case err == 0:
		return
	case math.IsNaN(err) || scale == 0:
		*w = worst(math.Inf(1))
	default:
		*w = max(*w, worst(err/scale))
	}
}

// poison fills an output with NaN, integers with their least value, so that an element left unwritten shows.
func poison[T float32 | float64 | int32](s []T) {
	for i := range s {
		s[i] = poisonOf[T]()
	}
}

func poisonOf[T float32 | float64 | int32]() (x T) {
	if integer, ok := any(&x).(*int32); ok {
		*integer = math.MinInt32
		return x
	}
	return T(math.NaN())
}
