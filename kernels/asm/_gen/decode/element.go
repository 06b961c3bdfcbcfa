package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// element is a type of keys and values, and what multiplies them.
type element struct {
	name  string
	bytes int
	pair  bool // one load gives two vectors of float32: the even elements, then the odd ones
	scale bool // rows have a factor

	// Dot products of the elements as they are, in AVX-512, instead of FMAs of widened ones: how many elements of a sum one
	// instruction takes per lane; 0: none.
	dot int
	isa string // that they need

	heads []int  // the lengths of rows that have functions with a pipeline
	forms []form // of these, but for int8
	rows  []int  // lengths up to which functions with a pipeline take rows of any length, from the one before on
}

// anyRows are rows of 32 … elements: up to 128 the query stays in registers, beyond that it is read again for each key.
var anyRows = []int{32, 64, 96, 128, 192, 256}

var (
	widened = []element{
		{name: "F32", bytes: 4, heads: []int{64, 80, 96, 128}, forms: []form{{}, {name: "Turns", turns: true}, {name: "Memory", ahead: 1024}, {name: "Long", long: true}}, rows: anyRows},
		{name: "BF16", bytes: 2, pair: true, heads: []int{64, 96, 128}, forms: []form{{}}},
		{name: "INT8", bytes: 1, scale: true},
	}
	dots = []element{
		{name: "BF16", bytes: 2, dot: 2, isa: "BF16", heads: []int{64, 96, 128}, forms: []form{{}, {name: "Turns", turns: true}, {name: "Long", long: true}, {name: "Far", fetch: true}}, rows: anyRows},
		{name: "INT8", bytes: 1, scale: true, dot: 4, isa: "VNNI", heads: []int{64, 128}},
	}
)

// unit is the number of vectors of lanes that one load gives.
func (e element) unit() int {
	switch {
	case e.dot > 0:
		return e.dot
	case e.pair:
		return 2
	}
	return 1
}

// chunks are the numbers of vectors of float32 to work on at once, at most most; each takes what the one before leaves.
func (e element) chunks(most int) []int {
	var sizes []int
	for _, n := range []int{8, 4, 2, 1} {
		if n <= most && n >= e.unit() && n != 2 || n == e.unit() {
			sizes = append(sizes, n)
		}
	}
	return sizes
}

// multiply emits acc += x·factor for the unit of vectors that starts at m: accs and factors have one register for each.
// t are two free registers; high is that of upperHalves, for pairs.
func (e element) multiply(s vec.Set, m Mem, factors, accs, t []reg.VecPhysical, high reg.VecPhysical) {
	switch {
	case e.pair:
		VMOVUPS(m, t[1])
		VPSLLD(Imm(16), t[1], t[0])
		if softmax.Wide(s) {
			VPANDD(high, t[1], t[1])
		} else {
			VPAND(high, t[1], t[1])
		}
		VFMADD231PS(t[0], factors[0], accs[0])
		VFMADD231PS(t[1], factors[1], accs[1])
	case e.scale:
		VPMOVSXBD(m, t[0])
		VCVTDQ2PS(t[0], t[0])
		VFMADD231PS(t[0], factors[0], accs[0])
	default:
		VFMADD231PS(m, factors[0], accs[0])
	}
}
