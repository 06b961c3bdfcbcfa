package kernels

// inFlight is how many blocks of queries are at work at a time where scores of the next ones are computed ahead.
const inFlight = 3

// scratches is how many blocks of queries have scratch of their own: those of a group, or, where one call takes all keys and each block is done before another needs its place, those that are at
// work, and one that fills no vectors.
func (k *laneKernels) scratches(d, nkv int) int {
	if _, call := k.cut(d, nkv); k.ahead && nkv <= call {
		return inFlight + 1
	}
	return k.group
}

// runAhead is run for code that reads queries and writes output by itself, but for blocks that are not full.
func (k *laneKernels) runAhead(p *attentionProblem, w *laneWorker, h int, blocks []headBlock) {
	keys, call := k.cut(p.d, p.nkv)
	scratch := func(i int) *laneScratch {
		switch {
		case p.nkv > call:
			return &w.blocks[i]
		case k.full(blocks[i].span):
			return &w.blocks[i%inFlight]
		}
		return &w.blocks[inFlight]
	}
	for i, b := range blocks {
		if !k.full(b.span) {
			s := scratch(i)
			k.loadQueries(p, w, *s, h, b.from, b.to-b.from)
			clear(s.state)
		}
	}
	for k0 := 0; k0 < p.attended(blocks[len(blocks)-1].to-1); k0 += call {
		for i, b := range blocks {
			k.updateAhead(p, w, h, b.span, scratch(i), k0, k.end(p, b, k0, call), keys)
		}
		w.runQueue(k.block[k.vectors-1])
	}
	for i, b := range blocks {
		if !k.full(b.span) {
			k.storeOutput(p, w, *scratch(i), h, b.from, b.to-b.from)
		}
	}
}

// full says whether queries fill a block.
func (k *laneKernels) full(queries span) bool { return queries.to-queries.from == k.queries() }

// updateAhead is update for keys from k0 to end-1, some of which may be behind the last.
func (k *laneKernels) updateAhead(p *attentionProblem, w *laneWorker, h int, queries span, s *laneScratch, k0, end, keys int) {
	if k0 >= end {
		return
	}
	whole := p.nkv / k.grain * k.grain // keys that need no padding
	kh, vh, a := k.keysOf(p, w, h), k.valuesOf(p, w, h), &w.args
	var q, o *byte
	if k.full(queries) {
		a.LdQ, a.LdO = p.q.stride(), 4*p.ldo
		if k0 == 0 {
			q = p.q.address(h*p.nq + queries.from)
		}
		if end >= p.attended(queries.to-1) {
			o = bytesAt(p.o, (h*p.nq+queries.from)*p.ldo)
		}
	}
	last := min(end, whole)
	if k0 < last {
		a.Q, a.O = q, nil
		if end <= whole {
			a.O = o
		}
		k.update(p, w, kh, vh, s, queries, k0, last, keys)
		q = nil
	}
	if end > whole {
		a.Q, a.O = q, o
		k.update(p, w, kh, vh, s, queries, max(k0, whole), whole+k.grain, keys)
	}
	a.Q, a.O = nil, nil
}
