// Command stream generates the inner loops of copy, triad, dot and gemv for AVX2 and AVX-512.
//
// Every loop takes whole blocks of several vectors, then single vectors, then single elements.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

func main() {
	for _, s := range vec.Sets {
		copyLoop(s)
		triad(s)
		dot(s)
		gemv(s)
	}
	Generate()
}

// elements generates a loop over n elements: blocks of unroll vectors, then vectors, then elements. Body gets the offset
// in bytes, the ordinal of the vector in its block, and whether it is a single element; advance moves all pointers.
func elements(s vec.Set, n Register, unroll int, body func(disp, i int, one bool), pointers ...Register) {
	stage := func(name string, count, bytes int, one bool) {
		step := count * bytes / s.Elem
		Label(name + "_check")
		CMPQ(n, U32(uint32(step)))
		JL(LabelRef(name + "_end"))
		vec.Align()
		Label(name)
		for i := range count {
			body(i*bytes, i, one)
		}
		for _, p := range pointers {
			ADDQ(U32(uint32(count*bytes)), p)
		}
		SUBQ(U32(uint32(step)), n)
		CMPQ(n, U32(uint32(step)))
		JGE(LabelRef(name))
		Label(name + "_end")
	}
	stage("block", unroll, s.Bytes, false)
	stage("vector", 1, s.Bytes, false)
	stage("element", 1, s.Elem, true)
}

// begin starts a function on n elements.
func begin(s vec.Set, op, params, doc string) {
	name := op + s.Name + s.Type
	TEXT(name, NOSPLIT, "func("+params+")")
	Doc(name + " " + doc)
}

func end() {
	VZEROUPPER()
	RET()
}

func copyLoop(s vec.Set) {
	begin(s, "Copy", fmt.Sprintf("dst, src *%s, n int", s.Go), "is dst[i] = src[i] for n elements.")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	elements(s, n, 4, func(d, i int, one bool) {
		if one {
			s.MovOne(Mem{Base: src}, X0)
			s.MovOne(X0, Mem{Base: dst})
			return
		}
		s.Mov(Mem{Base: src, Disp: d}, s.V(i))
		s.Mov(s.V(i), Mem{Base: dst, Disp: d})
	}, dst, src)
	end()
}

func triad(s vec.Set) {
	begin(s, "Triad", fmt.Sprintf("dst, b, c *%s, n int, s %s", s.Go, s.Go), "is dst[i] = b[i] + s·c[i] for n elements, with one rounding.")
	dst, b, c, n := Load(Param("dst"), GP64()), Load(Param("b"), GP64()), Load(Param("c"), GP64()), Load(Param("n"), GP64())
	factor, err := Param("s").Resolve()
	if err != nil {
		panic(err)
	}
	scale := s.V(15)
	s.Broadcast(factor.Addr, scale)
	elements(s, n, 4, func(d, i int, one bool) {
		if one {
			s.MovOne(Mem{Base: b}, X0)
			s.FMAOne(Mem{Base: c}, scale.AsX(), X0)
			s.MovOne(X0, Mem{Base: dst})
			return
		}
		s.Mov(Mem{Base: b, Disp: d}, s.V(i))
		s.FMA(Mem{Base: c, Disp: d}, scale, s.V(i))
		s.Mov(s.V(i), Mem{Base: dst, Disp: d})
	}, dst, b, c)
	end()
}

// dot keeps eight chains of sums: FMA takes 4 cycles and two start per cycle.
func dot(s vec.Set) {
	const chains = 8
	begin(s, "Dot", fmt.Sprintf("a, b *%s, n int) (sum %s", s.Go, s.Go), "is Σ a[i]·b[i] over n elements.")
	a, b, n := Load(Param("a"), GP64()), Load(Param("b"), GP64()), Load(Param("n"), GP64())
	for i := range chains + 1 {
		s.Zero(s.V(i))
	}
	elements(s, n, chains, func(d, i int, one bool) {
		x := s.V(chains + 1 + i%4)
		if one { // into a chain of its own: an element instruction clears the other lanes
			s.MovOne(Mem{Base: a}, x.AsX())
			s.FMAOne(Mem{Base: b}, x.AsX(), s.V(chains).AsX())
			return
		}
		s.Mov(Mem{Base: a, Disp: d}, x)
		s.FMA(Mem{Base: b, Disp: d}, x, s.V(i))
	}, a, b)
	for n := chains / 2; n > 0; n /= 2 {
		for i := range n {
			s.Add(s.V(i+n), s.V(i), s.V(i))
		}
	}
	s.Sum(s.V(0), s.V(1))
	s.AddOne(s.V(chains).AsX(), X0, X0)
	Store(X0, ReturnIndex(0))
	end()
}

// gemv takes eight rows at once: each vector of x is loaded once for eight multiply-adds, and eight streams keep more
// misses in flight than one.
func gemv(s vec.Set) {
	const rows = 8
	begin(s, "Gemv", fmt.Sprintf("y, a *%s, aBytes int, x *%s, n int", s.Go, s.Go),
		"adds to y[0:8] the products of eight rows of n elements of a, aBytes apart, with x.")
	a := []Register{Load(Param("a"), GP64()), GP64(), GP64()} // rows 0, 3 and 6
	aBytes, x, n := Load(Param("aBytes"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	for i := 1; i < len(a); i++ {
		LEAQ(Mem{Base: a[i-1], Index: aBytes, Scale: 2}, a[i])
		ADDQ(aBytes, a[i])
	}
	at := func(i, d int) Mem {
		m := Mem{Base: a[i/3], Disp: d}
		if i%3 > 0 {
			m.Index, m.Scale = aBytes, uint8(i%3)
		}
		return m
	}
	for i := range rows {
		s.Zero(s.V(i))
	}
	y := GP64()
	sum := func() { // adds the lanes of the eight sums to y and clears them
		Load(Param("y"), y)
		for i := range rows {
			s.Sum(s.V(i), s.V(rows))
			s.AddOne(Mem{Base: y, Disp: i * s.Elem}, s.V(i).AsX(), s.V(i).AsX())
			s.MovOne(s.V(i).AsX(), Mem{Base: y, Disp: i * s.Elem})
		}
	}
	vector := s.V(rows)
	pointers := append([]Register{x}, a...)
	loop := func(name string, bytes int, load func(ops ...Op), fma func(ops ...Op), reg func(VecPhysical) VecPhysical) {
		CMPQ(n, U32(uint32(bytes/s.Elem)))
		JL(LabelRef(name + "_end"))
		vec.Align()
		Label(name)
		load(Mem{Base: x}, reg(vector))
		for i := range rows {
			fma(at(i, 0), reg(vector), reg(s.V(i)))
		}
		for _, p := range pointers {
			ADDQ(U32(uint32(bytes)), p)
		}
		SUBQ(U32(uint32(bytes/s.Elem)), n)
		CMPQ(n, U32(uint32(bytes/s.Elem)))
		JGE(LabelRef(name))
		Label(name + "_end")
	}
	loop("vector", s.Bytes, s.Mov, s.FMA, func(v VecPhysical) VecPhysical { return v })
	sum()
	TESTQ(n, n)
	JE(LabelRef("done"))
	for i := range rows {
		s.Zero(s.V(i))
	}
	loop("element", s.Elem, s.MovOne, s.FMAOne, func(v VecPhysical) VecPhysical { return v.AsX().(VecPhysical) })
	for i := range rows {
		s.AddOne(Mem{Base: y, Disp: i * s.Elem}, s.V(i).AsX(), s.V(i).AsX())
		s.MovOne(s.V(i).AsX(), Mem{Base: y, Disp: i * s.Elem})
	}
	Label("done")
	end()
}
