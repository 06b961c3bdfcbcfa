package kernels

import (
	"math"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
)

// Weights of bf16 that err as much as they can, with opposite values, come near to the bound for any keys and stay below it: so twice the error would not pass.
func TestAttentionWithTheLargestErrorsOfWeights(t *testing.T) {
	forEach(t, attentionForms, func(t *testing.T, form testForm) {
		if form.dtype != BF16 || form.name == "naive" {
			return
		}
		var all [][2]int // every place in an octave of one group
		for i := range groupSteps {
			all = append(all, [2]int{i, 0})
		}
		errors, _ := errorsOfGroups(t, form, 33, all)
		least, largest := 0, 0
		for i, e := range errors {
			if e < errors[least] {
				least = i
			}
			if e > errors[largest] {
				largest = i
			}
		}
		var near [][2]int // both groups where their weights err most
		for i := range 9 {
			for j := range 9 {
				near = append(near, [2]int{max(largest+i-4, 0), max(least+j-4, 0)})
			}
		}
		for _, n := range []int{1, 3, 33, 2048} {
			errors, bounds := errorsOfGroups(t, form, n, near)
			worst := 0.0
			for i, e := range errors {
				worst = max(worst, math.Abs(e)/bounds[i])
			}
			t.Logf("%d keys in each group: %.2f of the bound", n, worst)
			if !(worst <= 1) || worst < 0.8 {
				t.Errorf("%d keys in each group: the largest error is %.2f of the bound, want 0.8 to 1", n, worst)
			}
		}
	})
}

// groupSteps is how many places errorsOfGroups knows in an octave.
const groupSteps = 4096

// errorsOfGroups returns the errors of outputs, and the bounds for any keys, of two groups of n keys with values of 1 and of -1, for queries that give them scores at these places in
// an octave. Before them is a block of keys of which one has a score that sets the reference, and little weight, and the others have none.
func errorsOfGroups(t *testing.T, form testForm, n int, places [][2]int) (errors, bounds []float64) {
	const first, d, digit = 128, 64, 64
	p := newAttentionProblem(shape.Shape{H: 1, Q: len(places), KV: first + 2*n, D: d}, 0)
	clear(p.q.f32)
	clear(p.k.f32)
	clear(p.v.f32)
	octave := math.Ln2 * math.Sqrt(d) // of scores, before they are divided by √d
	for i, place := range places {
		q := p.q.f32[i*p.q.ld:]
		q[0] = 1
		for g, x := range place {
			q[1+2*g], q[2+2*g] = float32(x/digit), float32(x%digit)
		}
	}
	for j := range p.nkv {
		k, v, g := p.k.f32[j*p.k.ld:], p.v.f32[j*p.v.ld:], j%2
		switch {
		case j == 0:
		case j < first:
			k[0] = -100
		default:
			k[0], k[1+2*g], k[2+2*g] = float32(6*octave), float32(octave*digit/groupSteps), float32(octave/groupSteps)
			v[0] = float32(1 - 2*g)
		}
	}
	p = form.take(p)
	form.run(t, p, 2)
	reference, scores := make([]float64, d), make([]float64, p.nkv)
	for i := range p.nq {
		row := p.attentionReference(0, i, reference, scores, 1)
		row.spread = 1 // errors are related
		errors = append(errors, float64(p.o[i*p.ldo])-reference[0])
		bounds = append(bounds, attentionTolerance(d, p.nkv, p.precision(), row))
	}
	return errors, bounds
}
