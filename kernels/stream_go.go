package kernels

// goVectors are the inner loops in plain Go.
func goVectors[T float]() vectors[T] {
	return vectors[T]{
		copy: func(dst, src []T) { // not the built-in copy, which is assembly of its own
			for i := range dst {
				dst[i] = src[i]
			}
		},
		triad: func(dst, b, c []T, s T) {
			b, c = b[:len(dst)], c[:len(dst)]
			for i := range dst {
				dst[i] = b[i] + s*c[i]
			}
		},
		dot: goDot[T],
		gemv: func(y []T, a matrix[T], x []T) {
			for i := range y {
				y[i] += goDot(a.row(i), x)
			}
		},
	}
}

// goDot is one chain of sums.
func goDot[T float](a, b []T) (sum T) {
	b = b[:len(a)]
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}
