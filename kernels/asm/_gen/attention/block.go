package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// constants of the block functions.
type constants struct {
	lane      Mem // 0, 1, 2 …: the number of each lane, three vectors
	minusInf  Mem // -Inf
	threshold Mem // 8: scores may exceed the reference maximum by this much before it is moved
	half      Mem // half of the last place of a bf16, as an integer
	below     Mem // AMX: 7: by this much the largest score is below the reference after it moved
	upperHalf Mem // the bits of a bf16 in a float32
}

func newConstants(s vec.Set) constants {
	numbers := make([]uint32, 3*s.Lanes())
	for i := range numbers {
		numbers[i] = uint32(i)
	}
	c := constants{
		lane:      softmax.Words("lane"+s.Name, numbers),
		minusInf:  softmax.Repeated("minusInf"+s.Name, math.Float32bits(float32(math.Inf(-1))), s.Lanes()),
		threshold: softmax.Repeated("threshold"+s.Name, math.Float32bits(8), s.Lanes()),
		half:      softmax.Repeated("half"+s.Name, 0x8000, s.Lanes()),
		upperHalf: softmax.Repeated("upperHalf"+s.Name, 0xffff0000, s.Lanes()),
	}
	if softmax.Wide(s) {
		c.below = softmax.Repeated("below"+s.Name, math.Float32bits(7), s.Lanes())
	}
	return c
}

// unit is what multiplies: it decides the type of the operands.
type unit int

const (
	fma   unit = iota // float32
	dot               // bf16 in pairs along the sum, by vdpbf16ps
	tiles             // bf16 in pairs along the sum, by AMX
)

// block generates the function that updates nv vectors of queries with blocks of keys.
//
// Its scratch, all of rows of nv vectors: Qt[d] queries (pairs of bf16 in rows of d/2), St[Block] scores then weights (pairs
// of bf16 in the first half of the rows), Ot[d] output before normalisation, State[3]: minus the reference maximum, the sum of
// weights, the last shift of the maximum. Scores count as base-2 logarithms; float32 queries come multiplied by the scale that
// makes them so, scores of bf16 are multiplied afterwards: at the end of a tile, in AMX only when they become weights.
type block struct {
	isa       vec.Set
	exp       *softmax.Exp2
	table     *softmax.TableExp2 // of weights of float32 in AVX-512
	rounded   *softmax.Exp2      // of weights of bf16 beside products
	constants constants
	unit      unit
	nv, mr    int
	fetching  bool // what follows is fetched into L1, too
	config    Mem  // of tiles
	fixed     fixedPoint
	weightsTo string // field that says where weights go; "": in place of the scores
}

// row is the bytes of one row of scratch.
func (b *block) row() int { return b.nv * b.isa.Bytes }

// pairs says whether operands are bf16.
func (b *block) pairs() bool { return b.unit != fma }

// suffix names the instruction set.
func (b *block) suffix() string {
	return map[unit]string{fma: b.isa.Name, dot: "AVX512BF16", tiles: "AMXBF16"}[b.unit]
}

func (b *block) name() string {
	fetching := ""
	if b.fetching {
		fetching = "Fetching"
	}
	return fmt.Sprintf("AttentionBlock%d%s%s", b.nv, b.suffix(), fetching)
}

func (b *block) emit() {
	TEXT(b.name(), NOSPLIT, argument.Signature())
	Pragma("noescape")
	what := ""
	if b.fetching {
		what = ", and fetches keys and values into L1 before it uses them"
	}
	Doc(fmt.Sprintf("%s updates %d queries, in lanes%s; see AttentionBlocks.", b.name(), b.nv*b.isa.Lanes(), what))
	Label("block")
	b.take(0)
	b.scores(softmax.Wide(b.isa))
	if softmax.Wide(b.isa) {
		b.unmasked("masked")
		for j := range b.nv {
			VMOVAPS(b.tileMaximum(j), b.isa.V(j))
		}
		b.largest(1, "State")
		JMP(LabelRef("maximum"))
		Label("masked")
	}
	b.mask("mask", false)
	b.maximum()
	Label("maximum")
	b.weights()
	b.next()
	VZEROUPPER()
	RET()
}

// next moves on to the next block of keys, if there is one.
func (b *block) next() {
	now := b.get("Now")
	SUBQ(now, b.field("Keys"))
	JLE(LabelRef("end")) // and leave the pointers on the last block: nothing may be behind it
	b.advance(now, "K", "V")
	MOVQ(I32(0), b.field("First"))
	JMP(LabelRef("block"))
	Label("end")
}

// take sets Now to Keys, or to Block if they are more by more than a few, in rows of many columns more at all.
func (b *block) take(few int) {
	keys, block, most := b.get("Keys"), b.get("Block"), GP64()
	LEAQ(Mem{Base: block, Disp: few}, most)
	if few > 0 {
		CMPQ(b.field("D"), Imm(manyColumns))
		CMOVQGT(block, most)
	}
	CMPQ(keys, most)
	CMOVQGT(block, keys)
	MOVQ(keys, b.field("Now"))
}

// advance points at the keys behind the present ones, now.
func (b *block) advance(now reg.Register, operands ...string) {
	for _, operand := range operands {
		step := b.get("Ld" + operand)
		IMULQ(now, step)
		ADDQ(step, b.field(operand))
	}
	SUBQ(now, b.field("Diagonal"))
	SUBQ(now, b.field("Valid"))
}

// acc is the accumulator of row i, vector j of a tile.
func (b *block) acc(i, j int) reg.VecPhysical { return b.isa.V(i*b.nv + j) }

// get loads a field of the argument.
func (b *block) get(name string) reg.GPVirtual {
	r := GP64()
	MOVQ(b.field(name), r)
	return r
}

// field is a field of the argument. Its address is loaded each time: registers are for the tiles.
func (b *block) field(name string) Mem {
	p := GP64()
	Load(Param("p"), p)
	return argument.Field(p, name)
}

// scores fills St with K·Qᵀ, tiles of mr keys, then the remaining keys one by one: less the reference maximum, which float32 begins with and bf16 ends with. A
// vector whose queries do not attend a tile of keys, beyond the diagonal, is left out of it. largest says whether to find the largest
// scores of each lane, too, if every lane attends every key: they are left in the registers tileMaximum.
func (b *block) scores(largest bool) {
	if largest {
		for j := range b.nv {
			VMOVUPS(b.constants.minusInf, b.tileMaximum(j))
		}
	}
	k, st, left := b.get("K"), b.get("St"), b.get("Now")
	var ldk reg.Register = GP64()
	if b.unit == dot { // see multiplyOne
		ldk = reg.R8
	}
	MOVQ(b.field("LdK"), ldk)
	state := b.get("State")
	beyond := b.get("Diagonal") // the first key that the tile's vectors do not all attend
	for from := range b.nv {
		name := fmt.Sprintf("scores%d", from)
		Label(name)
		SUBQ(U32(uint32(b.mr)), left)
		JL(LabelRef("scores_rest"))
		// The tile's first key lies beyond vector from's last query.
		if from < b.nv-1 {
			CMPQ(beyond, I32(int32(-b.isa.Lanes()*(from+1))))
			JLE(LabelRef(name + "_next"))
		}
		b.scoreTile(from, b.mr, largest && from == 0, k, ldk, st, state)
		LEAQ(Mem{Base: st, Disp: b.mr * b.row()}, st)
		for range b.mr / 2 {
			LEAQ(Mem{Base: k, Index: ldk, Scale: 2}, k)
		}
		SUBQ(U32(uint32(b.mr)), beyond)
		JMP(LabelRef(name))
		if from < b.nv-1 {
			Label(name + "_next")
			ADDQ(U32(uint32(b.mr)), left)
		}
	}
	Label("scores_rest")
	ADDQ(U32(uint32(b.mr)), left)
	JZ(LabelRef("scores_done"))
	Label("scores_single")
	b.scoreTile(0, 1, largest, k, ldk, st, state)
	ADDQ(U32(uint32(b.row())), st)
	ADDQ(ldk, k)
	DECQ(left)
	JNZ(LabelRef("scores_single"))
	Label("scores_done")
}

// scoreTile computes rows scores of the vectors from … nv-1 from the key rows at k.
func (b *block) scoreTile(from, rows int, largest bool, k, ldk, st, state reg.Register) {
	unroll := 4
	if b.fetching && b.unit == fma {
		unroll = 8
	}
	register := func() reg.Register { return GP64() }
	if b.unit == dot {
		free := []reg.Register{reg.R9, reg.R10, reg.R11, reg.R12, reg.R13, reg.R15}
		register = func() (r reg.Register) {
			r, free = free[0], free[1:]
			return r
		}
	}
	keys := address.Rows{Bytes: ldk}
	for range (rows + 2) / 3 {
		keys.Bases = append(keys.Bases, register())
	}
	keys.Point(k)
	qt, d := b.get("Qt"), b.get("D")
	for i := range rows {
		for j := from; j < b.nv; j++ {
			if b.pairs() {
				b.isa.Zero(b.acc(i, j))
			} else {
				VMOVUPS(Mem{Base: state, Disp: j * b.isa.Bytes}, b.acc(i, j))
			}
		}
	}
	fetch := b.fetchKeys(rows, unroll, k, ldk)
	spare := b.isa.Regs() - b.broadcasts()
	if softmax.Wide(b.isa) {
		spare -= b.nv // of tileMaximum
	}
	loop := fmt.Sprintf("scores_d%d_from%d", rows, from)
	vec.Align()
	Label(loop)
	for u := range unroll {
		fetch(u)
		b.step(from, rows, func(j int) Mem { return Mem{Base: qt, Disp: u*b.row() + j*b.isa.Bytes} },
			func(i int) Mem { return keys.At(i, 4*u) }, spare, nil)
	}
	ADDQ(U32(uint32(unroll*b.row())), qt)
	fetch(unroll)
	keys.Advance(Imm(uint64(4 * unroll)))
	step := unroll // elements of d
	if b.pairs() {
		step *= 2
	}
	SUBQ(Imm(uint64(step)), d)
	JNZ(LabelRef(loop))
	if b.pairs() {
		b.logarithms(from, rows, state)
	}
	for i := range rows {
		for j := from; j < b.nv; j++ {
			VMOVUPS(b.acc(i, j), Mem{Base: st, Disp: i*b.row() + j*b.isa.Bytes})
			if m := b.tileMaximum(j); largest {
				VMAXPS(b.acc(i, j), m, m)
			}
		}
	}
}

// logarithms multiplies a tile of scores by the scale and takes the reference maximum off.
func (b *block) logarithms(from, rows int, state reg.Register) {
	scale, first := b.isa.V(b.broadcasts()), b.mr*b.nv
	VBROADCASTSS(b.field("Scale"), scale)
	for j := from; j < b.nv; j++ {
		VMOVUPS(b.at(state, 0, j), b.isa.V(first+j))
	}
	for i := range rows {
		for j := from; j < b.nv; j++ {
			VFMADD213PS(b.isa.V(first+j), scale, b.acc(i, j))
		}
	}
}

// tileMaximum is the register of vector j's largest scores, behind those of tiles.
func (b *block) tileMaximum(j int) reg.VecPhysical { return b.isa.V(b.isa.Regs() - 1 - j) }

// broadcasts is the first register of scalars.
func (b *block) broadcasts() int { return (b.mr + 1) * b.nv }

// step adds one rank-1 update (rank 2 of pairs) to a tile: the vectors from … nv-1 times rows broadcast scalars (pairs), which pass
// through so many registers. between, if any, emits other work after each row.
//
// On Zen 4 a broadcast into a register takes a shuffle's place, one in a product takes none: with a single vector the shuffles would bind,
// with two they would be too near to it. On servers of Intel, which fetch, it is a load alone, and one in each product more loads than one for two.
func (b *block) step(from, rows int, vector, scalar func(int) Mem, registers int, between func(row int)) {
	first := b.mr * b.nv
	for j := from; j < b.nv; j++ {
		VMOVUPS(vector(j), b.isa.V(first+j))
	}
	embed := func(row int) bool {
		return softmax.Wide(b.isa) && (b.nv-from == 1 || b.nv-from == 2 && row%2 == 1 && !b.fetching)
	}
	for i := range rows {
		if embed(i) {
			for j := from; j < b.nv; j++ {
				b.multiplyOne(scalar(i), b.isa.V(first+j), b.acc(i, j))
			}
		} else {
			x := b.isa.V(b.broadcasts() + i%min(registers, 5))
			VBROADCASTSS(scalar(i), x)
			for j := from; j < b.nv; j++ {
				b.multiply(x, b.isa.V(first+j), b.acc(i, j))
			}
		}
		if between != nil {
			between(i)
		}
	}
}
