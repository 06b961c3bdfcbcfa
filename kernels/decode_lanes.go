package kernels

import (
	"fmt"
	"math"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels/asm"
)

// decodeLanes is the assembly of one instruction set for decode with one type of keys and values.
type decodeLanes struct {
	variant  string
	isa      cpu.ISA
	dtype    DType
	lanes    int // float32 per vector
	multiple int // what d must be a multiple of

	block decodeBlock
	query decodeQuery            // brings a query into the form that block takes; nil: as it is
	place func(c, lanes int) int // where block leaves column c of the output, and takes it of a query as it is; nil: at c
}

// decodeBlock updates one query with a block of keys; see kernels/asm.
type decodeBlock func(p *asm.DecodeKeys)

// decodeQuery brings d elements of a query, times scale, into the form that a block takes; see kernels/asm.
type decodeQuery func(q *float32, scale float32, to *byte, d int)

// at is where a block has column c.
func (k *decodeLanes) at(c int) int {
	if k.place == nil {
		return c
	}
	return k.place(c, k.lanes)
}

// evenFirst puts, of two vectors, the even elements before the odd ones: widening bf16 gives them so.
func evenFirst(c, lanes int) int {
	i := c % (2 * lanes)
	return c - i + i%2*lanes + i/2
}

// quarters puts, of n vectors of 16, the elements together that interleaving n rows leaves in one: 4 of each 4·n.
func quarters(n int) func(c, lanes int) int {
	return func(c, lanes int) int {
		i := c % (n * lanes)
		return c - i + i/4%n*lanes + i/(4*n)*4 + i%4
	}
}

// decodeKeys is the number of keys of an assembly call, at most: a few microseconds.
const decodeKeys = 512

// decodeScratch is what one worker keeps.
type decodeScratch struct {
	q     []float32 // [d + 40] the query as a block takes it
	o     []float32 // [d] output before normalisation
	sums  []int32   // [2·d] of integers
	st    []float32 // [asm.DecodeScratch] scores and weights
	state []float32 // [5][lanes] reference maximum, partial sums of weights, and what integers need

	args asm.DecodeKeys
}

// floats returns how many elements of 4 bytes a worker's scratch takes.
func (k *decodeLanes) floats(d int) int { return 4*d + 40 + asm.DecodeScratch + 5*k.lanes }

func (k *decodeLanes) newScratch(d int) *decodeScratch {
	take := slicer(alloc[float32](2*d + 40 + asm.DecodeScratch + 5*k.lanes))
	return &decodeScratch{st: take(asm.DecodeScratch), state: take(5 * k.lanes), o: take(d), q: take(d + 40), sums: alloc[int32](2 * d)}
}

// prepare is the attentionVariant of k: it takes problems with one query per head. Workers share the heads.
func (k *decodeLanes) prepare(p *attentionProblem, workers int) (attentionPart, error) {
	if k.block == nil {
		return nil, fmt.Errorf("decode/%s: %w", k.variant, errNoAssembly)
	}
	p.digits = k.query != nil
	spans := p.splitQueries(1, workers)
	scratch := make([]*decodeScratch, workers)
	for w := range scratch {
		scratch[w] = k.newScratch(p.d)
		keep(&p.scratch, "scaled q", scratch[w].q)
		keep(&p.scratch, "output sums", scratch[w].o)
		keep(&p.scratch, "integer sums", scratch[w].sums)
		keep(&p.scratch, "scores", scratch[w].st)
		keep(&p.scratch, "softmax state", scratch[w].state)
	}
	scale, order := attentionScale(p.d), make([]int, p.d)
	for c := range order {
		order[c] = k.at(c)
	}
	return func(worker int) {
		for h := spans[worker].from; h < spans[worker].to; h++ {
			k.run(p, scratch[worker], h, scale, order)
		}
	}, nil
}

// run computes the output row of head h. order is where a block has each column.
func (k *decodeLanes) run(p *attentionProblem, w *decodeScratch, h int, scale float32, order []int) {
	q := p.qHead(h).f32[:p.d]
	if k.query != nil {
		k.query(&q[0], scale, bytesAt(w.q, 0), p.d)
	} else {
		for c, i := range order {
			w.q[i] = q[c] * scale
		}
	}
	clear(w.o)
	clear(w.state)
	maximum, sums := w.state[:k.lanes], w.state[k.lanes:2*k.lanes]
	for i := range maximum {
		maximum[i] = -math.MaxFloat32 // so that a score of -Inf is below it, and any other moves it
	}
	kh, vh, keys := p.kHead(h), p.vHead(h), keysPerCall(decodeKeys, p.d)
	a := &w.args
	a.Q, a.LdK, a.LdV, a.D = bytesAt(w.q, 0), kh.stride(), vh.stride(), p.d
	a.St, a.Sums, a.O, a.State = &w.st[0], &w.sums[0], &w.o[0], &w.state[0]
	for k0 := 0; k0 < p.nkv; k0 += keys {
		a.K, a.KScale = kh.at(k0)
		a.V, a.VScale = vh.at(k0)
		a.Keys = min(keys, p.nkv-k0)
		k.block(a)
	}
	var total float32
	for _, x := range sums {
		total += x
	}
	inverse, o := 1/total, p.oHead(h)[:p.d]
	for c, i := range order {
		o[c] = w.o[i] * inverse
	}
}

// laneDecodeKernel makes the registry entry of k.
func laneDecodeKernel(k *decodeLanes, doc string) *Kernel {
	entry := decodeKernel(k.variant, k.isa, k.dtype, doc, k.prepare,
		func(s shape.Shape) int { return 4 * k.floats(s.D) })
	entry.Fits = wholeVectors("decode", k.variant, k.multiple, "naive")
	return entry
}
