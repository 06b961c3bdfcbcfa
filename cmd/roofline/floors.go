package main

import (
	"math"

	"github.com/roofline-go/roofline/roofline/compare"
)

// storedFloor is the noise floor on a machine of comparisons of kernels by the default number of pairs; 0 where none is known.
func storedFloor(fingerprint string) float64 { return kernelFloor(fingerprint, compare.DefaultPairs) }

// noiseFloor is that of comparisons by as many pairs as were tried.
func noiseFloor(fingerprint string) float64 { return kernelFloor(fingerprint, math.MaxInt) }

func kernelFloor(fingerprint string, pairs int) float64 {
	f, _, err := compare.LoadFloor(fingerprint, compare.OfKernels)
	if err != nil {
		return 0
	}
	return f.Of(pairs)
}
