package kernels

import (
	"cmp"
	"math"
)

// on is u for a processor with such caches and pipes.
func (u inPlace) on(c caches) inPlace {
	if !c.halves {
		u.near, u.l2 = max(c.l1*5/6, 1), c.l2
	}
	if !c.streams { // Intel permutes where it multiplies
		u.permuted, u.perVector, u.fromL2 = nil, 0.4, 4
	}
	return u
}

// wholeCycles estimates what a tile of so many rows takes on a processor that begins two multiply-adds of whole vectors, two loads of any length
// and one store in a cycle. It counts half cycles: what one multiply-add takes. Half a vector takes as long as a whole one.
// What is not plain counting was fitted to times on a Zen 5.
func (u inPlace) wholeCycles(p columnPart, r, k int, b bRows) float64 {
	const latency = 8.5
	rows, vectors := float64(r), float64(vectorsOf(p.halves))
	crossing := 0.0
	if b.crossing {
		crossing = 1
	}
	step := max(rows*vectors, rows+vectors*(1+crossing))
	switch {
	case u.permutes(p):
		step = max(1.02*rows, u.permutedLoads*rows+1.05+crossing)
	case vectors == 1: // multiply-adds that load
		step = max(step, 1.05*rows+0.4+1.5*crossing)
	}
	if !p.chained {
		step = max(step, latency)
	}
	step += u.perVector * vectors * (1 + crossing)
	if b.far { // products hide lines from L2 if they take much longer
		step = math.Cbrt(step*step*step + math.Pow(cmp.Or(u.fromL2, 3)*vectors, 3))
	}
	const perStep, perTile = 0.45, 28
	store := vectors * (0.3 + 0.8*crossing)
	if p.lanes > 0 {
		store += 0.4
	}
	return float64(k)*(step+perStep) + perTile + rows*store
}

// wholeColumnsCycles is columnsCycles for such a processor, also in half cycles.
func (u inPlace) wholeColumnsCycles(m, n, k, lanes int, again, all bool) float64 {
	const perCall = 100
	rows, perPack, perSum, perVector := 1<<(len(u.columns[n-1])-1), 3.6, 3.0, 1.1
	switch {
	case all && n == 1:
		perPack = 0
	case all: // fitted apart
		perPack, perSum, perVector = 2, 3.9, 1
	}
	vector := perVector * max(1, 1/float64(n)+1/float64(rows))
	if again {
		vector *= 1.1
	}
	return float64(m*n)*(float64((k-1)/lanes+1)*vector+perSum) + float64((n+3)/4*k)*perPack + perCall
}

// againCycles estimates, likewise, what it takes to read A once more, of so many bytes: tiles and each group of dot products pass over all of it. It
// was fitted to few products on a Zen 5, with A of 3 to 19 MB.
func (u inPlace) againCycles(a int) float64 {
	const line = 64
	switch {
	case u.l2 == 0 || a <= 2*u.l2:
		return 0
	case a <= largeA*u.l2:
		return float64(2 * a / line)
	}
	return float64(8 * a / line)
}

// largeA is how many times as large as L2 A is if it comes from memory.
const largeA = 16
