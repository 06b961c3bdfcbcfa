package kernels

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
)

// processors are caches and pipes as of Zen 4, Zen 5 and Sapphire Rapids, and small ones, with which small products are cut and chosen as large
// ones are.
var processors = []caches{
	{l1: 32 << 10, l1Ways: 8, l2: 1 << 20, last: 32 << 20, halves: true},
	{l1: 48 << 10, l1Ways: 12, l2: 1 << 20, last: math.MaxInt, streams: true},
	{l1: 48 << 10, l1Ways: 12, l2: 2 << 20, last: 64 << 20, far: true},
	{l1: 2 << 10, l1Ways: 4, l2: 8 << 10, last: 32 << 10, halves: true},
	{l1: 2 << 10, l1Ways: 4, l2: 8 << 10, last: 32 << 10, streams: true},
	{l1: 2 << 10, l1Ways: 4, l2: 8 << 10, last: 32 << 10},
	{l1: 40 << 10, l1Ways: 10, l2: 24 << 10, last: 100 << 10, streams: true},
	{l1: 48 << 10, l1Ways: 12, l2: 16 << 10, last: 48 << 10, far: true},
}

// randomSize draws a size up to most: very small, beside a power of two or a multiple of a tile's size, or evenly in its logarithm.
func randomSize(r *rand.Rand, most int) int {
	size := 0
	switch r.IntN(4) {
	case 0:
		size = 1 + r.IntN(8)
	case 1:
		size = 1<<r.IntN(11) + r.IntN(5) - 2
	case 2:
		size = []int{6, 12, 16, 24, 32, 48, 224, 320, 448}[r.IntN(9)] + r.IntN(3) - 1
	default:
		size = int(math.Exp(r.Float64() * math.Log(float64(most+1))))
	}
	return min(max(size, 1), most)
}

// Random shapes, in the way that each processor would choose, are right and keep to their operands; the same shapes in every run.
func TestMatmulOfRandomShapes(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	own := ownCaches
	defer func() { ownCaches = own }()
	ofRandomShapes(t, f32Variants(), 1)
	ofRandomShapes(t, f64Variants(), 2)
	ofRandomShapes(t, bf16Variants(), 3)
	ofRandomShapes(t, f16Variants(), 4)
	ofRandomShapes(t, int8Variants(), 5)
}

func ofRandomShapes[I element, O result](t *testing.T, variants []matmulVariant[I, O], seed uint64) {
	count, most := 400, 250e3
	if testing.Short() {
		count, most = 100, 50e3
	}
	for _, v := range variants {
		t.Run(v.name+"/"+string(dtypeOf[I]()), func(t *testing.T) {
			testkit.SkipUnsupported(t, cpu.Usable(v.isa))
			if v.isa == cpu.Go {
				return // no way depends on caches
			}
			r := rand.New(rand.NewPCG(seed, 0))
			for n := 0; n < count; {
				s := shape.Shape{M: randomSize(r, 5000), N: randomSize(r, 5000), K: randomSize(r, 5000)}
				if float64(s.M)*float64(s.N)*float64(s.K) > most {
					continue
				}
				c := processors[n%len(processors)]
				ownCaches = func() caches { return c }
				checkProduct(t, s.M, s.N, s.K, r.IntN(3)*r.IntN(3), 1+r.IntN(3), v.m.prepare)
				n++
			}
		})
	}
}
