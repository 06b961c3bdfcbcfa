package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/half"
	"github.com/roofline-go/roofline/internal/shape"
)

// float is the element type of the kernels in plain precision.
type float interface{ float32 | float64 }

// fill draws every element of s from [-1, 1], int8 from [-128, 128): reproducible per stream, free of denormals in
// practice, and the same values in every precision up to rounding.
func fill[T element](s []T, stream uint64) {
	rng := rand.New(rand.NewPCG(0x726f6f66, stream))
	draw := func() float64 { return 2*rng.Float64() - 1 }
	switch s := any(s).(type) {
	case []float64:
		for i := range s {
			s[i] = draw()
		}
	case []float32:
		for i := range s {
			s[i] = float32(draw())
		}
	case []bf16:
		for i := range s {
			s[i] = toBF16(float32(draw()))
		}
	case []f16:
		for i := range s {
			s[i] = half.RoundF16(float32(draw()))
		}
	case []int8:
		for i := range s {
			s[i] = int8(math.Floor(128 * draw()))
		}
	default:
		panic("fill: no values of this type")
	}
}

// fillEighths draws every element of s from the multiples of 1/8 in [-1, 1] without 0. Products of two are multiples of
// 1/64, so sums of them are exact in either precision, in any order, while they stay below 2^24/64 = 262144 (f32).
func fillEighths[T float](s []T, stream uint64) {
	rng := rand.New(rand.NewPCG(0x726f6f66, stream))
	for i := range s {
		r := rng.Uint64()
		s[i] = T(1+r%8) / 8
		if r&8 != 0 {
			s[i] = -s[i]
		}
	}
}

// share cuts n units into grains and returns the half-open range of units of one worker out of workers: ranges differ
// by at most one grain, start on a multiple of grain, and are empty for the last workers when there are few grains.
func share(n, grain, workers, worker int) (from, to int) {
	grains := (n + grain - 1) / grain
	cut := func(w int) int {
		q, r := grains/workers, grains%workers
		return min((w*q+min(w, r))*grain, n)
	}
	return cut(worker), cut(worker + 1)
}

// usable returns the error of the first group that cannot be used here.
func usable(needs []cpu.ISA) error {
	for _, isa := range needs {
		if err := cpu.Usable(isa); err != nil {
			return fmt.Errorf("build kernel: %w", err)
		}
	}
	return nil
}

// checkBuild refuses what k cannot be built for.
func (k *Kernel) checkBuild(s shape.Shape, workers int) error {
	if workers < 1 {
		return fmt.Errorf("build %s: %d workers (want at least 1)", k.ID(), workers)
	}
	if err := k.Check(s); err != nil {
		return err
	}
	return usable(k.Needs)
}

// roof names the ceiling of code of one group: fused multiply-adds of its widest vectors, or scalar ones for plain Go.
func roof[T float](isa cpu.ISA) string {
	width := string(isa)
	if isa == cpu.Go {
		width = "scalar"
	}
	return "compute.fma." + width + "." + string(dtypeOf[T]())
}
