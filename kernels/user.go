package kernels

import (
	"math"
	"slices"
	"unsafe"

	"github.com/roofline-go/roofline/internal/shape"
)

// This file is for code that is not of this package: the references and bounds that hold for it as for the built-in
// kernels.

// AttentionWork is the work of attention or decode at a valid shape, without scratch: queries, keys and values are of the
// type, the output is float32.
func AttentionWork(s shape.Shape, dtype DType) Work {
	return attentionWork(oneQuery(s), dtype, elementBytes[dtype], 0)
}

// SumTolerance bounds |computed − exact| / Σ|aᵢ·bᵢ| for a sum of n products that is kept with unit roundoff u.
func SumTolerance(n int, u float64) float64 { return (2 + 4*math.Sqrt(float64(n))) * u }

// WrongElement is an element of an output outside its tolerance.
type WrongElement struct {
	Index []int   // from the outermost dimension inwards
	Got   float64 // NaN where nothing was written
	Want  float64
}

// VerifyAttention fills o with NaN, calls part and compares o with the float64 reference of attention or decode at s on sampled
// rows. Operands are [head][row][column], without padding, inputs finite: of float32, or the bits of bf16, of which weights may be
// rounded to bf16, and scores too if it is said. first is the first wrong element of the compared rows, nil when all are right.
func VerifyAttention[E float32 | uint16](s shape.Shape, q, k, v []E, o []float32, roundedScores bool, part func()) (verified Verification, first *WrongElement) {
	s = oneQuery(s)
	p := &attentionProblem{heads: s.H, nq: s.Q, nkv: s.KV, d: s.D, causal: s.Causal, roundedScores: roundedScores,
		q: users(q, s.D), k: users(k, s.D), v: users(v, s.D), o: o, ldo: s.D}
	verified = p.verify(func(int) { part() }, 1)
	if verified.MaxError <= verified.Tolerance {
		return verified, nil
	}
	return verified, p.firstWrong()
}

// users is an operand that somebody else allocated.
func users[E float32 | uint16](x []E, ld int) operand {
	if unsafe.Sizeof(x[0]) == unsafe.Sizeof(bf16(0)) {
		return operand{ld: ld, bf16: unsafe.Slice((*bf16)(unsafe.Pointer(&x[0])), len(x))}
	}
	return operand{ld: ld, f32: unsafe.Slice((*float32)(unsafe.Pointer(&x[0])), len(x))}
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
