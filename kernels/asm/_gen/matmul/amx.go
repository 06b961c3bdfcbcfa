package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// A block of 2×2 tiles of C takes all eight: tmm0-3 are C, tmm4 and 5 are rows 0-15 and 16-31 of A, tmm6 and 7 columns 0-15
// and 16-31 of B. Four loads feed four products; a larger block would need more tiles. B streams by once for each panel, so
// its loads carry the hint that says so, and leave L1 to the panel of A. Every other sliver is walked from its last step to
// its first, so that what the walk before has left of A in L1 is used first.
//
// A finished block goes to a buffer in L1, and from there to C in vectors during the steps of the block after it: a tile
// stored to C writes 16 rows at once, which wait for each other when they miss L1, and share a set of it when rows are a
// power of two apart. The same steps bring the lines of C that the present block will be written to into L2, and those that
// are written to next into L1, and into L2 the panel of A below the present one: four of its rows during each sliver.
//
// The registers: RDI the MatmulPanel, RDX 64, the distance of rows of packed tiles, R8 and R11 those of A and C, R13 three
// times R8, R9 B, R10 C, RSI and RBX A's rows 0 and 16, RCX steps left, R14 where in C the buffered block goes, 0 when there
// is none, R15 where in the buffer it is, RAX how many of its rows are left there, R12 what to ask for of A.
type blockOfTiles struct {
	rows int // of tiles: 1 or 2
	mul  func(b, a, acc int) enc.Inst
}

// bufferRow is the distance in bytes of the rows of a block in the buffer.
const bufferRow = 128

// rowsAhead is how many rows before it is written a line of C is brought into L1: so few that L1 has room for them in one set.
const rowsAhead = 4

// amx generates the functions for panels of up to 16 and up to 32 rows.
func amx(name string, mul func(b, a, acc int) enc.Inst) {
	for rows := 1; rows <= 2; rows++ {
		blockOfTiles{rows, mul}.function(fmt.Sprintf("Matmul%sR%d", name, 16*rows))
	}
}

func (t blockOfTiles) function(name string) {
	TEXT(name, NOSPLIT, signature)
	Doc(fmt.Sprintf("%s multiplies panels of up to %d rows with tiles; see MatmulPanel.", name, 16*t.rows))
	Load(Param("p"), RDI)
	MOVQ(field(RDI, "ABytes"), R8)
	LEAQ(Mem{Base: R8, Index: R8, Scale: 2}, R13)
	MOVQ(field(RDI, "CBytes"), R11)
	MOVQ(U32(64), RDX)
	XORQ(R14, R14)
	for _, f := range []string{"A", "C", "Panels", "Below"} {
		MOVQ(field(RDI, f), RAX)
		MOVQ(RAX, field(RDI, "Now"+f))
	}

	Label("shaped")
	MOVQ(field(RDI, "Shapes"), RAX)
	CMPQ(field(RDI, "Tiles"), Imm(0))
	JE(LabelRef("panel"))
	enc.Emit(enc.LdTileCfg(enc.Mem{Base: RAX}))
	Label("panel")
	MOVQ(field(RDI, "B"), R9)
	MOVQ(field(RDI, "NowC"), R10)
	MOVQ(field(RDI, "Tiles"), RAX)
	MOVQ(RAX, field(RDI, "Left"))
	TESTQ(RAX, RAX)
	JE(LabelRef("tail"))
	Label("tile")
	MOVQ(field(RDI, "Left"), RAX)
	XORQ(field(RDI, "Turn"), RAX)
	TESTQ(U32(1), RAX)
	JNE(LabelRef("backward"))
	product{t, "forward", 2, false, true}.emit()
	JMP(LabelRef("next_tile"))
	Label("backward")
	product{t, "backward", 2, true, true}.emit()
	Label("next_tile")
	ADDQ(U32(128), R10)
	DECQ(field(RDI, "Left"))
	JNZ(LabelRef("tile"))

	Label("tail")
	CMPQ(field(RDI, "Tail"), Imm(0))
	JE(LabelRef("next"))
	MOVQ(field(RDI, "Shapes"), RAX)
	enc.Emit(enc.LdTileCfg(enc.Mem{Base: RAX, Disp: 64}))
	CMPQ(field(RDI, "Tail"), Imm(16))
	JG(LabelRef("wide"))
	product{t, "narrow", 1, false, false}.emit()
	JMP(LabelRef("next"))
	Label("wide")
	product{t, "wide", 2, false, false}.emit()

	Label("next")
	DECQ(field(RDI, "NowPanels"))
	JE(LabelRef("done"))
	for _, m := range []struct {
		base  string
		bytes Register
	}{{"A", R8}, {"C", R11}} {
		MOVQ(field(RDI, "Rows"), RAX)
		IMULQ(m.bytes, RAX)
		ADDQ(RAX, field(RDI, "Now"+m.base))
	}
	DECQ(field(RDI, "NowBelow"))
	CMPQ(field(RDI, "Tail"), Imm(0))
	JE(LabelRef("panel")) // the shapes are those of full tiles
	JMP(LabelRef("shaped"))
	Label("done")
	TESTQ(R14, R14)
	JE(LabelRef("released"))
	MOVQ(field(RDI, "Rows"), RAX)
	MOVQ(field(RDI, "Buffer"), R15)
	copyRows("last")
	Label("released")
	enc.Emit(enc.TileRelease())
	VZEROUPPER()
	RET()
}

// product is the code of one block of C.
type product struct {
	blockOfTiles
	name     string
	cols     int  // of tiles
	backward bool // from the last step to the first
	full     bool // a whole block, which may go through the buffer
}

// each applies f to C's tiles, whose rows 16 RSI is made to point at.
func (p product) each(f func(c enc.Mem, tile int)) {
	MOVQ(R11, RSI)
	SHLQ(Imm(4), RSI)
	ADDQ(R10, RSI)
	for i := range p.rows {
		for j := range p.cols {
			f(enc.Mem{Base: []GPPhysical{R10, RSI}[i], Index: R11, Scale: 1, Disp: int32(64 * j)}, 2*i+j)
		}
	}
}

// emit computes the block from K steps. It leaves B at the next sliver.
func (p product) emit() {
	label := func(s string) string { return p.name + "_" + s }
	CMPQ(field(RDI, "Accumulate"), Imm(0))
	JE(LabelRef(label("zero")))
	p.each(func(c enc.Mem, tile int) { enc.Emit(enc.TileLoad(c, tile)) })
	JMP(LabelRef(label("start")))
	Label(label("zero"))
	for i := range p.rows {
		for j := range p.cols {
			enc.Emit(enc.TileZero(2*i + j))
		}
	}
	Label(label("start"))
	MOVQ(field(RDI, "NowA"), RSI)
	MOVQ(field(RDI, "K"), RCX)
	if p.full {
		p.ask(label("asked"))
	}
	if p.backward {
		LEAQ(Mem{Base: RCX, Disp: -1}, RAX)
		SHLQ(Imm(6), RAX)
		ADDQ(RAX, RSI)
		ADDQ(RAX, R12)
		SHLQ(Imm(5), RAX)
		ADDQ(RAX, R9)
	}
	if p.rows == 2 {
		MOVQ(R8, RBX)
		SHLQ(Imm(4), RBX)
		ADDQ(RSI, RBX)
	}
	if p.full {
		XORQ(RAX, RAX)
		TESTQ(R14, R14)
		JE(LabelRef(label("k")))
		MOVQ(field(RDI, "Rows"), RAX)
		MOVQ(field(RDI, "Buffer"), R15)
		CMPQ(RAX, Imm(2))
		JL(LabelRef(label("k")))
		vec.Align()
		Label(label("copy"))
		p.step(true)
		ADDQ(U32(2*bufferRow), R15)
		SUBQ(Imm(2), RAX)
		DECQ(RCX)
		JE(LabelRef(label("summed")))
		CMPQ(RAX, Imm(2))
		JGE(LabelRef(label("copy")))
	}
	vec.Align()
	Label(label("k"))
	p.step(false)
	DECQ(RCX)
	JNZ(LabelRef(label("k")))
	Label(label("summed"))
	if p.backward {
		MOVQ(field(RDI, "K"), RCX)
		INCQ(RCX)
		SHLQ(Imm(11), RCX)
		ADDQ(RCX, R9)
	}
	if p.full {
		TESTQ(RAX, RAX)
		JE(LabelRef(label("copied")))
		copyRows(label("rest"))
		Label(label("copied"))
		MOVQ(field(RDI, "Buffer"), R15)
		TESTQ(R15, R15)
		JE(LabelRef(label("direct")))
		for i := range p.rows {
			for j := range p.cols {
				enc.Emit(enc.TileStore(2*i+j, enc.Mem{Base: R15, Index: RDX, Scale: bufferRow / 64, Disp: int32(16*bufferRow*i + 64*j)}))
			}
		}
		MOVQ(R10, R14)
		JMP(LabelRef(label("end")))
		Label(label("direct"))
	}
	p.each(func(c enc.Mem, tile int) { enc.Emit(enc.TileStore(tile, c)) })
	if p.full {
		Label(label("end"))
	}
}

// ask points R12 at what is to be asked for of A: four rows of the panel below, if there is one and any of it is left, or else
// of this panel, which costs next to nothing.
func (p product) ask(done string) {
	MOVQ(RSI, R12)
	CMPQ(field(RDI, "NowBelow"), Imm(0))
	JLE(LabelRef(done))
	MOVQ(field(RDI, "Tiles"), RAX)
	SUBQ(field(RDI, "Left"), RAX)
	SHLQ(Imm(2), RAX)
	CMPQ(RAX, field(RDI, "Rows"))
	JGE(LabelRef(done))
	ADDQ(field(RDI, "Rows"), RAX)
	IMULQ(R8, RAX)
	ADDQ(RAX, R12)
	Label(done)
}

// step adds the products of 64 bytes of A's rows. Between them it asks for memory, and copies two rows of the buffered block.
func (p product) step(copying bool) {
	n := 0
	between := func() { // a quarter of the other work
		if !p.full {
			return
		}
		row := []Mem{{Base: R12}, {Base: R12, Index: R8, Scale: 1}, {Base: R12, Index: R8, Scale: 2}, {Base: R12, Index: R13, Scale: 1}}
		PREFETCHT1(row[n])
		if copying {
			d := n % 2 * 64
			VMOVDQU64(Mem{Base: R15, Disp: 64 * n}, zmm(n))
			VMOVDQU64(zmm(n), Mem{Base: R14, Disp: d})
			enc.Emit(enc.PrefetchW(enc.Mem{Base: R14, Index: R11, Scale: rowsAhead, Disp: int32(d)}))
			PREFETCHT1(Mem{Base: R14, Disp: d + 128})
			if n%2 == 1 {
				ADDQ(R11, R14)
			}
		}
		n++
	}
	at := int32(64)
	if p.backward {
		at = -at
	}
	enc.Emit(enc.TileLoad(enc.Mem{Base: RSI, Index: R8, Scale: 1}, 4))
	for j := range p.cols {
		enc.Emit(enc.TileLoadT1(enc.Mem{Base: R9, Index: RDX, Scale: 1, Disp: int32(1024 * j)}, 6+j))
		enc.Emit(p.mul(6+j, 4, j))
		between()
	}
	if p.rows == 2 {
		enc.Emit(enc.TileLoad(enc.Mem{Base: RBX, Index: R8, Scale: 1}, 5))
		for j := range p.cols {
			enc.Emit(p.mul(6+j, 5, 2+j))
			between()
		}
		ADDQ(I32(at), RBX)
	} else {
		between()
		between()
	}
	ADDQ(I32(at), RSI)
	if p.full {
		ADDQ(I32(at), R12)
	}
	ADDQ(I32(32*at), R9)
}

// copyRows copies the RAX rows that are left of the buffered block.
func copyRows(name string) {
	Label(name)
	for j := range 2 {
		VMOVDQU64(Mem{Base: R15, Disp: 64 * j}, zmm(j))
		VMOVDQU64(zmm(j), Mem{Base: R14, Disp: 64 * j})
	}
	ADDQ(U32(bufferRow), R15)
	ADDQ(R11, R14)
	DECQ(RAX)
	JNZ(LabelRef(name))
}
