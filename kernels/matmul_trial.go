package kernels

import (
	"maps"
	"slices"

	"github.com/roofline-go/roofline/internal/shape"
)

// A trial multiplies no more blocks of B than take so long and are so many bytes, but two.
const (
	trialFLOPs = 8e9 // 4 ms at 2 TFLOP/s
	trialBytes = 16 << 20
)

// ways are the settings of a tiled kernel that a trial decides between for one worker's part of a product, m×k by k×n elements of es
// bytes: the first is what the caches suggest, none are where there is nothing to decide. All compute the same bits.
func (u *microKernel) ways(m, n, k, es int, c caches) []Setting {
	if !u.trial || m == 0 || n == 0 {
		return nil
	}
	copied := u.copyRoom(m, k, k, es, u.blocking(m, n, k, es, c), c) > 0
	changes := []Setting{{"copy": int(either(!copied))}, {"share": 25}, {"share": 50}, {"share": 80}}
	return u.distinct(Setting{"copy": int(either(copied))}, changes, m, n, k, es, c)
}

// distinct are the suggested setting and those of its changes that do something else than those before.
func (u *microKernel) distinct(suggested Setting, changes []Setting, m, n, k, es int, c caches) []Setting {
	type way struct {
		cut    blocking
		copied bool
	}
	var seen []way
	var list []Setting
	for _, change := range append([]Setting{nil}, changes...) {
		set := merged(suggested, change)
		v := u.with(set)
		cut := v.blocking(m, n, k, es, c)
		w := way{cut, v.copyRoom(m, k, k, es, cut, c) > 0}
		if !slices.Contains(seen, w) {
			seen, list = append(seen, w), append(list, set)
		}
	}
	return list
}

// either is always or never.
func either(yes bool) choice {
	if yes {
		return always
	}
	return never
}

// merged is a with what b chooses in its place.
func merged(a, b Setting) Setting {
	set := maps.Clone(a)
	maps.Copy(set, b)
	return set
}

// largestScratch is the most bytes that one worker needs under any setting that a trial may choose.
func largestScratch[I element](u *microKernel, s shape.Shape, bytes func(*microKernel) int64) int64 {
	most := bytes(u)
	for _, set := range u.ways(s.M, s.N, s.K, sizeof[I](), ownCaches()) {
		most = max(most, bytes(u.with(set)))
	}
	return most
}

// triesWays is the trial of a tiled kernel: its ways on the first worker's part of a product.
func triesWays[I element, O result](u *microKernel, m multiplier[I, O]) func(p *product[I, O], workers int) Setting {
	return func(p *product[I, O], workers int) Setting {
		part, k, es, c := blockOf(p.c.rows, p.c.cols, u.rows, u.cols, workers, 0), p.a.cols, sizeof[I](), ownCaches()
		sets := u.ways(part.rows, part.cols, k, es, c)
		cols := u.blocking(part.rows, max(part.cols, 1), k, es, c).cols // of a block
		blocks := min(int(trialFLOPs/(2*float64(max(part.rows, 1))*float64(k))), trialBytes/(k*es)) / cols
		part.cols = min(part.cols, max(blocks, 2)*cols)
		return fastest(trial{sinceStart}, p, m, part, sets)
	}
}

// fastest tries settings on a part of p that begins where p does, and returns the fastest one, nil of none.
func fastest[I element, O result](t trial, p *product[I, O], m multiplier[I, O], part block, sets []Setting) Setting {
	if len(sets) == 0 {
		return nil
	}
	var ways []func()
	for _, set := range sets {
		own := &product[I, O]{a: p.a, b: p.b, c: p.c, set: set}
		own.a.rows, own.c.rows, own.b.cols, own.c.cols = part.rows, part.rows, part.cols, part.cols // as if the rest were padding
		run := m.prepare(own, 1)
		ways = append(ways, func() { run(0) })
	}
	return sets[t.fastest(ways)]
}
