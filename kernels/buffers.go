package kernels

import "unsafe"

// Buffer is memory that an instance works in beside its operands. Name says what it holds: "packed B". Buffers of several
// workers, and pieces of one, have the same name.
type Buffer struct {
	Name   string
	Memory []byte
}

// Buffered is what instances are that work in such memory and say so.
type Buffered interface{ Buffers() []Buffer }

// buffers are those of a problem, noted by whoever prepares it.
type buffers []Buffer

// keep notes a buffer, if there is one.
func keep[T element](b *buffers, name string, s []T) {
	if len(s) > 0 {
		*b = append(*b, Buffer{name, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*sizeof[T]())})
	}
}

// Buffers are the scratch of all workers.
func (m *matmul[I, O]) Buffers() []Buffer { return m.p.scratch }

// Buffers are the scratch of all workers.
func (r *packRun[I, O]) Buffers() []Buffer { return r.p.scratch }

// Buffers are the scratch of all workers.
func (in *attentionInstance) Buffers() []Buffer { return in.problem.scratch }

// Buffers are the scratch of all workers.
func (r *phaseRun) Buffers() []Buffer { return r.p.scratch }

// keep notes a worker's scratch of a tiled product.
func (t *tiled[I, O]) keep() {
	b := &t.p.scratch
	keep(b, "packed A", t.copies.before)
	keep(b, "edge of B", t.edge)
	keep(b, "block of C", t.amx.buffer)
	keep(b, "starts", t.starts)
	for _, packed := range t.blocks {
		keep(b, "packed B", packed)
	}
	if len(t.blocks) == 0 {
		keep(b, "packed B", t.packed)
	}
}

// keepLanes notes a worker's scratch of attention.
func (p *attentionProblem) keepLanes(w *laneWorker) {
	b := &p.scratch
	keep(b, "scores", w.st)
	for i, block := range w.blocks {
		keep(b, "transposed q", block.qt)
		if i == 0 || &block.ot[0] != &w.blocks[0].ot[0] {
			keep(b, "output sums", block.ot)
		}
		keep(b, "softmax state", block.state)
	}
	keep(b, "packed v", w.values)
	keep(b, "edges", w.edge)
	keep(b, "edges", w.padded)
	for _, o := range w.rows {
		keep(b, "padded k and v", o.f32)
		keep(b, "padded k and v", o.bf16)
	}
}
