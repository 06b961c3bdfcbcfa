package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// The tile unit and the vector units work side by side, on three blocks of keys at a time. While the scores of a block are multiplied,
// those of the block before begin to become weights; while the weights of the block before that multiply their values, the rest of them do,
// and then the largest of the scores are found if they are the first of their queries. It makes no difference whether blocks of keys are for the same queries.
//
// A tile of sums is stored just before a product needs its register, also from one stage to the next: what comes after a store with the same offset in a
// page waits for it, and four tiles have most offsets. Until then it is pending.

// Pairs of keys that become weights beside the four products of a step: as many as leave few for the end of a block. Rows of more than manyColumns
// have more steps.
const (
	pairsBeside     = 4
	pairsBesideMany = 2
	manyColumns     = 64
)

// fewKeys are taken with the block before them: alone they would cost as much output to tiles and back as a whole block.
const fewKeys = 32

// rowsBeside are the rows of scores in which the largest are found beside a step.
const rowsBeside = 32

// A stage names the fields of what a block of keys has there.
type stage struct{ scores, weights, keys, v, ot, first, state, output string }

// Blocks of keys pass through these stages.
var (
	scored  = stage{"St", "St", "Now", "V", "Ot", "First", "State", "O"}
	weighed = stage{"Before", "Weights", "Weighed", "VBefore", "OtBefore", "FirstBefore", "StateBefore", "OBefore"}
	summed  = stage{"", "Spare", "Done", "VDone", "OtDone", "FirstDone", "StateDone", "ODone"}
)

// emitPipeline generates the block function of AMX.
func (b *block) emitPipeline() {
	TEXT(b.name(), NOSPLIT, argument.Signature())
	Pragma("noescape")
	Doc(b.name() + " updates 32 queries, in lanes, and then those of the arguments that follow; see AttentionBlocks.")
	b.configure()
	b.exp.Load(firstConstant)
	b.fixedConstants()
	b.beginFlags()
	for _, none := range []string{scored.keys, weighed.keys, summed.keys, weighed.output, summed.output, "Left"} {
		MOVQ(I32(0), b.field(none))
	}
	b.copyField(scored.state, weighed.state)
	b.copyField("Unused", "Pending")
	JMP(LabelRef("scores"))

	Label("block")
	b.writeOutput("done", summed)
	b.nextStage()
	now, left := b.get("Now"), b.get("Keys")
	SUBQ(now, left)
	JZ(LabelRef("queries"))
	MOVQ(left, b.field("Keys"))
	MOVQ(I32(0), b.field("First"))
	b.advance(now, "K", "V")
	Label("scores")
	b.fetchLines()
	b.take(fewKeys)
	b.scoresAndWeights()
	first := b.get("First") // whose largest scores are looked for: without those under a mask
	TESTQ(first, first)
	JZ(LabelRef("beside"))
	b.unmasked("masked_first")
	JMP(LabelRef("beside"))
	Label("masked_first")
	b.leavePending(scoreTile)
	b.mask("mask_first", false)
	Label("beside")
	b.outputAndWeights()
	b.checkWeights("again")
	Label("weighed")
	now, first = b.get("Now"), b.get("First")
	TESTQ(now, now)
	JZ(LabelRef("values"))
	TESTQ(first, first)
	JZ(LabelRef("known"))
	b.largestOfFirst()
	b.move(scored.state)
	Label("known") // there is a reference
	b.unmasked("masked")
	JMP(LabelRef("block"))
	Label("masked")
	b.mask("mask", true)
	JMP(LabelRef("block"))

	Label("again") // with a reference that fits
	b.leavePending(outputTile)
	b.weighAgain()
	JMP(LabelRef("weighed"))

	Label("queries")
	b.nextQueries("no_queries")
	JMP(LabelRef("scores"))
	Label("no_queries")
	b.leavePending(outputTile)
	MOVQ(I32(0), b.field("Now")) // and leave the pointers on the last keys: nothing may be behind them
	JMP(LabelRef("beside"))

	Label("values") // of the last block
	b.writeOutput("before", summed)
	b.leavePending(outputTile)
	done := b.get(weighed.keys)
	TESTQ(done, done)
	JZ(LabelRef("end"))
	b.tileOutput("output", weighed, nil, nil, nil)
	b.writeOutput("last", weighed)
	Label("end")
	b.release()
	VZEROUPPER()
	RET()
}

// copyField copies a field of the argument to another.
func (b *block) copyField(from, to string) {
	x := b.get(from)
	MOVQ(x, b.field(to))
}

// leavePending stores the tiles of sums where they belong.
func (b *block) leavePending(place func(at, line reg.GPPhysical, t int) enc.Mem) {
	at, line := reg.R14, reg.R13
	Load(Param("p"), reg.RAX)
	load("Pending", at)
	MOVQ(I32(64), line)
	for t := range 4 {
		enc.Emit(enc.TileStore(t, place(at, line, t)))
	}
	load("Unused", at)
	MOVQ(at, argument.Field(reg.RAX, "Pending"))
}

// nextStage makes the block that was scored that which is weighed, and this the one that is summed.
func (b *block) nextStage() {
	b.exchange(scored.scores, weighed.scores)
	b.exchange(weighed.weights, summed.weights)
	for _, f := range []func(s stage) string{
		func(s stage) string { return s.keys }, func(s stage) string { return s.v },
		func(s stage) string { return s.ot }, func(s stage) string { return s.first },
	} {
		b.copyField(f(weighed), f(summed))
		b.copyField(f(scored), f(weighed))
	}
	b.copyField(weighed.output, summed.output)
	output, keys, kept := b.get(scored.output), b.get("Keys"), GP64()
	XORQ(kept, kept)
	CMPQ(keys, b.field("Now"))
	CMOVQNE(kept, output) // until no keys are left
	MOVQ(output, b.field(weighed.output))
	b.copyField(weighed.state, summed.state)
	b.copyField(scored.state, weighed.state)
	state := b.get(weighed.state)
	for j := range b.nv {
		VMOVUPS(b.at(state, 1, j), b.isa.V(j))
		VMOVUPS(b.isa.V(j), b.at(state, 2, j))
	}
	b.beginFlags()
	b.allPairs()
}

// exchange lets two fields change places.
func (b *block) exchange(one, other string) {
	x, y := b.get(one), b.get(other)
	MOVQ(x, b.field(other))
	MOVQ(y, b.field(one))
}

// allPairs are left of the block that is weighed.
func (b *block) allPairs() {
	pairs := b.get(weighed.keys)
	SHRQ(Imm(1), pairs)
	MOVQ(pairs, b.field("Left"))
}

// nextQueries goes on to the queries and keys of the argument that follows, if one does.
func (b *block) nextQueries(none string) {
	then, p, after := b.get("Then"), GP64(), GP64()
	TESTQ(then, then)
	JZ(LabelRef(none))
	Load(Param("p"), p)
	ADDQ(then, p)
	for _, name := range []string{"K", "LdK", "V", "Keys", "Block", "Qt", "Ot", "State", "Diagonal", "Valid", "First", "O", "Fetch"} {
		x := GP64()
		MOVQ(argument.Field(p, name), x)
		MOVQ(x, b.field(name))
	}
	MOVQ(argument.Field(p, "Then"), after)
	TESTQ(after, after)
	CMOVQEQ(after, then)
	ADDQ(after, then)
	MOVQ(then, b.field("Then"))
}

// Registers of the weights in the pipeline, besides those of pairLoop.
var (
	scoresAt  = reg.R8
	weightsAt = reg.R10
	pairsLeft = reg.R15
)

// beginPairs finds the next pair of keys in the block that is weighed, of which all but Left are done.
func (b *block) beginPairs() {
	load(weighed.scores, scoresAt)
	load("Left", pairsLeft)
	load(weighed.keys, reg.RSI)
	load(weighed.weights, weightsAt)
	SHRQ(Imm(1), reg.RSI)
	SUBQ(pairsLeft, reg.RSI)
	SHLQ(Imm(7), reg.RSI) // a row of 32 queries
	ADDQ(reg.RSI, weightsAt)
	LEAQ(Mem{Base: scoresAt, Index: reg.RSI, Scale: 2}, scoresAt)
	b.stateOfPairs(func(j int) {
		b.fixedReference(reg.RSI, j, references[j], b.isa.V(5))
		VMOVUPS(b.at(reg.RSI, 1, j), b.isa.V(j))
	})
}

// stateOfPairs calls f for each vector of queries, with their State in RSI.
func (b *block) stateOfPairs(f func(j int)) {
	load(weighed.state, reg.RSI)
	for j := range b.nv {
		f(j)
	}
}

// endPairs leaves the sums.
func (b *block) endPairs() {
	b.stateOfPairs(func(j int) { VMOVUPS(b.isa.V(j), b.at(reg.RSI, 1, j)) })
}

// scoresAndWeights fills St with the scores of the Now keys and turns as many of those before into weights as go beside; Left are left.
// Tiles of output that are pending are stored when the first products need their place; then the last tiles of scores are pending.
func (b *block) scoresAndWeights() {
	const row = 128 // bytes of a row of scratch: 32 queries
	ldk, k, lower, upper := reg.RDX, reg.R14, reg.RSI, reg.RDI
	to, keys := reg.R9, reg.RCX
	qt, d, line, output := reg.R11, reg.RBX, reg.R12, reg.R13
	Load(Param("p"), reg.RAX)
	b.beginPairs()
	load("LdK", ldk)
	load("K", k)
	load("Now", keys)
	load("St", to)
	load("Pending", output)
	MOVQ(I32(row/2), line)

	begin := func() { // the next 32 keys
		MOVQ(k, lower)
		MOVQ(ldk, upper)
		SHLQ(Imm(4), upper) // 16 keys
		ADDQ(k, upper)
		load("Qt", qt)
		load("D", d)
	}
	s := &stepper{
		name: "ahead",
		next: operands{
			[2]enc.Mem{{Base: lower, Index: ldk, Scale: 1}, {Base: upper, Index: ldk, Scale: 1}},
			[2]enc.Mem{{Base: qt, Index: line, Scale: 2}, {Base: qt, Index: line, Scale: 2, Disp: 64}},
		},
		move: func(loads, last string) {
			ADDQ(Imm(64), lower)
			ADDQ(Imm(64), upper)
			ADDQ(U32(tileRowsOf*row), qt)
			SUBQ(Imm(32), d)
			JNZ(LabelRef(loads))
			SUBQ(Imm(32), keys)
			JLE(LabelRef(last))
			MOVQ(ldk, upper)
			SHLQ(Imm(5), upper)
			ADDQ(upper, k)
			begin()
		},
		moved: func() {
			CMPQ(d, argument.Field(reg.RAX, "D"))
			JE(LabelRef("ahead_keys"))
			JMP(LabelRef("ahead"))
		},
	}
	// steps emits a step with pairs of keys beside it, if there are enough, and one without.
	steps := func(name string, leave func(t int)) {
		CMPQ(pairsLeft, Imm(pairsBeside))
		JL(LabelRef(name + "_plain"))
		CMPQ(argument.Field(reg.RAX, "D"), Imm(manyColumns))
		JG(LabelRef(name + "_many"))
		s.step(leave, b.pairsBeside(pairsBeside), nil)
		Label(name + "_many")
		s.step(leave, b.pairsBeside(pairsBesideMany), nil)
		Label(name + "_plain")
		s.step(leave, besideTiles{}, nil)
	}
	begin()
	s.next.load(4, 6, 7, 5)
	steps("ahead_pending", func(t int) {
		enc.Emit(enc.TileStore(t, outputTile(output, line, t)))
		enc.Emit(enc.TileZero(t))
	})
	Label("ahead_keys")
	ADDQ(U32(2*tileRowsOf*row), to)
	steps("ahead_change", func(t int) {
		before := scoreTile(to, line, t)
		before.Disp -= 2 * tileRowsOf * row
		enc.Emit(enc.TileStore(t, before))
		enc.Emit(enc.TileZero(t))
	})
	vec.Align()
	Label("ahead")
	steps("ahead", nil)
	s.finish()
	MOVQ(to, argument.Field(reg.RAX, "Pending"))
	MOVQ(pairsLeft, argument.Field(reg.RAX, "Left"))
	b.endPairs()
}

// outputAndWeights adds the values of the block that is summed, turns the Left pairs of the one that is weighed into weights, and
// finds the largest of the scores of the last if they are the first of their queries; see largestOfFirst.
func (b *block) outputAndWeights() {
	Load(Param("p"), reg.RAX)
	b.beginPairs()
	load("Pending", rowsAt)
	XORQ(rowsLeft, rowsLeft)
	CMPQ(argument.Field(reg.RAX, scored.first), Imm(0))
	JE(LabelRef("not_first"))
	load("Now", rowsLeft)
	Label("not_first")
	for i := range 4 * b.nv {
		VMOVUPS(b.constants.minusInf, b.isa.V(largestAhead+i))
	}
	load(summed.keys, reg.RCX)
	TESTQ(reg.RCX, reg.RCX)
	JZ(LabelRef("no_output"))
	b.tileOutput("beside_output", summed, []besideTiles{
		b.pairsBeside(pairsBeside),
		{"rows", func(none string) {
			TESTQ(rowsLeft, rowsLeft)
			JZ(LabelRef(none))
		}, func(quarter int) { b.rowsOfScores(quarter*rowsBeside/4, rowsBeside/4) }, func() { b.nextRows() }},
	}, func(t int) {
		enc.Emit(enc.TileStore(t, scoreTile(rowsAt, reg.R13, t)))
	}, func() { load("St", rowsAt) })
	JMP(LabelRef("weights_rest"))
	Label("no_output")
	b.leavePending(scoreTile)
	load("St", rowsAt)
	Label("weights_rest")
	TESTQ(pairsLeft, pairsLeft)
	JZ(LabelRef("largest_rest"))
	b.pairsAlone("weights_alone", false)
	Label("largest_rest")
	TESTQ(rowsLeft, rowsLeft)
	JZ(LabelRef("largest_found"))
	Label("largest_alone")
	b.rowsOfScores(0, rowsBeside)
	b.nextRows()
	JNZ(LabelRef("largest_alone"))
	Label("largest_found")
	b.endPairs()
}

// largestOfFirst leaves the largest of the scores of the first keys of new queries, as maximum does.
func (b *block) largestOfFirst() {
	for _, of := range []int{4, 2} {
		for i := range of / 2 * b.nv {
			low, high := b.isa.V(largestAhead+i), b.isa.V(largestAhead+of/2*b.nv+i)
			if of == 2 {
				VMAXPS(high, low, b.isa.V(i))
			} else {
				VMAXPS(high, low, low)
			}
		}
	}
	b.largest(1, scored.state)
}

// Registers of the largest scores in the pipeline.
const largestAhead = 20 // the first of four for each vector of queries

var (
	rowsAt   = reg.R14
	rowsLeft = reg.R12
)

// rowsOfScores finds the largest in n rows of scores, from rowsAt on.
func (b *block) rowsOfScores(from, n int) {
	for i := range n {
		b.larger(rowsAt, from+i, largestAhead+i%4*b.nv)
	}
}

// nextRows moves on, and sets the zero flag after the last rows.
func (b *block) nextRows() {
	ADDQ(U32(uint32(rowsBeside*b.row())), rowsAt)
	SUBQ(Imm(rowsBeside), rowsLeft)
}

// pairsBeside makes weights of so many pairs.
func (b *block) pairsBeside(pairs int) besideTiles {
	return besideTiles{"pairs", func(none string) {
		CMPQ(pairsLeft, U32(uint32(pairs)))
		JL(LabelRef(none))
	}, func(quarter int) {
		for i := quarter * pairs / 4; i < (quarter+1)*pairs/4; i++ {
			b.pair(i, false)
		}
	}, func() { b.nextPairs(pairs) }}
}

// pair turns the scores of pair n from scoresAt on into weights; see fixedWeights.
func (b *block) pair(n int, clamped bool) {
	for j := range b.nv {
		b.fixedWeights(func(i int) Mem { return Mem{Base: scoresAt, Disp: (2*n+i)*b.row() + j*b.isa.Bytes} },
			j, Mem{Base: weightsAt, Disp: n*b.row() + j*b.isa.Bytes}, clamped)
	}
}

// nextPairs moves on by n pairs, and sets the zero flag after the last.
func (b *block) nextPairs(n int) {
	ADDQ(U32(uint32(2*n*b.row())), scoresAt)
	ADDQ(U32(uint32(n*b.row())), weightsAt)
	SUBQ(Imm(uint64(n)), pairsLeft)
}

// pairsAlone takes the pairs that are left.
func (b *block) pairsAlone(name string, clamped bool) {
	Label(name)
	b.pair(0, clamped)
	b.nextPairs(1)
	JNZ(LabelRef(name))
}
