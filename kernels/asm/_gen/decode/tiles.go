package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// tiles generates a decode function of AMX for rows of one length. 16 keys, as they lie in memory, are the rows of tiles that meet columns of the
// query; 16 values are the rows of tiles that meet rows of weights. A product of tiles sums up what 4 bytes hold, two elements or four: so a row of
// weights has zeros for all but one of them, and gives the output of every second or fourth column, and there are as many rows as elements in 4 bytes.
// Digits of the query have columns of their own, and those of weights rows, at no cost.
//
// Steps of 16 keys are in three stages: products of keys, whose scores are stored; weights, two turns later, since a load of what several stores
// left waits until they are done, as tiles do for any store; and two turns after that products of values.
type tiles struct {
	*pipeline
	unit   int // elements in 4 bytes
	digits int // of the query
	config Mem

	query, sums []int // tiles
	weight      int
	streams     []int

	st, slot, at reg.GPPhysical // the slot of scores in St; an address
	line, column reg.GPPhysical // distances: of 64 bytes, of scores
	key, value   reg.GPPhysical
	ldKey, ldVal reg.GPPhysical
	row          reg.GPPhysical // the query in memory, where it has not enough tiles
	left         reg.GPPhysical // steps
}

// tileParts are what tiles for some elements have of their own.
type tileParts interface {
	begin() // registers, the query, State
	clear() // the tile of scores before products
	weigh() // scores in a slot become rows of weights
	end()   // writes the output
	moves() // moves the reference
}

// Places in St.
const (
	noScores   = 0  // 64 bytes of zero
	scoreSlots = 64 // of four steps
	slotBytes  = 128
	weightRows = scoreSlots + 4*slotBytes
	tileSums   = weightRows + 4*4*slotBytes
	tileQuery  = tileSums + 16*64
)

// stagesApart is how many turns after products of keys their scores become weights, and how many after that these meet values.
const stagesApart = 2

// scoreTile is the tile of scores.
const scoreTile = 0

// newTiles chooses the registers.
func newTiles(p *pipeline, unit, digits int) *tiles {
	t := &tiles{pipeline: p, unit: unit, digits: digits}
	t.st, t.slot, t.at, t.line, t.column = reg.RSI, reg.RDI, reg.RAX, reg.R8, reg.R9
	t.key, t.value, t.ldKey, t.ldVal, t.left = reg.R10, reg.R11, reg.R12, reg.R13, reg.RDX
	chunks := t.chunksOfRow()
	next := scoreTile + 1
	take := func(n int) (of []int) {
		for range n {
			of = append(of, next)
			next++
		}
		return of
	}
	if t.queryStored() {
		t.row = reg.RCX
		t.query = take(1)
	} else {
		t.query = take(chunks)
	}
	t.weight = take(1)[0]
	t.sums = take(chunks)
	t.streams = take(min(8-next, 2))
	t.config = t.shapes()
	return t
}

// chunksOfRow is how many tiles a row takes.
func (t *tiles) chunksOfRow() int { return t.d * t.element.bytes / 64 }

// queryStored says that the query has one tile, which is loaded for each chunk: its tiles, those of the output and three more are too many.
func (t *tiles) queryStored() bool { return 2*t.chunksOfRow()+3 > 8 }

// shapes is the configuration.
func (t *tiles) shapes() Mem {
	words := make([]uint32, 16)
	words[0] = 1
	shape := func(tile, rows, bytes int) {
		words[4+tile/2] |= uint32(bytes) << (16 * (tile % 2))
		words[12+tile/4] |= uint32(rows) << (8 * (tile % 4))
	}
	shape(scoreTile, step, 4*t.digits)
	for _, q := range t.query {
		shape(q, step, 4*t.digits)
	}
	for _, s := range t.sums {
		shape(s, t.weightRowCount(), 64)
	}
	shape(t.weight, t.weightRowCount(), 64)
	for _, s := range t.streams {
		shape(s, step, 64)
	}
	return softmax.Words(fmt.Sprintf("decodeTiles%s%d", t.element.name, t.d), words)
}

// weightRowCount is the number of rows that weights have: two digits.
func (t *tiles) weightRowCount() int { return 2 * t.unit }

// op emits an instruction of tiles.
func (t *tiles) op(make func(m enc.Mem, tile int) enc.Inst, base, stride reg.GPPhysical, disp, tile int) {
	enc.EmitReading(make(enc.Mem{Base: base, Index: stride, Scale: 1, Disp: int32(disp)}, tile), base, stride)
}

func store(m enc.Mem, tile int) enc.Inst { return enc.TileStore(tile, m) }

// product is acc += a·b.
func (t *tiles) product(b, a, acc int) {
	if t.unit == 2 {
		enc.Emit(enc.TDPBF16PS(b, a, acc))
		return
	}
	if a == t.weight { // whose digits are unsigned
		enc.Emit(enc.TDPBUSD(b, a, acc))
		return
	}
	enc.Emit(enc.TDPBSSD(b, a, acc))
}

// function generates the function.
func (t *tiles) function(parts tileParts) {
	name := fmt.Sprintf("DecodeKeysAMX%sHead%d", t.element.name, t.d)
	TEXT(name, NOSPLIT, argument.Signature())
	Pragma("noescape")
	Doc(fmt.Sprintf("%s updates one query with keys and values of %d elements; see DecodeKeys.", name, t.d))
	t.state = get("State")
	LEAQ(t.config, t.at)
	enc.EmitReading(enc.LdTileCfg(enc.Mem{Base: t.at}), t.at)
	for i, f := range []string{"St", "K", "V", "LdK", "LdV"} {
		MOVQ(field(f), []reg.GPPhysical{t.st, t.key, t.value, t.ldKey, t.ldVal}[i])
	}
	MOVQ(I32(64), t.line)
	MOVQ(I32(int32(4*t.digits)), t.column)
	parts.begin()
	MOVQ(I32(0), t.slot)
	MOVQ(field("Keys"), t.left)
	ADDQ(Imm(step-1), t.left)
	SHRQ(Imm(4), t.left)
	t.site = GP64()
	CMPQ(t.left, Imm(2*stagesApart))
	JLT(LabelRef("few"))
	for i := range 2 * stagesApart {
		t.turn(parts, fmt.Sprint("fill", i), true, i >= stagesApart, false)
	}
	SUBQ(Imm(2*stagesApart), t.left)
	JZ(LabelRef("drain"))
	vec.Align()
	Label("steps")
	t.turn(parts, "steps", true, true, true)
	SUBQ(Imm(1), t.left)
	JNZ(LabelRef("steps"))
	Label("drain")
	for i := range 2 * stagesApart {
		t.turn(parts, fmt.Sprint("drain", i), false, i < stagesApart, true)
	}
	JMP(LabelRef("end"))

	Label("few") // one step after the other
	t.turn(parts, "few_keys", true, false, false)
	t.moveSlot(stagesApart - 1)
	t.turn(parts, "few", false, true, false)
	t.moveSlot(1)
	t.turn(parts, "few_values", false, false, true)
	SUBQ(Imm(1), t.left)
	JG(LabelRef("few"))
	Label("end")
	parts.end()
	parts.moves()
}

// turn emits some stages, each of another step.
func (t *tiles) turn(parts tileParts, part string, keys, weights, values bool) {
	t.part = part
	if values {
		t.pointToWeights()
		t.op(enc.TileLoad, t.at, t.line, 0, t.weight)
	}
	if keys {
		t.keyProducts(parts)
	}
	if values {
		t.valueProducts()
	}
	if keys {
		LEAQ(Mem{Base: t.st, Index: t.slot, Scale: 1, Disp: scoreSlots}, t.at)
		t.op(store, t.at, t.column, 0, scoreTile)
	}
	if weights {
		t.moveSlot(-stagesApart)
		t.pointToWeights()
		parts.weigh()
		t.moveSlot(stagesApart)
	}
	t.moveSlot(1)
}

// moveSlot goes to the slot of scores so many steps later.
func (t *tiles) moveSlot(steps int) {
	ADDQ(I32(int32(slotBytes*steps)), t.slot)
	ANDQ(I32(3*slotBytes), t.slot)
}

// keyProducts makes the scores of 16 keys. Two tiles are loaded before the first of them is multiplied: so what comes from L2 is on its way.
func (t *tiles) keyProducts(parts tileParts) {
	parts.clear()
	chunks := t.chunksOfRow()
	for first := 0; first < chunks; first += len(t.streams) {
		last := min(first+len(t.streams), chunks)
		for c := first; c < last; c++ {
			if t.row != nil {
				t.op(enc.TileLoad, t.row, t.column, 64*c, t.query[0])
			}
			t.op(enc.TileLoadT1, t.key, t.ldKey, 64*c, t.streams[c-first])
		}
		for c := first; c < last; c++ {
			t.product(t.query[c%len(t.query)], t.streams[c-first], scoreTile)
		}
	}
	for range 2 {
		LEAQ(Mem{Base: t.key, Index: t.ldKey, Scale: 8}, t.key)
	}
}

// valueProducts adds 16 weighted values to the output.
func (t *tiles) valueProducts() {
	chunks := t.chunksOfRow()
	for first := 0; first < chunks; first += len(t.streams) {
		last := min(first+len(t.streams), chunks)
		for c := first; c < last; c++ {
			t.op(enc.TileLoadT1, t.value, t.ldVal, 64*c, t.streams[c-first])
		}
		for c := first; c < last; c++ {
			t.product(t.streams[c-first], t.weight, t.sums[c])
		}
	}
	for range 2 {
		LEAQ(Mem{Base: t.value, Index: t.ldVal, Scale: 8}, t.value)
	}
}

// storeSums brings the sums of the output into memory, loadSums back.
func (t *tiles) storeSums() {
	for i, s := range t.sums {
		t.op(store, t.st, t.line, t.sumsAt(i, 0), s)
	}
}

func (t *tiles) loadSums() {
	for i, s := range t.sums {
		t.op(enc.TileLoad, t.st, t.line, t.sumsAt(i, 0), s)
	}
}

// sumsAt is where a row of a tile of the output is then.
func (t *tiles) sumsAt(tile, row int) int { return tileSums + 64*(t.weightRowCount()*tile+row) }

// sumRow is that place.
func (t *tiles) sumRow(tile, row int) Mem { return Mem{Base: t.st, Disp: t.sumsAt(tile, row)} }

// scores is where the scores of a step are that become weights.
func (t *tiles) scores(vector int) Mem {
	return Mem{Base: t.st, Index: t.slot, Scale: 1, Disp: scoreSlots + 64*vector}
}

// pointToWeights sets at to the weights of a slot.
func (t *tiles) pointToWeights() {
	LEAQ(Mem{Base: t.st, Index: t.slot, Scale: 4, Disp: weightRows}, t.at)
}

// rowOfWeights is where a row of weights is.
func (t *tiles) rowOfWeights(i int) Mem { return Mem{Base: t.at, Disp: 64 * i} }

// waiting goes to the weights that no values have met when a move comes, those before the ones to be made, emits body, and comes back.
func (t *tiles) waiting(body func()) {
	t.moveSlot(-1)
	t.pointToWeights()
	body()
	t.moveSlot(1)
	t.pointToWeights()
}

// finish ends a call: no state of tiles outlives it.
func (t *tiles) finish() {
	enc.Emit(enc.TileRelease())
	VZEROUPPER()
	RET()
}
