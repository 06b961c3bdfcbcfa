package kernels

import "math"

// newNaiveAttention is attention as the formula is written: for each query all scores, their maximum, the weights, and
// the weighted sum of the values. A whole score row is kept.
func newNaiveAttention(p *attentionProblem, workers int) (attentionPart, error) {
	p.weights = plain
	spans := p.splitQueries(1, workers)
	scratch := make([]naiveScratch, workers)
	for w := range scratch {
		scratch[w] = naiveScratch{make([]float32, p.nkv), make([]float32, p.d), make([]float32, p.d)}
	}
	return func(worker int) {
		for u := spans[worker].from; u < spans[worker].to; u++ {
			h, i := u/p.nq, u%p.nq
			o := p.oHead(h)[i*p.ldo:][:p.d]
			scratch[worker].row(o, p.qHead(h).from(i), p.kHead(h), p.vHead(h), p.attended(i))
		}
	}, nil
}

// naiveScratch is what one worker keeps.
type naiveScratch struct {
	scores         []float32 // one per key
	query, element []float32 // [d] widened rows
}

// attentionScale is 1/√d in the exponent's binary unit: scores come out as base-2 logarithms.
func attentionScale(d int) float32 { return float32(log2e / math.Sqrt(float64(d))) }

// row computes one output row from the first n keys.
func (w *naiveScratch) row(o []float32, q, k, v operand, n int) {
	query, s := q.row(0, len(o), w.query), w.scores[:n]
	scale, top := attentionScale(len(o)), float32(math.Inf(-1))
	for j := range s {
		var sum float32
		for c, x := range k.row(j, len(o), w.element) {
			sum += query[c] * x
		}
		s[j] = sum * scale
		top = max(top, s[j])
	}
	var total float32
	for j, x := range s {
		s[j] = exp2f(x - top)
		total += s[j]
	}
	clear(o)
	for j, weight := range s {
		for c, x := range v.row(j, len(o), w.element) {
			o[c] += weight * x
		}
	}
	for c := range o {
		o[c] /= total
	}
}
