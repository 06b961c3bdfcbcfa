package kernels

import (
	"fmt"
	"math"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// decodeLanes is the assembly of one instruction set for decode.
type decodeLanes struct {
	isa   cpu.ISA
	lanes int // float32 per vector
	block map[DType]decodeBlock
}

// decodeBlock updates one query with a block of keys; see kernels/asm.
type decodeBlock func(q *float32, k *byte, ldk int, kScale *float32, v *byte, ldv int, vScale *float32, nk, d int, st, o, state *float32)

// multiple is what d must be a multiple of: a load of bf16 gives two vectors.
func (k *decodeLanes) multiple(dtype DType) int {
	if dtype == BF16 {
		return 2 * k.lanes
	}
	return k.lanes
}

// place is where the query and the output of an assembly call have element c: the elements that one load gives lie in the
// order in which it gives them.
func (k *decodeLanes) place(dtype DType, c int) int {
	if dtype != BF16 {
		return c
	}
	i := c % (2 * k.lanes)
	return c - i + i%2*k.lanes + i/2
}

// decodeKeys is the number of keys per block, at most: long streams, and an assembly call of a few microseconds.
const decodeKeys = 512

// decodeScratch is what one worker keeps.
type decodeScratch struct {
	q     []float32 // [d] the query, scaled
	o     []float32 // [d] output before normalisation
	st    []float32 // [decodeKeys + lanes] scores, then weights
	state []float32 // [2][lanes] reference maximum, partial sums of weights
}

// floats returns how many elements a worker's scratch takes.
func (k *decodeLanes) floats(d int) int { return 2*d + decodeKeys + 3*k.lanes }

func (k *decodeLanes) newScratch(d int) decodeScratch {
	arena := alloc[float32](k.floats(d))
	take := func(n int) []float32 {
		s := arena[:n:n]
		arena = arena[n:]
		return s
	}
	return decodeScratch{q: take(d), o: take(d), state: take(2 * k.lanes), st: take(decodeKeys + k.lanes)}
}

// prepare is the attentionVariant of k: it takes problems with one query per head. Workers share the heads.
func (k *decodeLanes) prepare(p *attentionProblem, workers int) (attentionPart, error) {
	if k.block[p.k.dtype()] == nil {
		return nil, fmt.Errorf("decode/%s: %w", k.isa, errNoAssembly)
	}
	spans := p.splitQueries(1, workers)
	scratch := make([]decodeScratch, workers)
	for w := range scratch {
		scratch[w] = k.newScratch(p.d)
	}
	scale := attentionScale(p.d)
	return func(worker int) {
		for h := spans[worker].from; h < spans[worker].to; h++ {
			k.run(p, &scratch[worker], h, scale)
		}
	}, nil
}

// run computes the output row of head h.
func (k *decodeLanes) run(p *attentionProblem, w *decodeScratch, h int, scale float32) {
	dtype := p.k.dtype()
	for c, x := range p.qHead(h).f32[:p.d] {
		w.q[k.place(dtype, c)] = x * scale
	}
	clear(w.o)
	maximum, sums := w.state[:k.lanes], w.state[k.lanes:]
	for i := range maximum {
		maximum[i], sums[i] = -math.MaxFloat32, 0 // so that a score of -Inf is below it, and any other moves it
	}
	kh, vh, keys, block := p.kHead(h), p.vHead(h), keysPerCall(decodeKeys, p.d), k.block[dtype]
	for k0 := 0; k0 < p.nkv; k0 += keys {
		row, rowScale := kh.at(k0)
		value, valueScale := vh.at(k0)
		block(&w.q[0], row, kh.stride(), rowScale, value, vh.stride(), valueScale, min(keys, p.nkv-k0), p.d,
			&w.st[0], &w.o[0], &w.state[0])
	}
	var total float32
	for _, x := range sums {
		total += x
	}
	inverse, o := 1/total, p.oHead(h)[:p.d]
	for c := range o {
		o[c] = w.o[k.place(dtype, c)] * inverse
	}
}

// laneDecodeKernel makes the registry entry of k.
func laneDecodeKernel(k *decodeLanes, dtype DType, doc string) *Kernel {
	entry := decodeKernel(string(k.isa), k.isa, dtype, doc, k.prepare,
		func(s shape.Shape) int { return 4 * k.floats(s.D) })
	entry.Fits = wholeVectors("decode", string(k.isa), k.multiple(dtype), "naive")
	return entry
}
