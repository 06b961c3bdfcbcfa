package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

var columnsArgument = address.Argument{
	"A *byte", "ABytes int", "ANext int", "B *byte", "C *byte", "CBytes int", "CNext int", "Steps int", "RestLanes *byte",
	"Panels int", "Sums *byte", "Ahead int", "NowPanels int",
}

// columnRows are the heights of panels for 1, 2, … columns: up to 24 sums leave registers to B and to A.
var columnRows = [][]int{{1, 2, 4, 8}, {1, 2, 4, 8}, {1, 2, 4, 8}, {1, 2, 4}, {1, 2, 4}, {1, 2, 4}}

// columns generates the code of dot products along K of r rows of A with n columns of B.
type columns struct {
	vec.Set
	n, rows        int
	chains         int          // sums of each element, one for each of so many steps along K
	p              Register     // *MatmulColumns
	a, ahead       address.Rows // of a panel, and of the one that is prefetched, if one is
	b              Register
	c, cBytes, row Register // a panel's rows of C
	left, sums     Register // steps along K; where sums of other pieces of K are, if there are some
}

func columnsFunction(s vec.Set, n, rows, chains int) string {
	name := fmt.Sprintf("MatmulColumns%s%sN%dR%d", s.Name, s.Type, n, rows)
	if s.Bytes == 32 { // for rows of at most so many bytes
		name += "Half"
	}
	if chains > 1 {
		name += fmt.Sprintf("C%d", chains)
	}
	TEXT(name, NOSPLIT, columnsArgument.Signature())
	Doc(fmt.Sprintf("%s multiplies panels of %d rows with %d columns; see MatmulColumns.", name, rows, n))
	t := &columns{Set: s, n: n, rows: rows, chains: chains, a: address.Rows{Bytes: GP64()}, b: GP64()}
	t.p = Load(Param("p"), GP64())
	base := GP64()
	t.c, t.cBytes, t.left, t.row, t.sums = GP64(), GP64(), GP64(), GP64(), GP64()
	t.a = address.NewRows(rows, t.a.Bytes)
	MOVQ(t.field("A"), base)
	MOVQ(t.field("ABytes"), t.a.Bytes)
	MOVQ(t.field("C"), t.c)
	MOVQ(t.field("CBytes"), t.cBytes)
	MOVQ(t.field("Sums"), t.sums)
	panels := Op(t.field("NowPanels")) // where registers are few
	if len(t.a.Bases) < 3 || !t.fetches() {
		panels = GP64()
		MOVQ(t.field("Panels"), panels)
	} else {
		MOVQ(t.field("Panels"), t.row)
		MOVQ(t.row, panels)
	}
	MOVQ(t.field("RestLanes"), t.row)
	rest := t.LoadMask(Mem{Base: t.row}, t.V(t.Regs()-1))

	Label("panel")
	for i := range n * rows * chains {
		t.Zero(t.V(i))
	}
	t.a.Point(base)
	t.products(&rest)
	t.sum()
	t.write()
	ADDQ(t.field("ANext"), base)
	ADDQ(t.field("CNext"), t.c)
	DECQ(panels)
	JNE(LabelRef("panel"))
	VZEROUPPER()
	RET()
	if t.fetches() {
		t.productsAhead()
	}
	return name
}

func (t *columns) field(name string) Mem { return columnsArgument.Field(t.p, name) }

// products leaves the products of a panel in its sums, whose lanes are still to be added up.
func (t *columns) products(rest *vec.Mask) {
	MOVQ(t.field("B"), t.b)
	MOVQ(t.field("Steps"), t.left)
	if t.chains > 1 {
		SUBQ(Imm(uint64(t.chains)), t.left)
		JL(LabelRef("single"))
		vec.Align()
		Label("chains")
		for q := range t.chains {
			t.step(nil, q)
		}
		SUBQ(Imm(uint64(t.chains)), t.left)
		JGE(LabelRef("chains"))
		Label("single")
		ADDQ(Imm(uint64(t.chains)), t.left)
	}
	DECQ(t.left)
	JL(LabelRef("rest"))
	if t.fetches() {
		CMPQ(t.field("Ahead"), Imm(0))
		JNE(LabelRef("ahead"))
	}
	t.steps("step")
	Label("rest")
	t.step(rest, 0)
	for i := t.n * t.rows; i < t.n*t.rows*t.chains; i++ {
		t.Add(t.V(i), t.V(i%(t.n*t.rows)), t.V(i%(t.n*t.rows)))
	}
}

// productsAhead are those steps of products that prefetch the panel to come.
func (t *columns) productsAhead() {
	Label("ahead")
	t.ahead = address.NewRows(t.rows, t.a.Bytes)
	for i, ahead := range t.ahead.Bases {
		MOVQ(t.a.Bases[i], ahead)
		ADDQ(t.field("Ahead"), ahead)
	}
	t.steps("aheadstep")
	JMP(LabelRef("rest"))
}

// steps takes all whole vectors of the rows that are left.
func (t *columns) steps(name string) {
	vec.Align()
	Label(name)
	t.step(nil, 0)
	DECQ(t.left)
	JGE(LabelRef(name))
}

// write adds what sums of other pieces of K there are, and stores the panel.
func (t *columns) write() {
	all := t.n * t.rows
	TESTQ(t.sums, t.sums)
	JE(LabelRef("store"))
	eachGroup(all, func(at, _ int) { t.Add(Mem{Base: t.sums, Disp: at * t.Elem}, t.four(at), t.four(at)) })
	ADDQ(U32(uint32(all*t.Elem)), t.sums)
	Label("store")
	CMPQ(t.cBytes, U32(uint32(t.n*t.Elem)))
	JNE(LabelRef("apart"))
	eachGroup(all, func(at, size int) {
		if size < 4 {
			for e := range size {
				t.storeOne(at, e, Mem{Base: t.c, Disp: (at + e) * t.Elem})
			}
			return
		}
		t.Mov(t.four(at), Mem{Base: t.c, Disp: at * t.Elem})
	})
	JMP(LabelRef("next"))
	Label("apart")
	MOVQ(t.c, t.row)
	eachGroup(all, func(at, size int) {
		for e := range size {
			j := (at + e) % t.n
			t.storeOne(at, e, Mem{Base: t.row, Disp: j * t.Elem})
			if j == t.n-1 {
				ADDQ(t.cBytes, t.row)
			}
		}
	})
	Label("next")
}

// fetches reports whether panels to come can be prefetched: not of few rows, nor for a single column, whose time is that of A's arrival.
func (t *columns) fetches() bool { return t.rows >= 4 && t.n > 1 && t.Bytes == 64 }

// step multiplies one vector of every row with one of every column, into the sums of a chain. The rest of packed columns is filled up with zeros; a single column need
// not be packed.
func (t *columns) step(rest *vec.Mask, chain int) {
	sums := chain * t.n * t.rows
	first := t.chains * t.n * t.rows
	for j := range t.n {
		if m := (Mem{Base: t.b, Disp: j * 64}); t.n == 1 && rest != nil {
			rest.Load(m, t.V(first+j))
		} else {
			t.Mov(m, t.V(first+j))
		}
	}
	ADDQ(U32(uint32(t.n*t.Bytes)), t.b)
	spare := first + t.n
	for i := range t.rows {
		m := t.a.At(i, 0)
		if t.ahead.Bases != nil {
			PREFETCHT1(t.ahead.At(i, 0))
		}
		if t.n == 1 && rest == nil { // used once
			t.FMA(m, t.V(first), t.V(sums+i))
			continue
		}
		x := t.V(spare + i%min(2, t.Regs()-spare))
		if rest != nil {
			rest.Load(m, x)
		} else {
			t.Mov(m, x)
		}
		for j := range t.n {
			t.FMA(t.V(first+j), x, t.V(sums+i*t.n+j))
		}
	}
	t.a.Advance(U32(uint32(t.Bytes)))
	t.ahead.Advance(U32(uint32(t.Bytes)))
}

// eachGroup calls f for groups of four, and for what is left.
func eachGroup(n int, f func(at, size int)) {
	for at := 0; at < n; at += 4 {
		f(at, min(4, n-at))
	}
}

// four is the register of four elements side by side: the sums of vectors at, at+1, ….
func (t *columns) four(at int) VecPhysical {
	if t.Elem == 8 {
		return t.V(at).AsY().(VecPhysical)
	}
	return t.V(at).AsX().(VecPhysical)
}

// sum adds up the lanes of each sum, four of them at a time.
func (t *columns) sum() {
	spare := t.n * t.rows
	eachGroup(t.n*t.rows, func(at, size int) {
		y := func(i int) Register { return t.V(at + min(i, size-1)).AsY() }
		for i := 0; i < size && t.Bytes == 64; i++ {
			h := t.V(spare + i%3).AsY()
			VEXTRACTF64X4(Imm(1), t.V(at+i), h)
			t.Add(h, y(i), y(i))
		}
		low, high := t.V(spare).AsY(), t.V(spare+1).AsY()
		pair := []Register{t.V(spare + 2).AsY(), t.V(spare + 3).AsY()}
		for i, to := range pair {
			if t.Elem == 4 {
				VUNPCKLPS(y(2*i+1), y(2*i), low)
				VUNPCKHPS(y(2*i+1), y(2*i), high)
			} else {
				VUNPCKLPD(y(2*i+1), y(2*i), low)
				VUNPCKHPD(y(2*i+1), y(2*i), high)
			}
			t.Add(low, high, to)
		}
		to := t.four(at)
		if t.Elem == 4 {
			VUNPCKLPD(pair[1], pair[0], low)
			VUNPCKHPD(pair[1], pair[0], high)
			t.Add(low, high, low)
			VEXTRACTF64X2(Imm(1), low, high.(VecPhysical).AsX())
			t.Add(low.(VecPhysical).AsX(), high.(VecPhysical).AsX(), to)
		} else {
			VSHUFF64X2(Imm(0), pair[1], pair[0], low)
			VSHUFF64X2(Imm(3), pair[1], pair[0], high)
			t.Add(low, high, to)
		}
	})
}

// storeOne stores element e of the four at at.
func (t *columns) storeOne(at, e int, m Mem) {
	x := t.V(at).AsX()
	if t.Elem == 4 {
		if e == 0 {
			VMOVSS(x, m)
		} else {
			VEXTRACTPS(Imm(uint64(e)), x, m)
		}
		return
	}
	if e == 2 {
		VEXTRACTF64X2(Imm(1), t.V(at).AsY(), x)
	}
	if e%2 == 0 {
		VMOVSD(x, m)
	} else {
		VMOVHPD(x, m)
	}
}
