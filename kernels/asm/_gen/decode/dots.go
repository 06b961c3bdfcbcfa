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
const lowDigits = 128

// dotScores fills St with q·kᵀ and a vector of -Inf behind it. Param q is d high digits, d low ones and, of int8, what sums begin
// with: 16 int32 for the high digits, 16 for the low ones, and the unit.
func (b *block) dotScores() {
	e := b.element
	st, scale, tail := Load(Param("st"), GP64()), GP64(), GP64()
	d := Load(Param("d"), GP64())
	Load(Param("q"), tail)
	LEAQ(Mem{Base: tail, Index: d, Scale: uint8(2 * e.bytes)}, tail)
	if e.scale {
		Load(Param("kScale"), scale)
	}
	const lines = 4 // loads of a row at once
	high, low := b.registers(16, lines), b.registers(20, lines)
	x, flip, unit, first := b.registers(24, 2), b.isa.V(26), b.isa.V(27), b.registers(28, 2)
	if e.scale {
		VMOVDQU32(softmax.Repeated("signs", 0x80808080, 16), flip)
		VBROADCASTSS(Mem{Base: tail, Disp: 128}, unit)
		VMOVDQU32(Mem{Base: tail}, first[0])
		VMOVDQU32(Mem{Base: tail, Disp: 64}, first[1])
	}
	lanes := 64 / e.bytes / 16 // vectors of 16 elements in a load
	var sizes []int
	for n := lines; n > 0; n /= 2 {
		sizes = append(sizes, n*lanes)
	}
	keys := open("k", "ldk")
	keys.each("scores", []int{rows, 1}, func(n int) {
		acc, second := b.registers(0, n), b.registers(8, n)
		for i := range acc {
			if e.scale {
				VMOVDQA32(first[0], acc[i])
				VMOVDQA32(first[1], second[i])
			} else {
				b.isa.Zero(acc[i])
			}
		}
		digits := GP64()
		Load(Param("q"), digits)
		keys.chunks(b, "scores", n, sizes, "", func(vectors int, at func(i, j int) Mem, _ func(int) Mem) {
			loads := vectors / lanes
			bytes := Load(Param("d"), GP64())
			if e.bytes == 2 {
				SHLQ(Imm(1), bytes)
			}
			for j := range loads {
				VMOVDQU32(Mem{Base: digits, Disp: 64 * j}, high[j])
				VMOVDQU32(Mem{Base: digits, Index: bytes, Scale: 1, Disp: 64 * j}, low[j])
			}
			for i := range acc {
				for j := range loads {
					x := x[j%2]
					if e.scale {
						VPXORD(at(i, j*lanes), flip, x) // unsigned, 128 more
						VPDPBUSD(high[j], x, acc[i])
						VPDPBUSD(low[j], x, second[i])
					} else {
						VMOVDQU32(at(i, j*lanes), x)
						enc.Emit(enc.VDPBF16PS(high[j], x, acc[i]))
						enc.Emit(enc.VDPBF16PS(low[j], x, acc[i]))
					}
				}
			}
			ADDQ(U32(uint32(64*loads)), digits)
		})
		if e.scale {
			for i := range acc {
				VPSLLD(Imm(8), acc[i], acc[i])
				VPADDD(second[i], acc[i], acc[i])
				VCVTDQ2PS(acc[i], acc[i])
			}
		}
		t := b.isa.V(15)
		if n == 1 {
			b.isa.Sum(acc[0], t)
			if e.scale {
				VMULSS(Mem{Base: scale}, acc[0].AsX(), acc[0].AsX())
				VMULSS(unit.AsX(), acc[0].AsX(), acc[0].AsX())
			}
			VMOVSS(acc[0].AsX(), Mem{Base: st})
		} else {
			b.sumEight(acc, t)
			if e.scale {
				VMULPS(Mem{Base: scale}, acc[0].AsY(), acc[0].AsY())
				VMULPS(unit.AsY(), acc[0].AsY(), acc[0].AsY())
			}
			VMOVUPS(acc[0].AsY(), Mem{Base: st})
		}
		ADDQ(Imm(uint64(4*n)), st)
		if e.scale {
			ADDQ(Imm(uint64(4*n)), scale)
		}
	})
	VMOVUPS(b.minusInf, b.isa.V(0))
	VMOVUPS(b.isa.V(0), Mem{Base: st})
}

// digits emits a loop over the weights, 16 at a time: body turns those in x into digits, of which 16 take bytes. It returns the
// distance of the low digits from the high ones.
func (b *block) digits(bytes int, x reg.VecPhysical, body func(high, low Mem)) (distance reg.Register) {
	st, to, keys := Load(Param("st"), GP64()), Load(Param("st"), GP64()), Load(Param("nk"), GP64())
	distance = GP64()
	MOVQ(keys, distance)
	SHLQ(Imm(2), distance)
	ADDQ(U32(lowDigits), distance)
	Label("digits")
	VMOVUPS(Mem{Base: st}, x)
	body(Mem{Base: to}, Mem{Base: to, Index: distance, Scale: 1})
	ADDQ(Imm(64), st)
	ADDQ(Imm(uint64(bytes)), to)
	SUBQ(Imm(16), keys)
	JG(LabelRef("digits"))
	return distance
}

// pairOutput adds the weighted rows of v to o, in pairs of rows, whose elements it interleaves: each lane then sums two products.
// o has, of every 32 columns, those first that the lower halves of 128 bits give.
func (b *block) pairOutput() {
	x, high, wide := b.isa.V(0), b.isa.V(1), b.isa.V(2)
	distance := b.digits(32, x, func(to, low Mem) {
		enc.Emit(enc.VCVTNEPS2BF16(x, high.AsY().(reg.VecPhysical)))
		VMOVDQU(high.AsY(), to)
		VPMOVZXWD(high.AsY(), wide)
		VPSLLD(Imm(16), wide, wide)
		VSUBPS(wide, x, x)
		enc.Emit(enc.VCVTNEPS2BF16(x, high.AsY().(reg.VecPhysical)))
		VMOVDQU(high.AsY(), low)
	})
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
				VPBROADCASTD(Mem{Base: weight, Index: distance, Scale: 1, Disp: 2 * i}, w[1])
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

// quadOutput adds the weighted rows of v to o, in groups of four, whose elements it interleaves: each lane then sums four
// products. o has, of every 64 columns, those first that the lowest quarters of 128 bits give.
func (b *block) quadOutput() {
	b.scaleWeights()
	// The largest weight, to which all are relative; nan is 0, or NaN when one of the weights is no number.
	top, nan, t, zero := b.isa.V(0), b.isa.V(1), b.isa.V(2), b.isa.V(3)
	tiny := softmax.Repeated("tiny", math.Float32bits(1e-33), 16) // whose inverse is still a number
	VMOVUPS(tiny, top)
	b.isa.Zero(nan)
	b.isa.Zero(zero)
	b.eachVector("largest", func(m Mem) {
		VMOVUPS(m, t)
		VMAXPS(t, top, top)
		VFMADD231PS(t, zero, nan)
	})
	b.largest(top, t)
	b.isa.Sum(nan, t)
	unit, inverse := b.isa.V(30), b.isa.V(31)
	VADDSS(nan.AsX(), top.AsX(), top.AsX())
	VBROADCASTSS(top.AsX(), top)
	VMOVUPS(softmax.Repeated("steps", math.Float32bits(1<<16-1), 16), t)
	VDIVPS(top, t, inverse)
	VDIVPS(t, top, unit)
	x, q := b.isa.V(0), b.isa.V(1)
	distance := b.digits(16, x, func(to, low Mem) {
		VMULPS(inverse, x, x)
		VCVTPS2DQ(x, x)
		VPSRLD(Imm(8), x, q)
		VPMOVDB(q, to)
		VPMOVDB(x, low)
	})
	high, low, v, u := b.registers(0, 8), b.registers(8, 8), b.registers(16, 4), b.registers(20, 4)
	w, digit := b.registers(24, 2), softmax.Repeated("digit", math.Float32bits(256), 16)
	b.columns("output", []int{8, 4}, func(loop string, vectors int, value, o reg.Register) {
		at := func(j int) Mem { return Mem{Base: o, Disp: j * b.isa.Bytes} }
		for j := range vectors {
			b.isa.Zero(high[j])
			b.isa.Zero(low[j])
		}
		b.keys(loop, value, []int{4, 1}, 1, func(rows int, row func(i, disp int) Mem, weight reg.Register) {
			if rows == 4 {
				VPBROADCASTD(Mem{Base: weight}, w[0])
				VPBROADCASTD(Mem{Base: weight, Index: distance, Scale: 1}, w[1])
			} else { // one row, in the lowest byte
				one := GP32()
				for i, m := range []Mem{{Base: weight}, {Base: weight, Index: distance, Scale: 1}} {
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
		factor := b.isa.V(16)
		VMOVUPS(digit, factor)
		for j := range vectors {
			VCVTDQ2PS(high[j], high[j])
			VCVTDQ2PS(low[j], low[j])
			VFMADD231PS(factor, high[j], low[j])
			VFMADD213PS(at(j), unit, low[j])
			VMOVUPS(low[j], at(j))
		}
	})
}
