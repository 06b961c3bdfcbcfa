package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// sharesOutput says whether all blocks of queries have the same scratch for output: where one call takes all keys, it writes the output of each but the last block before that of the next one begins.
func (k *laneKernels) sharesOutput(d, nkv int) bool {
	_, call := k.cut(d, nkv)
	return k.ahead && nkv <= call && k.row(d) == d
}

// runAhead is run for code that writes the output by itself, but for blocks that are not full, or whose rows are padded.
func (k *laneKernels) runAhead(p *attentionProblem, w *laneWorker, h int, blocks, next []headBlock) {
	keys, call := k.cut(p.d, p.nkv)
	for i, b := range blocks {
		k.loadQueries(p, w, w.blocks[i], h, b.from, b.to-b.from)
		clear(w.blocks[i].state)
	}
	kh, vh := k.keysOf(p, w, h), k.valuesOf(p, w, h)
	for k0 := 0; k0 < p.attended(blocks[len(blocks)-1].to-1); k0 += call {
		for i, b := range blocks {
			end := k.end(p, b, k0, call)
			if k0 >= end {
				continue
			}
			a := k.updateAhead(p, w, &kh, &vh, b.span, &w.blocks[i], k0, end, keys)
			if end < p.attended(b.to-1) {
				continue
			}
			if k.writes(p, b.span) {
				a.O = bytesAt(p.o, (h*p.nq+b.from)*p.ldo)
			}
			if w.lines != nil {
				a.Fetch = k.linesAhead(p, w, h, blocks, next, i, (end-k0+k.keys/2)/k.keys)
			}
		}
		w.runQueue(k.block[k.vectors-1])
	}
	for i, b := range blocks {
		if !k.writes(p, b.span) {
			k.storeOutput(p, w, w.blocks[i], h, b.from, b.to-b.from)
		}
	}
}

// writes says whether the assembly writes the output of these queries: they fill a block, and it has all columns of rows.
func (k *laneKernels) writes(p *attentionProblem, queries span) bool {
	return queries.to-queries.from == k.queries() && k.row(p.d) == p.d
}

// updateAhead puts an update into the queue, or two, where some of the keys from k0 to end-1 are behind the last. It returns the last one.
func (k *laneKernels) updateAhead(p *attentionProblem, w *laneWorker, kh, vh *operand, queries span, b *laneScratch, k0, end, keys int) (a *asm.AttentionBlocks) {
	put := func(from, to int) {
		a = w.enqueue(to-from, p.d, k.block[k.vectors-1])
		a.O, a.LdO, a.Fetch = nil, 4*p.ldo, nil
		k.describe(a, p, w, kh, vh, b, queries, from, to, keys)
	}
	whole := p.nkv / k.grain * k.grain // keys that need no padding
	if k0 < whole {
		put(k0, min(end, whole))
	}
	if end > whole {
		put(max(k0, whole), whole+k.grain)
	}
	return a
}

// fetchRanges is how many ranges a block of queries fetches: its output, queries of the next group, keys and values of the next head, and the end.
const fetchRanges = 5

// linesAhead lists what is fetched while block i of a group takes its last keys, so many blocks of them: the lines of its output, and its share of the
// next group's queries and of the next head's keys and values.
func (k *laneKernels) linesAhead(p *attentionProblem, w *laneWorker, h int, blocks, next []headBlock, i, rounds int) *asm.FetchRange {
	b, l := blocks[i], w.lines[i*fetchRanges:][:0:fetchRanges]
	total := 0
	add := func(o operand, from, to int) {
		if from < to {
			bytes := (to - from) * o.stride()
			l = append(l, asm.FetchRange{From: address(o.address(from)), Left: bytes})
			total += bytes
		}
	}
	add(operand{ld: p.ldo, f32: p.oHead(h)}, b.from, b.to)
	if len(next) > 0 {
		head, part := next[0].head, func(o operand, from, to int) {
			n := to - from
			add(o, from+n*i/len(blocks), from+n*(i+1)/len(blocks))
		}
		part(p.qHead(head), next[0].from, next[len(next)-1].to)
		if head != h {
			part(p.kHead(head), 0, p.nkv)
			part(p.vHead(head), 0, p.nkv)
		}
	}
	for j := range l {
		l[j].Turns = uint64(max(1, total/lineBytes/max(1, rounds)))
	}
	l = append(l, asm.FetchRange{})
	return &l[0]
}

// beyondL2 says whether operands and output take more than L2. Of a head of 1024 keys and d = 128, 1.3 MiB of 2, fetches took 3 % of the time.
func (p *attentionProblem) beyondL2() bool {
	size := elementBytes[p.k.dtype()]
	return p.cacheBytes()+p.heads*p.nq*p.d*(size+4) > ownCaches().l2
}
