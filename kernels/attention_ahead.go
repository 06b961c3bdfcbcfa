package kernels

// sharesOutput says whether all blocks of queries have the same scratch for output: where one call takes all keys, it writes the output of each but the last block before that of the next one begins.
func (k *laneKernels) sharesOutput(d, nkv int) bool {
	_, call := k.cut(d, nkv)
	return k.ahead && nkv <= call
}

// runAhead is run for code that writes the output by itself, but for blocks that are not full.
func (k *laneKernels) runAhead(p *attentionProblem, w *laneWorker, h int, blocks []headBlock) {
	keys, call := k.cut(p.d, p.nkv)
	for i, b := range blocks {
		k.loadQueries(p, w, w.blocks[i], h, b.from, b.to-b.from)
		clear(w.blocks[i].state)
	}
	for k0 := 0; k0 < p.attended(blocks[len(blocks)-1].to-1); k0 += call {
		for i, b := range blocks {
			k.updateAhead(p, w, h, b.span, &w.blocks[i], k0, k.end(p, b, k0, call), keys)
		}
		w.runQueue(k.block[k.vectors-1])
	}
	for i, b := range blocks {
		if !k.full(b.span) {
			k.storeOutput(p, w, w.blocks[i], h, b.from, b.to-b.from)
		}
	}
}

// full says whether queries fill a block.
func (k *laneKernels) full(queries span) bool { return queries.to-queries.from == k.queries() }

// updateAhead is update for keys from k0 to end-1, some of which may be behind the last.
func (k *laneKernels) updateAhead(p *attentionProblem, w *laneWorker, h int, queries span, b *laneScratch, k0, end, keys int) {
	if k0 >= end {
		return
	}
	whole := p.nkv / k.grain * k.grain // keys that need no padding
	kh, vh, a := k.keysOf(p, w, h), k.valuesOf(p, w, h), &w.args
	var rows *byte
	if k.full(queries) && end >= p.attended(queries.to-1) {
		rows = bytesAt(p.o, (h*p.nq+queries.from)*p.ldo)
	}
	a.LdO = 4 * p.ldo
	if end <= whole {
		a.O = rows
		k.update(p, w, kh, vh, b, queries, k0, end, keys)
		return
	}
	a.O = nil
	if k0 < whole {
		k.update(p, w, kh, vh, b, queries, k0, whole, keys)
	}
	a.O = rows
	k.update(p, w, kh, vh, b, queries, max(k0, whole), whole+k.grain, keys)
}
