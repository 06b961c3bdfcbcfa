package kernels

import (
	"fmt"
	"math"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// decodeLanes is the assembly of one instruction set for decode with one type of keys and values.
type decodeLanes struct {
	variant  string
	isa      cpu.ISA
	dtype    DType
	lanes    int // float32 per vector
	multiple int // what d must be a multiple of

	block decodeBlock
	query func(to, q []float32)  // brings a query into the form that block takes; nil: as it is
	place func(c, lanes int) int // where block leaves column c of the output, and takes it of a query as it is; nil: at c
}

// decodeBlock updates one query with a block of keys; see kernels/asm.
type decodeBlock func(q, k *byte, ldk int, kScale *float32, v *byte, ldv int, vScale *float32, nk, d int, st, o, state *float32)

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

// decodeKeys is the number of keys per block, at most: long streams, and an assembly call of a few microseconds.
const decodeKeys = 512

// decodeScratch is what one worker keeps.
type decodeScratch struct {
	scaled []float32 // [d] the query, scaled
	q      []float32 // [d + 40] the query as a block takes it
	o      []float32 // [d] output before normalisation
	st     []float32 // [1.5·decodeKeys + 3·lanes] scores, then weights
	state  []float32 // [2][lanes] reference maximum, partial sums of weights
}

// floats returns how many elements a worker's scratch takes.
func (k *decodeLanes) floats(d int) int { return 3*d + 40 + decodeKeys*3/2 + 5*k.lanes }

func (k *decodeLanes) newScratch(d int) decodeScratch {
	take := slicer(alloc[float32](k.floats(d)))
	return decodeScratch{scaled: take(d), q: take(d + 40), o: take(d), state: take(2 * k.lanes), st: take(decodeKeys*3/2 + 3*k.lanes)}
}

// prepare is the attentionVariant of k: it takes problems with one query per head. Workers share the heads.
func (k *decodeLanes) prepare(p *attentionProblem, workers int) (attentionPart, error) {
	if k.block == nil {
		return nil, fmt.Errorf("decode/%s: %w", k.variant, errNoAssembly)
	}
	p.digits = k.query != nil
	spans := p.splitQueries(1, workers)
	scratch := make([]decodeScratch, workers)
	for w := range scratch {
		scratch[w] = k.newScratch(p.d)
		keep(&p.scratch, "scaled q", scratch[w].scaled)
		keep(&p.scratch, "scaled q", scratch[w].q)
		keep(&p.scratch, "output sums", scratch[w].o)
		keep(&p.scratch, "scores", scratch[w].st)
		keep(&p.scratch, "softmax state", scratch[w].state)
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
	for c, x := range p.qHead(h).f32[:p.d] {
		w.scaled[c] = x * scale
	}
	if k.query != nil {
		k.query(w.q, w.scaled)
	} else {
		for c, x := range w.scaled {
			w.q[k.at(c)] = x
		}
	}
	clear(w.o)
	maximum, sums := w.state[:k.lanes], w.state[k.lanes:]
	for i := range maximum {
		maximum[i], sums[i] = -math.MaxFloat32, 0 // so that a score of -Inf is below it, and any other moves it
	}
	kh, vh, keys := p.kHead(h), p.vHead(h), keysPerCall(decodeKeys, p.d)
	for k0 := 0; k0 < p.nkv; k0 += keys {
		row, rowScale := kh.at(k0)
		value, valueScale := vh.at(k0)
		k.block(bytesAt(w.q, 0), row, kh.stride(), rowScale, value, vh.stride(), valueScale, min(keys, p.nkv-k0), p.d,
			&w.st[0], &w.o[0], &w.state[0])
	}
	var total float32
	for _, x := range sums {
		total += x
	}
	inverse, o := 1/total, p.oHead(h)[:p.d]
	for c := range o {
		o[c] = w.o[k.at(c)] * inverse
	}
}

// laneDecodeKernel makes the registry entry of k.
func laneDecodeKernel(k *decodeLanes, doc string) *Kernel {
	entry := decodeKernel(k.variant, k.isa, k.dtype, doc, k.prepare,
		func(s shape.Shape) int { return 4 * k.floats(s.D) })
	entry.Fits = wholeVectors("decode", k.variant, k.multiple, "naive")
	return entry
}
