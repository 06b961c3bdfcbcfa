package kernels

import (
	"errors"
	"math"
	"slices"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels/asm"
)

// attentionParts are the parts of attention with queries in the lanes, to be measured by themselves at the shape of the whole: each
// does, for every block of queries and keys of the whole, its part of the work, on the scratch that the whole would use. Blocks
// follow each other as in the whole, causal shapes count as if they were not.
//
//	attention.pack     brings queries into lanes, values of bf16 into pairs or tiles, and the output into rows
//	attention.scores   K·Qᵀ
//	attention.softmax  the largest scores, and the weights
//	attention.rescale  what a moved maximum costs, once for every block of keys; the whole does it when it must
//	attention.values   Vᵀ·Pᵀ
var attentionParts = func() (list []*Kernel) {
	for _, part := range laneParts {
		for _, k := range []*laneKernels{attentionAVX512, attentionBF16, attentionAMX} {
			list = append(list, part.kernel(k))
		}
	}
	return list
}()

// lanePart is one of the attentionParts.
type lanePart struct {
	name, doc string
	work      func(s shape.Shape, k *laneKernels) Work // of one call; the working set without scratch
	block     func(p *lanePhases) laneBlock            // nil: packing
	// worst compares what the last call left with a float64 reference: the largest error relative to its tolerance is at most 1.
	worst func(r *phaseRun) float64
}

// lanePhases are the assembly functions of the parts; see kernels/asm.
type lanePhases struct{ scores, softmax, rescale, values laneBlock }

var laneParts = []lanePart{
	{name: "pack", doc: "order of operands", work: func(s shape.Shape, k *laneKernels) Work {
		size := float64(elementBytes[k.dtype])
		rows := float64(s.H*s.Q) * float64(s.D)
		// the output meets the inverses of the sums
		w := Work{FLOPs: rows + float64(s.H*s.Q), LoadBytes: rows * (size + 4), StoreBytes: rows * (size + 4)}
		if k.dtype == F32 {
			w.FLOPs += rows // and queries are scaled
		} else {
			values := size * float64(s.H*s.KV) * float64(s.D)
			w.LoadBytes, w.StoreBytes = w.LoadBytes+values, w.StoreBytes+values
		}
		return w
	}, worst: (*phaseRun).packed},
	{name: "scores", doc: "K·Qᵀ", work: func(s shape.Shape, k *laneKernels) Work {
		size := float64(elementBytes[k.dtype])
		pairs := float64(s.H*s.Q) * float64(s.KV)
		each := 2 * float64(s.D)
		if k.dtype == BF16 && k.relative() {
			each += 2 // the scale, and the reference maximum
		}
		return Work{FLOPs: each * pairs, LoadBytes: size * float64(s.H*(s.Q+s.KV)) * float64(s.D), StoreBytes: 4 * pairs}
	}, block: func(p *lanePhases) laneBlock { return p.scores }, worst: (*phaseRun).scored},
	{name: "softmax", doc: "maximum and weights", work: func(s shape.Shape, k *laneKernels) Work {
		pairs := float64(s.H*s.Q) * float64(s.KV)
		// A maximum, the exponential, and an addition to the sum: by table two fused multiply-adds, a multiplication, two additions, for
		// bf16 a polynomial of degree 3. Two maxima of each block of keys are united.
		each, most := map[DType]float64{F32: 9, BF16: 8}[k.dtype], 1.0
		if !k.relative() {
			each, most = each+2, most+2 // scores and maxima are scaled
		}
		flops := each*pairs + most*k.moves(s)
		return Work{FLOPs: flops, LoadBytes: 4 * pairs, StoreBytes: float64(elementBytes[k.dtype]) * pairs}
	}, block: func(p *lanePhases) laneBlock { return p.softmax }, worst: (*phaseRun).weighed},
	{name: "rescale", doc: "output times the factor of a moved maximum", work: func(s shape.Shape, k *laneKernels) Work {
		moves := k.moves(s)
		elements := moves * float64(s.D)
		// The factor: two differences, an exponential as in softmax, and its product with the sum.
		factor := map[DType]float64{F32: 15, BF16: 9}[k.dtype]
		return Work{FLOPs: elements + factor*moves, LoadBytes: 4 * elements, StoreBytes: 4 * elements}
	}, block: func(p *lanePhases) laneBlock { return p.rescale }, worst: (*phaseRun).rescaled},
	{name: "values", doc: "Vᵀ·Pᵀ", work: func(s shape.Shape, k *laneKernels) Work {
		size := float64(elementBytes[k.dtype])
		pairs := float64(s.H*s.Q) * float64(s.KV)
		return Work{FLOPs: 2 * pairs * float64(s.D), LoadBytes: size * (pairs + float64(s.H*s.KV)*float64(s.D)), StoreBytes: 4 * float64(s.H*s.Q) * float64(s.D)}
	}, block: func(p *lanePhases) laneBlock { return p.values }, worst: (*phaseRun).summed},
}

// relative says whether scores are logarithms less the reference maximum when they are stored; in AMX that comes later.
func (k *laneKernels) relative() bool { return k.isa != cpu.AMXBF16 }

// moves is how often the maximum of a query could move: once for every block of keys.
func (k *laneKernels) moves(s shape.Shape) float64 {
	keys, _ := k.cut(s.D, s.KV)
	return float64(s.H*s.Q) * float64((s.KV+keys-1)/keys)
}

// kernel makes the registry entry.
func (part lanePart) kernel(k *laneKernels) *Kernel {
	entry := laneAttentionKernel(k, "part of attention/"+k.variant+"/"+string(k.dtype)+": "+part.doc)
	entry.Op, entry.Params = "attention."+part.name, nil
	entry.Fits = k.fits()
	entry.Work = func(s shape.Shape) Work {
		keys, _ := k.cut(s.D, s.KV)
		w, whole := part.work(s, k), attentionWork(s, k.dtype, elementBytes[k.dtype], k.bytes(s.D, s.KV)+4*k.queries()*max(s.D, keys))
		w.WorkingSet = whole.WorkingSet
		if least := int64(w.LoadBytes + w.StoreBytes); part.name == "pack" || w.WorkingSet < least {
			w.WorkingSet = max(w.WorkingSet, least)
		}
		return w
	}
	entry.Build = func(s shape.Shape, workers int) (Instance, error) {
		if err := entry.checkBuild(s, workers); err != nil {
			return nil, err
		}
		s.Causal = false
		p := newAttentionProblem(s, 0)
		p.narrow("attention", k.dtype)
		return newPhaseRun(k, part, p, workers)
	}
	return entry
}

// forParts is k for the parts, which have functions for full blocks only, and for rows as they are.
func (k *laneKernels) forParts() *laneKernels {
	whole := *k
	whole.pads = false
	for i := range k.vectors - 1 {
		whole.block[i] = nil
	}
	return &whole
}

// phaseRun is a prepared part.
type phaseRun struct {
	k       *laneKernels
	part    lanePart
	p       *attentionProblem
	spans   []span
	workers []*laneWorker
	weights [][]float32 // of each worker, in place of an output: what softmax writes
	keys    int         // of a block
}

func newPhaseRun(k *laneKernels, part lanePart, p *attentionProblem, workers int) (*phaseRun, error) {
	if k.load == nil {
		return nil, errNoAssembly
	}
	k = k.forParts()
	r := &phaseRun{k: k, part: part, p: p, spans: p.splitQueries(k.queries(), workers)}
	r.keys, _ = k.cut(p.d, p.nkv)
	if r.keys > p.nkv/k.grain*k.grain {
		r.keys = p.nkv / k.grain * k.grain
	}
	if r.keys == 0 {
		return nil, errors.New("build a part of attention: fewer keys than are taken at once (use more)")
	}
	for w := range workers {
		scratch := k.newWorker(p.d, p.nkv)
		p.keepLanes(scratch)
		r.workers = append(r.workers, scratch)
		r.weights = append(r.weights, alloc[float32](k.queries()*max(r.keys, p.d)))
		keep(&p.scratch, "scores", r.weights[w])
		if r.spans[w].from < r.spans[w].to {
			r.begin(scratch, r.spans[w].from)
		}
	}
	return r, nil
}

// begin brings everything into the state in which the parts find it: queries in lanes, scores and weights of the first block.
func (r *phaseRun) begin(w *laneWorker, u int) {
	h, q0 := r.unit(u)
	if r.k.values != nil {
		r.k.packValues(r.p, w, h)
	}
	b := &w.blocks[0]
	r.k.loadQueries(r.p, w, *b, h, q0, min(r.k.queries(), r.p.nq-q0))
	clear(b.state)
	r.set(w, b, h, 0)
	w.args.First = 1
	if r.k.ahead {
		w.pipeline(&w.args)
	}
	r.k.block[r.k.vectors-1](&w.args)
	if r.k.ahead { // the weights are not in place of the scores
		each := len(w.st) / 6
		copy(w.st, w.st[5*each:])
	}
	if r.part.name == "scores" || r.part.name == "softmax" {
		r.set(w, b, h, 0)
		r.k.phases.scores(&w.args)
	}
}

// unit is the head and the first query of a block of queries. Blocks with fewer queries count as whole ones.
func (r *phaseRun) unit(u int) (h, q0 int) {
	blocks := (r.p.nq + r.k.queries() - 1) / r.k.queries()
	return u / blocks, u % blocks * r.k.queries()
}

// set describes a block of keys of head h from key k0 on.
func (r *phaseRun) set(w *laneWorker, b *laneScratch, h, k0 int) {
	a, kh, vh := &w.args, r.p.kHead(h), r.p.vHead(h)
	if r.k.values != nil {
		vh = operand{ld: r.k.width(r.p.d), bf16: w.values}
	}
	*a = asm.AttentionBlocks{LdK: kh.stride(), LdV: vh.stride(), Keys: r.keys, Block: r.keys, Now: r.keys, D: r.p.d,
		Qt: b.query(), St: &w.st[0], Ot: &b.ot[0], State: &b.state[0], Diagonal: r.keys, Valid: r.keys, Scale: attentionScale(r.p.d)}
	a.K, _ = kh.at(k0)
	w.fetch.begin(a.K)
	a.Fetch = w.fetch.spread(0, 0)
	a.V, _ = vh.at(k0)
}

// Part computes worker's share of one call.
func (r *phaseRun) Part(worker int) {
	w := r.workers[worker]
	b, packed := &w.blocks[0], -1
	for u := r.spans[worker].from; u < r.spans[worker].to; u++ {
		h, q0 := r.unit(u)
		if r.part.block == nil {
			if r.k.values != nil && h != packed {
				r.k.packValues(r.p, w, h)
				packed = h
			}
			nq := min(r.k.queries(), r.p.nq-q0)
			r.k.loadQueries(r.p, w, *b, h, q0, nq)
			r.k.storeOutput(r.p, w, *b, h, q0, nq)
			continue
		}
		block := r.part.block(&r.k.phases)
		for k0 := 0; k0 < r.p.nkv; k0 += r.keys {
			r.set(w, b, h, min(k0, r.p.nkv-r.keys)/r.k.grain*r.k.grain) // the last block overlaps the one before
			if r.part.name == "softmax" {
				w.args.Ot = &r.weights[worker][0]
			}
			block(&w.args)
		}
	}
}

// Verify runs all parts and compares what the last block of the first worker left with a float64 reference. MaxError is relative
// to the bound of each element.
func (r *phaseRun) Verify() (Verification, error) {
	for w := range r.workers {
		r.Part(w)
	}
	return Verification{Against: "go reference (float64)", MaxError: r.part.worst(r), Tolerance: 1}, nil
}

// first is the first worker that has anything to do: there may be fewer blocks of queries than workers.
func (r *phaseRun) first() int {
	return slices.IndexFunc(r.spans, func(s span) bool { return s.from < s.to })
}

// last is the head, the first key and the scratch of the last block that the first worker computed.
func (r *phaseRun) last() (h, k0 int, w *laneWorker, b *laneScratch) {
	h, _ = r.unit(r.spans[r.first()].to - 1)
	k0 = (r.p.nkv - 1) / r.keys * r.keys
	return h, min(k0, r.p.nkv-r.keys) / r.k.grain * r.k.grain, r.workers[r.first()], &r.workers[r.first()].blocks[0]
}

// exceeds is how far a number is from another, relative to a bound; NaN is infinitely far.
func exceeds(got, want, bound float64) float64 {
	if e := math.Abs(got-want) / bound; e == e {
		return e
	}
	return math.Inf(1)
}

func (r *phaseRun) scored() (worst float64) {
	h, k0, w, b := r.last()
	scale := 1.0
	if r.k.relative() {
		scale = float64(attentionScale(r.p.d))
	}
	var queries [][]float32 // begin loaded those of the first block
	first, q0 := r.unit(r.spans[r.first()].from)
	for i := range min(r.k.queries(), r.p.nq-q0) {
		queries = append(queries, r.p.qHead(first).row(q0+i, r.p.d, make([]float32, r.p.d)))
	}
	for j := range r.keys {
		key := r.p.kHead(h).row(k0+j, r.p.d, make([]float32, r.p.d))
		for i, q := range queries {
			var sum, size float64
			for c, x := range key {
				sum += scale * float64(q[c]) * float64(x)
				size += scale * math.Abs(float64(q[c])*float64(x))
			}
			if r.k.relative() {
				reference := float64(b.state[i]) // minus the maximum
				sum, size = sum+reference, size+math.Abs(reference)
			}
			worst = max(worst, exceeds(float64(w.st[j*r.k.queries()+i]), sum, sumTolerance[float32](r.p.d+2)*max(size, 1e-30)))
		}
	}
	return worst
}

func (r *phaseRun) weighed() (worst float64) {
	_, _, w, b := r.last()
	row := r.k.queries()
	for j := range r.keys {
		for i := range row {
			score, weight := float64(w.st[j*row+i]), float64(r.weights[r.first()][j*row+i])
			bound := 0x1p-22 + 0x1p-23*math.Abs(score)
			if !r.k.relative() {
				score = score*float64(attentionScale(r.p.d)) + float64(b.state[i])
			}
			if r.k.dtype == BF16 {
				pair := math.Float32bits(r.weights[r.first()][j/2*row+i])
				weight, bound = float64(bf16(pair>>(16*(j%2))).float32()), 0x1p-8
				if r.k.isa == cpu.AMXBF16 { // in fixed point
					bound = 0x1p-7
				}
			}
			want := math.Exp2(score)
			worst = max(worst, exceeds(weight, want, bound*want))
		}
	}
	return worst
}

func (r *phaseRun) rescaled() (worst float64) {
	_, _, w, b := r.last()
	before := slices.Clone(b.ot)
	r.set(w, b, 0, 0)
	r.k.phases.rescale(&w.args)
	for i, x := range b.ot { // by 1
		worst = max(worst, exceeds(float64(x), float64(before[i]), 0x1p-126))
	}
	return worst
}

func (r *phaseRun) summed() (worst float64) {
	_, k0, w, b := r.last()
	h, _ := r.unit(r.spans[r.first()].from) // whose values are packed
	row := r.k.queries()
	clear(b.ot)
	r.set(w, b, h, k0)
	r.k.phases.values(&w.args)
	values := make([][]float32, r.keys)
	for j := range values {
		values[j] = r.p.vHead(h).row(k0+j, r.p.d, make([]float32, r.p.d))
	}
	for c := range r.p.d {
		for i := range row {
			var sum, size float64
			for j := range r.keys {
				weight := float64(w.st[j*row+i])
				if r.k.dtype == BF16 {
					pair := math.Float32bits(w.st[j/2*row+i])
					weight = float64(bf16(pair >> (16 * (j % 2))).float32())
				}
				x := weight * float64(values[j][c])
				sum, size = sum+x, size+math.Abs(x)
			}
			worst = max(worst, exceeds(float64(b.ot[r.k.sumAt(c, i, row)]), sum, sumTolerance[float32](r.keys)*max(size, 1e-30)))
		}
	}
	return worst
}

// packed compares the output with what the last block holds.
func (r *phaseRun) packed() (worst float64) {
	h, q0 := r.unit(r.spans[r.first()].to - 1)
	b, nq, row := &r.workers[r.first()].blocks[0], min(r.k.queries(), r.p.nq-q0), r.k.queries()
	for i := range nq {
		for c := range r.p.d {
			want := float64(b.ot[r.k.sumAt(c, i, row)]) / float64(b.state[row+i])
			worst = max(worst, exceeds(float64(r.p.oHead(h)[(q0+i)*r.p.ldo+c]), want, 0x1p-22*math.Abs(want)+1e-30))
		}
	}
	return worst
}
