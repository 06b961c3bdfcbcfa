package main

import (
	"fmt"
	"strings"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
)

// subject is an operation that can be compared.
type subject struct {
	op     string
	dtypes string // compared unless others are named
	shapes string
	peers  string
	column string // head of the column of shapes
	unit   string // of what is compared
	amount func(kernels.Work) float64
	name   func(shape.Shape) string
	memory func(shape.Shape) bool // may it be bound by memory?
}

func operations(w kernels.Work) float64 { return w.FLOPs }

var subjects = []*subject{
	{
		op: "matmul", dtypes: "f32,f64", peers: "openblas,blis,onednn",
		// Square, with a short k, odd, and skinny.
		shapes: "64x64x64,128x128x128,256x256x256,512x512x512,1000x1000x1000,1024x1024x1024,2048x2048x2048," +
			"1024x1024x64,2048x2048x64,67x129x43,255x513x127,2048x64x2048,4x1024x1024,1x1024x1024,4x4096x4096,1x4096x4096",
		column: "m×n×k", unit: "2·m·n·k operations, in 10⁹ a second", amount: operations, name: product,
		// With so few rows or columns every element of the large matrix is used only a few times.
		memory: func(s shape.Shape) bool { return min(s.M, s.N, s.K) <= 16 },
	},
	{
		op: "attention", dtypes: "f32,bf16", peers: "onednn",
		shapes: "h=1,q=512,d=64 h=1,q=1024,d=64 h=1,q=2048,d=64 h=1,q=4096,d=64 h=1,q=512,d=128 h=1,q=1024,d=128 h=1,q=2048,d=128 h=1,q=4096,d=128 " +
			"h=1,q=512,d=64,causal h=1,q=1024,d=64,causal h=1,q=2048,d=64,causal h=1,q=4096,d=64,causal " +
			"h=1,q=512,d=128,causal h=1,q=1024,d=128,causal h=1,q=2048,d=128,causal h=1,q=4096,d=128,causal " +
			"h=8,q=1024,d=64 h=8,q=1024,d=128,causal",
		column: "shape", unit: "4·d operations a pair of query and key, in 10⁹ a second", amount: operations, name: shape.Shape.String,
		memory: func(shape.Shape) bool { return false },
	},
	{
		op: "decode", dtypes: "f32,bf16,int8", peers: "openblas,blis,onednn",
		shapes: "h=1,kv=1024,d=64 h=1,kv=1024,d=128 h=1,kv=4096,d=64 h=8,kv=1024,d=64 h=8,kv=1024,d=128 h=1,kv=16384,d=128 h=8,kv=4096,d=128 " +
			"h=1,kv=65536,d=128 h=8,kv=16384,d=128",
		column: "shape", unit: "10⁹ bytes of the cache, the query and the output a second",
		amount: func(w kernels.Work) float64 { return w.LoadBytes + w.StoreBytes }, name: shape.Shape.String,
		memory: func(shape.Shape) bool { return true },
	},
}

// find is the subject of an operation.
func find(op string) (*subject, error) {
	var names []string
	for _, s := range subjects {
		if s.op == op {
			return s, nil
		}
		names = append(names, s.op)
	}
	return nil, fmt.Errorf("compare %q: use one of %s", op, strings.Join(names, ", "))
}

// parse reads shapes: those of attention have commas of their own, so that space stands between them.
func (s *subject) parse(texts string) (list []shape.Shape, err error) {
	separator := ","
	if s.op != "matmul" {
		separator = " "
	}
	for text := range strings.SplitSeq(texts, separator) {
		parsed, err := shape.Parse(s.op, text)
		if err == nil {
			err = kernels.Check(s.op, parsed)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, parsed)
	}
	return list, nil
}

// product words m×n×k.
func product(s shape.Shape) string {
	if s.M == s.N && s.N == s.K {
		return fmt.Sprintf("%d³", s.M)
	}
	return fmt.Sprintf("%d×%d×%d", s.M, s.N, s.K)
}
