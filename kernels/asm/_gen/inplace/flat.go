package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

var flatArgument = address.Argument{
	"A *byte", "ANext int", "B *byte", "BBytes int", "BLast int", "BLanes *byte", "C *byte", "CNext int", "Vectors *byte",
	"Period int", "Repeats int", "RestA *byte", "RestC *byte", "RestRepeats int",
}

// What asm.FlatVector has where.
const (
	flatElements = 0
	flatColumns  = 64
	flatWindows  = 128
	flatA        = 160
	flatSize     = 168
)

// flatDepths are the depths of A for which there is code where a vector of C takes half a window, that is one vector of A, or 1, 2, … windows.
var flatDepths = [][]int{{1, 2, 3, 4, 5, 6, 7, 8}, {2, 3, 4, 5, 6, 7, 8}, {3, 4, 5, 6, 7, 8}, {5}}

// flat generates the code for one depth: vectors of C in the order of memory, across rows.
type flat struct {
	vec.Set
	k, windows int
	masks      []Register // of each window's lanes
}

func flatFunction(s vec.Set, k, windows int) string {
	name := fmt.Sprintf("MatmulFlat%s%sK%dW%d", s.Name, s.Type, k, windows)
	TEXT(name, NOSPLIT, flatArgument.Signature())
	Doc(fmt.Sprintf("%s multiplies rows of %d elements, in %d windows for a vector of C; see MatmulFlat.", name, k, windows))
	t := &flat{Set: s, k: k, windows: windows}
	p := Load(Param("p"), GP64())
	field := func(name string) Mem { return flatArgument.Field(p, name) }
	vector, at, period, a, c, left, rest := GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	aNext, cNext := GP64(), GP64()
	MOVQ(field("ANext"), aNext)
	MOVQ(field("CNext"), cNext)
	MOVQ(field("Vectors"), vector)
	MOVQ(field("Period"), period)
	XORQ(at, at)
	MOVQ(field("BLanes"), a)
	lanes := t.LoadMask(Mem{Base: a}, t.V(0))
	for range windows {
		t.masks = append(t.masks, K())
	}

	Label("vector")
	t.Mov(Mem{Base: vector, Disp: flatElements}, t.element(0))
	t.Mov(Mem{Base: vector, Disp: flatColumns}, t.sum())
	VPTERNLOGD(Imm(0xff), t.x(), t.x(), t.x()) // −1
	MOVQ(field("B"), a)
	MOVQ(field("BBytes"), left)
	MOVQ(field("BLast"), c)
	for q := range k {
		if q > 0 {
			ADDQ(left, a)
			t.SubInt(t.x(), t.element(q-1), t.element(q))
		}
		lanes.Load(Mem{Base: a}, t.table(0))
		lanes.Load(Mem{Base: a, Index: c, Scale: 1}, t.table(1))
		t.Mov(t.sum(), t.b(q))
		t.Permute2(t.table(1), t.table(0), t.b(q))
	}
	for q, m := range t.masks {
		if windows > 1 {
			KMOVW(Mem{Base: vector, Disp: flatWindows + 8*q}, m)
		}
	}
	MOVQ(field("A"), a)
	ADDQ(Mem{Base: vector, Disp: flatA}, a)
	MOVQ(field("C"), c)
	ADDQ(at, c)
	MOVQ(field("Repeats"), left)
	MOVQ(field("RestRepeats"), rest)
	TESTQ(left, left)
	JZ(LabelRef("rest"))
	vec.Align()
	Label("repeat")
	t.compute(a, c)
	ADDQ(aNext, a)
	ADDQ(cNext, c)
	DECQ(left)
	JNZ(LabelRef("repeat"))
	Label("rest")
	TESTQ(rest, rest)
	JZ(LabelRef("next"))
	MOVQ(field("RestA"), a)
	ADDQ(Mem{Base: vector, Disp: flatA}, a)
	MOVQ(field("RestC"), c)
	ADDQ(at, c)
	MOVQ(rest, left)
	XORQ(rest, rest)
	JMP(LabelRef("repeat"))
	Label("next")
	ADDQ(Imm(flatSize), vector)
	ADDQ(Imm(uint64(t.Bytes)), at)
	DECQ(period)
	JNZ(LabelRef("vector"))
	VZEROUPPER()
	RET()
	return name
}

// compute computes one vector of C.
func (t *flat) compute(a, c Register) {
	window := 2 * t.Lanes() / t.k * t.k * t.Elem // bytes from one to the next: of so many whole rows
	for i := range max(1, 2*t.windows) {
		t.Mov(Mem{Base: a, Disp: i/2*window + i%2*t.Bytes}, t.table(i))
	}
	for e := range t.k {
		switch t.windows {
		case 0:
			t.Permute(t.table(0), t.element(e), t.x())
		case 1:
			t.Mov(t.element(e), t.x())
			t.Permute2(t.table(1), t.table(0), t.x())
		default:
			t.Mov(t.element(e), t.x())
			for q, m := range t.masks { // the lanes of other windows remain indices until it is their turn
				t.Permute2(t.table(2*q+1), t.table(2*q), m, t.x())
			}
		}
		if e == 0 {
			t.Mul(t.b(e), t.x(), t.sum())
		} else {
			t.FMA(t.b(e), t.x(), t.sum())
		}
	}
	t.Mov(t.sum(), Mem{Base: c})
}

// element is the register of where each lane's element e of its row is in its window.
func (t *flat) element(e int) VecPhysical { return t.V(e) }

// b is the register of each lane's element e of its column.
func (t *flat) b(e int) VecPhysical { return t.V(t.k + e) }

func (t *flat) table(i int) VecPhysical { return t.V(2*t.k + i) }
func (t *flat) x() VecPhysical          { return t.V(t.Regs() - 2) }
func (t *flat) sum() VecPhysical        { return t.V(t.Regs() - 1) }
