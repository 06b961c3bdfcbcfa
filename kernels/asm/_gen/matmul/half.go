package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// chunk is how many products of either element of the pairs are summed up in half precision before the two sums are added up, widened
// and added to C in float32. The error grows with its root and the cost of widening falls with it.
const chunk = 128

// cPace is how many products pass between two rows of C that are prefetched: the last of 12 is in L1 before a full chunk ends.
const cPace = 8

// half generates a panel of binary16: tiles of 2 vectors of 16 columns, C in float32. A vector of B holds pairs along K of its
// columns, for which a pair of A is broadcast, as a load alone can: of a single element it would take the port of one of the two
// multiply-adds, too. Each tile's K steps run in chunks, between which its piece of C stays in L1.
func half(rows int) {
	s := vec.F16()
	TEXT(fmt.Sprintf("Matmul%sR%d", s.Name, rows), NOSPLIT, argument.Signature())
	Doc(fmt.Sprintf("Matmul%sR%d multiplies a panel of %d rows, C in float32; see MatmulPanel.", s.Name, rows, rows))
	t := newTile(kind{Set: s, least: 2}, rows)
	CMPQ(t.field("Tiles"), Imm(0))
	JE(LabelRef("tail"))

	Label("packed")
	t.chunks("packed", 2, nil)
	ADDQ(U32(uint32(2*t.Bytes)), t.c)
	DECQ(t.field("Tiles"))
	JNZ(LabelRef("packed"))

	Label("tail")
	CMPQ(t.field("Tail"), Imm(0))
	JE(LabelRef("done"))
	lanes := GP64()
	MOVQ(t.field("TailLanes"), lanes)
	var masks []vec.Mask
	for j := range 2 {
		masks = append(masks, t.LoadMask(Mem{Base: lanes, Disp: j * t.Bytes}, t.V(31)))
	}
	CMPQ(t.field("Tail"), U32(uint32(s.Lanes())))
	JG(LabelRef("wide"))
	t.chunks("narrow", 1, masks)
	JMP(LabelRef("done"))
	Label("wide")
	t.chunks("wide", 2, masks)
	Label("done")
	VZEROUPPER()
	RET()
}

// chunks computes one tile. Beside the first chunk of a full one its lines of C and the next panel of A are prefetched. NowK counts the
// steps that are left behind a chunk, NowC says whether sums are added to C.
func (t *tile) chunks(name string, width int, masks []vec.Mask) {
	left := GP64()
	t.a.Point(t.field("A"))
	for _, f := range [][2]string{{"K", "NowK"}, {"Accumulate", "NowC"}} {
		MOVQ(t.field(f[0]), left)
		MOVQ(left, t.field(f[1]))
	}
	Label(name + "_chunk")
	for i := range t.rows * width {
		t.Zero(t.V(i))
	}
	MOVQ(t.field("NowK"), left)
	MOVQ(U32(chunk), t.k)
	CMPQ(left, t.k)
	CMOVQLT(left, t.k)
	SUBQ(t.k, t.field("NowK"))
	if masks == nil {
		CMPQ(left, t.field("K"))
		JNE(LabelRef(name + "_prefetched"))
		t.prefetching()
		TESTQ(t.k, t.k)
		JE(LabelRef(name + "_sum"))
	} else {
		t.prefetchC(name, width)
	}
	vec.Align()
	Label(name + "_prefetched")
	Label(name + "_k")
	t.loadB(width)
	t.step(width)
	DECQ(t.k)
	JNZ(LabelRef(name + "_k"))

	Label(name + "_sum")
	CMPQ(t.field("NowC"), Imm(0))
	JE(LabelRef(name + "_first"))
	t.widen(width, masks, true)
	JMP(LabelRef(name + "_stored"))
	Label(name + "_first")
	t.widen(width, masks, false)
	Label(name + "_stored")
	MOVQ(I32(1), t.field("NowC"))
	CMPQ(t.field("NowK"), Imm(0))
	JNE(LabelRef(name + "_chunk"))
}

// prefetchC runs products up to the last but a few of k, and brings a row of C into L1 every cPace of them. It goes on at
// name_prefetched.
func (t *tile) prefetchC(name string, width int) {
	n, c, steps := GP64(), GP64(), GP64()
	MOVQ(U32(uint32(t.rows)), n)
	MOVQ(t.c, c)
	Label(name + "_prefetch")
	CMPQ(t.k, Imm(cPace))
	JLE(LabelRef(name + "_prefetched"))
	for j := range width {
		PREFETCHT0(Mem{Base: c, Disp: 64 * j})
	}
	ADDQ(t.cBytes, c)
	MOVQ(U32(cPace), steps)
	SUBQ(steps, t.k)
	vec.Align()
	Label(name + "_pace")
	t.loadB(width)
	t.step(width)
	DECQ(steps)
	JNZ(LabelRef(name + "_pace"))
	DECQ(n)
	JNZ(LabelRef(name + "_prefetch"))
}

// widen adds up the two sums of each element, in half precision, and stores them in float32, added to C or over it. The registers
// behind the sums take turns.
func (t *tile) widen(width int, masks []vec.Mask, add bool) {
	c := GP64()
	MOVQ(t.c, c)
	n := 0
	for i := range t.rows {
		for j := range width {
			sums, v := t.acc(i, j, width), t.V(t.rows*width+n%(t.Regs()-t.rows*width))
			n++
			VPSRLD(Imm(16), sums, v)
			enc.Emit(enc.VADDPH(v, sums, sums)) // the upper halves come out useless
			VPMOVDW(sums, v.AsY())
			VCVTPH2PS(v.AsY(), v)
			m := Mem{Base: c, Disp: j * t.Bytes}
			switch {
			case masks == nil && add:
				VADDPS(m, v, v)
				VMOVUPS(v, m)
			case masks == nil:
				VMOVUPS(v, m)
			default:
				if add {
					masks[j].AddFrom(m, v, v)
				}
				masks[j].Store(v, m)
			}
		}
		if i < t.rows-1 {
			ADDQ(t.cBytes, c)
		}
	}
}
