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

// product is the code of one block of C.
type product struct {
	blockOfTiles
	name     string
	cols     int  // of tiles
	backward bool // from the last step to the first
	whole    bool // its sums leave during the first step of the next block
}

// asks says whether steps prefetch the panel of A below.
func (p product) asks() bool { return p.whole && !p.streamsA && !p.near && p.add == nil }

// brings says whether steps bring rows of C into L1.
func (p product) brings() bool { return p.whole && !p.asks() && !p.near && p.add == nil }

// each applies f to C's tiles. R15 is lost.
func (p product) each(f func(c enc.Mem, tile int)) {
	MOVQ(R11, R15)
	SHLQ(Imm(4), R15)
	ADDQ(R10, R15)
	for i := range p.rows {
		for j := range p.cols {
			f(enc.Mem{Base: []GPPhysical{R10, R15}[i], Index: R11, Scale: 1, Disp: int32(64 * j)}, 2*i+j)
		}
	}
}

// zero clears C's tiles.
func (p product) zero() {
	for i := range p.rows {
		for j := range p.cols {
			enc.Emit(enc.TileZero(2*i + j))
		}
	}
}

// emit computes a block from K steps, and stores it.
func (p product) emit() {
	label := func(s string) string { return p.name + "_" + s }
	CMPQ(field(RDI, "Accumulate"), Imm(0))
	JE(LabelRef(label("zero")))
	p.each(func(c enc.Mem, tile int) { enc.Emit(enc.TileLoad(c, tile)) })
	JMP(LabelRef(label("start")))
	Label(label("zero"))
	p.zero()
	Label(label("start"))
	p.begin()
	vec.Align()
	Label(label("k"))
	p.step(plain)
	p.storeIdle(label("awake"))
	CMPQ(R9, field(RDI, "NowK"))
	JNE(LabelRef(label("k")))
	p.rewind()
	p.each(func(c enc.Mem, tile int) { enc.Emit(enc.TileStore(tile, c)) })
}

// emitWhole computes a whole block from K steps, stores the one before it, and leaves B at the next sliver.
func (p product) emitWhole() {
	label := func(s string) string { return p.name + "_" + s }
	p.begin()
	if !p.packs() && p.add == nil {
		CMPQ(field(RDI, "Accumulate"), Imm(0))
		JNE(LabelRef(label("adding")))
	}
	TESTQ(R14, R14)
	JE(LabelRef(label("zero")))
	whereTo(label("first"))
	p.step(changing)

	Label(label("stored")) // what is in the buffer is to be copied
	XORQ(RAX, RAX)
	MOVQ(field(RDI, "Buffer"), R15)
	TESTQ(R15, R15)
	JE(LabelRef(label("steps")))
	MOVQ(field(RDI, "Rows"), RAX)
	Label(label("steps"))
	CMPQ(R9, field(RDI, "NowK"))
	JE(LabelRef(label("summed")))
	CMPQ(RAX, Imm(rowsPerStep))
	JL(LabelRef(label("k")))
	vec.Align()
	Label(label("copy"))
	p.step(copying)
	ADDQ(U32(rowsPerStep*bufferRow), R15)
	SUBQ(Imm(rowsPerStep), RAX)
	CMPQ(R9, field(RDI, "NowK"))
	JE(LabelRef(label("summed")))
	CMPQ(RAX, Imm(rowsPerStep))
	JGE(LabelRef(label("copy")))
	vec.Align()
	Label(label("k"))
	p.step(plain)
	p.storeIdle(label("awake"))
	CMPQ(R9, field(RDI, "NowK"))
	JNE(LabelRef(label("k")))
	JMP(LabelRef(label("summed")))

	if !p.packs() && p.add == nil {
		p.addToC(label)
	}
	Label(label("zero"))
	p.zero()
	XORQ(RAX, RAX)
	JMP(LabelRef(label("k")))

	Label(label("summed"))
	TESTQ(RAX, RAX)
	JE(LabelRef(label("copied")))
	p.copyRows(label("rest"))
	Label(label("copied"))
	p.rewind()
	MOVQ(R10, R14)
}

// addToC begins a block with what is in C, after the block before has left its tiles.
func (p product) addToC(label func(string) string) {
	Label(label("adding"))
	TESTQ(R14, R14)
	JE(LabelRef(label("load")))
	whereTo(label("adding"))
	p.store()
	Label(label("load"))
	p.each(func(c enc.Mem, tile int) { enc.Emit(enc.TileLoad(c, tile)) })
	TESTQ(R14, R14)
	JNE(LabelRef(label("stored")))
	XORQ(RAX, RAX)
	JMP(LabelRef(label("k")))
}

// rewind leaves B at the next sliver.
func (p product) rewind() {
	if p.backward {
		MOVQ(field(RDI, "K"), RAX)
		INCQ(RAX)
		SHLQ(Imm(11), RAX)
		ADDQ(RAX, R9)
	}
}

// begin points at the first step of A and B, at what is to be asked for of A, and NowK behind the last step of B: a count in memory
// would be a store in each step, for which loads with the same offset in a page wait.
func (p product) begin() {
	MOVQ(field(RDI, "NowA"), RSI)
	if p.backward {
		LEAQ(Mem{Base: R9, Disp: -2048}, RAX)
	} else {
		MOVQ(field(RDI, "K"), RAX)
		SHLQ(Imm(11), RAX)
		ADDQ(R9, RAX)
	}
	MOVQ(RAX, field(RDI, "NowK"))
	if p.asks() {
		p.ask(p.name + "_asked")
	}
	if p.backward {
		MOVQ(field(RDI, "K"), RAX)
		DECQ(RAX)
		SHLQ(Imm(6), RAX)
		ADDQ(RAX, RSI)
		if p.asks() {
			ADDQ(RAX, R12)
		}
		SHLQ(Imm(5), RAX)
		ADDQ(RAX, R9)
	}
	if p.rows == 2 && !p.packs() {
		MOVQ(R8, RBX)
		SHLQ(Imm(4), RBX)
		ADDQ(RSI, RBX)
	}
	switch {
	case p.near && !p.past:
		p.beginAhead()
		fallthrough
	case p.near:
		MOVQ(R10, R12)
	case p.brings():
		MOVQ(R10, p.comingRows())
	}
}

// beginAhead points R13 two steps ahead in B, and NowJump at where the next sliver's first two steps begin in the direction of this one:
// they are walked in the other. After the last sliver of a panel that is beside B; the next panel begins with the sliver that is in L1.
func (p product) beginAhead() {
	if p.backward {
		LEAQ(Mem{Base: R9, Disp: 2 * stepBytes}, R13)
		ADDQ(field(RDI, "NowCopy"), R13)
		MOVQ(R13, field(RDI, "NowJump"))
		LEAQ(Mem{Base: R9, Disp: -2 * stepBytes}, R13)
		CMPQ(R13, field(RDI, "NowK"))
		CMOVQLE(field(RDI, "NowJump"), R13)
		return
	}
	MOVQ(field(RDI, "NowK"), R13)
	SUBQ(R9, R13)
	ADDQ(field(RDI, "NowK"), R13)
	ADDQ(field(RDI, "NowCopy"), R13)
	SUBQ(U32(2*stepBytes), R13)
	MOVQ(R13, field(RDI, "NowJump"))
	LEAQ(Mem{Base: R9, Disp: 2 * stepBytes}, R13)
	CMPQ(R13, field(RDI, "NowK"))
	CMOVQGE(field(RDI, "NowJump"), R13)
}

// bringNear prefetches what is taken of B two steps later, or, where Pace says so, rows of where the block goes in C; see bringRows.
func (p product) bringNear(n int, here string) {
	if p.past {
		p.bringRows(R12, here)
		return
	}
	CMPQ(field(RDI, "Pace"), Imm(0))
	JNE(LabelRef(here + "_c"))
	for i := range stepBytes / 64 / 4 {
		PREFETCHT0(Mem{Base: R13, Disp: stepBytes/4*n + 64*i})
	}
	JMP(LabelRef(here + "_rows"))
	Label(here + "_c")
	p.bringRows(R12, here)
}

// comingRows is where in C the next rows are to come into L1.
func (p product) comingRows() GPPhysical {
	if p.packs() {
		return RCX
	}
	return R12
}

// bringRows prefetches twice Pace rows of where the block goes in C, up to eight, from next on.
func (p product) bringRows(next GPPhysical, here string) {
	for pace, rows := range []int{2, 2, 4} {
		if pace > 0 || !p.near || p.past { // else Pace is at least 1
			CMPQ(field(RDI, "Pace"), Imm(uint64(pace)))
			JLE(LabelRef(here + "_rows"))
		}
		for range rows {
			for j := range int32(2) {
				enc.Emit(enc.PrefetchW(enc.Mem{Base: next, Disp: 64 * j}))
			}
			ADDQ(R11, next)
		}
	}
	Label(here + "_rows")
}

// ask points R12 at what is to be asked for of A: rows of the panel below, if there is one and any of it is left, or else
// at what is in L1, this panel or the sliver, which costs next to nothing. Rows of the panel below count as R8 bytes apart: where the present one is a copy
// they nearly are.
func (p product) ask(done string) {
	MOVQ(RSI, R12)
	CMPQ(field(RDI, "NowBelow"), Imm(0))
	JLE(LabelRef(done))
	MOVQ(field(RDI, "Tiles"), RAX)
	SUBQ(field(RDI, "Left"), RAX)
	IMUL3Q(Imm(rowsAsked), RAX, RAX)
	CMPQ(RAX, field(RDI, "Rows"))
	JGE(LabelRef(done))
	IMULQ(R8, RAX)
	ADDQ(field(RDI, "NowNext"), RAX)
	MOVQ(RAX, R12)
	Label(done)
}

// rowsAsked is how many rows of the panel below are asked for during each sliver.
const rowsAsked = 4

// What a step does besides its products.
type work int

const (
	plain    work = iota
	changing      // the sums of the block before leave their tiles
	copying       // rows of the buffer are copied to C
)

// step adds the products of 64 bytes of A's rows. Between them it asks for memory, and does other work.
func (p product) step(w work) {
	loadA, loadB := enc.TileLoad, enc.TileLoadT1
	switch {
	case p.near && !p.past:
		loadB = loadA
	case p.streamsA:
		loadA, loadB = loadB, loadA
	}
	n := 0
	product := func(b, a, acc int) {
		if w == changing {
			p.change(acc)
		}
		enc.Emit(p.mul(b, a, acc))
		p.between(w, n)
		n++
	}
	rows := func(i int) {
		if i == 1 && p.packs() { // which takes RBX meanwhile
			LEAQ(Mem{Base: RSI, Index: R8, Scale: 8}, RBX)
			LEAQ(Mem{Base: RBX, Index: R8, Scale: 8}, RBX)
		}
		enc.Emit(loadA(enc.Mem{Base: []GPPhysical{RSI, RBX}[i], Index: R8, Scale: 1}, 4+i))
	}
	columns := func(j int) { enc.Emit(loadB(enc.Mem{Base: R9, Index: RDX, Scale: 1, Disp: int32(1024 * j)}, 6+j)) }
	each := func(n int, load func(int)) {
		for i := range n {
			load(i)
		}
	}
	if w == changing { // all loads come before the stores: else they would wait for those with the same offset in a page
		each(p.rows, rows)
		each(p.cols, columns)
		rows, columns = func(int) {}, func(int) {}
	}
	rows(0)
	each(p.cols, func(j int) { columns(j); product(6+j, 4, j) })
	at := int32(64)
	if p.backward {
		at = -at
	}
	if p.rows == 2 {
		rows(1)
		each(p.cols, func(j int) { product(6+j, 5, 2+j) })
		if !p.packs() {
			ADDQ(I32(at), RBX)
		}
	} else {
		p.between(w, 2)
		p.between(w, 3)
	}
	ADDQ(I32(at), RSI)
	if p.asks() {
		ADDQ(I32(at), R12)
	}
	ADDQ(I32(32*at), R9)
	if p.near && !p.past {
		ADDQ(I32(32*at), R13)
		CMPQ(R13, field(RDI, "NowK"))
		CMOVQEQ(field(RDI, "NowJump"), R13)
	}
}

// between is quarter n of a step's other work: a prefetch of A, near of B, too, of the lines of C that will be written, a row of the buffer, and
// what is packed of the next line's columns.
func (p product) between(w work, n int) {
	if !p.whole {
		return
	}
	here := fmt.Sprintf("%s_%s_%d", p.name, []string{"plain", "changing", "copying"}[w], n)
	if p.asks() {
		PREFETCHT1(address.Four(R12, R8, R13)[n])
	}
	if p.near {
		p.bringNear(n, here)
	}
	if p.add != nil {
		p.askInOrder(n)
	}
	switch {
	case w == changing && n < 3: // the rows that are copied first
		for _, d := range []int32{0, 64} {
			m := enc.Mem{Base: R14, Disp: d}
			if n > 0 {
				m.Index, m.Scale = R11, n
			}
			enc.Emit(enc.PrefetchW(m))
		}
	case w == copying:
		for j := range 2 {
			p.copyRow(n, j)
			if !p.packs() && p.add == nil { // C is in L2, where all has room
				PREFETCHT1(Mem{Base: R14, Index: RCX, Scale: 1, Disp: 64 * j})
			}
		}
		ADDQ(R11, R14)
	}
	if p.brings() {
		p.bringRows(p.comingRows(), here)
	}
	if p.packs() && n%(4/p.groupsPerStep()) == 0 {
		p.packBeside(here)
	}
}
