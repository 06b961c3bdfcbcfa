package kernels

import (
	"unsafe"

	"github.com/roofline-go/roofline/kernels/asm"
)

// laneScratch is what one worker keeps for one query block: rows of as many queries as the block has vectors.
type laneScratch struct {
	qt    []float32 // [d] queries, transposed: scaled, or in pairs of bf16
	ot    []float32 // [d] output before normalisation, transposed; for AMX see sumAt
	state []float32 // [3] minus the reference maximum, the sum of weights, scratch
	done  int       // keys that the output has
}

func (s *laneScratch) query() *byte { return bytesAt(s.qt, 0) }

// bytesAt is the address of element i.
func bytesAt[T element](s []T, i int) *byte { return (*byte)(unsafe.Pointer(&s[i])) }

// laneWorker is one worker's scratch.
type laneWorker struct {
	blocks []laneScratch // one per query block of a group
	st     []float32     // [keys] scores, then weights, of the block at hand
	edge   []float32     // [lanes][d] a partly filled vector of queries, in rows
	scale  []float32     // [lanes] attentionScale in each

	padded []bf16     // [valueGrain][d] keys or values, those behind the last 0
	values []bf16     // packed values of a head
	rows   [2]operand // keys, and values that are not packed, of a head whose rows are padded; else empty

	one []*decodeScratch // for single queries

	fetch  fetchList
	args   asm.AttentionBlocks
	queue  []asm.AttentionBlocks // AMX: of one call
	queued int                   // their keys
	lines  []asm.FetchRange      // AMX: fetchRanges for each block of a group; nil: nothing is fetched
	unused []float32             // AMX: four tiles that are written and never read
}

// valueGrain is the number of values that are packed at a time.
const valueGrain = 32

// sizes returns how many elements of float32 and bf16 a worker's scratch takes.
func (k *laneKernels) sizes(d, nkv int) (floats, halves int) {
	keys, _ := k.cut(d, nkv)
	qt, ot, state := k.places(d)
	first := ot + state
	if k.sharesOutput(d, nkv) {
		ot, state = 0, k.stateAlone()
	}
	floats = k.scores(keys) + k.unused() + qt + first + (k.group-1)*(qt+ot+state) + k.lanes*k.width(d) + k.lanes
	if k.values != nil {
		halves = (valueGrain + roundUp(nkv, valueGrain)) * k.width(d)
	}
	if row := k.row(d); row != d && k.dtype == BF16 {
		halves += nkv * row
	} else if row != d {
		floats += 2 * nkv * row
	}
	return floats, halves
}

// scores is how many scores a worker keeps: those of a block of keys, and a few behind it, of the next one and the weights of the one before;
// or of one, and some keys behind it whose weights are computed and not used.
func (k *laneKernels) scores(keys int) int {
	if k.ahead {
		keys = 3 * (roundUp(keys, k.grain) + k.grain)
	} else {
		keys += k.behind
	}
	return k.queries() * keys
}

// pipeline gives a the scratch of three blocks of keys.
func (w *laneWorker) pipeline(a *asm.AttentionBlocks) {
	a.Unused = bytesAt(w.unused, 0)
	each := len(w.st) / 6 // weights take half of what scores do
	a.St, a.Before, a.Weights, a.Spare = &w.st[0], &w.st[2*each], &w.st[4*each], &w.st[5*each]
}

// queueMost is how many keys, times their elements, are queued at most, if it is not a single block of queries: calls then stay under a
// millisecond.
const queueMost = 8 << 20

// enqueue makes room for a block of queries behind the others of the next call, and calls block first where the call would become too long.
func (w *laneWorker) enqueue(keys, d int, block laneBlock) *asm.AttentionBlocks {
	n := len(w.queue)
	if n == cap(w.queue) || (w.queued+keys)*d > queueMost {
		w.runQueue(block)
		n = 0
	}
	if n > 0 {
		w.queue[n-1].Then = int(unsafe.Sizeof(w.queue[0]))
	}
	w.queue, w.queued = w.queue[:n+1], w.queued+keys
	w.queue[n].Then = 0
	return &w.queue[n]
}

// runQueue calls block, if there is anything to do.
func (w *laneWorker) runQueue(block laneBlock) {
	if len(w.queue) > 0 {
		w.pipeline(&w.queue[0])
		block(&w.queue[0])
	}
	w.queue, w.queued = w.queue[:0], 0
}

// bytes is the size of a worker's scratch.
func (k *laneKernels) bytes(d, nkv int) int {
	floats, halves := k.sizes(d, nkv)
	bytes := 4*floats + 2*halves
	if few := k.fewFor(d); few != nil {
		one := few.bytes(d)
		if k.fewKeys(d, nkv) < nkv {
			one *= fewAlone
		}
		bytes += one
	}
	return bytes
}

// hugeScratch is from how many bytes on scratch has a huge page of its own where the last cache is far: of small pages, which lie anywhere, L2 keeps less.
const hugeScratch = 128 << 10

// newWorker allocates a worker's scratch for nkv keys of d elements.
func (k *laneKernels) newWorker(d, nkv int) *laneWorker {
	floats, halves := k.sizes(d, nkv)
	if ownCaches().farLast() && 4*floats >= hugeScratch {
		floats = max(floats, hugePage/4)
	}
	take, takeHalves := slicer(alloc[float32](floats)), slicer(alloc[bf16](max(halves, 1)))
	keys, _ := k.cut(d, nkv)
	w := &laneWorker{st: take(k.scores(keys)), unused: take(k.unused()), blocks: make([]laneScratch, k.group)}
	qt, ot, state := k.places(d)
	for i := range w.blocks {
		w.blocks[i] = laneScratch{qt: take(qt)}
		if i == 0 || !k.sharesOutput(d, nkv) {
			w.blocks[i].ot, w.blocks[i].state = take(ot), take(state)
		} else {
			w.blocks[i].ot, w.blocks[i].state = w.blocks[0].ot, take(k.stateAlone())
		}
		w.blocks[i].state = w.blocks[i].state[:3*k.queries()]
	}
	if k.ahead {
		w.queue = make([]asm.AttentionBlocks, 0, 2*k.group)
	}
	w.edge, w.scale = take(k.lanes*k.width(d)), take(k.lanes)
	for i := range w.scale {
		w.scale[i] = attentionScale(d)
	}
	if halves > 0 {
		w.padded, w.values = takeHalves(valueGrain*k.width(d)), takeHalves(roundUp(nkv, valueGrain)*k.width(d))
	}
	if row := k.row(d); row != d && k.dtype == BF16 {
		w.rows[0] = operand{ld: row, bf16: takeHalves(nkv * row)}
	} else if row != d {
		w.rows = [2]operand{{ld: row, f32: take(nkv * row)}, {ld: row, f32: take(nkv * row)}}
	}
	return w
}

// slicer returns a function that cuts the next n elements off the arena.
func slicer[T element](arena []T) func(n int) []T {
	return func(n int) []T {
		s := arena[:n:n]
		arena = arena[n:]
		return s
	}
}

// loadQueries fills b.qt with nq queries from q0 on. Lanes without a query become 0.
func (k *laneKernels) loadQueries(p *attentionProblem, w *laneWorker, b laneScratch, h, q0, nq int) {
	q, size, width := &p.q, k.size(), k.width(p.d)
	row, whole, padded := k.rowOf(nq), p.d == width, p.d != k.row(p.d)
	q0 += h * p.nq
	for i := 0; i < row; i += k.lanes {
		edge, stride := bytesAt(w.edge, 0), width*size
		valid := min(nq-i, k.lanes)
		if valid == k.lanes && !padded && (whole || q.from(q0+i).reaches(k.lanes, p.d, width)) {
			edge = q.address(q0 + i)
			stride = q.stride()
		} else {
			rows := unsafe.Slice(edge, k.lanes*stride)
			for r := range k.lanes {
				to, n := rows[r*stride:][:stride], 0
				if r < valid {
					n = copy(to, unsafe.Slice(q.address(q0+i+r), p.d*size))
				}
				clear(to[n:])
			}
		}
		k.load(edge, stride, 4*k.lanes, bytesAt(b.qt, i), 4*row, 4*k.lanes*row, width/k.multiple(), &w.scale[0])
	}
}

// rowOf is the number of queries in a row of scratch of a block of nq queries.
func (k *laneKernels) rowOf(nq int) int {
	vectors := (nq + k.lanes - 1) / k.lanes
	for k.block[vectors-1] == nil {
		vectors++
	}
	return vectors * k.lanes
}

// storeOutput divides b.ot by the sums of weights and writes nq rows of o from q0 on.
func (k *laneKernels) storeOutput(p *attentionProblem, w *laneWorker, b laneScratch, h, q0, nq int) {
	o, row := p.oHead(h), k.rowOf(nq)
	columns := k.columns()
	width := roundUp(p.d, columns)
	column, part, tile := k.sumSteps(row)
	for i := 0; i < nq; i += k.lanes {
		dst := o[(q0+i)*p.ldo:]
		to, stride := bytesAt(dst, 0), 4*p.ldo
		valid := min(nq-i, k.lanes)
		first := k.sumOf(i)
		whole := valid == k.lanes && p.d == width
		if !whole {
			to, stride = bytesAt(w.edge, 0), 4*width
		}
		for c := 0; c < columns; c += k.lanes {
			k.store(bytesAt(b.ot, first), 4*column, 4*tile,
				(*byte)(unsafe.Add(unsafe.Pointer(to), 4*c)), stride, 4*columns, width/columns, &b.state[row+i])
			first += part
		}
		if !whole {
			for r := range valid {
				copy(dst[r*p.ldo:][:p.d], w.edge[r*width:])
			}
		}
	}
}

// padKeys copies n keys or values of d elements, from k0 on, into rows of width in front of zeros.
func (w *laneWorker) padKeys(k operand, k0, n, d, width int) operand {
	padded := operand{ld: width, bf16: w.padded}
	clear(w.padded)
	for r := range n {
		copy(w.padded[r*width:][:d], k.bf16[(k0+r)*k.ld:])
	}
	return padded
}

// copyHead brings the keys and values of head h into the form that block takes, where they are not used as they lie in memory.
func (k *laneKernels) copyHead(p *attentionProblem, w *laneWorker, h int) {
	w.rows[0].copyColumns(p.kHead(h), p.nkv, p.d)
	w.rows[1].copyColumns(p.vHead(h), p.nkv, p.d)
	if k.values != nil {
		k.packValues(p, w, h)
	}
}

// keysOf and valuesOf are the keys and values of head h as block takes them, after copyHead.
func (k *laneKernels) keysOf(p *attentionProblem, w *laneWorker, h int) operand {
	if w.rows[0].ld > 0 {
		return w.rows[0]
	}
	return p.kHead(h)
}

func (k *laneKernels) valuesOf(p *attentionProblem, w *laneWorker, h int) operand {
	switch {
	case k.values != nil:
		return operand{ld: k.width(p.d), bf16: w.values}
	case w.rows[1].ld > 0:
		return w.rows[1]
	}
	return p.vHead(h)
}

// valuePacking packs valueGrain values of d elements, whole tiles, into dst.
type valuePacking func(src *byte, srcRow int, dst *byte, d int)

// packValues packs the values of head h; behind the last there are zeros.
func (k *laneKernels) packValues(p *attentionProblem, w *laneWorker, h int) {
	v, width := p.vHead(h), k.width(p.d)
	whole, stride := 0, v.stride() // values that are packed as they lie
	if p.d == width {
		whole = p.nkv / valueGrain * valueGrain
	}
	for k0 := 0; k0 < whole; k0 += valueGrain {
		k.values(bytesAt(v.bf16, k0*v.ld), stride, bytesAt(w.values, k0*width), width)
	}
	for k0 := whole; k0 < p.nkv; k0 += valueGrain {
		from, row, n := v, k0, min(p.nkv-k0, valueGrain)
		if n < valueGrain || p.d < width && !v.from(k0).reaches(n, p.d, width) {
			from, row = w.padKeys(v, k0, n, p.d, width), 0
		}
		src, _ := from.at(row)
		k.values(src, from.stride(), bytesAt(w.values, k0*width), width)
	}
}
