// Command transformer runs one attention block on random data and marks its operations for `roofline top`.
package main

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"

	"github.com/roofline-go/roofline/roofline/top"
)

func main() {
	tokens := flag.Int("tokens", 96, "tokens in the sequence")
	width := flag.Int("width", 64, "width of the model")
	layers := flag.Int("layers", 2, "layers")
	flag.Parse()
	m := newModel(*width)
	x := random(*tokens * *width)
	for range *layers {
		m.layer(x, *tokens)
	}
	fmt.Printf("checksum %.4f\n", sum(x))
	if err := top.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type model struct {
	width                  int
	wq, wk, wv, wo, up, dn []float32
}

func newModel(width int) *model {
	square, hidden := width*width, 4*width*width
	return &model{width, random(square), random(square), random(square), random(square), random(hidden), random(hidden)}
}

// layer is attention and then a two-layer perceptron, each added to its input.
func (m *model) layer(x []float32, tokens int) {
	op := top.Start("layer")
	defer op.Done(top.Work{})
	m.attention(op, x, tokens)
	m.mlp(op, x, tokens)
}

func (m *model) attention(parent *top.Op, x []float32, tokens int) {
	op := parent.Start("attention")
	defer op.Done(top.Work{})
	q, k, v := matmul(op, x, m.wq, tokens, m.width, m.width), matmul(op, x, m.wk, tokens, m.width, m.width), matmul(op, x, m.wv, tokens, m.width, m.width)
	scores := matmul(op, q, transpose(k, tokens, m.width), tokens, tokens, m.width)
	softmax(op, scores, tokens)
	add(x, matmul(op, matmul(op, scores, v, tokens, m.width, tokens), m.wo, tokens, m.width, m.width))
}

func (m *model) mlp(parent *top.Op, x []float32, tokens int) {
	op := parent.Start("mlp")
	defer op.Done(top.Work{})
	h := matmul(op, x, m.up, tokens, 4*m.width, m.width)
	for i, v := range h {
		h[i] = max(v, 0)
	}
	add(x, matmul(op, h, m.dn, tokens, m.width, 4*m.width))
}

// matmul is C = A·B, m×n from m×k and k×n, row-major.
func matmul(parent *top.Op, a, b []float32, m, n, k int) []float32 {
	op := parent.Start("matmul")
	c := make([]float32, m*n)
	for i := range m {
		for p := range k {
			f := a[i*k+p]
			row := b[p*n:][:n]
			for j, v := range row {
				c[i*n+j] += f * v
			}
		}
	}
	op.Done(top.Work{FLOPs: 2 * float64(m) * float64(n) * float64(k), Bytes: 4 * float64(m*k+k*n+m*n)})
	return c
}

func softmax(parent *top.Op, s []float32, rows int) {
	op := parent.Start("softmax")
	n := len(s) / rows
	for i := range rows {
		row := s[i*n:][:n]
		most := row[0]
		for _, v := range row {
			most = max(most, v)
		}
		var total float32
		for j, v := range row {
			row[j] = float32(math.Exp(float64(v - most)))
			total += row[j]
		}
		for j := range row {
			row[j] /= total
		}
	}
	op.Done(top.Work{FLOPs: 4 * float64(len(s)), Bytes: 8 * float64(len(s))})
}

func transpose(a []float32, rows, cols int) []float32 {
	t := make([]float32, len(a))
	for i := range rows {
		for j := range cols {
			t[j*rows+i] = a[i*cols+j]
		}
	}
	return t
}

func add(x, y []float32) {
	for i, v := range y {
		x[i] += v / 64
	}
}

var source = rand.New(rand.NewPCG(1, 2))

func random(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = source.Float32() - 0.5
	}
	return x
}

func sum(x []float32) (s float64) {
	for _, v := range x {
		s += float64(v)
	}
	return s
}
