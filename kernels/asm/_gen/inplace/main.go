// Command inplace generates the inner loops of products in which B is not worth packing: it is small, or few panels of A meet it, or
// its rows are as narrow as a tile. One function per element type and tile, see asm.MatmulInPlace.
//
// A tile is up to 6 rows × 4 vectors of C in registers: 10 loads for 24 multiply-adds, from the rows of A and B where they lie.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

const signature = `func(p *struct {
	A *byte; ABytes int; B *byte; BBytes int; C *byte; CBytes int; K int; Tiles int; Tail int; TailLanes *byte; Accumulate int; Panels int; Ahead int; Column *byte; Rest int; RestLanes *byte
})`

// fields are those of the argument, 8 bytes each.
var fields = []string{"A", "ABytes", "B", "BBytes", "C", "CBytes", "K", "Tiles", "Tail", "TailLanes", "Accumulate", "Panels", "Ahead", "Column", "Rest", "RestLanes"}

// A tile's most rows and its vectors of columns: 24 sums leave 4 registers to B and 4 to the broadcasts.
const (
	rows  = 6
	width = 4
)

func main() {
	for _, s := range vec.Sets {
		if s.Name != "AVX512" {
			continue
		}
		for r := 1; r <= rows; r++ {
			function(s, r)
		}
	}
	Generate()
}

// tile generates the code of one function.
type tile struct {
	vec.Set
	rows                   int
	p                      Register // *MatmulInPlace
	aBytes, bBytes, cBytes Register
	a                      []Register // bases of rows 0, 3, 6, 9: the rows between are reached by scaled index
	b, c                   Register   // first row of the tile's columns
	row, left              Register   // of B and C in passing; steps along K
	next, ahead            Register   // what is prefetched of the next panel; how far that moves in a step
}

func function(s vec.Set, rows int) {
	name := fmt.Sprintf("MatmulInPlace%s%sR%d", s.Name, s.Type, rows)
	TEXT(name, NOSPLIT, signature)
	Doc(fmt.Sprintf("%s multiplies panels of %d rows in tiles of %d vectors; see MatmulInPlace.", name, rows, width))
	t := &tile{Set: s, rows: rows, p: Load(Param("p"), GP64()), aBytes: GP64(), bBytes: GP64(), cBytes: GP64(),
		b: GP64(), c: GP64(), row: GP64(), left: GP64(), next: GP64(), ahead: GP64()}
	for range (rows + 2) / 3 {
		t.a = append(t.a, GP64())
	}
	MOVQ(t.field("ABytes"), t.aBytes)
	MOVQ(t.field("BBytes"), t.bBytes)
	MOVQ(t.field("CBytes"), t.cBytes)

	Label("panel")
	MOVQ(t.field("B"), t.b)
	MOVQ(t.field("C"), t.c)
	MOVQ(t.field("Ahead"), t.ahead)
	IMUL3Q(Imm(uint64(rows)), t.aBytes, t.next)
	ADDQ(t.field("A"), t.next)
	tiles := GP64()
	MOVQ(t.field("Tiles"), tiles)
	TESTQ(tiles, tiles)
	JE(LabelRef("tail"))
	Label("tile")
	t.product("tile", width, nil)
	ADDQ(U32(uint32(width*t.Bytes)), t.b)
	ADDQ(U32(uint32(width*t.Bytes)), t.c)
	DECQ(tiles)
	JNZ(LabelRef("tile"))

	Label("tail")
	MOVQ(t.field("Tail"), t.row)
	TESTQ(t.row, t.row)
	JE(LabelRef("column"))
	for w := 1; w <= width; w++ {
		end := fmt.Sprintf("wider%d", w)
		if w < width {
			CMPQ(t.field("Tail"), U32(uint32(w*t.Lanes())))
			JG(LabelRef(end))
		}
		MOVQ(t.field("TailLanes"), t.row)
		mask := t.LoadMask(Mem{Base: t.row, Disp: (w - 1) * t.Bytes}, t.V(31))
		t.product(fmt.Sprintf("tail%d", w), w, &mask)
		if w < width {
			JMP(LabelRef("column"))
			Label(end)
		}
	}

	Label("column")
	MOVQ(t.field("Column"), t.row)
	TESTQ(t.row, t.row)
	JE(LabelRef("next"))
	t.column()

	Label("next") // the argument's pointers stay inside the operands: the garbage collector may look at them at any time
	DECQ(t.field("Panels"))
	JE(LabelRef("done"))
	for _, m := range []struct {
		base  string
		bytes Register
	}{{"A", t.aBytes}, {"C", t.cBytes}} {
		IMUL3Q(Imm(uint64(rows)), m.bytes, t.row)
		ADDQ(t.row, t.field(m.base))
	}
	JMP(LabelRef("panel"))
	Label("done")
	VZEROUPPER()
	RET()
}

func (t *tile) field(name string) Mem {
	for i, f := range fields {
		if f == name {
			return Mem{Base: t.p, Disp: 8 * i}
		}
	}
	panic(name)
}

// product computes one tile of so many vectors, the last of which may be masked.
func (t *tile) product(name string, width int, mask *vec.Mask) {
	acc := func(i, j int) VecPhysical { return t.V(i*width + j) }
	b := func(j int) VecPhysical { return t.V(t.rows*width + j) }
	masked := func(j int) bool { return mask != nil && j == width-1 }
	t.pointRows()
	eachRow := func(f func(i int)) {
		MOVQ(t.c, t.row)
		for i := range t.rows {
			f(i)
			if i < t.rows-1 {
				ADDQ(t.cBytes, t.row)
			}
		}
	}
	eachRow(func(i int) {
		for j := range width {
			PREFETCHT0(Mem{Base: t.row, Disp: j * t.Bytes})
			t.Zero(acc(i, j))
		}
	})
	MOVQ(t.b, t.row)
	MOVQ(t.field("K"), t.left)
	vec.Align()
	Label(name + "_k")
	for j := range width {
		if m := (Mem{Base: t.row, Disp: j * t.Bytes}); masked(j) {
			mask.Load(m, b(j))
		} else {
			t.Mov(m, b(j))
		}
	}
	ADDQ(t.bBytes, t.row)
	PREFETCHT1(Mem{Base: t.next})
	ADDQ(t.ahead, t.next)
	spare := t.rows*width + width
	for i := range t.rows {
		x := t.V(spare + i%min(4, t.Regs()-spare))
		t.Broadcast(t.rowOfA(i), x)
		for j := range width {
			t.FMA(b(j), x, acc(i, j))
		}
	}
	for _, a := range t.a {
		ADDQ(U32(uint32(t.Elem)), a)
	}
	DECQ(t.left)
	JNZ(LabelRef(name + "_k"))

	CMPQ(t.field("Accumulate"), Imm(0))
	JE(LabelRef(name + "_store"))
	eachRow(func(i int) {
		for j := range width {
			if m := (Mem{Base: t.row, Disp: j * t.Bytes}); masked(j) {
				mask.AddFrom(m, acc(i, j), nil)
			} else {
				t.Add(m, acc(i, j), acc(i, j))
			}
		}
	})
	Label(name + "_store")
	eachRow(func(i int) {
		for j := range width {
			if m := (Mem{Base: t.row, Disp: j * t.Bytes}); masked(j) {
				mask.Store(acc(i, j), m)
			} else {
				t.Mov(acc(i, j), m)
			}
		}
	})
}

// pointRows points a at the rows.
func (t *tile) pointRows() {
	MOVQ(t.field("A"), t.a[0])
	for i := 1; i < len(t.a); i++ {
		LEAQ(Mem{Base: t.a[i-1], Index: t.aBytes, Scale: 2}, t.a[i])
		ADDQ(t.aBytes, t.a[i])
	}
}

// rowOfA addresses the current element of row i of A.
func (t *tile) rowOfA(i int) Mem {
	m := Mem{Base: t.a[i/3]}
	if i%3 > 0 {
		m.Index, m.Scale = t.aBytes, uint8(i%3)
	}
	return m
}

// column computes the column of C behind the last tile by dot products of the rows of A with Column, to which row points.
func (t *tile) column() {
	x, y := t.V(t.rows), t.V(t.rows+1)
	t.pointRows()
	for i := range t.rows {
		t.Zero(t.V(i))
	}
	MOVQ(t.field("K"), t.left)
	SUBQ(U32(uint32(t.Lanes())), t.left)
	JL(LabelRef("column_rest"))
	vec.Align()
	Label("column_k")
	t.Mov(Mem{Base: t.row}, x)
	for i := range t.rows {
		t.FMA(t.rowOfA(i), x, t.V(i))
	}
	for _, r := range append(t.a[:len(t.a):len(t.a)], t.row) {
		ADDQ(U32(uint32(t.Bytes)), r)
	}
	SUBQ(U32(uint32(t.Lanes())), t.left)
	JGE(LabelRef("column_k"))
	Label("column_rest")
	CMPQ(t.field("Rest"), Imm(0))
	JE(LabelRef("column_sum"))
	lanes := GP64()
	MOVQ(t.field("RestLanes"), lanes)
	mask := t.LoadMask(Mem{Base: lanes}, y)
	mask.Load(Mem{Base: t.row}, x)
	for i := range t.rows {
		y := t.V(t.rows + 1 + i)
		mask.Load(t.rowOfA(i), y)
		t.FMA(y, x, t.V(i))
	}

	Label("column_sum")
	for i := range t.rows {
		t.Sum(t.V(i), t.V(t.rows+1+i))
	}
	tail := GP64()
	MOVQ(t.field("Tail"), tail)
	LEAQ(Mem{Base: t.c, Index: tail, Scale: uint8(t.Elem)}, t.row)
	CMPQ(t.field("Accumulate"), Imm(0))
	JE(LabelRef("column_store"))
	MOVQ(t.row, t.b)
	for i := range t.rows {
		t.AddOne(Mem{Base: t.b}, t.V(i).AsX(), t.V(i).AsX())
		if i < t.rows-1 {
			ADDQ(t.cBytes, t.b)
		}
	}
	Label("column_store")
	for i := range t.rows {
		t.MovOne(t.V(i).AsX(), Mem{Base: t.row})
		if i < t.rows-1 {
			ADDQ(t.cBytes, t.row)
		}
	}
}
