package kernels

import (
	"errors"
	"fmt"

	"github.com/roofline-go/roofline/internal/shape"
)

// attentionProblem holds the operands of attention forward, O = softmax(Q·Kᵀ/√d)·V, and of decode (q = 1).
//
// Every operand is [head][row][column] in row-major order; rows are ld… elements apart (≥ d), heads directly follow each
// other. A causal query i attends the keys ≤ i + (kv − q): the last query sees every key, as when the queries are the
// newest tokens of a longer sequence (the convention of flash-attention since 2.1).
//
// A score of -Inf takes a key out of its query's softmax; a query without any other score has no output: it is NaN. A NaN or an
// infinite value among a query's operands makes its output NaN or infinite, and that of no other query.
//
// What the kernels may touch is the operands' elements: nothing outside, and o only in columns < d.
type attentionProblem struct {
	heads, nq, nkv, d int
	causal            bool
	q, k, v           operand
	o                 []float32
	ldo               int       // row stride of o in elements
	weights           precision // that the kernel which was prepared for it last states
	roundedScores     bool      // what computes it rounds scores to bf16, as none of the kernels here does
	set               Setting
	scratch           buffers
}

// attentionPart computes worker's share of one call.
type attentionPart func(worker int)

// attentionVariant prepares one implementation: it allocates the scratch of every worker.
type attentionVariant func(p *attentionProblem, workers int) (attentionPart, error)

// checkAttention says why s is no attention forward problem, with the cure.
func checkAttention(s shape.Shape) error {
	switch {
	case s.H < 1 || s.Q < 1 || s.KV < 1 || s.D < 1:
		return fmt.Errorf("shape h=%d,q=%d,kv=%d,d=%d has an empty dimension (all must be at least 1)", s.H, s.Q, s.KV, s.D)
	case s.M != 0 || s.N != 0 || s.K != 0:
		return errors.New("attention takes h, q, kv and d (e.g. h=8,q=1024,kv=1024,d=64)")
	case s.Causal && s.KV < s.Q:
		return fmt.Errorf("causal attention with q=%d > kv=%d leaves queries without a key (use kv ≥ q)", s.Q, s.KV)
	}
	return nil
}

// newAttentionProblem allocates operands for s with rows pad elements longer than d, filled with reproducible values:
// q, k and v uniform in [-1, 1).
func newAttentionProblem(s shape.Shape, pad int) *attentionProblem {
	ld := s.D + pad
	queries, keys := s.H*s.Q*ld, s.H*s.KV*ld
	room := newOperandRoom(4*queries, 4*keys, 4*keys, 4*queries)
	p := &attentionProblem{
		heads: s.H, nq: s.Q, nkv: s.KV, d: s.D, causal: s.Causal,
		q: operand{ld: ld, f32: take[float32](room, queries)},
		k: operand{ld: ld, f32: take[float32](room, keys)},
		v: operand{ld: ld, f32: take[float32](room, keys)},
		o: take[float32](room, queries), ldo: ld,
	}
	fill(p.q.f32, 1)
	fill(p.k.f32, 2)
	fill(p.v.f32, 3)
	return p
}

// narrow turns the operands of float32 into those of another type: all inputs, but the query only into bf16 in decode.
func (p *attentionProblem) narrow(op string, dtype DType) {
	if dtype == F32 {
		return
	}
	queries, keys, size := len(p.q.f32), len(p.k.f32), elementBytes[dtype]
	sizes := []int{size * keys, size * keys, 4 * len(p.o)}
	if dtype == INT8 {
		sizes = append(sizes, 4*p.heads*p.nkv, 4*p.heads*p.nkv) // scales of keys and values
		if op == "attention" {
			sizes = append(sizes, 4*p.heads*p.nq)
		}
	}
	narrowQuery := op == "attention" || dtype == BF16
	if narrowQuery {
		sizes = append(sizes, size*queries)
	}
	room := newOperandRoom(sizes...)
	if narrowQuery {
		p.q = p.q.as(dtype, p.heads*p.nq, p.d, room)
	}
	p.k = p.k.as(dtype, p.heads*p.nkv, p.d, room)
	p.v = p.v.as(dtype, p.heads*p.nkv, p.d, room)
	p.o = take[float32](room, len(p.o))
}

// attended returns how many keys query i attends: the keys 0 … attended-1.
func (p *attentionProblem) attended(i int) int {
	if !p.causal {
		return p.nkv
	}
	return i + 1 + p.nkv - p.nq
}

// The operands from head h on; rows start at row·stride and have d valid elements.
func (p *attentionProblem) qHead(h int) operand   { return p.q.from(h * p.nq) }
func (p *attentionProblem) kHead(h int) operand   { return p.k.from(h * p.nkv) }
func (p *attentionProblem) vHead(h int) operand   { return p.v.from(h * p.nkv) }
func (p *attentionProblem) oHead(h int) []float32 { return p.o[h*p.nq*p.ldo:] }

// cacheBytes is the size of the keys and values of all heads, without scales.
func (p *attentionProblem) cacheBytes() int {
	return 2 * p.heads * p.nkv * p.d * elementBytes[p.k.dtype()]
}

// attendedPairs counts the (query, key) pairs of one head that enter the result.
func attendedPairs(s shape.Shape) float64 {
	q, kv := float64(s.Q), float64(s.KV)
	if !s.Causal {
		return q * kv
	}
	return q*(kv-q) + q*(q+1)/2
}

// attentionWork declares 4·d FLOPs per attended pair and head (the two products; softmax is not counted), q, k and v read once
// and o written once. Queries take qBytes an element; keys and values a byte each and a scale of 4 a row in int8. scratch
// is the bytes one worker keeps besides the operands.
func attentionWork(s shape.Shape, dtype DType, qBytes, scratch int) Work {
	h, q, kv, d := float64(s.H), float64(s.Q), float64(s.KV), float64(s.D)
	row := map[DType]float64{F32: 4 * d, BF16: 2 * d, INT8: d + 4}[dtype]
	load, store := h*(float64(qBytes)*q*d+2*kv*row), 4*h*d*q
	return Work{
		FLOPs:      4 * d * attendedPairs(s) * h,
		LoadBytes:  load,
		StoreBytes: store,
		WorkingSet: int64(load+store) + int64(scratch),
	}
}
