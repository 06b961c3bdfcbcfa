package kernels

import (
	"cmp"
	"slices"
)

// span is a half-open range of consecutive units of work.
type span struct{ from, to int }

// splitByCost cuts n units, unit i costing cost(i) > 0, into one span per worker of nearly equal cost: every cut falls
// on the unit boundary nearest to its share. Spans may be empty when workers > n.
func splitByCost(n, workers int, cost func(i int) int) []span {
	total := 0
	for i := range n {
		total += cost(i)
	}
	spans := make([]span, workers)
	unit, done := 0, 0
	for w := range spans {
		from, share := unit, float64(total)*float64(w+1)/float64(workers)
		for unit < n && float64(done)+float64(cost(unit))/2 <= share {
			done += cost(unit)
			unit++
		}
		if w == workers-1 {
			unit = n
		}
		spans[w] = span{from, unit}
	}
	return spans
}

// splitQueries shares blocks of size queries of all heads among workers by attended pairs. Unit u is block u%blocks of
// head u/blocks, blocks = ⌈nq/size⌉.
func (p *attentionProblem) splitQueries(size, workers int) []span {
	blocks := (p.nq + size - 1) / size
	return splitByCost(p.heads*blocks, workers, func(u int) int {
		from := u % blocks * size
		to := min(from+size, p.nq)
		return (to - from) * (p.attended(from) + p.attended(to-1)) // twice the pairs
	})
}

// headBlock is a block of queries of one head.
type headBlock struct {
	head int
	span
}

// shareBlocks shares the blocks of queries of all heads among workers, in the order of queries: whole heads first, as many for each,
// then the blocks of what is left, the next longest to the worker with least to do. Blocks are the same for any number of
// workers, and so are the bits of the result.
func (p *attentionProblem) shareBlocks(blocks []span, workers int) [][]headBlock {
	shares := make([][]headBlock, workers)
	each := p.heads / workers
	for h := range each * workers {
		for _, b := range blocks {
			shares[h/each] = append(shares[h/each], headBlock{h, b})
		}
	}
	var rest []headBlock
	for h := each * workers; h < p.heads; h++ {
		for _, b := range blocks {
			rest = append(rest, headBlock{h, b})
		}
	}
	pairs := func(b headBlock) int { return (b.to - b.from) * (p.attended(b.from) + p.attended(b.to-1)) } // twice
	slices.SortStableFunc(rest, func(a, b headBlock) int { return pairs(b) - pairs(a) })
	load := make([]int, workers)
	for _, b := range rest {
		w := slices.Index(load, slices.Min(load))
		shares[w] = append(shares[w], b)
		load[w] += pairs(b)
	}
	for _, share := range shares {
		slices.SortFunc(share, func(a, b headBlock) int { return cmp.Or(a.head-b.head, a.from-b.from) })
	}
	return shares
}
