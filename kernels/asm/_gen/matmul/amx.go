package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
)

// A block of 2×2 tiles of C takes all eight: tmm0-3 are C, tmm4 and 5 are rows 0-15 and 16-31 of A, tmm6 and 7 columns 0-15
// and 16-31 of B. Four loads feed four products; a larger block would need more tiles. One operand stays in L1 while the other
// streams by, whose loads carry the hint that says so: B while a panel of A is multiplied by many slivers, or A (Pass in the
// name) while many panels are multiplied by one sliver or two. Every other sliver is walked from its last step to its first, so
// that what the walk before has left of A in L1 is used first. Where L1 has room for a panel and slivers (Near in the name), neither
// load has the hint, every other panel passes the slivers from the last to the first, so that it begins with those that are in L1, and
// each step prefetches into L1 what is taken of B two steps later: too few tiles can be under way to hide that it comes from L2. Where steps are few, and L1
// does not hold C, they prefetch the rows of C that the block goes to instead. B that L1 does
// not hold has the hint then (NearPast).
//
// The sums of a block leave their tiles during the first step of the next one, each just before the product that needs the
// tile: products wait 52 cycles for their results, and the loads of the next step can begin meanwhile.
//
// They go to a buffer in L1, and from there to C in vectors during the steps that follow: a tile stored to C writes 16 rows at
// once, which wait for each other when they miss L1, and share a set of it when rows are a power of two apart. The
// same steps bring the lines of C that the present block will be written to into L2, and those that are written to next into L1,
// and into L2 the panel of A below the present one: four of its rows during each sliver.
//
// The registers: RDI the MatmulPanel, RDX 64, the distance of rows of packed tiles, R8 and R11 those of A and C, R13 three
// times R8, or near what to prefetch of B, R9 B, R10 C, RSI and RBX A's rows 0 and 16, RCX how far in C the next block is from the
// present one, R14 where in C the block before goes, 0 when there is none, R15 where in the buffer it is, RAX how many of its rows are
// left there, R12 what to ask for of A, or, but where B streams by,
// where in C the next rows are to come into L1.
type blockOfTiles struct {
	rows     int // of tiles: 1 or 2
	mul      func(b, a, acc int) enc.Inst
	streamsA bool        // A streams by, not B
	near     bool        // neither streams by; slivers are walked back and forth, and there is no Tail
	past     bool        // with near: B is loaded with the hint, and only rows of C are prefetched
	add      func(...Op) // not nil: what is in C is added by vectors, a panel stays in L1, and the one below is prefetched in the order in which it lies; B streams by
	line     int         // slivers of a line's columns of B; the next ones are packed beside the products of the present ones. 0: nothing is packed
}

// packs says whether B is packed beside products.
func (t blockOfTiles) packs() bool { return t.line > 0 }

// bufferRow is the distance in bytes of the rows of a block in the buffer.
const bufferRow = 128

// rowsAhead is how many rows before it is written a line of C is brought into L1: so few that L1 has room for them in one set.
const rowsAhead = 4

// rowsPerStep is how many rows of the buffer a step copies.
const rowsPerStep = 4

// stepBytes are those of B that a step takes.
const stepBytes = 2048

// amx generates the functions for panels of up to 16 and up to 32 rows. A line has so many slivers.
func amx(name string, line int, mul func(b, a, acc int) enc.Inst, add func(...Op)) {
	for rows := 1; rows <= 2; rows++ {
		blockOfTiles{rows: rows, mul: mul}.function(fmt.Sprintf("Matmul%sR%d", name, 16*rows))
		blockOfTiles{rows: rows, mul: mul, streamsA: true}.function(fmt.Sprintf("Matmul%sPassR%d", name, 16*rows))
		blockOfTiles{rows: rows, mul: mul, near: true}.function(fmt.Sprintf("Matmul%sNearR%d", name, 16*rows))
		blockOfTiles{rows: rows, mul: mul, near: true, past: true}.function(fmt.Sprintf("Matmul%sNearPastR%d", name, 16*rows))
		blockOfTiles{rows: rows, mul: mul, add: add}.function(fmt.Sprintf("Matmul%sChunksR%d", name, 16*rows))
	}
	byLine := blockOfTiles{rows: 2, mul: mul, streamsA: true, line: line}
	byLine.lines(fmt.Sprintf("Matmul%sLinesR32", name))
}

func (t blockOfTiles) function(name string) {
	TEXT(name, NOSPLIT, argument.Signature())
	how := map[bool]string{false: "B", true: "A"}[t.streamsA] + " is loaded past L1"
	if t.near {
		how = "slivers are walked back and forth"
		if t.past {
			how += ", and B is loaded past L1"
		}
	}
	if t.add != nil {
		how += ", and what is in C is added on the way there"
	}
	Doc(fmt.Sprintf("%s multiplies panels of up to %d rows with tiles; %s. See MatmulPanel.", name, 16*t.rows, how))
	t.load()
	if t.add != nil {
		loadMask()
	}

	Label("shaped")
	MOVQ(field(RDI, "Shapes"), RAX)
	if !t.near {
		CMPQ(field(RDI, "Tiles"), Imm(0))
		JNE(LabelRef("full"))
		ADDQ(Imm(64), RAX)
		Label("full")
	}
	enc.Emit(enc.LdTileCfg(enc.Mem{Base: RAX}))
	Label("panel")
	if t.add != nil {
		pointBelow()
	}
	MOVQ(field(RDI, "B"), R9)
	MOVQ(field(RDI, "NowC"), R10)
	MOVQ(field(RDI, "Tiles"), RAX)
	MOVQ(RAX, field(RDI, "Left"))
	if !t.near {
		TESTQ(RAX, RAX)
		JE(LabelRef("tail"))
	}
	Label("tile")
	MOVQ(field(RDI, "Left"), RAX)
	XORQ(field(RDI, "Turn"), RAX)
	if t.near { // a sliver has one direction, however many are left
		TESTQ(RCX, RCX)
		JG(LabelRef("rightwards"))
		ADDQ(field(RDI, "Tiles"), RAX)
		INCQ(RAX)
		Label("rightwards")
	}
	t.eitherWay()
	if t.near {
		ADDQ(field(RDI, "NowCopy"), R9)
		ADDQ(RCX, R10)
	} else {
		ADDQ(U32(128), R10)
	}
	DECQ(field(RDI, "Left"))
	JNZ(LabelRef("tile"))
	if t.near {
		t.turn()
		return
	}

	t.tail()
	Label("next")
	t.nextPanel()
	for _, all := range []string{"Tail", "Tiles"} { // where one is 0 the shapes are those of the other
		CMPQ(field(RDI, all), Imm(0))
		JE(LabelRef("panel"))
	}
	JMP(LabelRef("shaped"))
	t.done()
}

// load brings the arguments into registers, and those that are for panels into where they move.
func (t blockOfTiles) load() {
	Load(Param("p"), RDI)
	MOVQ(field(RDI, "ABytes"), R8)
	LEAQ(Mem{Base: R8, Index: R8, Scale: 2}, R13)
	MOVQ(field(RDI, "CBytes"), R11)
	MOVQ(U32(64), RDX)
	XORQ(R14, R14)
	MOVQ(field(RDI, "Across"), RAX)
	IMULQ(R11, RAX)
	MOVQ(U32(128), RCX) // to the right, or below when there is one sliver
	CMPQ(field(RDI, "Tiles"), Imm(1))
	CMOVQEQ(RAX, RCX)
	for _, f := range []string{"A", "C", "Panels", "Below"} {
		MOVQ(field(RDI, f), RAX)
		MOVQ(RAX, field(RDI, "Now"+f))
	}
	MOVQ(field(RDI, "NextA"), RAX)
	MOVQ(RAX, field(RDI, "NowNext"))
	if t.near {
		XORQ(RAX, RAX)
		MOVQ(RAX, field(RDI, "NowCopy"))
	}
}

// tail multiplies the columns that are no full tile, if there are some.
func (t blockOfTiles) tail() {
	Label("tail")
	CMPQ(field(RDI, "Tail"), Imm(0))
	JE(LabelRef("next"))
	CMPQ(field(RDI, "Tiles"), Imm(0))
	JE(LabelRef("shaped_tail"))
	t.flush("before_tail") // before the configuration clears the tiles
	MOVQ(field(RDI, "Shapes"), RAX)
	enc.Emit(enc.LdTileCfg(enc.Mem{Base: RAX, Disp: 64}))
	Label("shaped_tail")
	CMPQ(field(RDI, "Tail"), Imm(16))
	JG(LabelRef("wide"))
	product{t, "narrow", 1, false, false}.emit()
	JMP(LabelRef("next"))
	Label("wide")
	product{t, "wide", 2, false, false}.emit()
}

// nextPanel moves on to the panel below, or to done.
func (t blockOfTiles) nextPanel() {
	t.below("done", []move{{"A", R8}, {"Next", R8}, {"C", R11}})
	DECQ(field(RDI, "NowBelow"))
}

// move is a pointer that moves on by a panel of rows that are so many bytes apart.
type move struct {
	base  string
	bytes Register
}

// below moves pointers on to the panel below; if there is none it goes to none.
func (t blockOfTiles) below(none string, moves []move) {
	DECQ(field(RDI, "NowPanels"))
	JE(LabelRef(none))
	for _, m := range moves {
		MOVQ(field(RDI, "Across"), RAX)
		IMULQ(m.bytes, RAX)
		ADDQ(RAX, field(RDI, "Now"+m.base))
	}
}

// turn goes on with the panel below, from the sliver that the present one ended with. NowCopy is how far the next sliver is from where a
// block leaves B.
func (t blockOfTiles) turn() {
	t.nextPanel()
	NEGQ(RCX)
	JG(LabelRef("to_the_right"))
	MOVQ(field(RDI, "K"), RAX)
	SHLQ(Imm(11), RAX)
	SUBQ(RAX, R9) // the last sliver
	NEGQ(RAX)
	SHLQ(Imm(1), RAX)
	MOVQ(RAX, field(RDI, "NowCopy"))
	MOVQ(field(RDI, "Tiles"), RAX)
	MOVQ(RAX, field(RDI, "Left"))
	DECQ(RAX)
	SHLQ(Imm(7), RAX)
	MOVQ(field(RDI, "NowC"), R10)
	ADDQ(RAX, R10)
	JMP(LabelRef("tile"))
	Label("to_the_right")
	XORQ(RAX, RAX)
	MOVQ(RAX, field(RDI, "NowCopy"))
	JMP(LabelRef("panel"))
	t.done()
}

// done ends the function.
func (t blockOfTiles) done() {
	Label("done")
	t.flush("last")
	enc.Emit(enc.TileRelease())
	VZEROUPPER()
	RET()
}

// full computes a block of full tiles, in one direction along K.
func (t blockOfTiles) full(direction string) {
	product{t, direction, 2, direction == "backward", true}.emitWhole()
}

// eitherWay multiplies a full tile from the first step to the last one, or, where RAX is odd, the other way.
func (t blockOfTiles) eitherWay() {
	TESTQ(U32(1), RAX)
	JNE(LabelRef("backward"))
	t.full("forward")
	JMP(LabelRef("next_tile"))
	Label("backward")
	t.full("backward")
	Label("next_tile")
}
