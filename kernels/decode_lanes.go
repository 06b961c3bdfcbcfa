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
	short    int // up to this d may be anything
	multiple int // what d must be a multiple of beyond that

	any   decodeHead         // for rows of such length
	heads map[int]decodeHead // by d, for rows of that length
	rows  []decodeRows       // for rows of other lengths, the shorter ones first

	widening *decodeLanes // whose heads are used where slowDots; nil: none

	instead   *decodeLanes // what computes a cache for which k takes longer, see suits, and outputs that are infinite or no number; nil: k itself
	takesFrom decodeLeast  // the least that k takes
	inL2      bool         // it takes only what L2 holds, or does but for a part
}

// decodeRows is the assembly for rows of up to so many elements.
type decodeRows struct {
	most int
	decodeHead
}

// decodeHead is the assembly for rows of some length.
type decodeHead struct {
	block decodeBlock
	query decodeQuery            // brings a query into the form that block takes; nil: it is scaled, and in the order of place
	place func(c, lanes int) int // where block leaves column c of the output; nil: at c

	partly decodeBlock // block where the last cache holds keys and values in part; nil: block itself
	memory decodeBlock // block where it holds few of them; nil: block itself
	full   decodeBlock // block with vectors of 512 bits through pipes as wide; nil: one of the above
	fetch  decodeBlock // the same, for a large head of what L3 may hold in part; nil: full
	wide   decodeBlock // block in vectors of 512 bits throughout, where they take no more time than those of 256; nil: block itself
	far    decodeBlock // wide where L2 does not hold keys and values; nil: wide

	whole   bool // block does all: it takes the query as it is and a scale, keys in whole steps, and writes the output
	dense   bool // rows must follow each other
	weights precision
}

// decodeBlock updates one query with a block of keys; see kernels/asm.
type decodeBlock func(p *asm.DecodeKeys)

// decodeQuery brings d elements of a query, times scale, into the form that a block takes; see kernels/asm.
type decodeQuery func(q *float32, scale float32, to *byte, d int)

// slowDots says whether a VDPBF16PS takes as long as four FMA, as on servers of Intel: there widening in registers takes as many turns of
// the pipes, and shorter chains. On Zen 4 and Zen 5, the only others that have it, it takes as long as an FMA.
func slowDots() bool { return cpu.VectorPipes() == 0 }

// forHead is the assembly for rows of d elements.
func (k *decodeLanes) forHead(d int) decodeHead {
	if k.widening != nil && slowDots() {
		if head, ok := k.widening.heads[d]; ok {
			return head
		}
	}
	if head, ok := k.heads[d]; ok {
		return head
	}
	for _, rows := range k.rows {
		if d <= rows.most {
			return rows.decodeHead
		}
	}
	return k.any
}

// takes says whether there is assembly for rows of d elements.
func (k *decodeLanes) takes(d int) bool { return d <= k.short || d%k.multiple == 0 }

// forRows is the assembly for the keys and values of p.
func (k *decodeLanes) forRows(p *attentionProblem) decodeHead {
	head := k.forHead(p.d)
	if head.dense && (p.k.ld != p.d || p.v.ld != p.d) {
		return k.any
	}
	return head
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

// fours puts, of four vectors of 16, the columns together that stand at the same place in 4 bytes of int8.
func fours(c, lanes int) int {
	i := c % (4 * lanes)
	return c - i + i%4*lanes + i/4
}

// decodeKeys is the number of keys of an assembly call, at most: a few microseconds. Of functions that do all it is the keys and values of
// decodeBytes: each call begins with what others overlap, and from memory such a call takes some 100 µs. Sums of integers of int8 have room
// for 2³¹/(255·127) keys, twice as many as that is at d = 64.
const (
	decodeKeys  = 512
	decodeBytes = 4 << 20
)

// decodeStep is the number of keys of a step of the assembly for rows of one length. What is left takes a step, too, with keys before it
// that are left out; fewer in all are copied, since all rows of a step must be there.
const decodeStep = 16

// stepsPerBlock is the number of steps whose values follow each other, where so many bytes of keys and values are read until the same ones
// are again. Each block costs some cycles, but with small ones more is on its way from memory: of 32 MiB of last cache, 8 MiB took 4 % longer
// with blocks of 4 steps than of 64, 12 MiB 12 % less time, 16 MiB 20 %. With 2 steps 16 MiB took as long, 32 MiB 8 % less, 64 MiB as long.
// On a Zen 5, whose share of the last cache was small, more steps took as long or less at any size.
func stepsPerBlock(c caches, pipes, bytes int) int {
	switch {
	case pipes == 512:
	case c.fewOf(bytes):
		return 2
	case c.partOf(bytes):
		return 4
	}
	return 64
}

// partOf says whether the last cache holds only a part of so many bytes that are read again and again, together with what others have there,
// fewOf whether it is so small a part that most come from memory.
func (c caches) partOf(bytes int) bool { return bytes > c.last/3 }
func (c caches) fewOf(bytes int) bool  { return bytes > c.last/4*3 }

// blockFor is the assembly where so many bytes of keys and values, of so many heads, are read until the same ones are again, and pipes are as
// wide as cpu.VectorPipes says. On a Zen 5 a head of 4 or 8 MiB of bf16 took 3 to 13 % less time with lines fetched, 32 MiB or heads of less
// up to 12 % more. Turns were slower by a tenth where most came from memory. Fetching ahead into L2 gained that much on a Zen 4; on a
// Zen 5 it took 1.2 to 1.5 times as long, from L3 and from memory.
func (h decodeHead) blockFor(c caches, pipes, bytes, heads int) decodeBlock {
	const half, full = 256, 512
	switch {
	case h.far != nil && pipes != half && bytes > c.l2:
		return h.far
	case h.wide != nil && pipes != half:
		return h.wide
	case h.fetch != nil && pipes == full && bytes/heads > 3*c.l2 && bytes <= 16*c.l2:
		return h.fetch
	case h.full != nil && pipes == full:
		return h.full
	case c.fewOf(bytes):
		if h.memory != nil && pipes != full {
			return h.memory
		}
	case c.partOf(bytes) && h.partly != nil:
		return h.partly
	}
	return h.block
}

// aheadBytes is how many bytes before a line is read it is fetched into L1, by assembly that does that: int8 at d = 128 took a sixth less
// time so on a Zen 5, from 16 MiB.
const aheadBytes = 4096

// stateVectors is the size of the state that the assembly keeps of a query.
const stateVectors = 8

// decodeScratch is what one worker keeps.
type decodeScratch struct {
	_ ownLines

	q     []float32 // [d + 40] the query as a block takes it
	row   []float32 // [d] the query in float32
	o     []float32 // [outputWidth(d)] output before normalisation
	sums  []int32   // [2·d] of integers
	st    []float32 // [asm.DecodeScratch] scores and weights
	state []float32 // [stateVectors][lanes] reference maximum, partial sums of weights, and what integers need
	k, v  operand   // [decodeStep] keys and values that fill no step

	args asm.DecodeKeys

	_ ownLines
}

// outputWidth is how many elements the output has in scratch: the assembly writes whole vectors, of up to 64 elements.
func outputWidth(d int) int { return roundUp(d, 64) }

// bytes returns the size of a worker's scratch.
func (k *decodeLanes) bytes(d int) int {
	return 4*(4*d+outputWidth(d)+40+asm.DecodeScratch+stateVectors*k.lanes) + 2*decodeStep*(d*elementBytes[k.dtype]+4)
}

func (k *decodeLanes) newScratch(p *attentionProblem) *decodeScratch {
	d := p.d
	take := slicer(alloc[float32](2*d + outputWidth(d) + 40 + asm.DecodeScratch + stateVectors*k.lanes))
	w := &decodeScratch{
		st: take(asm.DecodeScratch), state: take(stateVectors * k.lanes), o: take(outputWidth(d)), q: take(d + 40), row: take(d), sums: alloc[int32](2 * d),
		k: newOperand(k.dtype, decodeStep, d), v: newOperand(k.dtype, decodeStep, d),
	}
	b := &p.scratch
	keep(b, "scores", w.st)
	keep(b, "softmax state", w.state)
	keep(b, "output sums", w.o)
	keep(b, "scaled q", w.q)
	keep(b, "scaled q", w.row)
	keep(b, "integer sums", w.sums)
	for _, o := range []operand{w.k, w.v} {
		keep(b, "edges", o.f32)
		keep(b, "edges", o.bf16)
		keep(b, "edges", o.int8)
		keep(b, "edges", o.scale)
	}
	return w
}

// prepare is the attentionVariant of k: it takes problems with one query per head. Workers share the pieces of all heads.
func (k *decodeLanes) prepare(p *attentionProblem, workers int) (attentionPart, error) {
	if k.any.block == nil {
		return nil, fmt.Errorf("decode/%s: %w", k.variant, errNoAssembly)
	}
	p.weights = max(k.forRows(p).weights, plain)
	pieces := newDecodePieces(p, workers)
	scratch := make([]*decodeScratch, workers)
	for w := range scratch {
		scratch[w] = k.newScratch(p)
	}
	run := k.newRun(p, p.cacheBytes())
	return func(worker int) {
		pieces.each(worker, func(h int, keys span, out *float32) decodePart { return run.piece(scratch[worker], h, keys, out) })
	}, nil
}

// decodeRun computes pieces of one problem.
type decodeRun struct {
	decodeHead
	p     *attentionProblem
	scale float32
	keys  int   // of a call
	steps int   // of a block
	order []int // where a block has each column

	infinite *decodeRun // for outputs that are infinite or no number; nil: none
}

// newRun prepares what computes pieces of p, where so many bytes of keys and values are read until the same ones are again.
func (k *decodeLanes) newRun(p *attentionProblem, bytes int) *decodeRun {
	if k.instead != nil && !k.suits(p, bytes, ownCaches()) {
		return k.instead.newRun(p, bytes)
	}
	head := k.forRows(p)
	run := &decodeRun{decodeHead: head, p: p, scale: attentionScale(p.d), keys: keysPerCall(decodeKeys, p.d), order: make([]int, p.d)}
	c, pipes := ownCaches(), cpu.VectorPipes()
	run.block, run.steps = head.blockFor(c, pipes, bytes, p.heads), stepsPerBlock(c, pipes, bytes)
	if head.whole {
		run.keys = max(decodeBytes/(2*p.d*elementBytes[k.dtype])/decodeStep, 1) * decodeStep
	}
	if k.instead != nil {
		run.infinite = k.instead.newRun(p, bytes)
	}
	for c := range run.order {
		run.order[c] = c
		if head.place != nil {
			run.order[c] = head.place(c, k.lanes)
		}
	}
	return run
}

// piece computes what some keys make of the output of head h: the output itself, or a part that stays in w until the next call.
func (r *decodeRun) piece(w *decodeScratch, h int, keys span, out *float32) decodePart {
	r.begin(w)
	if r.whole {
		r.wholeRows(w, h, keys, out)
		if w.args.Infinite != 0 {
			return r.mend(w, h, keys, out)
		}
		if out != nil {
			return decodePart{}
		}
	} else {
		r.start(w, h)
		r.anyRows(w, h, keys)
	}
	return r.part(w)
}

// anyRows adds some keys to what w has of head h, by code for rows of any length.
func (r *decodeRun) anyRows(w *decodeScratch, h int, keys span) {
	for from := keys.from; from < keys.to; from += r.keys {
		r.update(&w.args, h*r.p.nkv+from, min(r.keys, keys.to-from))
	}
}

// part is what w has.
func (r *decodeRun) part(w *decodeScratch) decodePart {
	lanes := len(w.state) / stateVectors
	part := decodePart{top: w.state[0], o: w.o, order: r.order}
	for _, x := range w.state[lanes : 2*lanes] {
		part.total += x
	}
	return part
}

// begin brings w into the state before the first keys.
func (r *decodeRun) begin(w *decodeScratch) {
	a := &w.args
	a.D, a.Scale, a.First, a.Out, a.Infinite = r.p.d, r.scale, 1, nil, 0
	a.St, a.Sums, a.O, a.State = &w.st[0], &w.sums[0], &w.o[0], &w.state[0]
	a.LdK, a.LdV, a.Block = r.p.k.stride(), r.p.v.stride(), r.steps
	a.Ahead = aheadBytes
}

// wholeRows adds some keys to what w has of head h, by code that does all, and writes the output if these are the last ones. Others are whole steps.
func (r *decodeRun) wholeRows(w *decodeScratch, h int, keys span, out *float32) {
	a, row := &w.args, h*r.p.nkv
	a.Q, _ = r.p.q.at(h * r.p.nq)
	end := keys.from + (keys.to-keys.from)/decodeStep*decodeStep
	for from := keys.from; from < end; from += r.keys {
		n := min(r.keys, end-from)
		if from+n == keys.to {
			a.Out = out
		}
		r.update(a, row+from, n)
	}
	switch n := keys.to - end; {
	case n == 0:
	case keys.to >= decodeStep: // with some before, once more
		a.Skip, a.Out = decodeStep-n, out
		r.update(a, row+keys.to-decodeStep, decodeStep)
		a.Skip = 0
	default:
		w.k.copyRows(r.p.k.from(row+end), n, r.p.d)
		w.v.copyRows(r.p.v.from(row+end), n, r.p.d)
		a.K, a.KScale = w.k.at(0)
		a.V, a.VScale = w.v.at(0)
		a.LdK, a.LdV, a.Keys, a.Out = w.k.stride(), w.v.stride(), n, out
		r.block(a)
	}
}

// update adds n keys, from a row on, to the output.
func (r *decodeRun) update(a *asm.DecodeKeys, row, n int) {
	a.K, a.KScale = r.p.k.at(row)
	a.V, a.VScale = r.p.v.at(row)
	a.Keys = n
	r.block(a)
	a.First = 0
}

// start makes an output of no keys, and brings the query of head h into the form that block takes.
func (r *decodeRun) start(w *decodeScratch, h int) {
	clear(w.o)
	clear(w.state)
	maximum := w.state[:len(w.state)/stateVectors]
	for i := range maximum {
		maximum[i] = -math.MaxFloat32 // so that a score of -Inf is below it, and any other moves it
	}
	q := r.p.qHead(h).row(0, r.p.d, w.row)
	if r.query != nil {
		r.query(&q[0], r.scale, bytesAt(w.q, 0), r.p.d)
	} else {
		for c, i := range r.order {
			w.q[i] = q[c] * r.scale
		}
	}
	w.args.Q = bytesAt(w.q, 0)
}

// laneDecodeKernel makes the registry entry of k.
func laneDecodeKernel(k *decodeLanes, doc string) *Kernel {
	entry := decodeKernel(k.variant, k.isa, k.dtype, doc, k.prepare,
		func(s shape.Shape) int { return k.bytes(s.D) })
	entry.Fits = wholeVectors("decode", k.variant, k.short, k.multiple)
	return entry
}
