package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
)

// integers is the pipeline for int8 at d = 64. The query is integers with one unit, in digits of 8 bits; weights times the factors of their rows
// are integers of 16 bits, in two digits, with a unit that only grows: the reference is the binary logarithm of it. Sums of products
// are integers, and become float32 where the unit changes and at the end.
//
// VPDPBUSD multiplies unsigned by signed bytes. High digits of the query are signed, and multiply keys made unsigned, 128 more, which a
// constant takes back; low digits are unsigned and multiply keys as they are.
//
// Products of a key are of 256 bits, whose sums have half as many lanes to add up, at the same cost where a vector of 512 bits takes two
// turns of a pipe; where it takes one, they are of 512 bits.
type integers struct {
	pipeline
	count int // of digits of the query

	c integerConstants

	cycles float64 // that the pipes take for a key in the loop that has its products
	spread float64 // how much further apart instructions are than what they wait for takes
	late   float64 // how many cycles after that sums are added up

	spare []reg.VecPhysical // what a move of the reference may take

	columns func(i int) (high, low Op) // where the sums of a vector of columns stand
}

// newIntegers chooses what depends on the length of rows and on the digits of the query.
func newIntegers(b *block, d, count int, f form) integers {
	if d == 64 {
		f.long = false // its loop has few loads
	}
	p := integers{pipeline: pipeline{block: b, exp: b.middle, d: d, form: f}, count: count}
	p.c = newIntegerConstants(fmt.Sprint(count, "x", d, p.form.name), count)
	products, unsigned, sums, weights := p.chunks()*count, p.chunks(), 2.75+float64(count-1), 64/float64(p.chunk())
	if p.pairs() {
		sums -= 0.5
	}
	p.cycles = (float64(products+unsigned) + sums + weights) / 4
	p.spread = 1.4 // less made the processor wait, more not faster
	return p
}

// withValues is for a loop that adds up values, too, for which there are fewer registers.
func (p *integers) withValues() {
	p.cycles += float64(p.chunks())
	p.spread = 1.05
	p.late = 3 // products come late, since two pipes do them all, and what waits for them keeps others from the pipes
	p.keyBytes = p.d * step
	if p.wide { // there are no registers for more
		p.spread, p.late = 1.15, 1
	}
}

// integerConstants are in memory.
type integerConstants struct {
	signs, largest, digit, limit, tiny, room Mem
	split, join                              Mem // bytes of dwords to digits, those of four dwords together; and back
}

func newIntegerConstants(name string, count int) (c integerConstants) {
	word := func(what string, w uint32) Mem { return softmax.Repeated("integer"+what+name, w, 1) }
	float := func(what string, x float32) Mem { return word(what, math.Float32bits(x)) }
	c.signs = word("Signs", 0x80808080)
	c.largest = float(fmt.Sprint("Largest", count), []float32{127, 127 << 8}[count-1])
	c.digit, c.limit, c.tiny, c.room = float("Digit", 256), float("Limit", 1<<16-1), float("Tiny", 1e-33), float("Room", 14)
	const none = 0x80
	bytes := func(what string, lane [16]uint32) Mem {
		words := make([]uint32, 16)
		for i := range words {
			for j := range 4 {
				words[i] |= lane[4*(i%4)+j] << (8 * j)
			}
		}
		return softmax.Words("integer"+what+name, words)
	}
	c.split = bytes("Split", [16]uint32{0, 4, 8, 12, 1, 5, 9, 13, none, none, none, none, none, none, none, none})
	c.join = bytes("Join", [16]uint32{0, 4, none, none, 1, 5, none, none, 2, 6, none, none, 3, 7, none, none})
	return c
}

// Vectors of State behind those of every pipeline: words, and the query.
const (
	words  = 3
	digits = 4
)

// Words of State.
const (
	constant = 64*words + 0 // what is added to sums of products with the query
	factor   = 64*words + 4 // what makes scores of them
)

// takeRegisters assigns the vector registers. High digits of the query are read from memory when there are low ones.
func (p *integers) takeRegisters() {
	free := 0
	take := func(n int) []reg.VecPhysical {
		free += n
		return p.registers(free-n, n)
	}
	p.exp2 = [3]reg.VecPhysical(take(3)) // of the lower half, which alone has the instructions of AVX
	p.acc = take(8)
	one := take(2)
	p.high, p.sum = one[0], one[1]
	spare := take(2)
	p.query = spare[:min(len(spare), p.vectors())]
	p.spare = append(spare, p.high)
	p.pool = p.registers(free, p.isa.Regs()-free)
	p.columns = func(i int) (high, low Op) { return p.acc[2*i], p.acc[2*i+1] }
}

// chunk is the number of elements of a key that are multiplied at once, chunks how many such there are.
func (p *integers) chunk() int {
	if p.wide {
		return 64
	}
	return 32
}

func (p *integers) chunks() int { return p.d / p.chunk() }

// lanes is what products of a key have of a register.
func (p *integers) lanes(v reg.VecPhysical) reg.VecPhysical {
	if p.wide {
		return v
	}
	return half(v)
}

// half is the lower half of a register.
func half(v reg.VecPhysical) reg.VecPhysical { return v.AsY().(reg.VecPhysical) }

// begin loads what stays in registers, and says which lanes of the scores have a key.
func (p *integers) begin() {
	p.ks, p.vs = get("KScale"), get("VScale")
	zero := p.acc[0]
	p.quantiseQuery()
	p.isa.Zero(zero)
	p.chooseLanes()
	p.chooseHalves()
	p.start(zero)
	p.isa.Zero(zero)
	Label("started")
	for _, v := range p.acc {
		p.isa.Zero(v)
	}
}

// start loads the sum of the weights. With the first keys of a query it clears that and the output, and the reference is the lowest
// number; else it jumps to started. zero is no longer 0 then.
func (p *integers) start(zero reg.VecPhysical) {
	VMOVUPS(p.block.state(p.state, sums), p.sum)
	CMPQ(field("First"), Imm(0))
	JEQ(LabelRef("started"))
	o := get("O")
	for i := range p.d / 16 {
		VMOVUPS(zero, Mem{Base: o, Disp: 64 * i})
	}
	VMOVUPS(zero, p.sum)
	VBROADCASTSS(p.lowest, zero)
	VMOVUPS(zero, p.block.state(p.state, reference))
}

// chooseHalves says which pairs of lanes merge takes of the second of two vectors.
func (p *integers) chooseHalves() {
	for _, m := range []struct {
		k     reg.Register
		lanes int32
	}{{reg.K3, 0xaa}, {reg.K4, 0xcc}} {
		mask := GP32()
		MOVL(I32(m.lanes), mask)
		KMOVW(mask, m.k)
	}
}

// quantiseQuery brings the query into registers as integers with one unit, and the unit times the scale into State.
func (p *integers) quantiseQuery() {
	t, free := p.exp2[1], p.registers(7, 3) // those that hold nothing yet
	x, zero, total := free[0], free[1], free[2]
	p.isa.Zero(zero)
	p.isa.Zero(total)
	p.eachOfQuery(zero, func(i int, integers reg.VecPhysical) {
		digit := func(n int) Mem { return Mem{Base: p.state, Disp: 64*digits + n*p.chunk()*p.vectors()/p.count + i} }
		VPMOVDB(integers, digit(p.count-1))
		if p.count == 2 {
			VPSRAD(Imm(8), integers, integers)
			VPMOVDB(integers, digit(0))
		}
		VPADDD(integers, total, total)
	})
	if p.pairs() {
		p.changeHalves(x)
	}
	VPSLLD(Imm(uint64(8*p.count-1)), total, total) // 128, and 256 when there are low digits
	VPSUBD(total, zero, total)
	p.addUp(total, t)
	VMOVD(total.AsX(), Mem{Base: p.state, Disp: constant})
	p.loadQuery()
}

// eachOfQuery brings the unit of the query times the scale into State, and gives f the integers of 16 elements at a time, from element i on.
func (p *integers) eachOfQuery(zero reg.VecPhysical, f func(i int, integers reg.VecPhysical)) {
	q, c := get("Q"), p.c
	top, t, free := p.exp2[0], p.exp2[1], p.registers(5, 3)
	nan, inverse, x := free[0], free[1], free[2]
	p.isa.Zero(top)
	p.isa.Zero(nan)
	for i := 0; i < p.d; i += 16 {
		VMOVUPS(Mem{Base: q, Disp: 4 * i}, x)
		VFMADD231PS(zero, x, nan) // 0, or NaN when an element is no finite number
		VSUBPS(x, zero, t)
		VMAXPS(x, t, x)
		VMAXPS(x, top, top)
	}
	p.largest(top, t)
	VMOVAPS(nan, t)
	p.isa.Sum(t, x)
	VADDSS(t.AsX(), top.AsX(), top.AsX())
	VBROADCASTSS(top.AsX(), top)
	VBROADCASTSS(c.largest, t)
	VDIVPS(top, t, inverse)
	VDIVPS(t, top, top)
	VMULSS(field("Scale"), top.AsX(), top.AsX())
	VMOVSS(top.AsX(), Mem{Base: p.state, Disp: factor})
	for i := 0; i < p.d; i += 16 {
		VMULPS(Mem{Base: q, Disp: 4 * i}, inverse, x)
		VCVTPS2DQ(x, x)
		f(i, x)
	}
}

// loadQuery loads digits of the query, and what makes keys unsigned.
func (p *integers) loadQuery() {
	first := p.vectors() - len(p.query)
	for i, v := range p.query {
		VMOVDQU32(p.digitsAt(first+i), p.lanes(v))
	}
	VPBROADCASTD(p.c.signs, p.high)
}

// digitsAt is where the digits of a chunk of the query are in memory: the high ones before the low ones.
func (p *integers) digitsAt(i int) Mem { return Mem{Base: p.state, Disp: 64*digits + p.chunk()*i} }

// highDigits is where high digits of a chunk are.
func (p *integers) highDigits(chunk int) Op {
	if len(p.query) == p.vectors() {
		return p.lanes(p.query[chunk])
	}
	return p.digitsAt(chunk)
}

// addUp leaves the sum of the integers of v in its lowest lane; t is free.
func (p *integers) addUp(v, t reg.VecPhysical) {
	VEXTRACTI64X4(Imm(1), v, t.AsY())
	VPADDD(t.AsY(), v.AsY(), v.AsY())
	VEXTRACTI32X4(Imm(1), v.AsY(), t.AsX())
	VPADDD(t.AsX(), v.AsX(), v.AsX())
	for _, imm := range []uint64{0x4e, 0xb1} { // the other half, the other element
		VPSHUFD(Imm(imm), v.AsX(), t.AsX())
		VPADDD(t.AsX(), v.AsX(), v.AsX())
	}
}
