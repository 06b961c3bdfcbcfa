package peercall

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// tile is what it takes to compute so many queries with so many keys.
type tile struct {
	scores, weights, output userkernel.Arg    // primitives: Q·Kᵀ, softmax, P·V
	q, k, v, s, p, o        userkernel.Arg    // descriptors
	mask                    []userkernel.Call // between the first two; none where all keys are attended
}

// composition is attention made of primitives: scores = Q·Kᵀ/√d, weights = softmax of a row, O = weights·V, for all queries of
// all heads at once or for a tile of queries of a head after the other, so that scores stay in a cache. A causal tile has the
// keys up to that of its last query; those that its other queries must not see get the score -Inf by code of ours.
type composition struct {
	*dnnl
	problem        native.Problem
	q, k, v, o     uint64 // addresses
	scoresType     kernels.DType
	scores, weight userkernel.Arg   // addresses; the same where both have one type
	tiles          map[[2]int]*tile // by queries and keys
}

// bindAttention makes the primitives and binds their execution.
func bindAttention(l Library, p native.Problem, use native.PeerUse, operands []userkernel.Arg) (bound, error) {
	s := p.Shape
	s.Q = max(s.Q, 1)
	p.Shape = s
	c := &composition{dnnl: newDNNL(l), problem: p, q: operands[0].Bits, k: operands[1].Bits, v: operands[2].Bits, o: operands[3].Bits,
		scoresType: use.Scores, tiles: map[[2]int]*tile{}}
	if use.Scores == "" {
		c.scoresType = p.DType
	}
	heads, queries := 1, use.Queries
	if queries == 0 {
		heads, queries = s.H, s.Q
	}
	if err := c.allocate(heads * min(queries, s.Q) * s.KV); err != nil {
		return bound{}, err
	}
	var calls []userkernel.Call
	for h := 0; h < s.H; h += heads {
		for first := 0; first < s.Q; first += queries {
			calls = append(calls, c.calls(heads, h, first, min(queries, s.Q-first))...)
		}
	}
	for _, name := range c.names {
		if strings.HasPrefix(name, "ref") && c.err == nil {
			c.err = fmt.Errorf("oneDNN would use its reference implementation %s", name)
		}
	}
	return c.bind(fmt.Sprintf("%s of %s", p.Op, p.DType), calls...)
}

// allocate makes room for scores and weights.
func (c *composition) allocate(n int) error {
	mem, err := memory(n * native.Size(c.scoresType))
	if err != nil {
		return err
	}
	c.scores, c.weight = pointer(mem), pointer(mem)
	if c.scoresType != c.problem.DType {
		if mem, err = memory(n * native.Size(c.problem.DType)); err != nil {
			return err
		}
		c.weight = pointer(mem)
	}
	return nil
}

// calls are those for the queries from first on, of so many heads from head on.
func (c *composition) calls(heads, head, first, queries int) []userkernel.Call {
	s, size := c.problem.Shape, uint64(native.Size(c.problem.DType))
	keys := s.KV
	if s.Causal {
		keys = first + queries + s.KV - s.Q
	}
	t := c.tiles[[2]int{queries, keys}]
	if t == nil {
		t = c.tile(heads, queries, keys)
		c.tiles[[2]int{queries, keys}] = t
	}
	at := func(base, size uint64, row int) userkernel.Arg {
		return userkernel.Arg{Kind: userkernel.Int, Bits: base + size*uint64(row*s.D)}
	}
	q, o := c.memory(t.q, at(c.q, size, head*s.Q+first)), c.memory(t.o, at(c.o, 4, head*s.Q+first))
	k, v := c.memory(t.k, at(c.k, size, head*s.KV)), c.memory(t.v, at(c.v, size, head*s.KV))
	scores, weights := c.memory(t.s, c.scores), c.memory(t.p, c.weight)
	source, with, result := integer(dnnlSource), integer(dnnlWeights), integer(dnnlResult)
	list := []userkernel.Call{c.execution(t.scores, source, q, with, k, result, scores)}
	list = append(list, t.mask...)
	return append(list, c.execution(t.weights, source, scores, result, weights),
		c.execution(t.output, source, weights, with, v, result, o))
}

// tile makes the primitives for one.
func (c *composition) tile(heads, queries, keys int) *tile {
	s, dtype := c.problem.Shape, c.problem.DType
	t := &tile{}
	array := func(dtype kernels.DType, rows, cols, head, row, col int) userkernel.Arg {
		if heads == 1 {
			return c.tensor(dtype, []int{rows, cols}, []int{row, col})
		}
		return c.tensor(dtype, []int{heads, rows, cols}, []int{head, row, col})
	}
	t.q = array(dtype, queries, s.D, s.Q*s.D, s.D, 1)
	t.k = array(dtype, s.D, keys, s.KV*s.D, 1, s.D) // transposed
	t.v = array(dtype, keys, s.D, s.KV*s.D, s.D, 1)
	t.o = array(kernels.F32, queries, s.D, s.Q*s.D, s.D, 1)
	t.s = array(c.scoresType, queries, keys, queries*keys, keys, 1)
	t.p = array(dtype, queries, keys, queries*keys, keys, 1)
	axis := 1
	if heads > 1 {
		axis = 2
	}
	t.scores = c.primitive(c.multiplication(t.q, t.k, t.s, c.scaled(float32(1/math.Sqrt(float64(s.D))))))
	t.weights = c.primitive(c.softmax(t.s, t.p, axis))
	t.output = c.primitive(c.multiplication(t.p, t.v, t.o, integer(0)))
	if s.Causal && queries > 1 {
		if heads > 1 || maskAddress == 0 {
			c.err = errors.Join(c.err, errors.New("mask scores: there is no code for it on this architecture"))
		}
		size := native.Size(c.scoresType)
		corner := userkernel.Arg{Kind: userkernel.Int, Bits: c.scores.Bits + uint64(size*(keys-queries))}
		t.mask = []userkernel.Call{{Addr: maskAddress, Args: []userkernel.Arg{corner, integer(queries), integer(size * keys), integer(size)}}}
	}
	return t
}
