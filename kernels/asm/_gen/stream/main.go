// Command stream generates the inner loops of copy, triad, dot and gemv for AVX2 and AVX-512.
//
// Every loop takes whole blocks of several vectors, then single vectors, then single elements. Copy and triad exist twice:
// with ordinary stores, and with stores past the caches.
package main

import (
	"fmt"
	"math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

func main() {
	for _, s := range vec.Sets {
		copyLoop(s, false)
		copyLoop(s, true)
		triad(s, false)
		triad(s, true)
		dot(s)
		gemv(s)
	}
	storeFence()
	Generate()
}

// elements generates a loop over n elements: blocks of unroll vectors, then vectors, then elements. Body gets the offset
// in bytes, the ordinal of the vector in its block, and whether it is a single element; advance moves all pointers.
func elements(s vec.Set, n Register, unroll int, body func(disp, i int, one bool), pointers ...Register) {
	stage(s, "block", n, unroll, false, body, pointers)
	stage(s, "vector", n, 1, false, body, pointers)
	stage(s, "element", n, 1, true, body, pointers)
}

// stage generates a loop that takes count vectors, or elements, at a time from n elements while it can.
func stage(s vec.Set, name string, n Register, count int, one bool, body func(disp, i int, one bool), pointers []Register) {
	bytes := s.Bytes
	if one {
		bytes = s.Elem
	}
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

// head generates a loop over the elements before the first whole cache line of dst, at most n, and takes them off n:
// non-temporal stores must be aligned, and fill whole lines.
func head(s vec.Set, dst, n Register, body func(disp, i int, one bool), pointers ...Register) {
	const line = 64
	count := GP64()
	MOVQ(dst, count)
	NEGQ(count)
	ANDQ(U8(line-1), count)
	SHRQ(U8(bits.TrailingZeros(uint(s.Elem))), count)
	CMPQ(count, n)
	CMOVQGT(n, count)
	SUBQ(count, n)
	stage(s, "head", count, 1, true, body, pointers)
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

// stores returns what distinguishes the two forms of a loop that stores: infix of its name, addition to its doc, and the
// store of a vector.
func stores(s vec.Set, past bool) (infix, doc string, store func(ops ...Op)) {
	if past {
		return "Past", " Stores go past the caches, except before the first and behind the last cache line; StoreFence must follow.", s.MovPast
	}
	return "", "", s.Mov
}

func copyLoop(s vec.Set, past bool) {
	infix, doc, store := stores(s, past)
	begin(s, "Copy"+infix, fmt.Sprintf("dst, src *%s, n int", s.Go), "is dst[i] = src[i] for n elements."+doc)
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	body := func(d, i int, one bool) {
		if one {
			s.MovOne(Mem{Base: src}, X0)
			s.MovOne(X0, Mem{Base: dst})
			return
		}
		s.Mov(Mem{Base: src, Disp: d}, s.V(i))
		store(s.V(i), Mem{Base: dst, Disp: d})
	}
	if past {
		head(s, dst, n, body, dst, src)
	}
	elements(s, n, 4, body, dst, src)
	end()
}

func triad(s vec.Set, past bool) {
	infix, doc, store := stores(s, past)
	begin(s, "Triad"+infix, fmt.Sprintf("dst, b, c *%s, n int, s %s", s.Go, s.Go),
		"is dst[i] = b[i] + s·c[i] for n elements, with one rounding."+doc)
	dst, b, c, n := Load(Param("dst"), GP64()), Load(Param("b"), GP64()), Load(Param("c"), GP64()), Load(Param("n"), GP64())
	factor, err := Param("s").Resolve()
	if err != nil {
		panic(err)
	}
	scale := s.V(15)
	s.Broadcast(factor.Addr, scale)
	body := func(d, i int, one bool) {
		if one {
			s.MovOne(Mem{Base: b}, X0)
			s.FMAOne(Mem{Base: c}, scale.AsX(), X0)
			s.MovOne(X0, Mem{Base: dst})
			return
		}
		s.Mov(Mem{Base: b, Disp: d}, s.V(i))
		s.FMA(Mem{Base: c, Disp: d}, scale, s.V(i))
		store(s.V(i), Mem{Base: dst, Disp: d})
	}
	if past {
		head(s, dst, n, body, dst, b, c)
	}
	elements(s, n, 4, body, dst, b, c)
	end()
}

func storeFence() {
	TEXT("StoreFence", NOSPLIT, "func()")
	Doc("StoreFence makes stores that went past the caches visible before any later store.")
	SFENCE()
	RET()
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
	a := address.Rows{Bases: []Register{Load(Param("a"), GP64()), GP64(), GP64()}}
	a.Bytes = Load(Param("aBytes"), GP64())
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	a.Spread()
	for i := range rows {
		s.Zero(s.V(i))
	}
	y := GP64()
	sum := func() { // adds the lanes of the eight sums to y; the caller clears the sums
		Load(Param("y"), y)
		for i := range rows {
			s.Sum(s.V(i), s.V(rows))
			s.AddOne(Mem{Base: y, Disp: i * s.Elem}, s.V(i).AsX(), s.V(i).AsX())
			s.MovOne(s.V(i).AsX(), Mem{Base: y, Disp: i * s.Elem})
		}
	}
	vector := s.V(rows)
	loop := func(name string, bytes int, load func(ops ...Op), fma func(ops ...Op), reg func(VecPhysical) VecPhysical) {
		CMPQ(n, U32(uint32(bytes/s.Elem)))
		JL(LabelRef(name + "_end"))
		vec.Align()
		Label(name)
		load(Mem{Base: x}, reg(vector))
		for i := range rows {
			fma(a.At(i, 0), reg(vector), reg(s.V(i)))
		}
		ADDQ(U32(uint32(bytes)), x)
		a.Advance(U32(uint32(bytes)))
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
