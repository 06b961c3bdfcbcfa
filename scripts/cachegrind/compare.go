package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
)

// tolerance is the largest relative difference that passes.
const tolerance = 0.02

// geometry is two levels that both simulators can have: powers of two.
type geometry struct {
	name                             string
	d1Bytes, d1Ways, llBytes, llWays int
}

// geometries are one of today's sizes, and a small one that even small problems overflow.
var geometries = []geometry{
	{"32K/8 1M/16", 32 << 10, 8, 1 << 20, 16},
	{"4K/2 64K/8", 4 << 10, 2, 64 << 10, 8},
}

// result is one count of both simulators.
type result struct {
	geometry, what string
	ours, theirs   uint64
}

func (r result) difference() float64 {
	switch {
	case r.ours == r.theirs:
		return 0
	case r.theirs == 0:
		return math.Inf(1)
	}
	return float64(r.ours)/float64(r.theirs) - 1
}

func (r result) agrees() bool { return math.Abs(r.difference()) <= tolerance }

// check builds a program and compares the simulators on it.
func check(ctx context.Context, dir, program string, n int) ([]result, error) {
	binary := filepath.Join(dir, program)
	if err := build(ctx, program, binary); err != nil {
		return nil, err
	}
	ours, err := simulate(ctx, dir, binary, n)
	if err != nil {
		return nil, fmt.Errorf("trace %s: %w", program, err)
	}
	var all []result
	for i, g := range geometries {
		theirs, err := cachegrind(ctx, dir, binary, n, g)
		if err != nil {
			return nil, fmt.Errorf("run cachegrind on %s: %w", program, err)
		}
		all = append(all,
			result{g.name, "data references", ours[i].references, theirs.references},
			result{g.name, "D1 misses", ours[i].d1Misses, theirs.d1Misses},
			result{g.name, "LL data misses", ours[i].llMisses, theirs.llMisses})
	}
	return all, nil
}

// counts is what both give.
type counts struct{ references, d1Misses, llMisses uint64 }
