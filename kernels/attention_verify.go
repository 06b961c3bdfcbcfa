package kernels

import "math"

// attentionTolerance bounds max|o − reference| / max|v| for one output row.
//
// The output o = Σ wⱼ·vⱼ / Σ wⱼ is a convex combination of value rows. With u = 2⁻²⁴ and probabilistic rounding-error
// constants λ√n·u in place of n·u (Higham & Mary, SIAM J. Sci. Comput. 41, 2019; λ = 6), all relative to max|v|:
//
//	score        a dot product of d terms errs by λ√(d+2)·u·b, b = Σ|q·k|/√d; a shift by the running maximum can double it
//	weight       exp(score) turns that into a relative error ε = u·(2λ√(d+2)·b + 20), with 4u for exp2 and 16u for
//	             rescaling factors; a part common to all weights cancels in the quotient
//	weights      errors of unrelated keys add up to ε·Σ wⱼ·|vⱼ−o| / Σ wⱼ at worst, and in the root of squares to
//	             2ε·r, r = √(Σ wⱼ²) / Σ wⱼ (about 1/√n for n keys of like weight, 1 when one key has it all)
//	numerator    n additions, each rounding a partial sum: of size |o| + r, the drift and spread of a sum of values of
//	             mean zero that know nothing of their weights; together λ√n·u·(|o| + r)
//	denominator  λ√n·u relative, so λ√n·u·|o|
//
// The spread r is what makes the bound sharp: for n keys of like weight the bound stays near 30u while a single lost
// key changes the output by about 1/n, so it shows up to some 10⁵ keys. A bound without it would grow with √n.
//
// Where weights are rounded to bf16, each has a relative error e of up to 2⁻⁸ more, and exp2 one of 2⁻¹³. The sum is that of the rounded weights, so the output
// becomes Σ wⱼ·(1+eⱼ)·vⱼ / Σ wⱼ·(1+eⱼ): what all weights have in common cancels. Whatever the keys are, it is off by no more than with two groups of them, of equal
// weight, one with values of max|v| and the largest e, the other with values of -max|v| and the least: by E = (largest - least) / (2 + largest + least), 2⁻⁸ + 2⁻¹³. Errors of
// unrelated keys add up to 4r·2⁻⁹ at most in the root of squares, whose deviation is 0.0017 each. In AMX, where weights are made in fixed point, e is between -0.00432 and 0.00627, which
// makes 0.00529; the deviation is 0.0018. So the bound is E·min(1, 2r), and E·1 for keys with related errors, such as thousands with the same two scores: that is the bound with a spread of 1.
//
// Where a weight is two bf16, the second for what the first leaves, its error is 2⁻¹⁷, and likewise 2⁻¹⁶·min(1, 2r).
//
// Where scores are rounded to bf16, too, which other libraries may do, each of size ≤ b errs by 2⁻⁹·b, and so does its weight.
//
// Where the query and the weights have 16 bits (decode by dot products), a score errs by 2⁻¹⁶·B more, B = max|q|·Σ|k|/√d, and each
// weight by 2⁻¹⁵ of the largest one: integers of int8 leave room for a maximum that has not moved yet, and for larger scales.
// Where the query has 8 bits, a score errs by 2⁻⁸·B.
func attentionTolerance(d, keys int, weights precision, row attentionRow) float64 {
	const u, lambda = 0x1p-24, 6
	weight := 2*lambda*math.Sqrt(float64(d+2))*row.condition + 20
	bound := u * (2*weight*row.spread + lambda*math.Sqrt(float64(keys))*(2*row.size+row.spread))
	switch weights {
	case roundedToBF16:
		bound += (0x1p-8 + 0x1p-13) * min(1, 2*row.spread)
	case fixedPoint:
		bound += 0.0053 * min(1, 2*row.spread)
	case roundedScores:
		bound += 0x1p-8 * (1 + row.condition) * min(1, 2*row.spread)
	case twoBF16:
		bound += 0x1p-16 * min(1, 2*row.spread)
	case twoDigits:
		bound += row.spread * (0x1p-15*row.reach + 0x1p-15*lambda*math.Sqrt(float64(keys)))
	case oneDigit:
		bound += row.spread * (0x1p-7*row.reach + 0x1p-15*lambda*math.Sqrt(float64(keys)))
	}
	return bound
}

// precision is how a kernel keeps weights.
type precision int

const (
	unstated precision = iota
	plain              // in float32
	roundedToBF16
	fixedPoint    // of 9 places, and then in bf16
	roundedScores // to bf16, and weights
	twoBF16       // as the sum of two
	twoDigits     // in 16 bits, and the query too
	oneDigit      // in 16 bits, and the query in 8
)

// precision is that of the kernel that p was prepared for last.
func (p *attentionProblem) precision() precision {
	switch {
	case p.weights != unstated:
		return p.weights
	case p.roundedScores:
		return roundedScores
	case p.q.dtype() == BF16:
		return roundedToBF16
	}
	return plain
}

// attentionRow is what the tolerance of an output row depends on.
type attentionRow struct {
	reach     float64 // largest max|q|·Σ|k|/√d of such a key
	condition float64 // largest Σ|q·k|/√d of a key with a score above -Inf
	spread    float64 // √(Σ wⱼ²) / Σ wⱼ over the weights
	size      float64 // max|o| / max|v|
}

// attentionReference computes output row i of head h in float64. scale is the head's max|v|.
func (p *attentionProblem) attentionReference(h, i int, o, scores []float64, scale float64) (row attentionRow) {
	buf := make([]float32, 2*p.d)
	q, buf, k, v := p.qHead(h).row(i, p.d, buf[:p.d]), buf[p.d:], p.kHead(h), p.vHead(h)
	largest := 0.0
	for _, x := range q {
		largest = max(largest, math.Abs(float64(x)))
	}
	scores = scores[:p.attended(i)]
	root, top := math.Sqrt(float64(p.d)), math.Inf(-1)
	for j := range scores {
		var sum, magnitude, reach float64
		for c, x := range k.row(j, p.d, buf) {
			product := float64(q[c]) * float64(x)
			sum += product
			magnitude += math.Abs(product)
			reach += largest * math.Abs(float64(x))
		}
		scores[j] = sum / root
		top = max(top, scores[j])
		if !math.IsInf(sum, -1) { // such a key has no weight
			row.condition, row.reach = max(row.condition, magnitude/root), max(row.reach, reach/root)
		}
	}
	clear(o)
	var total, squares float64
	for j, s := range scores {
		w := math.Exp(s - top)
		total += w
		squares += w * w
		for c, x := range v.row(j, p.d, buf) {
			o[c] += w * float64(x)
		}
	}
	for c := range o {
		o[c] /= total
		row.size = max(row.size, math.Abs(o[c])/scale)
	}
	row.spread = math.Sqrt(squares) / total
	return row
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
	rows, taken := make([]int, 0, max(3, affordable)), map[int]bool{}
	add := func(i int) {
		if len(rows) < cap(rows) && i >= 0 && i < p.nq && !taken[i] {
			rows, taken[i] = append(rows, i), true
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

// verify runs every part and compares o with the float64 reference on sampled rows; all rows must be written and finite.
// MaxError is the |o − reference| / max|v| of the row that comes nearest to its tolerance, or +Inf.
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
			row := p.attentionReference(h, i, reference, scores, scale)
			tolerance := attentionTolerance(p.d, p.attended(i), p.precision(), row)
			e := maxDifference(p.oHead(h)[i*p.ldo:][:p.d], reference) / scale
			if e/tolerance > ratio {
				ratio, worst.MaxError, worst.Tolerance = e/tolerance, e, tolerance
			}
		}
	}
	if !p.finite() {
		worst.MaxError = math.Inf(1)
	}
	return worst
}

// finite reports whether every element of the output is a finite number: none was left out, in no row.
func (p *attentionProblem) finite() bool {
	for i := range p.heads * p.nq {
		for _, x := range p.o[i*p.ldo:][:p.d] {
			if x-x != 0 {
				return false
			}
		}
	}
	return true
}

// largestValue returns max|v| of head h, or 1 when every value is 0.
func (p *attentionProblem) largestValue(h int) float64 {
	largest := 0.0
	v, buf := p.vHead(h), make([]float32, p.d)
	for j := range p.nkv {
		for _, x := range v.row(j, p.d, buf) {
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
