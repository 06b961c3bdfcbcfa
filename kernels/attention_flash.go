package kernels

import "math"

// Block sizes of the Go flash variant: a block of keys and values (2·64·d elements) is used by 16 queries while it is
// in the cache.
const (
	flashQueries = 16
	flashKeys    = 64
)

// newFlashAttention is attention with online softmax: keys in blocks, a running maximum and sum per query, and the
// output rescaled when the maximum grows. No score row longer than a block exists.
func newFlashAttention(p *attentionProblem, workers int) (attentionPart, error) {
	spans := p.splitQueries(flashQueries, workers)
	blocks := (p.nq + flashQueries - 1) / flashQueries
	scale := attentionScale(p.d)
	return func(worker int) {
		for u := spans[worker].from; u < spans[worker].to; u++ {
			from := u % blocks * flashQueries
			p.flashBlock(u/blocks, from, min(from+flashQueries, p.nq), scale)
		}
	}, nil
}

// flashBlock computes the output rows from … to-1 of head h.
func (p *attentionProblem) flashBlock(h, from, to int, scale float32) {
	var top, total [flashQueries]float32
	for i := range top {
		top[i] = float32(math.Inf(-1))
	}
	q, k, v, o := p.qHead(h).f32, p.kHead(h).f32, p.vHead(h).f32, p.oHead(h)
	for i := from; i < to; i++ {
		clear(o[i*p.ldo:][:p.d])
	}
	for j := 0; j < p.attended(to-1); j += flashKeys {
		for i := from; i < to; i++ {
			keys := min(flashKeys, p.attended(i)-j)
			if keys <= 0 {
				continue
			}
			var scores [flashKeys]float32
			s := scores[:keys]
			blockTop := flashScores(s, q[i*p.q.ld:][:p.d], k[j*p.k.ld:], p.k.ld, scale)
			row := o[i*p.ldo:][:p.d]
			if math.IsInf(float64(blockTop), -1) {
				continue // no key counts
			}
			if blockTop > top[i-from] {
				alpha := exp2f(top[i-from] - blockTop) // 0 for the first block
				top[i-from] = blockTop
				total[i-from] *= alpha
				for c := range row {
					row[c] *= alpha
				}
			}
			for x := range s {
				s[x] = exp2f(s[x] - top[i-from])
				total[i-from] += s[x]
			}
			flashAccumulate(row, s, v[j*p.v.ld:], p.v.ld)
		}
	}
	for i := from; i < to; i++ {
		row, inverse := o[i*p.ldo:][:p.d], 1/total[i-from]
		for c := range row {
			row[c] *= inverse
		}
	}
}

// flashScores fills s with scaled dot products of q and the rows of k, four rows at a time, and returns the largest.
func flashScores(s, q, k []float32, ldk int, scale float32) float32 {
	top := float32(math.Inf(-1))
	j := 0
	for ; j+4 <= len(s); j += 4 {
		k0, k1 := k[j*ldk:][:len(q)], k[(j+1)*ldk:][:len(q)]
		k2, k3 := k[(j+2)*ldk:][:len(q)], k[(j+3)*ldk:][:len(q)]
		var s0, s1, s2, s3 float32
		for c, x := range q {
			s0 += x * k0[c]
			s1 += x * k1[c]
			s2 += x * k2[c]
			s3 += x * k3[c]
		}
		s[j], s[j+1], s[j+2], s[j+3] = s0*scale, s1*scale, s2*scale, s3*scale
		top = max(top, s[j], s[j+1], s[j+2], s[j+3])
	}
	for ; j < len(s); j++ {
		var sum float32
		for c, x := range k[j*ldk:][:len(q)] {
			sum += q[c] * x
		}
		s[j] = sum * scale
		top = max(top, s[j])
	}
	return top
}

// flashAccumulate adds the rows of v weighted by w to o, four rows at a time.
func flashAccumulate(o, w, v []float32, ldv int) {
	j := 0
	for ; j+4 <= len(w); j += 4 {
		v0, v1 := v[j*ldv:][:len(o)], v[(j+1)*ldv:][:len(o)]
		v2, v3 := v[(j+2)*ldv:][:len(o)], v[(j+3)*ldv:][:len(o)]
		w0, w1, w2, w3 := w[j], w[j+1], w[j+2], w[j+3]
		for c := range o {
			o[c] += w0*v0[c] + w1*v1[c] + w2*v2[c] + w3*v3[c]
		}
	}
	for ; j < len(w); j++ {
		for c, x := range v[j*ldv:][:len(o)] {
			o[c] += w[j] * x
		}
	}
}
