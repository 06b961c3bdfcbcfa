package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/softmax"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// alignedLoop emits body, which ends by setting the zero flag, as a loop with an aligned head.
func alignedLoop(name string, body func()) {
	vec.Align()
	Label(name)
	body()
	JNZ(LabelRef(name))
}

// transposition is a function that transposes tiles of as many columns as a vector has lanes of 32 bits.
//
// A register gets, in each 128 bits, a piece of another row: the lanes of these are where they belong as soon as they are loaded, and
// only within 128 bits elements are left to exchange.
type transposition struct {
	isa   vec.Set
	bits  int // of an element
	scale scaling
}

// scaling is what happens to elements, of float32, on the way.
type scaling int

const (
	unscaled   scaling = iota
	multiplied         // by one vector
	divided            // by one vector: multiplied by its inverse
)

// elements is how many make 128 bits.
func (t transposition) elements() int { return 128 / t.bits }

// rows of a tile.
func (t transposition) rows() int { return t.elements() * t.isa.Bytes / 16 }

func (t transposition) emit() {
	columns := t.isa.Lanes()
	name, what, last := fmt.Sprintf("Transpose%d%s", t.bits, t.isa.Name), fmt.Sprintf("%d×%d elements of %d bits.", t.rows(), columns, t.bits), ""
	if t.scale != unscaled {
		name, last = "TransposeScale"+t.isa.Name, ", scale *float32"
		by := "scale[c]"
		if t.scale == divided {
			name, by = "TransposeDivide"+t.isa.Name, "1/scale[c]"
		}
		what = fmt.Sprintf("%d×%d float32; element c of every source row is multiplied by %s.", t.rows(), columns, by)
	}
	TEXT(name, NOSPLIT, "func(src *byte, srcRow, srcTile int, dst *byte, dstRow, dstTile, tiles int"+last+")")
	Doc(fmt.Sprintf("%s transposes tiles of %s", name, what), "Rows are srcRow and dstRow bytes apart, tiles srcTile and dstTile bytes.")
	Pragma("noescape")
	src, dst := Load(Param("src"), GP64()), Load(Param("dst"), GP64())
	tiles := Load(Param("tiles"), GP64())
	steps := map[string]reg.GPVirtual{}
	for _, name := range []string{"srcRow", "srcTile", "dstRow", "dstTile"} {
		steps[name] = GP64()
		Load(Param(name), steps[name])
	}
	each := t.elements()
	pieces := make([][]reg.VecPhysical, columns/each) // pieces[q][i] has 128 bits from q·128 bits on of the rows i, i+each, i+2·each …
	factors := make([]reg.VecPhysical, len(pieces))
	spare := t.isa.V(columns)
	for q := range pieces {
		for i := range each {
			pieces[q] = append(pieces[q], t.isa.V(q*each+i))
		}
		factors[q] = t.isa.V(columns + 1 + q)
	}
	if t.scale != unscaled {
		scale := Load(Param("scale"), GP64())
		if t.scale == divided {
			VMOVUPS(softmax.Repeated("transposeOne"+t.isa.Name, math.Float32bits(1), 4), spare.AsX())
		}
		for q, f := range factors {
			t.factor(Mem{Base: scale, Disp: 16 * q}, f, spare)
		}
	}
	if softmax.Wide(t.isa) {
		mask := GP32()
		for lane, k := range laneMasks {
			MOVL(U32(0xf<<(4*(lane+1))), mask)
			KMOVW(mask, k)
		}
	}
	Label("tiles")
	p := GP64()
	MOVQ(src, p)
	for r := range t.rows() {
		for q := range pieces {
			t.load(Mem{Base: p, Disp: 16 * q}, r/each, pieces[q][r%each])
		}
		ADDQ(steps["srcRow"], p)
	}
	MOVQ(dst, p)
	for q, rows := range pieces {
		if t.scale != unscaled {
			for _, r := range rows {
				VMULPS(factors[q], r, r)
			}
		}
		rows, spare = t.exchange(rows, spare)
		for _, r := range rows {
			VMOVUPS(r, Mem{Base: p})
			ADDQ(steps["dstRow"], p)
		}
	}
	ADDQ(steps["srcTile"], src)
	ADDQ(steps["dstTile"], dst)
	DECQ(tiles)
	JNZ(LabelRef("tiles"))
	VZEROUPPER()
	RET()
}

// factor brings 128 bits, or what one divided by them is, to all places of f.
func (t transposition) factor(m Mem, f, one reg.VecPhysical) {
	switch wide := softmax.Wide(t.isa); {
	case t.scale == divided:
		VDIVPS(m, one.AsX(), f.AsX())
		if wide {
			VSHUFF32X4(Imm(0), f, f, f)
		} else {
			VINSERTF128(Imm(1), f.AsX(), f, f)
		}
	case wide:
		VBROADCASTF32X4(m, f)
	default:
		VBROADCASTF128(m, f)
	}
}

// laneMasks choose each 128 bits but the first.
var laneMasks = []reg.OpmaskPhysical{reg.K1, reg.K2, reg.K3}

// load brings 128 bits to that place of v, and leaves the others as they are behind it only for the first.
func (t transposition) load(m Mem, place int, v reg.VecPhysical) {
	switch {
	case place == 0:
		VMOVUPS(m, v.AsX())
	case softmax.Wide(t.isa):
		VBROADCASTF32X4(m, laneMasks[place-1], v)
	default:
		VINSERTF128(Imm(1), m, v, v)
	}
}

// exchange transposes the elements of rows within each 128 bits, renaming registers: interleaving the first half of the rows with the second
// does so after as many times as the number of rows is a power of two. spare is free, before and afterwards.
func (t transposition) exchange(rows []reg.VecPhysical, spare reg.VecPhysical) ([]reg.VecPhysical, reg.VecPhysical) {
	low, high := VUNPCKLPS, VUNPCKHPS
	if t.bits == 16 {
		low, high = VPUNPCKLWD, VPUNPCKHWD
	}
	n := len(rows)
	for times := n; times > 1; times /= 2 {
		next := make([]reg.VecPhysical, 0, n)
		for i := range n / 2 {
			a, b := rows[i], rows[i+n/2]
			low(b, a, spare)
			high(b, a, b)
			next = append(next, spare, b)
			spare = a
		}
		rows = next
	}
	return rows, spare
}

// An exponential loads its constants and returns what replaces a register by 2^x, with two others to use.
type exponential func() func(x, p, f reg.VecPhysical)

func polynomial(e *softmax.Exp2) exponential {
	return func() func(x, p, f reg.VecPhysical) {
		e.Load(firstConstant)
		return e.Emit
	}
}

func table(s vec.Set, e *softmax.TableExp2) exponential {
	return func() func(x, p, f reg.VecPhysical) {
		low := s.V(firstConstant)
		e.Load(low)
		return func(x, p, f reg.VecPhysical) {
			for _, step := range e.Steps(x, p, f, low) {
				step()
			}
		}
	}
}

// emitExp2 generates exp2 over a vector of n elements, n a multiple of the lanes: the tests' way to the polynomials.
func emitExp2(s vec.Set, exp exponential, name, precision string) {
	TEXT(name, NOSPLIT, "func(dst, src *float32, n int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s sets dst[i] to 2^src[i] for n elements, n > 0 a multiple of %d%s.", name, s.Lanes(), precision))
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	emit := exp()
	alignedLoop("loop", func() {
		VMOVUPS(Mem{Base: src}, s.V(0))
		emit(s.V(0), s.V(1), s.V(2))
		VMOVUPS(s.V(0), Mem{Base: dst})
		ADDQ(U32(uint32(s.Bytes)), src)
		ADDQ(U32(uint32(s.Bytes)), dst)
		SUBQ(U32(uint32(s.Lanes())), n)
	})
	VZEROUPPER()
	RET()
}
