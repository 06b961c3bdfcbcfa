package kernels

import (
	"math"
	"slices"
)

// attentionTolerance bounds max|o − reference| / max|v| for one output row.
//
// The output is a convex combination of value rows, so |v| is its natural scale. With u = 2⁻²⁴ and probabilistic
// rounding-error constants λ√n·u in place of n·u (Higham & Mary, SIAM J. Sci. Comput. 41, 2019; λ = 6):
//
//	score     a dot product of d terms errs by λ√(d+2)·u·b, b = Σ|q·k|/√d; a shift by the running maximum can double it
//	weight    exp(score) turns that into a relative error, plus 4u for exp2 and 16u for rescaling factors
//	sums      numerator and denominator add up to n keys: λ√n·u each
//
// and a relative error ε of every weight moves the normalised sum by at most 2ε.
func attentionTolerance(d, keys int, b float64) float64 {
	const u, lambda = 0x1p-24, 6
	weight := 2*lambda*math.Sqrt(float64(d+2))*b + 20
	return 2 * u * (weight + lambda*math.Sqrt(float64(keys)))
}

// attentionReference computes output row i of head h in float64. It also returns b = max over keys of Σ|q·k|/√d, the
// condition of the scores, for attentionTolerance.
func (p *attentionProblem) attentionReference(h, i int, o, scores []float64) (b float64) {
	q, k, v := p.qHead(h)[i*p.ldq:][:p.d], p.kHead(h), p.vHead(h)
	scores = scores[:p.attended(i)]
	root, top := math.Sqrt(float64(p.d)), math.Inf(-1)
	for j := range scores {
		var sum, magnitude float64
		for c, x := range k[j*p.ldk:][:p.d] {
			product := float64(q[c]) * float64(x)
			sum += product
			magnitude += math.Abs(product)
		}
		scores[j] = sum / root
		top = max(top, scores[j])
		b = max(b, magnitude/root)
	}
	clear(o)
	var total float64
	for j, s := range scores {
		w := math.Exp(s - top)
		total += w
		for c, x := range v[j*p.ldv:][:p.d] {
			o[c] += w * float64(x)
		}
	}
	for c := range o {
		o[c] /= total
	}
	return b
}

// verifyBudget bounds the multiply-adds the reference may spend, about 0.2 s.
const verifyBudget = 1 << 27

// sampledRows picks rows of every head to compare: all when they fit the budget, else the first, the last, those at
// block edges and an even spread; at least three.
func (p *attentionProblem) sampledRows() []int {
	affordable := verifyBudget / (2 * p.heads * p.nkv * p.d)
	if p.nq <= affordable {
		rows := make([]int, p.nq)
		for i := range rows {
			rows[i] = i
		}
		return rows
	}
	rows := make([]int, 0, max(3, affordable))
	add := func(i int) {
		if len(rows) < cap(rows) && i >= 0 && i < p.nq && !slices.Contains(rows, i) {
			rows = append(rows, i)
		}
	}
	for _, i := range []int{0, p.nq - 1, p.nq - 2, 1, 23, 24, 47, 48} {
		add(i)
	}
	for n := range affordable {
		add(int(float64(n+1)*0.6180339887*float64(p.nq)) % p.nq) // golden-ratio spread: never in step with a block size
	}
	return rows
}

// verify runs every part and compares o with the float64 reference on sampled rows. MaxError is the largest
// |o − reference| / max|v|, of the row that comes nearest to its tolerance.
func (p *attentionProblem) verify(part attentionPart, workers int) Verification {
	for i := range p.o {
		p.o[i] = float32(math.NaN()) // what is not written is found
	}
	for w := range workers {
		part(w)
	}
	worst := Verification{Against: "go reference (float64)"}
	ratio := math.Inf(-1)
	reference, scores := make([]float64, p.d), make([]float64, p.nkv)
	rows := p.sampledRows()
	for h := range p.heads {
		scale := p.largestValue(h)
		for _, i := range rows {
			b := p.attentionReference(h, i, reference, scores)
			tolerance := attentionTolerance(p.d, p.attended(i), b)
			e := maxDifference(p.oHead(h)[i*p.ldo:][:p.d], reference) / scale
			if e/tolerance > ratio {
				ratio, worst.MaxError, worst.Tolerance = e/tolerance, e, tolerance
			}
		}
	}
	return worst
}

// largestValue returns max|v| of head h, or 1 when every value is 0.
func (p *attentionProblem) largestValue(h int) float64 {
	largest := 0.0
	v := p.vHead(h)
	for j := range p.nkv {
		for _, x := range v[j*p.ldv:][:p.d] {
			largest = max(largest, math.Abs(float64(x)))
		}
	}
	if largest == 0 {
		return 1
	}
	return largest
}

// maxDifference returns max|got − want|, +Inf when any element of got is NaN.
func maxDifference(got []float32, want []float64) float64 {
	largest := 0.0
	for i, x := range got {
		e := math.Abs(float64(x) - want[i])
		if math.IsNaN(e) {
			return math.Inf(1)
		}
		largest = max(largest, e)
	}
	return largest
}
