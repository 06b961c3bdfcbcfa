package kernels

import (
	"math"
	"slices"
)

// on is u for a processor with such caches and pipes.
func (u inPlace) on(c caches) inPlace {
	if !c.halves {
		u.near, u.l2 = max(c.l1*5/6, 1), c.l2
	}
	if !c.streams { // Intel permutes where it multiplies, and asks L2 for what it is told to
		u.permuted, u.slowLines = nil, !c.halves
	}
	if !u.slowLines {
		u.tiles = slices.Clone(u.tiles)
		copy(u.tiles, lowest(u.tiles[:min(2, len(u.tiles))], inPlaceLow))
	}
	return u
}

// inPlaceLow is up to how many rows tiles of one vector have where their loads do not bind.
const inPlaceLow = 12

// lineRows is up to how many rows wait for no lines of a B whose rows are up to a line long. More rows wait for A.
const lineRows = 12

// slowStep is what a step of such half cycles takes that loads so many vectors of B for so many rows, where lines that are loaded in two parts, or come
// from L2, hold up a processor. It was fitted to times of tiles on an Intel Xeon with AMX.
func slowStep(step, rows, vectors float64, b bRows) float64 {
	waits := 0.0
	switch {
	case b.line && rows <= lineRows: // they come one after the other, each once
	case b.far && b.crossing:
		waits = 13 + 3.6*vectors
	case b.far:
		waits = 10 + 1.4*vectors
	case b.crossing && vectors > 1:
		waits = rows/2 + 2.7*vectors
	}
	return math.Cbrt(step*step*step + waits*waits*waits)
}

// wholeCycles estimates what a tile of so many rows takes on a processor that begins two multiply-adds of whole vectors, two loads of any length
// and one store in a cycle. It counts half cycles: what one multiply-add takes. Half a vector takes as long as a whole one.
// What is not plain counting was fitted to times on a Zen 5.
func (u inPlace) wholeCycles(p columnPart, r, k int, b bRows) float64 {
	const latency, fromL2 = 8.5, 3
	rows, vectors := float64(r), float64(vectorsOf(p.halves))
	crossing := 0.0
	if b.crossing {
		crossing = 1
	}
	step := max(rows*vectors, rows+vectors*(1+crossing))
	switch {
	case u.permutes(p):
		step = max(1.02*rows, u.permutedLoads*rows+1.05+crossing)
	case vectors == 1 && u.slowLines && b.line: // most loads take one
		step = 1.03*rows + 1.1
	case vectors == 1 && u.slowLines:
		step = 1.03*rows + 1.1 + 1.5*crossing
	case vectors == 1: // multiply-adds that load
		step = max(step, 1.05*rows+0.4+1.5*crossing)
	}
	if !p.chained {
		step = max(step, latency)
	}
	switch {
	case u.slowLines:
		step = slowStep(step, rows, vectors, b)
	case b.far: // products hide lines from L2 if they take much longer
		step = math.Cbrt(step*step*step + math.Pow(fromL2*vectors, 3))
	}
	const perStep, perTile = 0.45, 28
	store := vectors * (0.3 + 0.8*crossing)
	if p.lanes > 0 {
		store += 0.4
	}
	return float64(k)*(step+perStep) + perTile + rows*store
}

// slowVector is, likewise, what a product of a vector along K takes, one of so many half cycles.
func (u inPlace) slowVector(vector float64, m, n, k, lanes int) float64 {
	waits := 0.0
	crossing, far := k%lanes != 0, m*k*64/lanes > u.near
	switch {
	case crossing && far:
		waits = 4.8
	case far:
		waits = 3
	case crossing:
		waits = 2.2
	}
	return math.Cbrt(math.Pow(vector*float64(n), 3)+waits*waits*waits) / float64(n)
}

// slowShallowCycles is shallowCycles in half cycles for such a processor: a row takes what its stores take at least, and rows that do not begin at
// lines are stored in two parts. It was fitted to times on an Intel Xeon with AMX.
func (u inPlace) slowShallowCycles(m, n, k, lanes int) float64 {
	vectors, blocks := (n+lanes-1)/lanes, float64(u.shallowBlocks((n+lanes-1)/lanes, k))
	if blocks > 1 && k > shallowDeep {
		return math.Inf(1)
	}
	row, store := 1.05*float64(k*vectors)+blocks, 3*float64(vectors)
	switch {
	case n <= lanes/2:
		row, store = 1.15*float64(k), 2.9
	case n%lanes > 0:
		store = 4.8 * float64(vectors)
	}
	return float64(m)*max(row, store) + blocks*(45+float64(3*min(vectors, 2)*k))
}

// slowFlat is how many times as long flat products take on such a processor.
const slowFlat = 1.35

// wholeColumnsCycles is columnsCycles for such a processor, also in half cycles.
func (u inPlace) wholeColumnsCycles(m, n, k, lanes int, again, all bool) float64 {
	const perCall, slowSum = 100, 1.6 // of shuffles, which begin one in a cycle where 512 bits are multiplied
	rows, perPack, perSum, perVector := 1<<(len(u.columns[n-1])-1), 3.6, 3.0, 1.1
	switch {
	case all && n == 1:
		perPack = 0
	case all: // fitted apart
		perPack, perSum, perVector = 2, 3.9, 1
	}
	switch {
	case u.slowLines && n > 1 && all && m <= lineRows && n*k*64/lanes > u.near/2: // of B from L2
		perPack += 3.5
	case u.slowLines && n > 1:
		perPack += 1.5
	}
	vector := perVector * max(1, 1/float64(n)+1/float64(rows))
	if again {
		vector *= 1.1
	}
	if u.slowLines {
		perSum, vector = perSum+slowSum, u.slowVector(vector, m, n, k, lanes)
	}
	return float64(m*n)*(float64((k-1)/lanes+1)*vector+perSum) + float64((n+3)/4*k)*perPack + perCall
}

// againCycles estimates, likewise, what it takes to read A once more, of so many bytes: tiles and each group of dot products pass over all of it. It
// was fitted to few products on a Zen 5, with A of 3 to 19 MB.
func (u inPlace) againCycles(a int) float64 {
	const line = 64
	switch {
	case u.slowLines && a > u.l2*7/8: // from a last cache that gives a line in 7 or 8 cycles
		return float64(15 * a / line)
	case u.l2 == 0 || a <= 2*u.l2:
		return 0
	case a <= largeA*u.l2:
		return float64(2 * a / line)
	}
	return float64(8 * a / line)
}

// largeA is how many times as large as L2 A is if it comes from memory.
const largeA = 16
