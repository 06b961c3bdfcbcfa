package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

const rowsSignature = `func(p *struct {
	A *byte; ABytes int; B *byte; BBytes int; Sums *byte; Groups int; Blocks int; Pieces int; Tail int; Ahead int
})`

var rowsFields = []string{"A", "ABytes", "B", "BBytes", "Sums", "Groups", "Blocks", "Pieces", "Tail", "Ahead"}

// field addresses a field of the argument, each of 8 bytes.
func field(p Register, fields []string, name string) Mem {
	for i, f := range fields {
		if f == name {
			return Mem{Base: p, Disp: 8 * i}
		}
	}
	panic(name)
}

// rowStream adds m rows of A times groups of rows of B.
type rowStream struct {
	element
	m, groups         int
	aBytes, bBytes, c Register
	a, b              []Register // bases of every third row
	ahead             Register   // nil: nothing is prefetched
}

// stream generates one function. The products of groups rows·group rows of B are added up before the sums are stored.
func stream(e element, m, groups int, prefetch bool) {
	rows := groups * e.group
	name := fmt.Sprintf("NarrowRows%sM%dK%d", e.name, m, rows)
	doc := fmt.Sprintf("%s adds groups of %d rows of B, multiplied, to %d rows of sums", name, rows, m)
	if prefetch {
		name += "Ahead"
		doc = fmt.Sprintf("%s adds groups of %d rows of B, multiplied, to %d rows of sums and prefetches", name, rows, m)
	}
	TEXT(name, NOSPLIT, rowsSignature)
	Doc(doc + "; see NarrowRows.")
	t := &rowStream{element: e, m: m, groups: groups, aBytes: GP64(), bBytes: GP64(), c: GP64()}
	for range (rows + 2) / 3 {
		t.b = append(t.b, GP64())
	}
	for range (m + 2) / 3 {
		t.a = append(t.a, GP64())
	}
	at := func(name string) Mem { return field(Load(Param("p"), GP64()), rowsFields, name) }
	n := GP64()
	e.loadBias()
	MOVQ(at("ABytes"), t.aBytes)
	MOVQ(at("BBytes"), t.bBytes)
	loadTail(at("Tail"))
	if prefetch {
		t.ahead = GP64()
	}

	Label("group")
	point(t.a, at("A"), t.aBytes)
	point(t.b, at("B"), t.bBytes)
	MOVQ(at("Sums"), t.c)
	if prefetch {
		MOVQ(t.b[0], t.ahead)
		ADDQ(at("Ahead"), t.ahead)
	}
	MOVQ(at("Blocks"), n)
	TESTQ(n, n)
	JE(LabelRef("pieces"))
	vec.Align()
	Label("block")
	t.block()
	DECQ(n)
	JNZ(LabelRef("block"))

	Label("pieces")
	MOVQ(at("Pieces"), n)
	TESTQ(n, n)
	JE(LabelRef("tail"))
	Label("piece")
	t.piece(false)
	DECQ(n)
	JNZ(LabelRef("piece"))
	Label("tail")
	CMPQ(at("Tail"), Imm(0))
	JE(LabelRef("next"))
	t.piece(true)

	Label("next") // the argument's pointers stay inside the operands: the garbage collector may look at them at any time
	p := Load(Param("p"), GP64())
	DECQ(field(p, rowsFields, "Groups"))
	JE(LabelRef("done"))
	ADDQ(Imm(uint64(4*groups)), field(p, rowsFields, "A"))
	next := GP64()
	MOVQ(t.bBytes, next)
	if rows > 1 {
		SHLQ(Imm(uint64(map[int]int{2: 1, 4: 2, 8: 3, 16: 4}[rows])), next)
	}
	ADDQ(next, field(p, rowsFields, "B"))
	JMP(LabelRef("group"))
	Label("done")
	VZEROUPPER()
	RET()
}

// loadTail turns the first so many lanes on in tail.
func loadTail(lanes Mem) {
	mask := GP64()
	MOVQ(lanes, RCX)
	MOVQ(U32(1), mask)
	SHLQ(CL, mask)
	DECQ(mask)
	KMOVW(mask.As32(), tail)
}

// point sets bases to every third row.
func point(bases []Register, first Mem, bytes Register) {
	MOVQ(first, bases[0])
	for i := 1; i < len(bases); i++ {
		LEAQ(Mem{Base: bases[i-1], Index: bytes, Scale: 2}, bases[i])
		ADDQ(bytes, bases[i])
	}
}

// row addresses a row from its base.
func row(bases []Register, bytes Register, i, disp int) Mem {
	m := Mem{Base: bases[i/3], Disp: disp}
	if i%3 > 0 {
		m.Index, m.Scale = bytes, uint8(i%3)
	}
	return m
}

// rowsOfGroup addresses B's rows of group q.
func (t *rowStream) rowsOfGroup(q int) (rows []Mem) {
	for i := range t.group {
		rows = append(rows, row(t.b, t.bBytes, q*t.group+i, 0))
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
		t.interleave(t.rowsOfGroup(q), zmms(q*v, v), zmms(firstSum, 8))
		if t.ahead != nil {
			for i := range t.group {
				PREFETCHT1(Mem{Base: t.ahead, Disp: (q*t.group + i) * 64})
			}
		}
	}
	if t.ahead != nil {
		ADDQ(U32(uint32(t.groups*t.group*64)), t.ahead)
	}
	t.multiply(v)
	t.advance(64, v)
}

// piece takes 16 elements of each row of B, or the tail.
func (t *rowStream) piece(last bool) {
	for q := range t.groups {
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
		for q := range t.groups {
			a := zmm(firstA + (i*t.groups+q)%4)
			VPBROADCASTD(row(t.a, t.aBytes, i, 4*q), a)
			for j, s := range sums {
				t.dot(zmm(q*v+j), a, s)
			}
		}
		for j, s := range sums {
			VMOVDQU64(s, Mem{Base: t.c, Disp: (i*v + j) * 64})
		}
	}
}

// advance goes on by so many bytes of B and vectors of sums of each row.
func (t *rowStream) advance(bytes, vectors int) {
	for _, b := range t.b {
		ADDQ(Imm(uint64(bytes)), b)
	}
	ADDQ(U32(uint32(64*vectors*t.m)), t.c)
}
