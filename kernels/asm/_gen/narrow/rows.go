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
	"A *byte", "ABytes int", "AStep int", "B *byte", "BBytes int", "BNext int", "Sums *byte", "Groups int", "Blocks int",
	"Pieces int", "Tail int", "Ahead int", "AheadBytes int", "AheadSkip int", "AheadEnd int", "Wide [256]byte",
}

// rowStream adds m rows of A times groups of rows of B.
type rowStream struct {
	element
	m, groups int
	c         Register
	a, b      address.Rows
	ahead     Register     // nil: nothing is prefetched in the order of memory
	far       bool         // the rows of a group are far apart, in A also
	next      address.Rows // the second row of each part, if two are taken; without bases: one is
	coming    address.Rows // what is prefetched in each part; without bases: nothing
	wideA     Register     // of wide: where A's elements of a group are, unless they are in registers
}

// kinds of streams.
const (
	near     = ""
	ahead    = "Ahead"    // prefetches
	far      = "Far"      // each row of a group is in a part of B, and of A, by itself
	twice    = "FarTwice" // two rows of each part
	farAhead = "FarAhead" // far, and prefetches in each part
)

// stream generates one function. The products of groups rows·group rows of B are added up before the sums are stored.
func stream(e element, m, groups int, kind string) {
	rows := groups * e.group
	name := fmt.Sprintf("NarrowRows%sM%dK%d%s", e.name, m, rows, kind)
	TEXT(name, NOSPLIT, rowsArgument.Signature())
	Doc(fmt.Sprintf("%s adds groups of %d rows of B, multiplied, to %d rows of sums%s; see NarrowRows.", name, rows, m,
		map[string]string{
			ahead: " and prefetches", far: ", from parts of B", twice: ", two from each of some parts of B", farAhead: ", from parts of B, and prefetches",
		}[kind]))
	t := &rowStream{element: e, m: m, groups: groups, b: address.Rows{Bytes: GP64()}, c: GP64(), far: kind == far || kind == twice || kind == farAhead}
	prefetch := kind == ahead
	parts := rows
	if kind == twice {
		parts /= 2
		t.next = address.NewRows(parts, t.b.Bytes)
	}
	t.b = address.NewRows(parts, t.b.Bytes)
	if kind == farAhead {
		t.coming = address.NewRows(parts, t.b.Bytes)
	}
	if !t.far {
		t.a = address.NewRows(m, nil)
		t.a.Bytes = GP64()
	}
	n := GP64()
	e.loadBias()
	if e.wide {
		loadOdd(t.odd())
	}
	if e.wide && !t.far {
		t.wideA = GP64()
		LEAQ(t.at("Wide"), t.wideA)
	}
	if !t.far {
		MOVQ(t.at("ABytes"), t.a.Bytes)
	}
	MOVQ(t.at("BBytes"), t.b.Bytes)
	loadTail(t.at("Tail"))
	if prefetch {
		t.ahead = GP64()
	}

	Label("group")
	t.begin(n)
	t.walk(n)
	t.nextGroup(rows, parts)
	JMP(LabelRef("group"))
	Label("done")
	VZEROUPPER()
	RET()
}

// at is a field of the argument. Its address is loaded each time: registers are for rows.
func (t *rowStream) at(name string) Mem { return rowsArgument.Field(Load(Param("p"), GP64()), name) }

// begin points at the rows of a group, its sums, and what is prefetched.
func (t *rowStream) begin(n Register) {
	if t.far {
		t.hold(t.at("A"), t.at("AStep"))
	} else {
		t.a.Point(t.at("A"))
		t.widenA()
	}
	t.b.Point(t.at("B"))
	for i, b := range t.next.Bases {
		MOVQ(t.b.Bases[i], b)
		ADDQ(t.at("BNext"), b)
	}
	for i, b := range t.coming.Bases {
		MOVQ(t.b.Bases[i], b)
		ADDQ(t.at("Ahead"), b)
	}
	MOVQ(t.at("Sums"), t.c)
	if t.ahead != nil {
		MOVQ(t.b.Bases[0], t.ahead)
		ADDQ(t.at("Ahead"), t.ahead)
		MOVQ(t.ahead, n)
		ADDQ(t.at("AheadBytes"), n)
		MOVQ(n, t.at("AheadEnd"))
	}
}

// odd is a register for the mask of odd elements: behind A's elements, or before those that stay in registers.
func (t *rowStream) odd() VecPhysical {
	if t.far {
		return zmm(firstA - 1)
	}
	return zmm(firstA + 4)
}

// widenA widens a group's elements of A.
func (t *rowStream) widenA() {
	if !t.wide {
		return
	}
	for i := range t.m {
		to := Mem{Base: t.wideA, Disp: 4 * t.groups * t.group * i}
		if t.groups == 4 {
			VPMOVZXWD(t.a.At(i, 0), Y0)
			VPSLLD(Imm(16), Y0, Y0)
			VMOVDQU(Y0, to)
			continue
		}
		for r := range t.group {
			x := GP32()
			MOVWLZX(t.a.At(i, 2*r), x)
			SHLL(Imm(16), x)
			MOVL(x, to.Offset(4*r))
		}
	}
}

// walk goes along the rows of a group.
func (t *rowStream) walk(n Register) {
	MOVQ(t.at("Blocks"), n)
	TESTQ(n, n)
	JE(LabelRef("pieces"))
	vec.Align()
	Label("block")
	t.block()
	DECQ(n)
	JNZ(LabelRef("block"))

	Label("pieces")
	MOVQ(t.at("Pieces"), n)
	TESTQ(n, n)
	JE(LabelRef("tail"))
	Label("piece")
	t.piece(false)
	DECQ(n)
	JNZ(LabelRef("piece"))
	Label("tail")
	CMPQ(t.at("Tail"), Imm(0))
	JE(LabelRef("next"))
	t.piece(true)
}

// nextGroup goes on with the next group of so many rows, in so many parts, if there is one, or else to done.
func (t *rowStream) nextGroup(rows, parts int) {
	Label("next") // the argument's pointers stay inside the operands: the garbage collector may look at them at any time
	p := Load(Param("p"), GP64())
	DECQ(rowsArgument.Field(p, "Groups"))
	JE(LabelRef("done"))
	next := GP64()
	if t.far {
		ADDQ(Imm(uint64(t.bytes*rows/parts)), rowsArgument.Field(p, "A"))
		MOVQ(rowsArgument.Field(p, "BNext"), next)
		if t.next.Bases != nil {
			ADDQ(next, next)
		}
	} else {
		ADDQ(Imm(uint64(4*t.groups)), rowsArgument.Field(p, "A"))
		MOVQ(t.b.Bytes, next)
		SHLQ(Imm(uint64(map[int]int{2: 1, 4: 2, 8: 3, 16: 4}[rows])), next)
	}
	ADDQ(next, rowsArgument.Field(p, "B"))
}

// loadTail turns the first so many lanes on in tail.
func loadTail(lanes Mem) { KMOVW(firstLanes(lanes).As32(), tail) }

// firstLanes has a bit for each of the first so many lanes, up to 63.
func firstLanes(lanes Mem) GPVirtual {
	mask := GP64()
	MOVQ(lanes, RCX)
	MOVQ(U32(1), mask)
	SHLQ(CL, mask)
	DECQ(mask)
	return mask
}

// rowsOfGroup addresses B's rows of group q.
func (t *rowStream) rowsOfGroup(q int) (rows []Mem) {
	for i := range t.group {
		if n := t.groups / 2 * t.group; t.next.Bases != nil && q*t.group+i >= n {
			rows = append(rows, t.next.At(q*t.group+i-n, 0))
		} else {
			rows = append(rows, t.b.At(q*t.group+i, 0))
		}
	}
	return rows
}

// The registers: up to 16 vectors of groups, 8 for interleaving and for sums, 4 for A's elements, and the bias.
const (
	firstSum = 16
	firstA   = 24
)

// block takes 64 bytes of each row of B.
func (t *rowStream) block() {
	v := t.vectors()
	for q := range t.groups {
		if n := 2 * v; t.wide {
			split(t.rowsOfGroup(q), zmms(q*n, n), t.odd())
		} else {
			t.interleave(t.rowsOfGroup(q), zmms(q*v, v), zmms(firstSum, 8))
		}
		for i := 0; i < t.group && t.coming.Bases != nil; i++ {
			PREFETCHT1(t.coming.At(q*t.group+i, 0))
		}
		if t.ahead != nil {
			for i := range t.group {
				PREFETCHT1(Mem{Base: t.ahead, Disp: (q*t.group + i) % aheadLines * 64})
			}
			if n := (q + 1) * t.group; n%aheadLines == 0 {
				t.skip(n)
			}
		}
	}
	t.multiply(v)
	t.advance(64, v)
}

// aheadLines is how many lines are prefetched one after the other.
const aheadLines = 8

// skip goes on to what is prefetched next: where a row of B ends, to the next one's beginning.
func (t *rowStream) skip(n int) {
	same, p := fmt.Sprintf("ahead%d", n), Load(Param("p"), GP64())
	ADDQ(U32(64*aheadLines), t.ahead)
	CMPQ(t.ahead, rowsArgument.Field(p, "AheadEnd"))
	JNE(LabelRef(same))
	ADDQ(rowsArgument.Field(p, "AheadSkip"), t.ahead)
	ADDQ(t.b.Bytes, rowsArgument.Field(p, "AheadEnd"))
	Label(same)
}

// piece takes 16 elements of each row of B, or the tail.
func (t *rowStream) piece(last bool) {
	for q := range t.groups {
		if t.wide {
			for r, m := range t.rowsOfGroup(q) {
				to := zmm(q*t.group + r)
				if last {
					VPMOVZXWD_Z(m, tail, to)
				} else {
					VPMOVZXWD(m, to)
				}
				VPSLLD(Imm(16), to, to)
			}
			continue
		}
		t.widen(t.rowsOfGroup(q), last, zmm(q), zmm(firstSum+q%8))
	}
	t.multiply(1)
	if !last {
		t.advance(16*t.bytes, 1)
	}
}

// multiply adds the products of all rows of A with the groups, of v vectors each, to the sums.
func (t *rowStream) multiply(v int) {
	for i := range t.m {
		sums := zmms(firstSum+i*v%8, v)
		for j, s := range sums {
			VMOVDQU64(Mem{Base: t.c, Disp: (i*v + j) * 64}, s)
		}
		parts := t.groups * t.perGroup()
		for q := range parts {
			n := i*parts + q
			if !t.far {
				n %= 4
			}
			switch a := zmm(firstA + n); {
			case t.far:
			case t.wide:
				VBROADCASTSS(Mem{Base: t.wideA, Disp: 4 * (i*parts + q)}, a)
			default:
				VPBROADCASTD(t.a.At(i, 4*q), a)
			}
			for j, s := range sums {
				if t.wide {
					VFMADD231PS(zmm(q*v+j), zmm(firstA+n), s)
				} else {
					t.dot(zmm(q*v+j), zmm(firstA+n), s)
				}
			}
		}
		for j, s := range sums {
			VMOVDQU64(s, Mem{Base: t.c, Disp: (i*v + j) * 64})
		}
	}
}

// hold puts the elements of A's one row for a group, step bytes apart, into registers.
func (t *rowStream) hold(first, step Mem) {
	a, bytes, elem, all := GP64(), GP64(), GP32(), GP32()
	MOVQ(first, a)
	MOVQ(step, bytes)
	for q := range t.groups {
		if t.next.Bases != nil && q == t.groups/2 {
			MOVQ(first, a)
			ADDQ(Imm(uint64(t.bytes)), a)
		}
		for r := range t.group {
			to := elem
			if r == 0 {
				to = all
			}
			if t.bytes == 2 {
				MOVWLZX(Mem{Base: a}, to)
			} else {
				MOVBLZX(Mem{Base: a}, to)
			}
			if t.wide {
				SHLL(Imm(16), to)
				VPBROADCASTD(to, zmm(firstA+t.group*q+r))
			} else if r > 0 {
				SHLL(Imm(uint64(8*t.bytes*r)), elem)
				ORL(elem, all)
			}
			ADDQ(bytes, a)
		}
		if !t.wide {
			VPBROADCASTD(all, zmm(firstA+q))
		}
	}
}

// advance goes on by so many bytes of B and vectors of sums of each row.
func (t *rowStream) advance(bytes, vectors int) {
	for _, rows := range []address.Rows{t.b, t.next, t.coming} {
		rows.Advance(Imm(uint64(bytes)))
	}
	ADDQ(U32(uint32(64*vectors*t.m)), t.c)
}
