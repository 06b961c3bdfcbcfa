package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// Weights of AMX are made in fixed point, two keys in a word each. Beside tile instructions whatever multiplies, shifts or finds a maximum has one port of vectors,
// shuffles have the other, and only additions, logic and blends have both: a polynomial takes six operations of the first for a score, this way takes three.
//
// One FMA makes of a score x + 127, in steps of 2⁻⁹, where x is its logarithm less the reference maximum: added to 2²³ it stands in the low bits of the sum. A word has
// seven bits of the integer, which is the exponent of the weight in bf16, and nine of the fraction f. As a mantissa 1 + f is too much for 2^f; a table of 64 bytes has
// by how much, in steps of 2⁻⁹, and two of the nine bits are cut off, after half of the last place was added. The error of a weight, from -0.0043 to 0.0063, is a third
// more than that of rounding to bf16, ±0.0039, since what all have in common cancels; the deviations are 0.0018 and 0.0017. The best table and half, searched among all, would make it ±0.0051.
//
// A weight that does not fit a word, since it is 2 or more, less than 2⁻¹²⁷, or NaN, changes the upper half of the sum, and that is seen for all weights of a block at once.
//
// A reference maximum of 2²⁰ or more is too large for one FMA: its last place may be more than a weight can be off. Sums of such queries are NaN, so that their weights are always
// made again, in three steps, of which the difference of score and reference is exact.

// Steps of the fixed point.
const (
	fixedPlaces = 9
	fixedSteps  = 1 << fixedPlaces
	fixedCut    = fixedPlaces - 7 // places that a bf16 does not have
	fixedIndex  = 3               // places that the table does not tell apart
	fixedOrigin = 1 << 23         // 0 in a word
	fixedBias   = 127*fixedSteps + 1<<(fixedCut-1)
)

// fixedPoint are the constants.
type fixedPoint struct {
	steps  Mem // what a logarithm is multiplied by
	bias   Mem // the sum of a score that is the reference
	origin Mem // a word of 0
	most   Mem // from here on a sum fits no word
	large  Mem // what makes a reference maximum of 2²⁰ infinite
	nearly Mem // a score of -126.5, whose weight is a denormal number, and taken as 0
	excess Mem // 1 + f - 2^f
	ones   Mem // pairs of 1
	one    Mem // 1

	evenNaN, oddNaN Mem
}

func newFixedPoint(s vec.Set) fixedPoint {
	repeated := func(what string, x float64) Mem {
		return softmax.Repeated("fixed"+what, math.Float32bits(float32(x)), s.Lanes())
	}
	words := make([]uint32, s.Lanes())
	for i := 1; i < 4*len(words); i++ { // the first one stands for both ends of an octave
		step := float64(i<<fixedIndex) + float64(1<<fixedIndex-1)/2 - 1<<(fixedCut-1)
		f := step / fixedSteps
		words[i/4] |= uint32(math.Round((1+f-math.Exp2(f))*fixedSteps)) << (8 * (i % 4))
	}
	return fixedPoint{
		steps: repeated("Steps", fixedSteps), bias: repeated("Bias", fixedOrigin+fixedBias),
		origin: repeated("Origin", fixedOrigin), most: repeated("Most", fixedOrigin+1<<16),
		large:  repeated("Large", 1<<108),
		nearly: repeated("Nearly", -126.5), excess: softmax.Words("fixedExcess", words),
		ones: softmax.Repeated("fixedOnes", 0x3f803f80, s.Lanes()),
		one:  repeated("One", 1), evenNaN: softmax.Words("fixedEvenNaN", []uint32{0x7fc0}), oddNaN: softmax.Words("fixedOddNaN", []uint32{0x7fc0 << 16}),
	}
}

// Registers of the weights in fixed point, besides those of pairWeights.
func (b *block) steps() reg.VecPhysical  { return b.isa.V(firstConstant + 7) } // of a score
func (b *block) excess() reg.VecPhysical { return b.isa.V(28) }
func (b *block) ones() reg.VecPhysical   { return b.isa.V(29) }

// references are the sums of scores that are the reference maxima; anyBits and allBits are those that any, and all, sums of a block have.
var (
	references       = []reg.VecPhysical{reg.Z17, reg.Z18}
	anyBits, allBits = reg.Z19, reg.Z30
)

// lowBytes are the low bytes of words, moving the queries of each vector whose largest score fits no word.
var (
	lowBytes = reg.K5
	moving   = []reg.OpmaskPhysical{reg.K6, reg.K7}
)

// fixedConstants loads the constants.
func (b *block) fixedConstants() {
	VBROADCASTSS(b.field("Scale"), b.steps())
	VMULPS(b.fixed.steps, b.steps(), b.steps())
	VMOVDQU64(b.fixed.excess, b.excess())
	VMOVDQU64(b.fixed.ones, b.ones())
	bits := GP64()
	MOVQ(U64(0x5555555555555555), bits)
	KMOVQ(bits, lowBytes)
	MOVL(U32(0xaaaaaaaa), bits.As32())
	KMOVD(bits.As32(), oddWords)
}

// fixedReference makes the sum of a score that is the reference maximum, or NaN if that is too large.
func (b *block) fixedReference(state reg.Register, j int, to, free reg.VecPhysical) {
	b.unlessLarge(state, j, free)
	VMOVUPS(b.at(state, 0, j), to)
	VMULPS(b.fixed.steps, to, to)
	VADDPS(b.fixed.bias, to, to)
	VADDPS(free, to, to)
}

// unlessLarge is 0, or NaN where the reference maximum is too large.
func (b *block) unlessLarge(state reg.Register, j int, to reg.VecPhysical) {
	VMOVUPS(b.fixed.large, to)
	VMULPS(b.at(state, 0, j), to, to)
	VSUBPS(to, to, to)
}

// fixedSum makes the sums of scores x; large are the queries whose reference sum is NaN, free is another register.
func (b *block) fixedSum(score Op, state reg.Register, j int, reference, steps reg.VecPhysical, large reg.OpmaskPhysical, x, free reg.VecPhysical) {
	VMOVUPS(score, x)
	VFMADD213PS(reference, steps, x)
	VMULPS(score, steps, large, x)
	VMOVUPS(b.at(state, 0, j), free)
	VMULPS(b.fixed.steps, free, free)
	VADDPS(free, x, large, x)
	VADDPS(b.fixed.bias, x, large, x)
}

// fixedWeights turns the scores of an even and an odd key, in vector j, into weights, and adds them to the sums in register j. Clamped, weights are 0 or NaN that do not
// fit a word, and the others have the same bits.
func (b *block) fixedWeights(score func(i int) Mem, j int, to Mem, clamped bool) {
	even, odd, index := b.isa.V(3), b.isa.V(4), b.isa.V(5)
	for i, x := range []reg.VecPhysical{even, odd} {
		if !clamped {
			VMOVUPS(score(i), x)
			VFMADD213PS(references[j], b.steps(), x)
		} else {
			b.fixedSum(score(i), reg.RSI, j, references[j], b.steps(), moving[j], x, index)
			VCMPPS(Imm(unordered), x, x, []reg.OpmaskPhysical{reg.K1, reg.K2}[i])
			VMAXPS(b.fixed.origin, x, x)
		}
	}
	if !clamped {
		VPTERNLOGD(Imm(orAll), even, odd, anyBits)
		VPTERNLOGD(Imm(andAll), even, odd, allBits)
	}
	VPSLLDQ(Imm(2), odd, odd)
	VMOVDQU16(odd, oddWords, even)
	VPSRLW(Imm(fixedIndex), even, index)
	VPERMB_Z(b.excess(), index, lowBytes, index)
	VPSUBW(index, even, even)
	VPSRLW(Imm(fixedCut), even, even)
	if clamped {
		VPORD_BCST(b.fixed.evenNaN, even, reg.K1, even)
		VPORD_BCST(b.fixed.oddNaN, even, reg.K2, even)
	}
	VMOVDQU32(even, to)
	enc.Emit(enc.VDPBF16PS(b.ones(), even, b.isa.V(j)))
}

// Truth tables of VPTERNLOGD.
const (
	orAll  = 0xfe
	andAll = 0x80
	differ = 0x7e // any operand from another
)

// beginFlags begins them.
func (b *block) beginFlags() {
	b.isa.Zero(anyBits)
	VPTERNLOGD(Imm(0xff), allBits, allBits, allBits)
}

// checkWeights jumps to again where the block that is weighed has weights that do not fit a word, or a sum was 0 before it.
func (b *block) checkWeights(again string) {
	keys, first := b.get(weighed.keys), b.get(weighed.first)
	TESTQ(keys, keys)
	JZ(LabelRef("weighed"))
	VPTERNLOGD(Imm(differ), b.fixed.origin, anyBits, allBits)
	VPTESTMD(b.constants.upperHalf, allBits, reg.K1)
	TESTQ(first, first)
	JNZ(LabelRef("check_bits"))
	state, zero := b.get(weighed.state), b.isa.V(2)
	b.isa.Zero(zero)
	for j := range b.nv {
		VCMPPS(Imm(equal), b.at(state, 2, j), zero, reg.K2)
		KORW(reg.K1, reg.K2, reg.K1)
	}
	Label("check_bits")
	KORTESTW(reg.K1, reg.K1)
	JNZ(LabelRef(again))
}

// movingQueries finds those whose largest score, in register j, fits no word.
func (b *block) movingQueries(state reg.Register) {
	sum, steps, reference, free := b.isa.V(4), b.isa.V(5), b.isa.V(6), b.isa.V(3)
	VBROADCASTSS(b.field("Scale"), steps)
	VMULPS(b.fixed.steps, steps, steps)
	for j := range b.nv {
		b.fixedReference(state, j, reference, free)
		VCMPPS(Imm(unordered), reference, reference, moving[j])
		b.fixedSum(b.isa.V(j), state, j, reference, steps, moving[j], sum, free)
		VCMPPS(Imm(atLeast), b.fixed.most, sum, moving[j])
	}
}

// fixedMasks are scores that no query attends: -Inf where it has no reference maximum yet, or one that is too large, or else what just fits a word, as long as the reference does not move. That has
// no weight, and the block need not be weighed again.
func (b *block) fixedMasks(masked []reg.VecPhysical, minusInf reg.VecPhysical) {
	state, scale, zero := b.get(scored.state), b.isa.V(4), b.isa.V(5)
	VBROADCASTSS(b.field("Scale"), scale)
	b.isa.Zero(zero)
	for j, m := range masked {
		VMOVAPS(minusInf, m)
		VMOVUPS(b.fixed.nearly, b.isa.V(6))
		VSUBPS(b.at(state, 0, j), b.isa.V(6), b.isa.V(6))
		b.unlessLarge(state, j, b.isa.V(1))
		VCMPPS(Imm(equal), b.isa.V(1), zero, reg.K1)
		VCMPPS(Imm(notEqual), b.at(state, 0, j), zero, reg.K1, reg.K1)
		VDIVPS(scale, b.isa.V(6), reg.K1, m)
	}
}
