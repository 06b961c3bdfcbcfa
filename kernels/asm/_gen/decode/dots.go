package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
)

// Dot products take two digits of the other operand, query or weight, one after the other: the high one to the precision of
// keys and values, the low one for what it leaves.
//
//	BF16  x = high + low, each a bf16: 16 bits of significand
//	INT8  x ≈ (256·high + low)·unit: 16 bits
//
// Weights stand in St twice: the high digits of all, and behind them, after 4·nk + 128 bytes, the low ones.

// dotScores fills St with q·kᵀ and a vector of -Inf behind it. Param q is d high digits, d low ones and, of int8, what sums begin
// with: 16 int32 for the high digits, 16 for the low ones, and the unit.
func (b *block) dotScores() {
	s := &dotSums{block: b, st: b.startScores()}
	s.load()
	lanes := 64 / b.element.bytes / 16 // vectors of 16 elements in a load
	var sizes []int
	for n := dotLines; n > 0; n /= 2 {
		sizes = append(sizes, n*lanes)
	}
	keys := open("NextK", "LdK", "Next")
	keys.each("scores", []int{rows, 1}, func(n int) {
		s.acc, s.second = b.registers(0, n), b.registers(8, n)
		s.begin()
		digits := get("Q")
		keys.chunks(b, "scores", n, sizes, "", func(vectors int, at func(i, j int) Mem, _ func(int) Mem) {
			s.multiply(digits, vectors/lanes, func(i, load int) Mem { return at(i, load*lanes) })
		})
		s.store()
	})
	MOVQ(keys.base, field("NextK"))
	if b.element.scale {
		MOVQ(s.scale, field("NextScale"))
	}
}

// dotLines is how many loads of a row are multiplied at once.
const dotLines = 4

// dotSums are the products of a query's digits with some rows.
type dotSums struct {
	*block
	st, scale   reg.GPVirtual     // where scores go; factors of the rows, of int8
	acc, second []reg.VecPhysical // sums of each row, of int8 those of high and of low digits
	flip, unit  reg.VecPhysical   // of int8: what makes bytes unsigned; the unit of the query
	first       []reg.VecPhysical // of int8: what both sums begin with
}

// load loads what all rows have in common.
func (s *dotSums) load() {
	e := s.element
	var tail, d reg.GPVirtual
	s.scale, tail, d = GP64(), get("Q"), get("D")
	LEAQ(Mem{Base: tail, Index: d, Scale: uint8(2 * e.bytes)}, tail)
	if e.scale {
		MOVQ(field("NextScale"), s.scale)
	}
	s.flip, s.unit, s.first = s.isa.V(26), s.isa.V(27), s.registers(28, 2)
	if e.scale {
		VMOVDQU32(softmax.Repeated("signs", 0x80808080, 16), s.flip)
		VBROADCASTSS(Mem{Base: tail, Disp: 128}, s.unit)
		VMOVDQU32(Mem{Base: tail}, s.first[0])
		VMOVDQU32(Mem{Base: tail, Disp: 64}, s.first[1])
	}
}

// begin sets the sums to what they begin with.
func (s *dotSums) begin() {
	for i := range s.acc {
		if s.element.scale {
			VMOVDQA32(s.first[0], s.acc[i])
			VMOVDQA32(s.first[1], s.second[i])
		} else {
			s.isa.Zero(s.acc[i])
		}
	}
}

// multiply adds the products of so many loads of each row, and moves on in the digits.
func (s *dotSums) multiply(digits reg.Register, loads int, at func(i, load int) Mem) {
	high, low, x := s.registers(16, dotLines), s.registers(20, dotLines), s.registers(24, 2)
	bytes := get("D")
	if s.element.bytes == 2 {
		SHLQ(Imm(1), bytes)
	}
	for j := range loads {
		VMOVDQU32(Mem{Base: digits, Disp: 64 * j}, high[j])
		VMOVDQU32(Mem{Base: digits, Index: bytes, Scale: 1, Disp: 64 * j}, low[j])
	}
	for i := range s.acc {
		for j := range loads {
			x := x[j%2]
			if s.element.scale {
				VPXORD(at(i, j), s.flip, x) // unsigned, 128 more
				VPDPBUSD(high[j], x, s.acc[i])
				VPDPBUSD(low[j], x, s.second[i])
			} else {
				VMOVDQU32(at(i, j), x)
				enc.Emit(enc.VDPBF16PS(high[j], x, s.acc[i]))
				enc.Emit(enc.VDPBF16PS(low[j], x, s.acc[i]))
			}
		}
	}
	ADDQ(U32(uint32(64*loads)), digits)
}

// store writes the scores of the rows, one or eight of them, and moves on.
func (s *dotSums) store() {
	acc, scaled := s.acc, s.element.scale
	if scaled {
		for i := range acc {
			VPSLLD(Imm(8), acc[i], acc[i])
			VPADDD(s.second[i], acc[i], acc[i])
		}
	}
	t := s.isa.V(15)
	if len(acc) == 1 {
		if scaled {
			VCVTDQ2PS(acc[0], acc[0])
		}
		s.isa.Sum(acc[0], t)
		if scaled {
			VMULSS(Mem{Base: s.scale}, acc[0].AsX(), acc[0].AsX())
			VMULSS(s.unit.AsX(), acc[0].AsX(), acc[0].AsX())
		}
		VMOVSS(acc[0].AsX(), Mem{Base: s.st})
	} else {
		if scaled {
			s.sumEight(acc, t, VPADDD)
			VCVTDQ2PS(acc[0].AsY(), acc[0].AsY())
			VMULPS(Mem{Base: s.scale}, acc[0].AsY(), acc[0].AsY())
			VMULPS(s.unit.AsY(), acc[0].AsY(), acc[0].AsY())
		} else {
			s.sumEight(acc, t, VADDPS)
		}
		VMOVUPS(acc[0].AsY(), Mem{Base: s.st})
	}
	ADDQ(Imm(uint64(4*len(acc))), s.st)
	if scaled {
		ADDQ(Imm(uint64(4*len(acc))), s.scale)
	}
}

// lowDigits is how far behind the high digits the low ones stand.
func (b *block) lowDigits() int { return 4 * b.group() / b.element.dot }

// pairDigits stores weights as pairs of bf16, high digits and behind them the low ones.
func (b *block) pairDigits(x, t, u []reg.VecPhysical, st reg.Register) {
	for i, x := range x {
		to := Mem{Base: st, Disp: b.weightsAt() + 32*i}
		high, low := t[i].AsY().(reg.VecPhysical), u[i].AsY().(reg.VecPhysical)
		enc.Emit(enc.VCVTNEPS2BF16(x, high))
		VMOVUPS(high, to)
		VPMOVZXWD(high, t[i])
		VPSLLD(Imm(16), t[i], t[i])
		VSUBPS(t[i], x, x)
		enc.Emit(enc.VCVTNEPS2BF16(x, low))
		VMOVUPS(low, to.Offset(b.lowDigits()))
	}
}

// pairOutput adds the weighted rows of v to o, in pairs of rows, whose elements it interleaves: each lane then sums two products.
// o has, of every 32 columns, those first that the lower halves of 128 bits give.
func (b *block) pairOutput() {
	acc, lower, upper := b.registers(0, 8), b.registers(8, 4), b.registers(12, 4)
	weights, second := b.registers(16, 4), b.registers(20, 2)
	b.columns("output", []int{8, 2}, func(loop string, vectors int, value, o reg.Register) {
		at := func(j int) Mem { return Mem{Base: o, Disp: j * b.isa.Bytes} }
		for j := range vectors {
			VMOVUPS(at(j), acc[j])
		}
		b.keys(loop, value, []int{8, 2, 1}, 2, func(rows int, row func(i, disp int) Mem, weight reg.Register) {
			for i := 0; i < rows; i += 2 {
				w := weights[i%4:]
				VPBROADCASTD(Mem{Base: weight, Disp: 2 * i}, w[0])
				VPBROADCASTD(Mem{Base: weight, Disp: b.lowDigits() + 2*i}, w[1])
				if rows == 1 {
					b.isa.Zero(second[0])
				}
				for j := 0; j < vectors; j += 2 {
					lo, hi, other := lower[j/2], upper[j/2], second[0]
					VMOVDQU32(row(i, 32*j), hi)
					if rows > 1 {
						other = second[j/2%2]
						VMOVDQU32(row(i+1, 32*j), other)
					}
					VPUNPCKLWD(other, hi, lo)
					VPUNPCKHWD(other, hi, hi)
				}
				for _, digit := range w[:2] {
					for j := 0; j < vectors; j += 2 {
						enc.Emit(enc.VDPBF16PS(digit, lower[j/2], acc[j]))
						enc.Emit(enc.VDPBF16PS(digit, upper[j/2], acc[j+1]))
					}
				}
			}
		})
		for j := range vectors {
			VMOVUPS(acc[j], at(j))
		}
	})
}

// Weights of int8 are integers of 16 bits, relative to the largest that they can be: State has behind the sums the largest factor
// of a row that they allow, twice that of the rows when it was raised, what weights are multiplied by, and the unit of the integers.
const (
	limit     = 2
	increment = 3
	quantum   = 4
)

// factors loads those of the rows of a step, of which so many are left.
func (b *block) factors(scale, left reg.Register) []reg.VecPhysical {
	to, count := b.registers(20, 4), b.isa.V(28)
	VPBROADCASTD(left.(reg.GPVirtual).As32(), count)
	for i, to := range to {
		VPCMPGTD(b.lane.Offset(64*i), count, reg.K3)
		VMOVUPS_Z(Mem{Base: scale, Disp: 64 * i}, reg.K3, to)
	}
	return to
}

// state is a vector of State.
func (b *block) state(state reg.Register, i int) Mem { return Mem{Base: state, Disp: i * b.isa.Bytes} }

// quadDigits stores weights times the factors of their rows as bytes, high digits and behind them the low ones. A factor that is
// no number makes the sums none.
func (b *block) quadDigits(x, t []reg.VecPhysical, scale, left, st, state reg.Register) {
	factors, zero, steps := b.factors(scale, left), b.isa.V(16), b.isa.V(17)
	b.isa.Zero(zero)
	VMOVUPS(b.state(state, increment), steps)
	for i, x := range x {
		to := Mem{Base: st, Disp: b.weightsAt() + 16*i}
		VMULPS(factors[i], x, x)
		VFMADD231PS(zero, x, b.sum())
		VMULPS(steps, x, x)
		VCVTPS2DQ(x, x)
		VPSRLD(Imm(8), x, t[i])
		VPMOVDB(t[i], to)
		VPMOVDB(x, to.Offset(b.lowDigits()))
	}
}

// raise makes the limit twice the largest factor of the group's rows, if that exceeds it: its lanes are where check leaves them.
func (b *block) raise() {
	_, _, f := b.groupVectors()
	state, top, t, u := get("State"), b.isa.V(0), b.isa.V(1), b.isa.V(2)
	VMOVAPS(f[0], top)
	b.largest(top, t)
	VBROADCASTSS(top.AsX(), top)
	VADDPS(top, top, t)
	VMAXPS(softmax.Repeated("tiny", math.Float32bits(1e-33), 16), t, t) // whose inverse is still a number
	VMOVUPS(b.state(state, limit), u)
	VCMPPS(Imm(greater), u, top, reg.K1)
	VMOVAPS(t, reg.K1, u)
	VMOVUPS(u, b.state(state, limit))
	VMOVUPS(softmax.Repeated("steps", math.Float32bits((1<<16-1)/2), 16), top)
	VDIVPS(u, top, t)
	VMOVUPS(t, b.state(state, increment))
	VDIVPS(top, u, t)
	VMOVUPS(t, b.state(state, quantum))
}

// flush adds the integer sums to o and clears them.
func (b *block) flush(name string) {
	o, sums, d, state := get("O"), get("Sums"), get("D"), get("State")
	unit, digit, high, low, zero := b.isa.V(0), b.isa.V(1), b.isa.V(2), b.isa.V(3), b.isa.V(15)
	VMOVUPS(b.state(state, quantum), unit)
	VMOVUPS(b.digit, digit)
	b.isa.Zero(zero)
	Label("flush_" + name)
	VCVTDQ2PS(Mem{Base: sums}, high)
	VCVTDQ2PS(Mem{Base: sums, Disp: 64}, low)
	VMOVUPS(zero, Mem{Base: sums})
	VMOVUPS(zero, Mem{Base: sums, Disp: 64})
	VFMADD231PS(digit, high, low)
	VFMADD213PS(Mem{Base: o}, unit, low)
	VMOVUPS(low, Mem{Base: o})
	ADDQ(Imm(64), o)
	SUBQ(I32(-128), sums)
	SUBQ(Imm(16), d)
	JNZ(LabelRef("flush_" + name))
}

// quadOutput adds the weighted rows of v to the integer sums, in groups of four, whose elements it interleaves: each lane then sums
// four products. O, and so the sums, have of every 64 columns those first that the lowest quarters of 128 bits give. The sums
// of the high and of the low digits of a vector follow each other.
func (b *block) quadOutput() {
	high, low, v, u := b.registers(0, 8), b.registers(8, 8), b.registers(16, 4), b.registers(20, 4)
	w := b.registers(24, 2)
	b.columns("output", []int{8, 4}, func(loop string, vectors int, value, o reg.Register) {
		sums := get("Sums")
		SUBQ(field("O"), o)
		LEAQ(Mem{Base: sums, Index: o, Scale: 2}, sums)
		ADDQ(field("O"), o)
		at := func(j, digit int) Mem { return Mem{Base: sums, Disp: (2*j + digit) * b.isa.Bytes} }
		for j := range vectors {
			VMOVDQU32(at(j, 0), high[j])
			VMOVDQU32(at(j, 1), low[j])
		}
		b.keys(loop, value, []int{4, 1}, 1, func(rows int, row func(i, disp int) Mem, weight reg.Register) {
			if rows == 4 {
				VPBROADCASTD(Mem{Base: weight}, w[0])
				VPBROADCASTD(Mem{Base: weight, Disp: b.lowDigits()}, w[1])
			} else { // one row, in the lowest byte
				one := GP32()
				for i, m := range []Mem{{Base: weight}, {Base: weight, Disp: b.lowDigits()}} {
					MOVBLZX(m, one)
					VPBROADCASTD(one, w[i])
				}
			}
			for j := 0; j < vectors; j += 4 {
				for i := range 4 {
					if i < rows {
						VMOVDQU32(row(i, 16*j), v[i])
					} else {
						b.isa.Zero(v[i])
					}
				}
				VPUNPCKLBW(v[1], v[0], u[0])
				VPUNPCKHBW(v[1], v[0], u[1])
				VPUNPCKLBW(v[3], v[2], u[2])
				VPUNPCKHBW(v[3], v[2], u[3])
				VPUNPCKLWD(u[2], u[0], v[0])
				VPUNPCKHWD(u[2], u[0], v[1])
				VPUNPCKLWD(u[3], u[1], v[2])
				VPUNPCKHWD(u[3], u[1], v[3])
				for i := range 4 {
					VPDPBUSD(v[i], w[0], high[j+i])
					VPDPBUSD(v[i], w[1], low[j+i])
				}
			}
		})
		for j := range vectors {
			VMOVDQU32(high[j], at(j, 0))
			VMOVDQU32(low[j], at(j, 1))
		}
	})
}
