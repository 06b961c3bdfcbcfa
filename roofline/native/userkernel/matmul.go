package userkernel

import (
	"math"
	"math/rand/v2"

	"github.com/roofline-go/roofline/internal/fenced"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
)

// fullWork is the largest m·n·k whose product is compared element by element.
const fullWork = 1 << 27

// sampled is how many random elements, and how many of each edge, are compared of a larger product.
const sampled = 256

// matmul is C = A·B, row-major.
type matmul struct {
	a, b, c *operand
	m, n, k int
}

// newProduct allocates and fills the operands.
func newProduct(s native.Signature, mem memory) (*matmul, error) {
	p := &matmul{m: s.Shape.M, n: s.Shape.N, k: s.Shape.K}
	var err error
	for _, o := range []struct {
		at    **operand
		name  string
		dtype kernels.DType
		n     int
		input bool
	}{{&p.a, "A", s.DType, p.m * p.k, true}, {&p.b, "B", s.DType, p.k * p.n, true}, {&p.c, "C", native.Result(s.DType), p.m * p.n, false}} {
		if *o.at, err = newOperand(o.name, o.dtype, o.n, o.input, mem); err != nil {
			return nil, err
		}
	}
	p.a.fill(1)
	p.b.fill(2)
	return p, nil
}

// instance is the product with nothing yet that computes it.
func (p *matmul) instance(s native.Signature) *instance {
	return &instance{
		operands: []*operand{p.a, p.b, p.c}, workers: 1,
		prepare: p.c.poison,
		compare: func() comparison { return p.compare(s) },
	}
}

// newMatmul prepares C = A·B in the plain and in the cblas form.
func newMatmul(obj Object, fn uintptr, s native.Signature) (*instance, error) {
	p, err := newProduct(s, fenced.Alloc)
	if err != nil {
		return nil, err
	}
	args := CBLAS(native.Problem{Op: s.Op, DType: s.DType, Shape: s.Shape}, p.a.arg(), p.b.arg(), p.c.arg())
	if s.Form != native.CBLAS {
		args = []Arg{p.a.arg(), p.b.arg(), p.c.arg(), integer(p.m), integer(p.n), integer(p.k)}
	}
	in := p.instance(s)
	in.bind(obj, fn, args, Int)
	return in, nil
}

// CBLAS is the argument list of cblas_sgemm and its like for C = A·B: row-major, without transposition, with alpha 1 and
// beta 0, so that C is not read.
func CBLAS(s native.Problem, a, b, c Arg) []Arg {
	const rowMajor, noTrans = 101, 111
	m, n, k := integer(s.Shape.M), integer(s.Shape.N), integer(s.Shape.K)
	return []Arg{integer(rowMajor), integer(noTrans), integer(noTrans), m, n, k,
		number(s.DType, 1), a, k, b, n, number(s.DType, 0), c, n}
}

func integer(v int) Arg { return Arg{Int, uint64(v)} }

// number is a float or double argument.
func number(d kernels.DType, v float64) Arg {
	if d == kernels.F64 {
		return Arg{Double, math.Float64bits(v)}
	}
	return Arg{Float, uint64(math.Float32bits(float32(v)))}
}

// compare holds C against float64 sums, relative to Σ|A[i,k]·B[k,j]|; the bound is kernels.SumTolerance, and 0 for integers.
// Up to m·n·k = 2^27 every element is compared; beyond that 256 random ones and up to 256 of each edge, and every element
// must have been written.
func (p *matmul) compare(s native.Signature) comparison {
	c := comparison{operand: "C", tolerance: kernels.SumTolerance(p.k, roundoff(s.DType))}
	if float64(p.m)*float64(p.n)*float64(p.k) <= fullWork {
		p.compareAll(&c)
	} else {
		p.compareSampled(&c)
	}
	if s.Form == native.CBLAS && c.bad == c.all && math.IsNaN(c.first.Got) {
		c.note = "all of C is NaN, as it was before the call: with beta 0 it must be written without being read"
	}
	return c
}

func (p *matmul) compareAll(c *comparison) {
	b := make([]float64, p.k*p.n)
	for i := range b {
		b[i] = p.b.at(i)
	}
	sum, scale := make([]float64, p.n), make([]float64, p.n)
	for i := range p.m {
		clear(sum)
		clear(scale)
		for q := range p.k {
			x, row := p.a.at(i*p.k+q), b[q*p.n:][:p.n]
			for j, y := range row {
				xy := x * y
				sum[j] += xy
				scale[j] += math.Abs(xy)
			}
		}
		for j := range p.n {
			c.see(p.c.at(i*p.n+j), sum[j], scale[j], i, j)
		}
	}
}

func (p *matmul) compareSampled(c *comparison) {
	for q := range sampled {
		i, j := q*(p.m-1)/(sampled-1), q*(p.n-1)/(sampled-1)
		for _, at := range [][2]int{{0, j}, {p.m - 1, j}, {i, 0}, {i, p.n - 1}} {
			p.compareOne(c, at[0], at[1])
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range sampled {
		p.compareOne(c, r.IntN(p.m), r.IntN(p.n))
	}
	for i := range p.m * p.n {
		if p.c.poisoned(i) {
			before := c.bad
			if p.compareOne(c, i/p.n, i%p.n); c.bad > before {
				return
			}
		}
	}
}

func (p *matmul) compareOne(c *comparison, i, j int) {
	var sum, scale float64
	for q := range p.k {
		xy := p.a.at(i*p.k+q) * p.b.at(q*p.n+j)
		sum += xy
		scale += math.Abs(xy)
	}
	c.see(p.c.at(i*p.n+j), sum, scale, i, j)
}
