package kernels

import (
	"errors"
	"fmt"
	"slices"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels/asm"
)

// laneKernels is the assembly of one instruction set for attention with queries in the vector lanes.
type laneKernels struct {
	variant string
	isa     cpu.ISA
	dtype   DType
	lanes   int     // queries per vector
	vectors int     // of queries in a full block
	keys    int     // keys at a time: their scores stay in L1
	call    int     // keys of one call, at most: they stay in L2 for all query blocks of a group
	group   int     // query blocks that use the keys and values of a call
	grain   int     // keys are taken in multiples of it; what is missing is padded
	near    cutting // in place of keys and call where L1 is larger than smallL1, L2 holds a head's keys and values, and a call two blocks; none: the same
	part    int     // d may be a multiple of it, from two on: queries, packed values and output are padded; 0: whole tiles only
	pads    bool    // d may be anything: keys, and values that are not packed, are copied into rows that block takes

	ahead  bool // scores of the next block of keys, whose queries may be others, are computed before those of two blocks are used up
	behind int  // keys behind a block whose weights are computed and not used

	block    [laneVectors]laneBlock // block[n-1] updates n vectors of queries; nil: a block with more is used
	fetching [laneVectors]laneBlock // the same where caches.farLast, if there is another way; else nil

	load   transposition  // queries, into lanes; those of float32 are multiplied by scale
	store  transposition  // output, out of lanes, divided by scale
	values valuePacking   // nil: values are used as they lie in memory
	phases lanePhases     // the parts of block, for full blocks
	few    *decodeLanes   // for queries that fill no vector, where it has code for d that does all; nil: they are taken as a vector
	others []*decodeLanes // the same for other d: the first one that takes it
}

// cutting is how keys are taken.
type cutting struct{ keys, call int }

// smallL1 is the size of an L1 where scores of 48 queries and 128 keys, 24 KiB, leave little for others.
const smallL1 = 32 << 10

// laneBlock updates a block of queries with blocks of keys.
type laneBlock func(p *asm.AttentionBlocks)

// transposition transposes square tiles of 32-bit elements, multiplying or dividing each column of elements of float32 by its scale.
type transposition func(src *byte, srcRow, srcTile int, dst *byte, dstRow, dstTile, tiles int, scale *float32)

// laneVectors is the largest number of vectors of queries in a block.
const laneVectors = 3

// queries is the size of a full query block.
func (k *laneKernels) queries() int { return k.vectors * k.lanes }

// multiple is what a row has in a whole tile of a transposition, whose elements of 32 bits hold two of bf16.
func (k *laneKernels) multiple() int { return k.lanes * 4 / k.size() }

// size is elementBytes of its operands without a look into a map, which each block of queries would take several of.
func (k *laneKernels) size() int {
	if k.dtype == BF16 {
		return 2
	}
	return 4
}

// width is how many elements rows have in scratch: whole tiles.
func (k *laneKernels) width(d int) int { return roundUp(d, k.multiple()) }

// step is what d must be a multiple of.
func (k *laneKernels) step() int {
	if k.part > 0 {
		return k.part
	}
	return k.multiple()
}

// row is how many columns the assembly takes of rows of d elements: all of them, and zeros behind them where k pads.
func (k *laneKernels) row(d int) int {
	if k.pads {
		return roundUp(max(d, 2*k.part), k.step())
	}
	return d
}

// fits is the Fits of what takes rows as they are.
func (k *laneKernels) fits() func(shape.Shape) error {
	return func(s shape.Shape) error {
		step := k.step()
		if s.D == k.part { // a block begins with two tiles of columns
			step *= 2
		}
		return wholeVectors("attention", k.variant, 0, step)(s)
	}
}

// elementBytes is the size of an element of an operand.
var elementBytes = map[DType]int{F32: 4, BF16: 2, INT8: 1}

// params are what can be tuned of k.
func (k *laneKernels) params() []Param {
	others := func(value int, list ...int) []int {
		return append([]int{value}, slices.DeleteFunc(list, func(v int) bool { return v == value || v%k.grain != 0 })...)
	}
	return []Param{
		{"keys", others(k.keys, 32, 48, 64, 96, 128, 192), "keys per block: their scores stay in L1"},
		{"group", append([]int{k.group}, slices.DeleteFunc([]int{1, 2, 4, 8, 16}, func(v int) bool { return v == k.group })...),
			"query blocks that use a block of keys and values while it is in L2"},
	}
}

// with is k under a setting.
func (k *laneKernels) with(s Setting) *laneKernels {
	tuned := *k
	tuned.keys, tuned.group = s.or("keys", k.keys), s.or("group", k.group)
	if _, set := s["keys"]; set {
		tuned.near = cutting{}
	}
	return &tuned
}

// prepare is the attentionVariant of k.
func (k *laneKernels) prepare(p *attentionProblem, workers int) (attentionPart, error) {
	if k.load == nil {
		return nil, fmt.Errorf("attention/%s: %w", k.variant, errNoAssembly)
	}
	k = k.with(p.set)
	if _, set := p.set["group"]; k.ahead && !set {
		k.group = k.groupFor(p)
	}
	if p.causal && p.heads > 1 {
		k.near = cutting{} // 8 heads of 512 keys, d = 128, took 2 % longer on a Zen 5
	}
	if ownCaches().farLast() && k.fetching[k.vectors-1] != nil {
		k.block = k.fetching
	}
	if k.row(p.d)%k.lanes != 0 && k.part > 0 {
		k.block[0] = nil // takes as many columns at once
	}
	p.weights = unstated
	if k.ahead {
		p.weights = fixedPoint
	}
	few, nq := k.newFew(p), p.nq
	if few != nil {
		nq = few.from
	}
	shares := k.share(p, nq, workers)
	scratch := make([]*laneWorker, workers)
	for w := range scratch {
		scratch[w] = k.newWorker(p.d, p.nkv)
		p.keepLanes(scratch[w])
		if k.ahead && p.beyondL2() {
			scratch[w].lines = make([]asm.FetchRange, k.group*fetchRanges)
		}
		if few != nil {
			scratch[w].one = few.newScratch(k.fewFor(p.d))
		}
	}
	return func(worker int) {
		w, packed := scratch[worker], -1
		for share := shares[worker]; len(share) > 0; {
			h := share[0].head
			if share[0].from == nq {
				few.run(w.one, h)
				share = share[1:]
				continue
			}
			n := k.groupOf(share, nq)
			next := share[n:]
			if h != packed {
				k.copyHead(p, w, h)
				packed = h
			}
			k.run(p, w, h, share[:n], next[:k.groupOf(next, nq)])
			share = next
		}
	}, nil
}

// groupFor is the size of groups in AMX: their scratch, 7·d bytes for a query, stays in L2 beside keys and values. Where one call takes all keys
// smaller groups read them no more often from beyond.
func (k *laneKernels) groupFor(p *attentionProblem) int {
	if _, call := k.cut(p.d, p.nkv); p.nkv > call {
		return k.group
	}
	return max(min(k.group, groupColumns/p.d), 1)
}

// groupColumns is how many columns the blocks of a group have, at most, where one call takes all keys.
const groupColumns = 1024

// groupOf is how many of the first blocks make a group: they are of one head, and have queries before nq.
func (k *laneKernels) groupOf(blocks []headBlock, nq int) (n int) {
	for n < min(k.group, len(blocks)) && blocks[n].head == blocks[0].head && blocks[n].from < nq {
		n++
	}
	return n
}

var errNoAssembly = errors.New("no assembly for this architecture (use flash or naive)")

// wholeVectors is the Fits of kernels that take rows of up to so many elements, and longer ones in whole vectors of lanes.
func wholeVectors(op, variant string, short, lanes int) func(shape.Shape) error {
	return func(s shape.Shape) error {
		if s.D <= short || s.D%lanes == 0 {
			return nil
		}
		beyond := ""
		if short > 0 {
			beyond = fmt.Sprintf(" beyond %d", short)
		}
		return &ShapeError{
			Op: op, Problem: fmt.Sprintf("%s/%s needs d divisible by %d%s, not d=%d", op, variant, lanes, beyond, s.D),
			Cure: fmt.Sprintf("use d=%d or %s/naive", roundUp(s.D, lanes), op),
		}
	}
}

// keysPerCall bounds the keys of one assembly call for rows of d elements, so that it stays under a millisecond up to
// maxHeadSize: as many as most up to d = 1024, then fewer, in groups of 8.
func keysPerCall(most, d int) int { return min(most, max(8, most*1024/d/8*8)) }

func roundUp(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }

// cut returns how many keys are taken at a time, at most, and the keys of a call, for nkv keys of d elements.
func (k *laneKernels) cut(d, nkv int) (keys, call int) {
	row := 2 * d * k.size()
	keys, call = k.keys, k.call
	if c := ownCaches(); k.near.keys > 0 && 2*k.near.keys*row <= callBytes && c.l1 > smallL1 && nkv*row <= c.l2 {
		keys, call = k.near.keys, k.near.call
	}
	keys = min(max(keysPerCall(keys, d), k.whole()), roundUp(nkv, k.whole()))
	if !k.ahead {
		call = min(call, max(callLeast, callBytes/row))
	}
	return keys, max(keysPerCall(call, d)/keys, 1) * keys
}

// A call has so many keys at least, if there are as many, and more up to these bytes of keys and values, which L2 shall hold beside those
// of the next call.
const (
	callLeast = 192
	callBytes = 256 << 10
)

// whole is what keys are taken in multiples of where they can be: a few too many, masked, make full tiles.
func (k *laneKernels) whole() int { return max(8, k.grain) }

// end is where the keys end that a block of queries takes in the call from k0 on: the next call, or the last key that any of the queries
// attends. A few keys behind a call are taken with it. It does not depend on other blocks, and neither do the bits.
func (k *laneKernels) end(p *attentionProblem, b headBlock, k0, call int) int {
	last := roundUp(p.attended(b.to-1), k.whole())
	if last-k0-call < 32 && !k.ahead {
		return last
	}
	return min(k0+call, last)
}

// run computes a group of blocks of queries, those of head h; next is the group after it.
func (k *laneKernels) run(p *attentionProblem, w *laneWorker, h int, blocks, next []headBlock) {
	if k.ahead {
		k.runAhead(p, w, h, blocks, next)
		return
	}
	last := 0 // keys that any query of the group attends
	for i, b := range blocks {
		k.loadQueries(p, w, w.blocks[i], h, b.from, b.to-b.from)
		clear(w.blocks[i].state)
		w.blocks[i].done = 0
		last = max(last, p.attended(b.to-1))
	}
	keys, call := k.cut(p.d, p.nkv)
	kh, vh := k.keysOf(p, w, h), k.valuesOf(p, w, h)
	whole := p.nkv / k.grain * k.grain // keys that need no padding
	for k0 := 0; k0 < last; k0 += call {
		w.args.Fetch = k.fetchAhead(p, w, &kh, &vh, blocks, next, k0, call, last)
		for i, b := range blocks {
			from, end := w.blocks[i].done, k.end(p, b, k0, call)
			if from >= end {
				continue
			}
			w.blocks[i].done = end
			if from < whole {
				k.update(p, w, kh, vh, &w.blocks[i], b.span, from, min(end, whole), keys)
			}
			if end > whole && whole < p.nkv {
				k.update(p, w, kh, vh, &w.blocks[i], b.span, max(from, whole), whole+k.grain, keys)
			}
		}
	}
	for i, b := range blocks {
		k.storeOutput(p, w, w.blocks[i], h, b.from, b.to-b.from)
	}
}

// update adds the keys kh, and values vh, from k0 to end-1 to a block with these queries, in parts of about equal size, keys at most.
func (k *laneKernels) update(p *attentionProblem, w *laneWorker, kh, vh operand, b *laneScratch, queries span, k0, end, keys int) {
	k.describe(&w.args, p, w, &kh, &vh, b, queries, k0, end, keys)
	k.block[k.rowOf(queries.to-queries.from)/k.lanes-1](&w.args)
}

// describe makes a the argument of update.
func (k *laneKernels) describe(a *asm.AttentionBlocks, p *attentionProblem, w *laneWorker, kh, vh *operand, b *laneScratch, queries span, k0, end, keys int) {
	parts := (end - k0 + keys - 1) / keys
	d := k.row(p.d)
	if end > p.nkv {
		padded := w.padKeys(*kh, k0, p.nkv-k0, d, d)
		a.K, a.LdK = padded.address(0), padded.stride()
	} else {
		a.K, a.LdK = kh.address(k0), kh.stride()
	}
	a.V, a.LdV = vh.address(k0), vh.stride()
	a.Keys, a.Block, a.D = end-k0, roundUp((end-k0+parts-1)/parts, k.whole()), d
	a.Qt, a.St, a.Ot, a.State = b.query(), &w.st[0], &b.ot[0], &b.state[0]
	a.Diagonal, a.Valid, a.First, a.Scale = a.Keys, p.nkv-k0, 0, attentionScale(p.d)
	if p.causal {
		a.Diagonal = p.attended(queries.from) - 1 - k0
	}
	if k0 == 0 {
		a.First = 1
	}
}

// laneAttentionKernel makes the registry entry of k.
func laneAttentionKernel(k *laneKernels, doc string) *Kernel {
	entry := attentionKernel(k.variant, k.isa, k.dtype, doc, k.prepare,
		func(s shape.Shape) int { return k.bytes(s.D, s.KV) })
	entry.Params = k.params()
	if !k.pads {
		entry.Fits = k.fits()
	}
	return entry
}
