// Command matmul generates the inner loops of matrix multiplication: one function per instruction set, element type and
// height of a panel, see asm.MatmulPanel, and those that pack slivers.
//
// A tile is R rows × 2 vectors of C in registers. Each of the K steps loads two vectors of B and broadcasts R elements of A:
// R+2 loads for 2·R multiply-adds, so the load ports never bind; a broadcast as memory operand would need 2·R. Twelve
// rows (six in AVX2, with half the registers) make 24 (12) independent sums, enough to hide the latency of an FMA.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

var argument = address.Argument{
	"A *byte", "ABytes int", "B *byte", "Raw *byte", "RawBytes int", "C *byte", "CBytes int", "K int", "Tiles int", "Tail int",
	"TailLanes *byte", "Accumulate int", "NextA *byte", "NextEnd *byte", "NextBytes int", "Pace int", "Starts *byte", "Rows int",
	"Panels int", "Shapes *byte", "Turn int", "Below int", "Buffer *byte", "Rounds int", "Copy *byte", "CopyEnd *byte",
	"CopyBytes int", "Left int", "NowA int", "NowC int", "NowPanels int", "NowBelow int", "NowNext int", "NowK int", "NowCopy int",
	"NowJump int", "Shift int", "Fetch *byte", "FetchBytes int", "Fetched int", "FetchSpan int", "FetchFrom int", "FetchNext int", "Across int", "Span int", "After *byte",
	"Idle [128]byte",
}

func main() {
	for _, s := range vec.Sets {
		rows := map[string]int{"AVX2": 6, "AVX512": 12}[s.Name]
		for r := 1; r <= rows; r++ {
			wide := s.Name == "AVX512"
			panel(kind{Set: s, fused: true, halves: wide, beside: wide, several: !wide, twoSums: !wide, pieces: wide}, r)
		}
		streams(s, 4)
		if s.Type == "F32" { // packing moves bytes: the same for both types
			pack(s)
			if s.Name == "AVX2" {
				packLast(s)
			}
		}
	}
	orders = map[int]Mem{0: signs(), 2: table("MatmulPairs", 2, orderOf[2]), 4: table("MatmulQuads", 4, orderOf[4]), 8: table("MatmulTwiceQuads", 4, orderOfTwice)}
	for r := 1; r <= 12; r++ {
		panel(kind{Set: vec.BF16(), fused: true, group: 2, least: 2, halves: true, shorts: true, shifts: true, beside: true, several: true, inMemory: true}, r)
		panel(kind{Set: vec.INT8(), fused: true, group: 4, least: 2, starts: true, halves: true, shorts: true, shifts: true, beside: true, several: true, pieces: true}, r)
	}
	for r := 1; r <= 12; r++ {
		half(r)
	}
	amx("AMXBF16", 1, enc.TDPBF16PS, VADDPS)
	amx("AMXINT8", 2, enc.TDPBSSD, VPADDD)
	interleaves()
	Generate()
}

// kind is what a panel is made of.
type kind struct {
	vec.Set
	fused    bool // there is a form that packs B
	group    int  // rows of B that a step takes; 0: one
	least    int  // vectors that a sliver of few columns has at least
	halves   bool // few columns are multiplied in halves of vectors
	shorts   bool // of a last tile of more than a vector, few columns of the second are, too
	inMemory bool // a tile of one vector takes elements of A as operands in memory: VDPBF16PS and a broadcast of one take longer than both in one
	starts   bool // sums begin at Starts, one for each row
	shifts   bool // a last group of K may be partial
	several  bool // it takes several panels, one below the other
	twoSums  bool // a tile of one vector has two sums of each, of even and of odd steps: else each would wait for the one before
	pieces   bool // a tile without prefetches goes along K in loops of foreseen steps
	beside   bool // the last two groups are multiplied row by row, and rows are stored beside that
}

// tile generates the code for one panel height.
type tile struct {
	kind
	rows  int
	short bool     // the last vector is half of one
	p     Register // *MatmulPanel

	a               address.Rows
	b, c, cBytes, k Register
}

// newTile loads the arguments of a function that has just begun.
func newTile(s kind, rows int) *tile {
	t := &tile{kind: s, rows: rows, a: address.Rows{Bytes: GP64()}, cBytes: GP64(), b: GP64(), c: GP64(), k: GP64()}
	t.p = Load(Param("p"), GP64())
	if s.several {
		Label("panel")
	}
	if s.inMemory { // encodings need to know registers
		t.a = address.Rows{Bases: []Register{R8, R9, R10, R11}[:(rows+2)/3], Bytes: R12}
	} else {
		t.a = address.NewRows(rows, t.a.Bytes)
	}
	MOVQ(t.field("ABytes"), t.a.Bytes)
	MOVQ(t.field("CBytes"), t.cBytes)
	MOVQ(t.field("B"), t.b)
	MOVQ(t.field("C"), t.c)
	return t
}

func panel(s kind, rows int) {
	TEXT(fmt.Sprintf("Matmul%s%sR%d", s.Name, s.Type, rows), NOSPLIT, argument.Signature())
	Doc(fmt.Sprintf("Matmul%s%sR%d multiplies a panel of %d rows; see MatmulPanel.", s.Name, s.Type, rows, rows))
	t := newTile(s, rows)
	CMPQ(t.field("Tiles"), Imm(0))
	JE(LabelRef("tail"))
	if s.fused {
		CMPQ(t.field("Raw"), Imm(0))
		JNE(LabelRef("packing"))
	}

	Label("packed")
	t.begin("packed", 2)
	t.prefetching()
	TESTQ(t.k, t.k)
	JE(LabelRef("packed_sum"))
	t.repeat("packed_k", t.k)
	Label("packed_sum")
	t.end("packed", 2, nil)
	t.nextTile("packed")

	if s.fused {
		JMP(LabelRef("tail"))
		if t.pieces {
			Label("unpaced")
			TESTQ(t.k, t.k)
			JE(LabelRef("packed_sum"))
			t.inPieces("piece")
			JMP(LabelRef("packed_sum"))
		}
		Label("packing")
		if t.group == 4 {
			t.packingPairs()
		}
		packing := *t
		packing.beside = false // it reads B from elsewhere
		packing.begin("packing", 2)
		packing.packing()
		packing.end("packing", 2, nil)
		packing.nextTile("packing")
	}

	Label("tail")
	CMPQ(t.field("Tail"), Imm(0))
	JE(LabelRef("done"))
	CMPQ(t.field("Tail"), U32(uint32(s.Lanes())))
	JG(LabelRef("wide"))
	if s.halves {
		CMPQ(t.field("Tail"), U32(uint32(s.Lanes()/2)))
		JG(LabelRef("narrow"))
		half := *t
		half.Set, half.least = s.Half(), 2*max(s.least, 1)
		half.tail("half", 1)
		JMP(LabelRef("done"))
		Label("narrow")
	}
	t.tail("narrow", 1)
	JMP(LabelRef("done"))
	Label("wide")
	if s.shorts {
		CMPQ(t.field("Tail"), U32(uint32(s.Lanes()+s.Lanes()/2)))
		JG(LabelRef("widest"))
		short := *t
		short.short = true
		short.tail("wide", 2)
		JMP(LabelRef("done"))
		Label("widest")
	}
	t.tail("widest", 2)
	Label("done")
	if s.several {
		t.nextPanel()
	}
	VZEROUPPER()
	RET()
}

// nextPanel goes on with the panel below, if there is one: its B is packed, and nothing of it is copied.
func (t *tile) nextPanel() {
	DECQ(t.field("Panels"))
	JLE(LabelRef("last"))
	down, next := GP64(), GP64()
	IMUL3Q(U32(uint32(t.rows)), t.field("ABytes"), down)
	MOVQ(t.field("A"), next)
	ADDQ(down, next)
	MOVQ(next, t.field("A"))
	ADDQ(down, next)
	CMPQ(t.field("Panels"), Imm(1))
	CMOVQEQ(t.field("After"), next)
	MOVQ(next, t.field("NextA"))
	ADDQ(t.field("Span"), next)
	MOVQ(next, t.field("NextEnd"))
	IMUL3Q(U32(uint32(t.rows)), t.field("CBytes"), down)
	ADDQ(down, t.field("C"))
	if t.starts {
		ADDQ(Imm(uint64(4*t.rows)), t.field("Starts"))
	}
	MOVQ(t.field("Across"), next)
	MOVQ(next, t.field("Tiles"))
	MOVQ(I32(0), t.field("Raw"))
	JMP(LabelRef("panel"))
	Label("last")
}

func (t *tile) field(name string) Mem { return field(t.p, name) }

// field is a field of the panel at p.
func field(p Register, name string) Mem { return argument.Field(p, name) }

// acc is the accumulator of row i, vector j, in a tile of the given width.
func (t *tile) acc(i, j, width int) VecPhysical { return t.V(i*width + j) }

// begin points a at the rows, sets the accumulators to 0 or to where they start and loads k.
func (t *tile) begin(name string, width int) {
	t.a.Point(t.field("A"))
	if t.starts {
		starts := GP64()
		MOVQ(t.field("Starts"), starts)
		for i := range t.rows {
			t.Broadcast(Mem{Base: starts, Disp: 4 * i}, t.acc(i, 0, width))
			for j := 1; j < width; j++ {
				t.Mov(t.acc(i, 0, width), t.acc(i, j, width))
			}
		}
	} else {
		for i := range t.rows * width {
			t.Zero(t.V(i))
		}
	}
	MOVQ(t.field("K"), t.k)
	if t.beside {
		t.beforeLast(name)
	}
}

// step multiplies the current column of A with the vectors of B that load left in the registers after the accumulators,
// and advances A.
func (t *tile) step(width int) {
	t.column(width, 0)
	t.a.Advance(U32(uint32(t.Elem)))
}

// column multiplies the column of A that is so many bytes behind the present one.
func (t *tile) column(width, disp int) {
	first := t.rows*width + width // registers left for broadcasts, in turn
	for i := range t.rows {
		t.multiply(i, width, t.rows*width, t.a.At(i, disp), t.V(first+i%min(4, t.Regs()-first)))
	}
}

// multiply adds the element of row i at m, broadcast to x, times the vectors of B from register b on.
func (t *tile) multiply(i, width, b int, m Mem, x VecPhysical) {
	if !t.inMemory || width == 2 && !t.short {
		t.Broadcast(m, x)
		t.multiplyBy(i, width, b, x)
		return
	}
	for j := range width {
		if b, sum := t.V(b+j), t.acc(i, j, width); t.isHalf(j, width) {
			t.Half().FMABroadcast(m, b.AsY(), sum.AsY())
		} else {
			t.FMABroadcast(m, b, sum)
		}
	}
}

// multiplyBy adds row i's element x times the vectors of B from register b on.
func (t *tile) multiplyBy(i, width, b int, x VecPhysical) {
	for j := range width {
		if b, sum := t.V(b+j), t.acc(i, j, width); t.isHalf(j, width) {
			t.Half().FMA(b.AsY(), x.AsY(), sum.AsY())
		} else {
			t.FMA(b, x, sum)
		}
	}
}

// isHalf says whether of vector j one half is enough.
func (t *tile) isHalf(j, width int) bool { return t.short && j == width-1 }

// loadB loads a row of a packed sliver and advances.
func (t *tile) loadB(width int) { t.loadRowOfB(width, t.rows*width) }

// loadRowOfB loads it to the registers from first on.
func (t *tile) loadRowOfB(width, first int) {
	for j := range width {
		m, v := Mem{Base: t.b, Disp: j * t.Bytes}, t.V(first+j)
		if t.isHalf(j, width) {
			t.Half().Mov(m, v.AsY())
		} else {
			t.Mov(m, v)
		}
	}
	ADDQ(U32(uint32(max(width, t.least)*t.Bytes)), t.b)
}

// store writes the tile to C, adding what is there when the panel accumulates. Masks are nil for whole vectors.
func (t *tile) store(name string, width int, masks []vec.Mask) {
	c := GP64()
	each := func(f func(m Mem, i, j int)) {
		MOVQ(t.c, c)
		for i := range t.rows {
			for j := range width {
				f(Mem{Base: c, Disp: j * t.Bytes}, i, j)
			}
			if i < t.rows-1 {
				ADDQ(t.cBytes, c)
			}
		}
	}
	CMPQ(t.field("Accumulate"), Imm(0))
	JE(LabelRef(name + "_store"))
	each(func(m Mem, i, j int) {
		v := t.acc(i, j, width)
		if masks == nil {
			t.Add(m, v, v)
		} else {
			masks[j].AddFrom(m, v, t.V(t.Regs()-1))
		}
	})
	Label(name + "_store")
	each(func(m Mem, i, j int) {
		if masks == nil {
			t.Mov(t.acc(i, j, width), m)
		} else {
			masks[j].Store(t.acc(i, j, width), m)
		}
	})
}

// nextTile moves C to the right and repeats while tiles are left.
func (t *tile) nextTile(name string) {
	ADDQ(U32(uint32(2*t.Bytes)), t.c)
	DECQ(t.field("Tiles"))
	JNZ(LabelRef(name))
}

// tail is the last tile, of width vectors, of which only TailLanes are columns of C.
func (t *tile) tail(name string, width int) {
	var masks []vec.Mask
	load := func() {
		lanes := GP64()
		MOVQ(t.field("TailLanes"), lanes)
		for j := range width {
			masks = append(masks, t.LoadMask(Mem{Base: lanes, Disp: j * t.Bytes}, t.V(t.rows*width+j)))
		}
	}
	if t.beside { // the masks are no vectors
		load()
	}
	if t.twoSums && width == 1 {
		t.inTwoSums(name)
		load()
		t.end(name, width, masks)
		return
	}
	t.begin(name, width)
	if t.beside {
		TESTQ(t.k, t.k)
		JE(LabelRef(name + "_sum"))
	}
	vec.Align()
	Label(name + "_k")
	t.loadB(width)
	t.step(width)
	DECQ(t.k)
	JNZ(LabelRef(name + "_k"))
	if t.beside {
		Label(name + "_sum")
	} else {
		load()
	}
	t.end(name, width, masks)
}

// inTwoSums multiplies a sliver of one vector, even and odd steps by themselves, and adds up what comes out.
func (t *tile) inTwoSums(name string) {
	steps := func(n int) {
		b := 2 * t.rows
		for s := range n {
			t.Mov(Mem{Base: t.b, Disp: s * t.Bytes}, t.V(b+s))
		}
		for i := range t.rows {
			for s := range n {
				x := t.V(b + 2 + s)
				t.Broadcast(t.a.At(i, s*t.Elem), x)
				t.FMA(t.V(b+s), x, t.acc(i, s, 2))
			}
		}
		ADDQ(U32(uint32(n*t.Bytes)), t.b)
		t.a.Advance(U32(uint32(n * t.Elem)))
	}
	t.begin(name, 2)
	BTRQ(Imm(0), t.k)
	JCC(LabelRef(name + "_even"))
	steps(1)
	Label(name + "_even")
	TESTQ(t.k, t.k)
	JE(LabelRef(name + "_sum"))
	vec.Align()
	Label(name + "_k")
	steps(2)
	SUBQ(Imm(2), t.k)
	JNZ(LabelRef(name + "_k"))
	Label(name + "_sum")
	for i := range t.rows {
		t.Add(t.acc(i, 1, 2), t.acc(i, 0, 2), t.acc(i, 0, 1))
	}
}
