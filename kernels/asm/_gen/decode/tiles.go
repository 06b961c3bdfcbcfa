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
//
// What stores take binds short rows. So there is another form of it, pair: a turn takes two steps, whose scores are columns of one tile, and digits of
// weights have products of their own: the rows of each are one vector in memory, read a byte earlier for each row.
type tiles struct {
	*pipeline
	unit   int  // elements in 4 bytes
	digits int  // of the query
	pair   bool // see below
	single bool // this turn takes one step, though
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

// apart is how many turns after products of keys their scores become weights, and how many after that these meet values.
const apart = 2

// group is the number of steps of a turn.
func (t *tiles) group() int {
	if t.pair {
		return 2
	}
	return 1
}

// steps is the number of steps that this turn takes.
func (t *tiles) stepsNow() int {
	if t.single {
		return 1
	}
	return t.group()
}

// scoreTile is the tile of scores.
const scoreTile = 0

// newTiles chooses the registers.
func newTiles(p *pipeline, unit, digits int, pair bool) *tiles {
	t := &tiles{pipeline: p, unit: unit, digits: digits, pair: pair}
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
		t.query = take(chunks * t.group())
	}
	t.weight = take(1)[0]
	t.sums = take(chunks)
	if t.pair {
		t.sums = append(t.sums, take(chunks)...)
	}
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
	shape(scoreTile, step, 4*t.columns())
	for _, q := range t.query {
		shape(q, step, 4*t.columns())
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

// columns is the number of columns of a tile of scores.
func (t *tiles) columns() int { return t.digits * t.group() }

// weightRowCount is the number of rows of a tile of weights: two digits, or one.
func (t *tiles) weightRowCount() int {
	if t.pair {
		return t.unit
	}
	return 2 * t.unit
}

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
	t.setLine(64)
	MOVQ(I32(int32(4*t.columns())), t.column)
	parts.begin()
	MOVQ(I32(0), t.slot)
	MOVQ(field("Keys"), t.left)
	ADDQ(Imm(step-1), t.left)
	SHRQ(Imm(4), t.left)
	t.site = GP64()
	CMPQ(t.left, Imm(uint64(2*apart*t.group())))
	JLT(LabelRef("few"))
	if t.pair {
		TESTQ(I32(1), t.left)
		JZ(LabelRef("even"))
		t.oneStep(parts, "odd")
		Label("even")
		SHRQ(Imm(1), t.left)
	}
	turns := 2 * apart
	for i := range turns {
		t.turn(parts, fmt.Sprint("fill", i), true, i >= apart, false)
	}
	SUBQ(Imm(uint64(turns)), t.left)
	JZ(LabelRef("drain"))
	vec.Align()
	Label("steps")
	t.turn(parts, "steps", true, true, true)
	SUBQ(Imm(1), t.left)
	JNZ(LabelRef("steps"))
	Label("drain")
	for i := range turns {
		t.turn(parts, fmt.Sprint("drain", i), false, i < apart, true)
	}
	JMP(LabelRef("end"))

	Label("few") // one step after the other
	t.oneStep(parts, "few")
	SUBQ(Imm(1), t.left)
	JG(LabelRef("few"))
	Label("end")
	parts.end()
	parts.moves()
}

// oneStep emits all stages of a step.
func (t *tiles) oneStep(parts tileParts, part string) {
	t.single = true
	t.turn(parts, part+"_keys", true, false, false)
	t.moveSlot(apart - 1)
	t.turn(parts, part, false, true, false)
	t.moveSlot(apart - 1)
	t.turn(parts, part+"_values", false, false, true)
	t.single = false
}

// turn emits some stages, each of other steps.
func (t *tiles) turn(parts tileParts, part string, keys, weights, values bool) {
	t.part = part
	if values {
		t.pointToWeights(0)
		t.loadWeights(0, 0)
	}
	for i := range t.stepsNow() {
		if keys {
			t.keyProducts(parts, i)
		}
	}
	for i := range t.stepsNow() {
		if values && i > 0 {
			t.loadWeights(i, 0)
		}
		if values {
			t.valueProducts(i)
		}
	}
	if keys {
		LEAQ(Mem{Base: t.st, Index: t.slot, Scale: 1, Disp: scoreSlots}, t.at)
		t.op(store, t.at, t.column, 0, scoreTile)
	}
	if weights {
		t.moveSlot(-apart)
		parts.weigh()
		t.moveSlot(apart)
	}
	t.moveSlot(1)
}

// loadWeights loads those of a step of this turn, or a digit of them.
func (t *tiles) loadWeights(i, digit int) {
	t.op(enc.TileLoad, t.at, t.line, i*t.weightBytes()+64*digit, t.weight)
}

// weightBytes is what the weights of a step take.
func (t *tiles) weightBytes() int {
	if t.pair {
		return 2 * 64
	}
	return 64 * t.weightRowCount()
}

// setLine sets the distance of rows of weights and of the output.
func (t *tiles) setLine(bytes int32) { MOVQ(I32(bytes), t.line) }

// keyProducts makes the scores of 16 keys, of step i of this turn. Two tiles are loaded before the first of them is multiplied: so what comes from L2 is on its way.
func (t *tiles) keyProducts(parts tileParts, i int) {
	parts.clear()
	chunks := t.chunksOfRow()
	for first := 0; first < chunks; first += len(t.streams) {
		last := min(first+len(t.streams), chunks)
		for c := first; c < last; c++ {
			t.op(enc.TileLoadT1, t.key, t.ldKey, 64*c, t.streams[c-first])
		}
		for c := first; c < last; c++ {
			if t.row != nil {
				t.op(enc.TileLoad, t.row, t.column, 64*c, t.query[0])
			}
			t.product(t.query[(i*chunks+c)%len(t.query)], t.streams[c-first], scoreTile)
		}
	}
	for range 2 {
		LEAQ(Mem{Base: t.key, Index: t.ldKey, Scale: 8}, t.key)
	}
}

// valueProducts adds 16 weighted values to the output, of step i of this turn.
func (t *tiles) valueProducts(i int) {
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
	if t.pair { // rows of one tile
		t.loadWeights(i, 1)
		t.product(t.streams[0], t.weight, t.sums[1])
	}
	for range 2 {
		LEAQ(Mem{Base: t.value, Index: t.ldVal, Scale: 8}, t.value)
	}
}

// finish ends a call: no state of tiles outlives it.
func (t *tiles) finish() {
	enc.Emit(enc.TileRelease())
	VZEROUPPER()
	RET()
}
