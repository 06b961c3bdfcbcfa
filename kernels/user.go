package kernels

import (
	"math"
	"slices"

	"github.com/roofline-go/roofline/internal/shape"
)

// This file is for code that is not of this package: the references and bounds that hold for it as for the built-in
// kernels.

// AttentionWork is the work of attention at a valid shape, without scratch.
func AttentionWork(s shape.Shape) Work { return attentionWork(s, F32, 4, 0) }

// SumTolerance bounds |computed − exact| / Σ|aᵢ·bᵢ| for a sum of n products that is kept with unit roundoff u.
func SumTolerance(n int, u float64) float64 { return (2 + 4*math.Sqrt(float64(n))) * u }

// WrongElement is an element of an output outside its tolerance.
type WrongElement struct {
	Index []int   // from the outermost dimension inwards
	Got   float64 // NaN where nothing was written
	Want  float64
}

// VerifyAttention fills o with NaN, calls part and compares o with the float64 reference of attention at s on sampled rows.
// Operands are [head][row][column], without padding, inputs finite. first is the first wrong element of the compared rows,
// nil when all are right.
func VerifyAttention(s shape.Shape, q, k, v, o []float32, part func()) (verified Verification, first *WrongElement) {
	p := &attentionProblem{heads: s.H, nq: s.Q, nkv: s.KV, d: s.D, causal: s.Causal,
		q: operand{ld: s.D, f32: q}, k: operand{ld: s.D, f32: k}, v: operand{ld: s.D, f32: v}, o: o, ldo: s.D}
	verified = p.verify(func(int) { part() }, 1)
	if verified.MaxError <= verified.Tolerance {
		return verified, nil
	}
	return verified, p.firstWrong()
}

// firstWrong looks for the first element outside its tolerance on the sampled rows, and for one that is not finite on the
// others.
func (p *attentionProblem) firstWrong() *WrongElement {
	want, scores := make([]float64, p.d), make([]float64, p.nkv)
	sampled := map[int]bool{}
	for _, i := range p.sampledRows() {
		sampled[i] = true
	}
	notFinite := func(x float32) bool { return x-x != 0 }
	for h := range p.heads {
		scale := p.largestValue(h)
		for i := range p.nq {
			out := p.oHead(h)[i*p.ldo:][:p.d]
			if !sampled[i] && !slices.ContainsFunc(out, notFinite) {
				continue
			}
			row := p.attentionReference(h, i, want, scores, scale)
			tolerance := attentionTolerance(p.d, p.attended(i), p.precision(), row)
			for c, got := range out {
				if e := math.Abs(float64(got)-want[c]) / scale; !(e <= tolerance) {
					return &WrongElement{[]int{h, i, c}, float64(got), want[c]}
				}
			}
		}
	}
	return nil
}
