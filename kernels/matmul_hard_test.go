package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/half"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

// floatProducts runs f on every variant that multiplies numbers of one type.
func floatProducts[I element, O result](t *testing.T, variants []matmulVariant[I, O], f func(t *testing.T, v matmulVariant[I, O])) {
	for _, v := range variants {
		t.Run(fmt.Sprintf("matmul/%s/%s", v.name, dtypeOf[I]()), func(t *testing.T) {
			testkit.SkipUnsupported(t, cpu.Usable(v.isa))
			f(t, v)
		})
	}
}

// eachFloatProduct runs f32 on every variant of float32, and so on.
func eachFloatProduct(t *testing.T,
	f32 func(*testing.T, matmulVariant[float32, float32]), b16 func(*testing.T, matmulVariant[bf16, float32]), h16 func(*testing.T, matmulVariant[f16, float32]),
) {
	floatProducts(t, f32Variants(), f32)
	floatProducts(t, bf16Variants(), b16)
	floatProducts(t, f16Variants(), h16)
}

// hardShapes meet whole tiles, tails and several steps along k.
var hardShapes = []shape.Shape{{M: 3, N: 5, K: 7}, {M: 21, N: 3, K: 40}, {M: 2, N: 70, K: 19}, {M: 14, N: 70, K: 67}, {M: 33, N: 129, K: 300}, {M: 70, N: 3, K: 4}, {M: 130, N: 70, K: 67}, {M: 101, N: 40, K: 67}, {M: 300, N: 3, K: 5}}

// A NaN or an infinity in A reaches its row of C, in B its column, and nothing else: what fills up steps and tiles must
// not meet it.
func TestMatmulKeepsNaNApart(t *testing.T) {
	eachFloatProduct(t, keepsApart[float32], keepsApart[bf16], keepsApart[f16])
}

func keepsApart[I element](t *testing.T, v matmulVariant[I, float32]) {
	for _, s := range hardShapes {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			for _, at := range [][3]int{{0, 0, 0}, {s.M - 1, s.N - 1, s.K - 1}, {s.M / 2, s.N / 2, s.K / 2}, {s.M / 2, s.N / 2, 0}} {
				p := newProduct[I, float32](s)
				for i := range p.a.data {
					p.a.data[i] = fromInt[I](1 + i%3)
				}
				for i := range p.b.data {
					p.b.data[i] = fromInt[I](1 + i%2)
				}
				p.a.row(at[0])[at[2]] = fromFloat[I](bad)
				p.b.row(at[2])[at[1]] = fromFloat[I](-bad)
				m := newMatmul(p, 1, v.m)
				m.Part(0)
				for i := range s.M {
					for j, got := range p.c.row(i) {
						x, finite := float64(got), i != at[0] && j != at[1]
						switch {
						case finite && x-x != 0, !finite && x-x == 0:
							t.Fatalf("%v, %g in A[%d,%d] and %g in B[%d,%d]: C[%d,%d] = %g", s, bad, at[0], at[2], -bad, at[2], at[1], i, j, x)
						case math.IsInf(bad, 0) && i == at[0] && j == at[1] && x != math.Inf(-1), math.IsInf(bad, 0) && !finite && math.IsNaN(x):
							t.Fatalf("%v, %g in A[%d,%d] and %g in B[%d,%d]: C[%d,%d] = %g", s, bad, at[0], at[2], -bad, at[2], at[1], i, j, x)
						}
					}
				}
			}
		}
	}
}

// Denormal operands: C may be off by the bound relative to Σ|A·B| and by what flushing them, as instructions on bfloat16
// do, can lose: the smallest normal number for each product and, of each denormal operand, all of it.
func TestMatmulOfDenormals(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	eachFloatProduct(t, ofDenormals[float32], ofDenormals[bf16], ofDenormals[f16])
}

func ofDenormals[I element](t *testing.T, v matmulVariant[I, float32]) {
	normal := map[DType]float64{F32: 0x1p-126, BF16: 0x1p-126, F16: 0x1p-14}[dtypeOf[I]()]
	for _, s := range hardShapes {
		p := newProduct[I, float32](s)
		for i := range p.a.data {
			p.a.data[i] = fromFloat[I](normal * float64(i%9-4) / 8)
		}
		for i := range p.b.data {
			p.b.data[i] = fromFloat[I](float64(i%5 - 2))
		}
		m := newMatmul(p, 1, v.m)
		m.Part(0)
		for i := range s.M {
			for j, got := range p.c.row(i) {
				sum, scale, lost := 0.0, 0.0, 0.0
				for k, x := range p.a.row(i) {
					xy := value(x) * value(p.b.at(k, j)[0])
					sum += xy
					scale += math.Abs(xy)
					if dtypeOf[I]() == BF16 {
						lost += math.Abs(xy) + 0x1p-126
					}
					if dtypeOf[I]() == F16 {
						lost += 0x1p-25 // half of the distance of denormals
					}
				}
				if e := math.Abs(float64(got) - sum); !(e <= p.tolerance()*scale+lost) {
					t.Fatalf("%v: C[%d,%d] = %g, want %g ± %g", s, i, j, got, sum, p.tolerance()*scale+lost)
				}
			}
		}
	}
}

// The same bits come out of every call, and of every number of workers, in the way that each processor would choose.
func TestMatmulIsStable(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	own := ownCaches
	defer func() { ownCaches = own }()
	for _, c := range append([]caches{own()}, processors...) {
		ownCaches = func() caches { return c }
		eachFloatProduct(t, isStable[float32], isStable[bf16], isStable[f16])
		floatProducts(t, f64Variants(), isStable[float64])
	}
}

func isStable[I element, O result](t *testing.T, v matmulVariant[I, O]) {
	shapes := []shape.Shape{
		{M: 33, N: 129, K: 300}, {M: 64, N: 64, K: 1100}, {M: 33, N: 192, K: 320},
		{M: 1, N: 200, K: 90}, {M: 3, N: 145, K: 70}, {M: 5, N: 7, K: 50}, {M: 13, N: 4, K: 300}, {M: 7, N: 136, K: 40}, {M: 40, N: 35, K: 200},
		{M: 40, N: 35, K: 5}, {M: 200, N: 3, K: 4}, {M: 29, N: 12, K: 100}, {M: 50, N: 118, K: 537}, {M: 20, N: 60, K: 2049},
		{M: 15, N: 63, K: 447}, {M: 8, N: 7, K: 1279}, {M: 14, N: 13, K: 1024}, {M: 34, N: 63, K: 512},
	}
	r := rand.New(rand.NewPCG(6, 0))
	for range 12 { // of few rows for each worker, and of few columns
		shapes = append(shapes, shape.Shape{M: 1 + r.IntN(40), N: 1 + r.IntN(80), K: randomSize(r, 600)})
	}
	if v.isa == cpu.Go {
		shapes = shapes[5:8] // no way depends on caches
	}
	for _, s := range shapes {
		var first []O
		p := newProduct[I, O](s)
		for _, workers := range []int{1, 1, 2, 3} {
			clear(p.c.data)
			m := newMatmul(p, workers, v.m)
			for range 2 {
				for w := range workers {
					m.Part(w)
				}
				if first == nil {
					first = slices.Clone(p.c.data)
				}
				if !slices.Equal(p.c.data, first) {
					t.Fatalf("%v: %d workers compute other bits with %+v", s, workers, ownCaches())
				}
			}
		}
	}
}

// Few rows with B from beyond L2, which one worker reads otherwise than several do, come out with the same bits, too.
func TestFewRowsFromBeyondL2AreStable(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512BF16))
	c := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20, last: 1}
	for m := 1; m <= mostNarrowRows; m++ {
		streamsAreStable(t, m, func(p *product[bf16, float32], workers int) func(int) {
			return streamNarrow(p, workers, dotBF16, dotRowsBF16, c)
		})
	}
	streamsAreStable(t, 1, func(p *product[bf16, float32], workers int) func(int) { // B, but not a worker's part of it, exceeds L2
		return streamNarrow(p, workers, dotBF16, dotRowsBF16, caches{l1: 32 << 10, l1Ways: 8, l2: 128 << 10, last: 1 << 30})
	})
	for i := range avx512RowsF32 {
		streamsAreStable(t, i+1, func(p *product[float32, float32], workers int) func(int) {
			return streamRows(p, workers, avx512RowsF32[i], c)
		})
		streamsAreStable(t, i+1, func(p *product[float64, float64], workers int) func(int) {
			return streamRows(p, workers, avx512RowsF64[i], c)
		})
		streamsAreStable(t, i+1, func(p *product[float64, float64], workers int) func(int) { // rows longer than a page, from a cache
			return streamRows(p, workers, avx512RowsF64[i], caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20, last: 1 << 30})
		})
		streamsAreStable(t, i+1, func(p *product[float64, float64], workers int) func(int) { // far ones from L2
			return streamRows(p, workers, avx512RowsF64[i], caches{l1: 48 << 10, l1Ways: 12, l2: 1 << 20, last: 1 << 30, streams: true})
		})
	}
}

func streamsAreStable[I element, O result](t *testing.T, m int, prepare func(p *product[I, O], workers int) func(int)) {
	var first []O
	for _, workers := range kerneltest.Workers {
		p := newProduct[I, O](shape.Shape{M: m, N: 1100, K: 75})
		part := prepare(p, workers)
		for w := range workers {
			part(w)
		}
		if first == nil {
			first = p.c.data
		}
		if !slices.Equal(p.c.data, first) {
			t.Errorf("%d rows of %s: %d workers compute other bits", m, dtypeOf[I](), workers)
		}
	}
}

// The extremes of int8, and sums that wrap: exactly what integers do.
func TestMatmulOfExtremeIntegers(t *testing.T) {
	for _, v := range int8Variants() {
		t.Run(v.name, func(t *testing.T) {
			testkit.SkipUnsupported(t, cpu.Usable(v.isa))
			for _, s := range []shape.Shape{{M: 13, N: 37, K: 67}, {M: 13, N: 4, K: 300}, {M: 2, N: 3, K: 140001}} {
				p := newProduct[int8, int32](s)
				for i := range p.a.data {
					p.a.data[i] = []int8{-128, 127, -128, -128}[i%4]
				}
				for i := range p.b.data {
					p.b.data[i] = []int8{-128, -128, 127, -128, -127}[i%5]
				}
				if s.K > 1<<17 { // 2^14 each: more than 2^31 together
					for _, m := range [][]int8{p.a.data, p.b.data} {
						for i := range m {
							m[i] = -128
						}
					}
				}
				newMatmul(p, 1, v.m).Part(0)
				for i := range s.M {
					for j, got := range p.c.row(i) {
						var want int64
						for k, x := range p.a.row(i) {
							want += int64(x) * int64(p.b.at(k, j)[0])
						}
						if got != int32(want) {
							t.Fatalf("%v: C[%d,%d] = %d, want %d modulo 2^32", s, i, j, got, want)
						}
					}
				}
			}
		})
	}
}

// fromFloat rounds a number to an element.
func fromFloat[T element](v float64) T {
	var x [1]T
	switch x := any(x[:]).(type) {
	case []float32:
		x[0] = float32(v)
	case []bf16:
		x[0] = toBF16(float32(v))
	case []f16:
		x[0] = half.RoundF16(float32(v))
	default:
		panic("fromFloat: not a floating-point type")
	}
	return x[0]
}
