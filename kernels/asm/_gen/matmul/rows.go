package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

var rowsArgument = address.Argument{
	"A *byte", "ABytes int", "AStep int", "ANext int", "B *byte", "BBytes int", "BNext int", "Ahead int", "C *byte", "CBytes int",
	"Groups int", "Vectors int", "Tail int", "TailLanes *byte",
}

// rowsOfB is how many rows of B are added to m rows of C at once, in the functions for each m: as many as leave half of the registers to
// what they are multiplied by, a power of two. In AVX-512 there are more: one row of C has streams to be read, 2 or 4, and up to
// three rows have 8 rows of B, which take the fewest loads and stores of C but for 16, where A's elements are loaded again for each two vectors.
// What is left of K goes in groups of 4 and 2.
func rowsOfB(s vec.Set, m int) []int {
	if s.Name == "AVX512" {
		return [][]int{{2, 4, 8}, {2, 4, 8, 16}, {2, 4, 8}, {2, 4}}[m-1]
	}
	k := 8
	for 2*m*k > s.Regs() {
		k /= 2
	}
	return []int{k}
}

// streams generates the functions for products with few rows, in which B is read once and memory binds: with groups of as
// many rows of B as suit, and one by one. In AVX-512 there are functions that prefetch, for 8 rows of B: memory is the
// faster the more rows are read at a time, if what is to come is asked for in the order in which it lies there. With three and four rows of C a processor
// that looks ahead by itself sees too few lines of B at a time: there are functions that also prefetch each row of B soon before it is used. A's
// elements are operands in memory then, with three rows, too: fewer instructions wait while a line arrives.
// Rows beyond those are for B that comes from far: only those functions that prefetch soon.
func streams(s vec.Set, most int) {
	for m := most + 1; s.Name == "AVX512" && m <= 2*most; m++ {
		stream(s, m, 1, "")
		stream(s, m, 8, soon)
	}
	for m := 1; m <= most; m++ {
		stream(s, m, 1, "")
		for _, k := range rowsOfB(s, m) {
			stream(s, m, k, "")
		}
		if s.Name == "AVX512" {
			stream(s, m, 8, ahead)
			if m > 2 {
				stream(s, m, 8, soon)
			}
		}
	}
}

// What is prefetched: rows that follow, or each row soonBytes before it is used.
const (
	ahead     = "Ahead"
	soon      = "Soon"
	soonBytes = 1024
)

// rowStream adds k rows of B, each times one element of A, to m rows of C.
type rowStream struct {
	vec.Set
	m, k     int
	inMemory bool // A's elements are too many for the registers, or operands in memory
	a, b, c  address.Rows
	ahead    Register // nil: no rows that follow are prefetched
	soon     bool     // each row is prefetched
}

func stream(s vec.Set, m, k int, prefetch string) {
	name := fmt.Sprintf("MatmulRows%s%sM%dK%d", s.Name, s.Type, m, k)
	doc := fmt.Sprintf("%s adds groups of %d rows of B to %d rows of C", name, k, m)
	if prefetch != "" {
		name += prefetch
		doc = fmt.Sprintf("%s adds groups of %d rows of B to %d rows of C and prefetches", name, k, m)
	}
	TEXT(name, NOSPLIT, rowsArgument.Signature())
	Doc(doc + "; see MatmulRows.")
	t := &rowStream{Set: s, m: m, k: k, inMemory: m*k > 24 || prefetch == soon, soon: prefetch == soon, a: address.Rows{Bytes: GP64()}, b: address.Rows{Bytes: GP64()}, c: address.Rows{Bytes: GP64()}}
	p := Load(Param("p"), GP64())
	field := func(name string) Mem { return rowsArgument.Field(p, name) }
	n := GP64()
	MOVQ(field("ABytes"), t.a.Bytes)
	MOVQ(field("BBytes"), t.b.Bytes)
	MOVQ(field("CBytes"), t.c.Bytes)
	t.b = address.NewRows(k, t.b.Bytes)
	t.c = address.NewRows(m, t.c.Bytes)

	if prefetch == ahead {
		t.ahead = GP64()
	}
	if t.inMemory {
		t.a = address.NewRows(m, t.a.Bytes)
	}

	Label("group")
	if t.inMemory {
		t.a.Point(field("A"))
	} else {
		t.loadA(field("A"), field("AStep"))
	}
	if prefetch == ahead {
		MOVQ(field("B"), t.ahead)
		ADDQ(field("Ahead"), t.ahead)
	}
	t.b.Point(field("B"))
	t.c.Point(field("C"))
	MOVQ(field("Vectors"), n)
	for _, width := range []int{2, 1} {
		loop, end := fmt.Sprintf("vectors%d", width), fmt.Sprintf("end%d", width)
		SUBQ(Imm(uint64(width)), n)
		JL(LabelRef(end))
		vec.Align()
		Label(loop)
		t.vectors(width, nil)
		if prefetch == ahead {
			ADDQ(U32(uint32(k*width*64)), t.ahead)
		}
		t.b.Advance(U32(uint32(width * t.Bytes)))
		t.c.Advance(U32(uint32(width * t.Bytes)))
		SUBQ(Imm(uint64(width)), n)
		JGE(LabelRef(loop))
		Label(end)
		ADDQ(Imm(uint64(width)), n)
	}
	CMPQ(field("Tail"), Imm(0))
	JE(LabelRef("next"))
	lanes := GP64()
	MOVQ(field("TailLanes"), lanes)
	mask := t.LoadMask(Mem{Base: lanes}, t.V(t.Regs()-1))
	t.vectors(1, &mask)

	Label("next") // the argument's pointers stay inside the operands: the garbage collector may look at them at any time
	DECQ(field("Groups"))
	JE(LabelRef("done"))
	next := GP64()
	MOVQ(field("ANext"), next)
	ADDQ(next, field("A"))
	MOVQ(field("BNext"), next)
	ADDQ(next, field("B"))
	JMP(LabelRef("group"))
	Label("done")
	VZEROUPPER()
	RET()
}

// x is the register of A's element in row i, column q of the group.
func (t *rowStream) x(i, q int) VecPhysical {
	if t.inMemory {
		return t.V(i + q%2*t.m)
	}
	return t.V(i*t.k + q)
}

// loadA broadcasts the elements of A of one group.
func (t *rowStream) loadA(first, step Mem) {
	row, a, apart := GP64(), GP64(), GP64()
	MOVQ(first, row)
	MOVQ(step, apart)
	for i := range t.m {
		MOVQ(row, a)
		for q := range t.k {
			t.Broadcast(Mem{Base: a}, t.x(i, q))
			if q < t.k-1 {
				ADDQ(apart, a)
			}
		}
		if i < t.m-1 {
			ADDQ(t.a.Bytes, row)
		}
	}
}

// vectors adds to so many vectors of columns from where the bases point, one after the other, or side by side if they share elements of A that
// are loaded. The registers behind A's elements are C's rows, then B's. What prefetches takes each element of A from memory as it
// multiplies: loaded before, for two vectors side by side, rows from memory came a tenth slower.
func (t *rowStream) vectors(width int, mask *vec.Mask) {
	if t.shared() {
		t.loadC(0, width, mask)
		for q := range t.k {
			for i := range t.m {
				t.Broadcast(t.element(i, q), t.x(i, q))
			}
			for j := range width {
				t.step(j, q, mask)
			}
		}
		t.storeC(0, width, mask)
		return
	}
	for j := range width {
		t.loadC(j, 1, mask)
		for q := range t.k {
			t.step(j, q, mask)
		}
		t.storeC(j, 1, mask)
	}
}

// shared reports whether vectors side by side share A's elements, which are loaded.
func (t *rowStream) shared() bool { return t.inMemory && t.ahead == nil && !t.soon }

// element is A's element in row i, column q of the group, in memory.
func (t *rowStream) element(i, q int) Mem { return t.a.At(i, q*t.Elem) }

// acc is C's vector j of row i.
func (t *rowStream) acc(i, j int) VecPhysical {
	first := t.m * t.k
	switch {
	case t.shared():
		first = 2 * t.m // elements of A, of two rows of B in turn
	case t.inMemory:
		first = 0
	}
	return t.V(first + (j*t.m+i)%(t.Regs()-first-3))
}

// step adds the products of vector j of B's row q.
func (t *rowStream) step(j, q int, mask *vec.Mask) {
	b := t.V(t.Regs() - 3 + q%2)
	if t.shared() {
		b = t.V(t.Regs() - 3 + (q+j)%2)
	}
	if mask == nil {
		t.Mov(t.b.At(q, j*t.Bytes), b)
	} else {
		mask.Load(t.b.At(q, j*t.Bytes), b)
	}
	if t.ahead != nil && mask == nil {
		PREFETCHT1(Mem{Base: t.ahead, Disp: (j*t.k + q) * 64})
	}
	if t.soon && mask == nil {
		PREFETCHT0(t.b.At(q, j*t.Bytes+soonBytes))
	}
	for i := range t.m {
		if t.inMemory && !t.shared() {
			t.FMABroadcast(t.element(i, q), b, t.acc(i, j))
		} else {
			t.FMA(b, t.x(i, q), t.acc(i, j))
		}
	}
}

// loadC loads so many vectors of C's rows from vector j on.
func (t *rowStream) loadC(j, width int, mask *vec.Mask) {
	t.eachC(j, width, func(m Mem, v VecPhysical) {
		if mask == nil {
			t.Mov(m, v)
		} else {
			mask.Load(m, v)
		}
	})
}

// storeC stores them.
func (t *rowStream) storeC(j, width int, mask *vec.Mask) {
	t.eachC(j, width, func(m Mem, v VecPhysical) {
		if mask == nil {
			t.Mov(v, m)
		} else {
			mask.Store(v, m)
		}
	})
}

func (t *rowStream) eachC(j, width int, do func(m Mem, v VecPhysical)) {
	for i := range t.m {
		for v := j; v < j+width; v++ {
			do(t.c.At(i, v*t.Bytes), t.acc(i, v))
		}
	}
}
