package kernels

// naiveBF16 widens every element; a bfloat16 times another is exact in float32.
func naiveBF16() multiplier[bf16, float32] { return naive(narrowRow(bf16.float32)) }

// naiveF16 widens every element; a binary16 times another is exact in float32.
func naiveF16() multiplier[f16, float32] { return naive(narrowRow(f16.Float32)) }

// narrowRow computes one row, c = a·B, of elements that number widens.
func narrowRow[I element](number func(I) float32) func(c []float32, a []I, b matrix[I]) {
	return func(c []float32, a []I, b matrix[I]) {
		clear(c)
		for k, x := range a {
			x, row := number(x), b.row(k)[:len(c)]
			for j := range c {
				c[j] += x * number(row[j])
			}
		}
	}
}

// naiveInt8 sums up exactly while |sum| < 2^31, for k up to 131071 at least, and modulo 2^32 beyond.
func naiveInt8() multiplier[int8, int32] {
	return naive(func(c []int32, a []int8, b matrix[int8]) {
		clear(c)
		for k, x := range a {
			row := b.row(k)[:len(c)]
			for j := range c {
				c[j] += int32(x) * int32(row[j])
			}
		}
	})
}
