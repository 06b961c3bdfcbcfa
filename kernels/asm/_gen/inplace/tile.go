package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// tile generates the code of one function.
type tile struct {
	vec.Set
	halves, vectors, rows int
	chains                int      // sums of each element, one for each of so many steps along K
	permuted              bool     // elements of A are spread over lanes in registers
	p                     Register // *MatmulInPlace
	a                     address.Rows
	bBytes, cBytes        Register
	b, c                  Register // first row of the tile's columns
	row, left             Register // of B and C in passing; steps along K
	far                   Register // from a row of B to the one that is prefetched with it; nil: none
	near                  bool     // to L1
	pack                  Register // where B's rows go, one after the other; nil: nowhere
	next, ahead           Register // what is prefetched of the next panel, nil: nothing; how far that moves in a step
}

// Tiles of at least so many rows and vectors prefetch rows of B that are far ahead, and hide it: in lower ones loads would take
// longer than multiply-adds where B's rows do not begin at lines. Those of nearVectors do so to L1 only.
const (
	farRows     = 4
	farVectors  = 3
	nearVectors = 2
)

// fewest is how many sums are to be under way at least: the latency of a multiply-add times how many begin in a cycle.
const fewest = 8

// chainsOf is how many chains a tile of so many vectors is to have.
func chainsOf(vectors int) int {
	chains := 1
	for chains < 4 && chains*vectors < fewest {
		chains *= 2
	}
	return chains
}

func function(s vec.Set, halves, rows, chains int, permuted bool) string {
	name := fmt.Sprintf("MatmulInPlace%s%sW%dR%d", s.Name, s.Type, halves, rows)
	doc := fmt.Sprintf("%s multiplies panels of %d rows in tiles of %d half vectors", name, rows, halves)
	if chains > 1 {
		name, doc = fmt.Sprintf("%sC%d", name, chains), fmt.Sprintf("%sC%d", name, chains)+doc[len(name):]+fmt.Sprintf(", in %d chains", chains)
	}
	if permuted {
		name, doc = name+"P", name+"P"+doc[len(name):]+", with A permuted in registers"
	}
	TEXT(name, NOSPLIT, argument.Signature())
	Doc(doc + "; see MatmulInPlace.")
	t := &tile{Set: s, halves: halves, vectors: (halves + 1) / 2, rows: rows, chains: chains, permuted: permuted, p: Load(Param("p"), GP64()), a: address.Rows{Bytes: GP64()}, bBytes: GP64(),
		b: GP64(), c: GP64(), row: GP64(), left: GP64(), next: GP64(), ahead: GP64()}
	if rows > lowRows && !permuted {
		t.a = address.NewManyRows(rows, t.a.Bytes)
		t.next, t.ahead = nil, nil
	} else {
		t.a = address.NewRows(rows, t.a.Bytes)
	}
	t.cBytes = t.left // not needed at once
	MOVQ(t.field("ABytes"), t.a.Bytes)
	MOVQ(t.field("BBytes"), t.bBytes)
	if t.next != nil {
		MOVQ(t.field("Ahead"), t.ahead)
	}
	if rows >= farRows && t.vectors >= nearVectors {
		t.far = GP64()
		MOVQ(t.field("Far"), t.far)
	}
	for _, m := range [][2]string{{"A", "NowA"}, {"C", "NowC"}, {"Panels", "NowPanels"}} {
		MOVQ(t.field(m[0]), t.row)
		MOVQ(t.row, t.field(m[1]))
	}

	var mask *vec.Mask
	if halves%2 == 0 {
		MOVQ(t.field("Lanes"), t.row)
		TESTQ(t.row, t.row)
		JNE(LabelRef("masked"))
		t.panels("full", nil)
		Label("masked")
	}
	MOVQ(t.field("Lanes"), t.row)
	m := t.LoadMask(Mem{Base: t.row}, t.half(t.V(31)))
	mask = &m
	t.panels("masked", mask)
	return name
}

func (t *tile) field(name string) Mem { return argument.Field(t.p, name) }

// half is the last vector of a tile's row in register v.
func (t *tile) half(v VecPhysical) VecPhysical {
	if t.halves%2 == 1 {
		return v.AsY().(VecPhysical)
	}
	return v
}

// vector is vector j of a tile's row in register v.
func (t *tile) vector(j int, v VecPhysical) VecPhysical {
	if j == t.vectors-1 {
		return t.half(v)
	}
	return v
}

// panels multiplies all panels and returns; the last vector of a tile may be masked.
func (t *tile) panels(name string, mask *vec.Mask) {
	Label(name + "_panel")
	MOVQ(t.field("B"), t.b)
	MOVQ(t.field("NowC"), t.c)
	if t.next != nil {
		IMUL3Q(Imm(uint64(t.rows)), t.a.Bytes, t.next)
		ADDQ(t.field("NowA"), t.next)
	}
	MOVQ(t.field("Tiles"), t.row)
	MOVQ(t.row, t.field("Left"))
	Label(name + "_tile")
	t.product(name, mask)
	DECQ(t.field("Left"))
	JE(LabelRef(name + "_next"))
	ADDQ(t.field("BNext"), t.b)
	ADDQ(U32(uint32(t.halves*t.Bytes/2)), t.c)
	JMP(LabelRef(name + "_tile"))

	Label(name + "_next")
	DECQ(t.field("NowPanels"))
	JE(LabelRef(name + "_done"))
	for _, m := range [][2]string{{"ABytes", "NowA"}, {"CBytes", "NowC"}} {
		IMUL3Q(Imm(uint64(t.rows)), t.field(m[0]), t.row)
		ADDQ(t.row, t.field(m[1]))
	}
	JMP(LabelRef(name + "_panel"))
	Label(name + "_done")
	VZEROUPPER()
	RET()
}

// acc is the sum of row i, vector j, in chain q.
func (t *tile) acc(q, i, j int) VecPhysical { return t.vector(j, t.V((q*t.rows+i)*t.vectors+j)) }

// product computes one tile.
func (t *tile) product(name string, mask *vec.Mask) {
	masked := func(j int) bool { return mask != nil && j == t.vectors-1 }
	if t.chains == 1 {
		t.single(name, mask)
		return
	}
	for i := range t.chains * t.rows * t.vectors {
		t.Zero(t.V(i))
	}
	t.a.Point(t.field("NowA"))
	MOVQ(t.b, t.row)
	MOVQ(t.field("K"), t.left)
	if t.permuted {
		t.permutedLoop(name+"_chains", mask)
	} else {
		SUBQ(U32(uint32(t.chains)), t.left)
		JL(LabelRef(name + "_rest"))
		vec.Align()
		Label(name + "_chains")
		t.steps(t.chains, mask)
		SUBQ(U32(uint32(t.chains)), t.left)
		JGE(LabelRef(name + "_chains"))
		Label(name + "_rest")
		ADDQ(U32(uint32(t.chains)), t.left)
	}
	JE(LabelRef(name + "_sum"))
	t.loop(name+"_k", mask)
	Label(name + "_sum")
	for n := t.chains / 2; n > 0; n /= 2 {
		for q := range n {
			for i := range t.rows {
				for j := range t.vectors {
					t.Add(t.acc(q+n, i, j), t.acc(q, i, j), t.acc(q, i, j))
				}
			}
		}
	}

	CMPQ(t.field("Accumulate"), Imm(0))
	JE(LabelRef(name + "_store"))
	t.eachC(func(m Mem, i, j int) {
		if masked(j) {
			mask.AddFrom(m, t.acc(0, i, j), nil)
		} else {
			t.Add(m, t.acc(0, i, j), t.acc(0, i, j))
		}
	})
	Label(name + "_store")
	t.eachC(func(m Mem, i, j int) { t.store(t.acc(0, i, j), j, m, mask) })
}

// single computes one tile of a single chain. Its last steps are apart, unless there are fewer.
func (t *tile) single(name string, mask *vec.Mask) {
	CMPQ(t.field("Accumulate"), Imm(0))
	JE(LabelRef(name + "_zero"))
	t.eachC(func(m Mem, i, j int) { t.load(m, j, t.acc(0, i, j), mask) })
	JMP(LabelRef(name + "_begin"))
	Label(name + "_zero")
	for i := range t.rows * t.vectors {
		t.Zero(t.V(i))
	}
	Label(name + "_begin")
	t.a.Point(t.field("NowA"))
	MOVQ(t.b, t.row)
	MOVQ(t.field("K"), t.left)
	SUBQ(Imm(lastSteps), t.left)
	JE(LabelRef(name + "_last"))
	JL(LabelRef(name + "_one"))
	if t.pack == nil && (t.far != nil || t.vectors == 1 && !t.permuted && t.next != nil) {
		CMPQ(t.field("Near"), Imm(0))
		JE(LabelRef(t.loopEntry(name + "_k")))
		t.near = true
		t.loop(name+"_near", mask)
		t.near = false
		JMP(LabelRef(name + "_last"))
	}
	if t.permuted {
		t.permutedLoop(name+"_permuted", mask)
		JE(LabelRef(name + "_last"))
	}
	t.loop(name+"_k", mask)
	Label(name + "_last")
	t.last(mask)
	JMP(LabelRef(name + "_stored"))
	Label(name + "_one")
	t.steps(1, mask)
	t.eachC(func(m Mem, i, j int) { t.store(t.acc(0, i, j), j, m, mask) })
	Label(name + "_stored")
}

// loop takes the steps that are left, of high tiles two at a time: fewer instructions are then not multiply-adds.
func (t *tile) loop(name string, mask *vec.Mask) {
	if t.rows*t.vectors < highTile {
		vec.Align()
		Label(name)
		t.steps(1, mask)
		DECQ(t.left)
		JNZ(LabelRef(name))
		return
	}
	Label(t.loopEntry(name))
	BTRQ(Imm(0), t.left)
	JCC(LabelRef(name + "_even"))
	t.steps(1, mask)
	Label(name + "_even")
	TESTQ(t.left, t.left)
	JE(LabelRef(name + "_done"))
	vec.Align()
	Label(name)
	t.steps(2, mask)
	SUBQ(Imm(2), t.left)
	JNZ(LabelRef(name))
	Label(name + "_done")
}

// loopEntry is the label where the loop of that name is entered: of low tiles its own, as the assembler does not come to an end with one before what is
// aligned.
func (t *tile) loopEntry(name string) string {
	if t.rows*t.vectors < highTile {
		return name
	}
	return name + "_all"
}

// highTile is how many sums a high tile has at least.
const highTile = 16

// eachC passes over C's vectors.
func (t *tile) eachC(f func(m Mem, i, j int)) {
	MOVQ(t.field("CBytes"), t.cBytes)
	MOVQ(t.c, t.row)
	for i := range t.rows {
		for j := range t.vectors {
			f(Mem{Base: t.row, Disp: j * t.Bytes}, i, j)
		}
		if i < t.rows-1 {
			ADDQ(t.cBytes, t.row)
		}
	}
}

// load loads vector j of a tile's row, of which the last may be masked.
func (t *tile) load(m Mem, j int, v VecPhysical, mask *vec.Mask) {
	if mask != nil && j == t.vectors-1 {
		mask.Load(m, v)
	} else {
		t.Mov(m, v)
	}
}

// store stores it.
func (t *tile) store(v VecPhysical, j int, m Mem, mask *vec.Mask) {
	if mask != nil && j == t.vectors-1 {
		mask.Store(v, m)
	} else {
		t.Mov(v, m)
	}
}
