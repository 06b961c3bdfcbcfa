package kernels

import (
	"errors"
	"fmt"
	"slices"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// laneKernels is the assembly of one instruction set for attention with queries in the vector lanes.
type laneKernels struct {
	isa   cpu.ISA
	lanes int // float32 per vector; d must be a multiple
	keys  int // keys per block: the scores of a block stay in L1
	group int // query blocks that use one block of keys and values while it is in L2

	block     [laneVectors]laneBlock // block[n-1] updates n vectors of queries
	transpose func(src *float32, srcRow, srcTile int, dst *float32, dstRow, dstTile, tiles int, scale *float32)
}

// laneBlock updates a block of queries with a block of keys; see kernels/asm.
type laneBlock func(k *float32, ldk int, v *float32, ldv, nk, d int, qt, st, ot, state *float32, diagonal, first int)

// laneVectors is the number of vectors of queries in a full block.
const laneVectors = 3

// queries is the size of a full query block.
func (k *laneKernels) queries() int { return laneVectors * k.lanes }

// laneScratch is what one worker keeps for one query block: rows of as many queries as the block has vectors.
type laneScratch struct {
	qt    []float32 // [d] queries, transposed and scaled
	ot    []float32 // [d] output before normalisation, transposed
	state []float32 // [3] minus the reference maximum, the sum of weights, scratch
}

// laneWorker is one worker's scratch.
type laneWorker struct {
	blocks []laneScratch // one per query block of a group
	st     []float32     // [keys] scores, then weights, of the block at hand
	edge   []float32     // [lanes][d] a partly filled vector of queries, in rows
	scale  []float32     // [lanes] factors of a transpose
}

// floats returns how many elements a worker's scratch takes.
func (k *laneKernels) floats(d int) int {
	perBlock := k.queries()*2*d + 3*k.queries()
	return k.group*perBlock + k.queries()*k.keys + k.lanes*d + k.lanes
}

// newWorker allocates a worker's scratch for rows of d elements.
func (k *laneKernels) newWorker(d int) *laneWorker {
	arena := alloc[float32](k.floats(d))
	take := func(n int) []float32 {
		s := arena[:n:n]
		arena = arena[n:]
		return s
	}
	w := &laneWorker{st: take(k.queries() * k.keys), blocks: make([]laneScratch, k.group)}
	for i := range w.blocks {
		w.blocks[i] = laneScratch{qt: take(k.queries() * d), ot: take(k.queries() * d), state: take(3 * k.queries())}
	}
	w.edge, w.scale = take(k.lanes*d), take(k.lanes)
	return w
}

// params are what can be tuned of k.
func (k *laneKernels) params() []Param {
	others := func(value int, list ...int) []int {
		return append([]int{value}, slices.DeleteFunc(list, func(v int) bool { return v == value })...)
	}
	return []Param{
		{"keys", others(k.keys, 32, 48, 64, 96, 128, 192), "keys per block: their scores stay in L1"},
		{"group", others(k.group, 1, 2, 4, 8, 16), "query blocks that use a block of keys and values while it is in L2"},
	}
}

// with is k under a setting.
func (k *laneKernels) with(s Setting) *laneKernels {
	tuned := *k
	tuned.keys, tuned.group = s.or("keys", k.keys), s.or("group", k.group)
	return &tuned
}

// prepare is the attentionVariant of k.
func (k *laneKernels) prepare(p *attentionProblem, workers int) (attentionPart, error) {
	if k.block[0] == nil {
		return nil, fmt.Errorf("attention/%s: %w", k.isa, errNoAssembly)
	}
	k = k.with(p.set)
	spans := p.splitQueries(k.queries(), workers)
	scratch := make([]*laneWorker, workers)
	for w := range scratch {
		scratch[w] = k.newWorker(p.d)
	}
	blocks := (p.nq + k.queries() - 1) / k.queries()
	most := keysPerCall(k.keys, p.d)
	keyBlocks := (p.nkv + most - 1) / most
	keys := roundUp((p.nkv+keyBlocks-1)/keyBlocks, 8) // blocks of about equal size
	return func(worker int) {
		for u, to := spans[worker].from, spans[worker].to; u < to; {
			h, b := u/blocks, u%blocks
			n := min(k.group, to-u, blocks-b)
			k.run(p, scratch[worker], h, b*k.queries(), n, keys)
			u += n
		}
	}, nil
}

var errNoAssembly = errors.New("no assembly for this architecture (use flash or naive)")

// wholeVectors is the Fits of kernels that take rows in whole vectors of so many lanes; use names one that takes any.
func wholeVectors(op string, isa cpu.ISA, lanes int, use string) func(shape.Shape) error {
	return func(s shape.Shape) error {
		if s.D%lanes == 0 {
			return nil
		}
		return &ShapeError{
			Op: op, Problem: fmt.Sprintf("%s/%s needs d divisible by %d, not d=%d", op, isa, lanes, s.D),
			Cure: fmt.Sprintf("use d=%d or %s/%s", roundUp(s.D, lanes), op, use),
		}
	}
}

// keysPerCall bounds the keys of one assembly call for rows of d elements, so that it stays under a millisecond up to
// maxHeadSize: as many as most up to d = 1024, then fewer, in groups of 8.
func keysPerCall(most, d int) int { return min(most, max(8, most*1024/d/8*8)) }

func roundUp(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }

// run computes n query blocks of head h, starting with query from, with blocks of so many keys.
func (k *laneKernels) run(p *attentionProblem, w *laneWorker, h, from, n, keys int) {
	scale := attentionScale(p.d)
	for i := range w.scale {
		w.scale[i] = scale
	}
	last := 0 // keys that any query of the group attends
	for i := range n {
		q0, nq, _ := k.extent(p, from, i)
		k.loadQueries(p, w, w.blocks[i], h, q0, nq)
		clear(w.blocks[i].state)
		last = p.attended(q0 + nq - 1)
	}
	kh, vh := p.kHead(h).f32, p.vHead(h).f32
	for k0 := 0; k0 < last; k0 += keys {
		for i := range n {
			q0, nq, vectors := k.extent(p, from, i)
			// A few keys too many, masked, make full tiles.
			nk := min(keys, min(roundUp(p.attended(q0+nq-1), 8), p.nkv)-k0)
			if nk <= 0 {
				continue
			}
			diagonal, first := nk, 0
			if p.causal {
				diagonal = p.attended(q0) - 1 - k0
			}
			if k0 == 0 {
				first = 1
			}
			b := &w.blocks[i]
			k.block[vectors-1](&kh[k0*p.k.ld], p.k.ld, &vh[k0*p.v.ld], p.v.ld, nk, p.d,
				&b.qt[0], &w.st[0], &b.ot[0], &b.state[0], diagonal, first)
		}
	}
	for i := range n {
		q0, nq, _ := k.extent(p, from, i)
		k.storeOutput(p, w, w.blocks[i], h, q0, nq)
	}
}

// extent returns the first query, the number of queries and of vectors of block i of a group that starts at query from.
func (k *laneKernels) extent(p *attentionProblem, from, i int) (q0, nq, vectors int) {
	q0 = from + i*k.queries()
	nq = min(k.queries(), p.nq-q0)
	return q0, nq, (nq + k.lanes - 1) / k.lanes
}

// loadQueries fills b.qt with nq queries from q0 on, times w.scale. Lanes without a query become 0.
func (k *laneKernels) loadQueries(p *attentionProblem, w *laneWorker, b laneScratch, h, q0, nq int) {
	q, row := p.qHead(h).f32, roundUp(nq, k.lanes)
	for i := 0; i < nq; i += k.lanes {
		src, ld := q[(q0+i)*p.q.ld:], p.q.ld
		if valid := nq - i; valid < k.lanes {
			clear(w.edge)
			for r := range valid {
				copy(w.edge[r*p.d:][:p.d], src[r*ld:])
			}
			src, ld = w.edge, p.d
		}
		k.transpose(&src[0], ld, k.lanes, &b.qt[i], row, k.lanes*row, p.d/k.lanes, &w.scale[0])
	}
}

// storeOutput divides b.ot by the sums of weights and writes nq rows of o from q0 on.
func (k *laneKernels) storeOutput(p *attentionProblem, w *laneWorker, b laneScratch, h, q0, nq int) {
	o, row := p.oHead(h), roundUp(nq, k.lanes)
	for i := 0; i < nq; i += k.lanes {
		for c := range w.scale {
			w.scale[c] = 1 / b.state[row+i+c]
		}
		dst := o[(q0+i)*p.ldo:]
		valid := nq - i
		if valid >= k.lanes {
			k.transpose(&b.ot[i], row, k.lanes*row, &dst[0], p.ldo, k.lanes, p.d/k.lanes, &w.scale[0])
			continue
		}
		k.transpose(&b.ot[i], row, k.lanes*row, &w.edge[0], p.d, k.lanes, p.d/k.lanes, &w.scale[0])
		for r := range valid {
			copy(dst[r*p.ldo:][:p.d], w.edge[r*p.d:])
		}
	}
}

// laneAttentionKernel makes the registry entry of k.
func laneAttentionKernel(k *laneKernels, doc string) *Kernel {
	entry := attentionKernel(string(k.isa), k.isa, doc, k.prepare,
		func(s shape.Shape) int { return 4 * k.floats(s.D) })
	entry.Fits, entry.Params = wholeVectors("attention", k.isa, k.lanes, "flash"), k.params()
	return entry
}
