package kernels

import "math"

// newNaiveAttention is attention as the formula is written: for each query all scores, their maximum, the weights, and
// the weighted sum of the values. A whole score row is kept.
func newNaiveAttention(p *attentionProblem, workers int) (attentionPart, error) {
	spans := p.splitQueries(1, workers)
	scores := make([][]float32, workers)
	for w := range scores {
		scores[w] = make([]float32, p.nkv)
	}
	scale := attentionScale(p.d)
	return func(worker int) {
		for u := spans[worker].from; u < spans[worker].to; u++ {
			h, i := u/p.nq, u%p.nq
			q := p.qHead(h)[i*p.ldq:][:p.d]
			o := p.oHead(h)[i*p.ldo:][:p.d]
			naiveAttentionRow(o, q, p.kHead(h), p.vHead(h), p.ldk, p.ldv, scores[worker][:p.attended(i)], scale)
		}
	}, nil
}

// attentionScale is 1/√d in the exponent's binary unit: scores come out as base-2 logarithms.
func attentionScale(d int) float32 { return float32(log2e / math.Sqrt(float64(d))) }

// naiveAttentionRow computes one output row from the first len(s) keys; s is scratch.
func naiveAttentionRow(o, q, k, v []float32, ldk, ldv int, s []float32, scale float32) {
	top := float32(math.Inf(-1))
	for j := range s {
		var sum float32
		row := k[j*ldk:][:len(q)]
		for c, x := range row {
			sum += q[c] * x
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
	for j, w := range s {
		row := v[j*ldv:][:len(o)]
		for c, x := range row {
			o[c] += w * x
		}
	}
	for c := range o {
		o[c] /= total
	}
}
