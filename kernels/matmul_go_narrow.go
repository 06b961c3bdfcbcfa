package kernels

import "github.com/roofline-go/roofline/internal/shape"

// naiveBF16 widens to float32, where a bfloat16 times another is exact.
func naiveBF16() multiplier[bf16, float32] { return widening(bf16.float32) }

// naiveF16 widens to float32, where a binary16 times another is exact.
func naiveF16() multiplier[f16, float32] { return widening(f16.Float32) }

// widening is the order k, i, j, so that each row of B is widened once, to a copy, for all rows of C.
func widening[I element](number func(I) float32) multiplier[I, float32] {
	return multiplier[I, float32]{
		scratch: func(s shape.Shape) int64 { return 4 * int64(s.N) },
		prepare: func(p *product[I, float32], workers int) func(int) {
			wide := make([][]float32, workers)
			for w := range wide {
				wide[w] = alloc[float32](p.b.cols)
			}
			return func(worker int) {
				row := wide[worker]
				from, to := share(p.c.rows, 1, workers, worker)
				for i := from; i < to; i++ {
					clear(p.c.row(i))
				}
				for k := range p.a.cols {
					for j, y := range p.b.row(k) {
						row[j] = number(y)
					}
					for i := from; i < to; i++ {
						x, c := number(p.a.row(i)[k]), p.c.row(i)[:len(row)]
						for j := range c {
							c[j] += x * row[j]
						}
					}
				}
			}
		},
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
