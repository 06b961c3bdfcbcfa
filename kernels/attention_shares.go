package kernels

import (
	"cmp"
	"slices"
)

// headBlock is a block of queries of one head.
type headBlock struct {
	head int
	span
}

// blocks cuts queries into blocks: full ones, and in place of one of a single vector at the end two of two, since a single
// vector is not enough for the multipliers.
func (k *laneKernels) blocks(queries span) (blocks []span) {
	nq, sizes := queries.to-queries.from, []int{k.vectors}
	if vectors := (nq + k.lanes - 1) / k.lanes; vectors > k.vectors && vectors%k.vectors == 1 && k.vectors > 2 {
		sizes = []int{k.vectors - 1, k.vectors - 1}
	}
	for from := 0; from < nq; {
		size := k.queries()
		if len(sizes) > 1 && from+2*(k.vectors-1)*k.lanes >= roundUp(nq, k.lanes) {
			size = (k.vectors - 1) * k.lanes
		}
		to := min(from+size, nq)
		blocks = append(blocks, span{queries.from + from, queries.from + to})
		from = to
	}
	return blocks
}

// share shares the queries of all heads among workers, in blocks and in the order of queries: whole heads first, as many for each, then what is
// left. Those from nq on are a block that is taken one by one.
func (k *laneKernels) share(p *attentionProblem, nq, workers int) [][]headBlock {
	blocks := k.blocks(span{0, nq})
	if nq < p.nq {
		blocks = append(blocks, span{nq, p.nq})
	}
	shares, whole := make([][]headBlock, workers), p.heads/workers*workers
	for h := range whole {
		for _, b := range blocks {
			w := h / (p.heads / workers)
			shares[w] = append(shares[w], headBlock{h, b})
		}
	}
	if p.causal || k.ahead {
		p.shareBlocks(shares, blocks, whole)
	} else {
		k.shareVectors(p, shares, nq, whole)
	}
	return shares
}

// shareVectors shares the vectors of queries of the heads from first on evenly: each worker cuts its own into blocks. The bits of a query that
// attends all keys do not depend on those in other lanes, nor on how many vectors its block has.
func (k *laneKernels) shareVectors(p *attentionProblem, shares [][]headBlock, nq, first int) {
	vectors := (nq + k.lanes - 1) / k.lanes
	units := vectors
	if nq < p.nq {
		units++
	}
	spans := splitByCost((p.heads-first)*units, len(shares), func(u int) int {
		if u%units < vectors {
			return oneByOne
		}
		return p.nq - nq
	})
	for w, s := range spans {
		for u := s.from; u < s.to; {
			h, from := first+u/units, u%units
			to := min(from+s.to-u, units)
			for _, b := range k.blocks(span{from * k.lanes, min(to*k.lanes, nq)}) {
				shares[w] = append(shares[w], headBlock{h, b})
			}
			if to > vectors {
				shares[w] = append(shares[w], headBlock{h, span{nq, p.nq}})
			}
			u += to - from
		}
	}
}

// shareBlocks shares blocks of queries of the heads from first on: the next longest to the worker with least to do. Blocks are the same for any
// number of workers, and so are the bits of causal results, which depend on the last key of a block.
func (p *attentionProblem) shareBlocks(shares [][]headBlock, blocks []span, first int) {
	var rest []headBlock
	for h := first; h < p.heads; h++ {
		for _, b := range blocks {
			rest = append(rest, headBlock{h, b})
		}
	}
	pairs := func(b headBlock) int { return (b.to - b.from) * (p.attended(b.from) + p.attended(b.to-1)) } // twice
	slices.SortStableFunc(rest, func(a, b headBlock) int { return pairs(b) - pairs(a) })
	load, taken := make([]int, len(shares)), make([]int, len(shares))
	for w := range shares {
		taken[w] = len(shares[w])
	}
	for _, b := range rest {
		w := slices.Index(load, slices.Min(load))
		shares[w] = append(shares[w], b)
		load[w] += pairs(b)
	}
	for w, share := range shares {
		slices.SortFunc(share[taken[w]:], func(a, b headBlock) int { return cmp.Or(a.head-b.head, a.from-b.from) })
	}
}
