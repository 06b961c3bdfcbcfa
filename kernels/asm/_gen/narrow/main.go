// Command narrow generates products of narrow elements, bfloat16 and int8, in which B is not packed: of few rows, where it streams by
// once, or tiles' sums stay in registers, and of few columns, which are dot products along the rows of A. One function per element type, number of rows
// of A and number of rows of B in a group, see asm.NarrowRows, or lines of each, see asm.NarrowInPlace, or number of columns and rows of A, see
// asm.NarrowColumns.
//
// VDPBF16PS and VPDPBUSD multiply groups of a column's neighbours, which lie in different rows of B: two rows of bfloat16 or four of
// int8 are unpacked in registers into vectors of such groups. Unpacking works within 16 bytes, so that the columns come out in another
// order: sums are kept in it, and put in order at the end.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/enc"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// mostRows is up to how many rows of A B streams by.
const mostRows = 8

func main() {
	for _, e := range []element{bf16, wide, int8} {
		for m := 1; m <= mostRows; m++ {
			stream(e, m, 1, near)
			stream(e, m, e.groups, near)
			stream(e, m, e.groups, ahead)
		}
		stream(e, 1, 4/e.group, far)
		stream(e, 1, 4/e.group, farAhead)
		stream(e, 1, 2*4/e.group, twice)
		order(e, false)
		if e.wide {
			continue
		}
		edge(e, false)
		edge(e, true)
		columnsPack(e)
		for n := 1; n <= mostColumns; n++ {
			for _, r := range heightsOf(n) {
				columnsFunction(e, n, r)
			}
		}
	}
	for i, most := range mostInPlace {
		for lines := 1; lines <= most; lines++ {
			inPlaceFunction(bf16, i+1, lines)
			inPlaceFunction(wide, i+1, lines)
		}
	}
	rowTiles("NarrowTilesAMXBF16", enc.TDPBF16PS)
	rowTiles("NarrowTilesAMXINT8", enc.TDPBSSD)
	order(int8, true)
	spread(bf16)
	spread(int8)
	copyRows()
	spoils()
	starts()
	Generate()
}

// element is a narrow type.
type element struct {
	name   string // as in function names
	group  int    // elements of a column that an instruction multiplies at once
	bytes  int
	groups int // that are taken at once
	biased bool
	wide   bool // elements are widened to float32, and multiplied one by one: sums are those of even columns, then those of odd ones
}

// VDPBF16PS takes two cycles on some processors, for as many products as two multiply-adds of float32 make in one.
var (
	bf16 = element{"AVX512BF16", 2, 2, 4, false, false}
	wide = element{"AVX512BF16Wide", 2, 2, 4, false, true}
	int8 = element{"AVX512VNNI", 4, 1, 4, true, false}
)

// vectors is how many vectors of sums 64 bytes of a row of B make.
func (e element) vectors() int { return 4 / e.bytes }

// dot is acc += a·b: b are elements of B, of int8 with 128 added.
func (e element) dot(b, a, acc VecPhysical) {
	if e.biased {
		VPDPBUSD(a, b, acc)
	} else {
		enc.Emit(enc.VDPBF16PS(a, b, acc))
	}
}

var (
	bias = Z31 // 0x80 in every byte
	tail = K1  // columns of the last vector of sums
)

func (e element) loadBias() {
	if e.biased {
		x := GP32()
		MOVL(U32(0x80808080), x)
		VPBROADCASTD(x, bias)
	}
}

// loadOdd makes v the mask of the upper, odd elements of bfloat16.
func loadOdd(v VecPhysical) {
	x := GP32()
	MOVL(U32(0xffff0000), x)
	VPBROADCASTD(x, v)
}

// perGroup is how many vectors hold a group's elements of one vector of sums.
func (e element) perGroup() int {
	if e.wide {
		return e.group
	}
	return 1
}

// split loads 64 bytes of each row of a group, and leaves in v even and odd elements of each, widened.
func split(rows []Mem, v []VecPhysical, odd VecPhysical) {
	for i, m := range rows {
		VMOVDQU64(m, v[2*i])
		VPANDD(odd, v[2*i], v[2*i+1])
		VPSLLD(Imm(16), v[2*i], v[2*i])
	}
}

// interleave loads 64 bytes of each row of a group and leaves the vectors of groups in v, using eight registers.
func (e element) interleave(rows []Mem, v, tmp []VecPhysical) {
	for i, m := range rows {
		if e.biased {
			VPXORD(m, bias, tmp[i])
		} else {
			VMOVDQU64(m, tmp[i])
		}
	}
	if e.group == 2 {
		VPUNPCKLWD(tmp[1], tmp[0], v[0])
		VPUNPCKHWD(tmp[1], tmp[0], v[1])
		return
	}
	for i := range 2 {
		VPUNPCKLBW(tmp[2*i+1], tmp[2*i], tmp[4+2*i])
		VPUNPCKHBW(tmp[2*i+1], tmp[2*i], tmp[5+2*i])
	}
	for i := range 2 {
		VPUNPCKLWD(tmp[6+i], tmp[4+i], v[2*i])
		VPUNPCKHWD(tmp[6+i], tmp[4+i], v[2*i+1])
	}
}

// widen loads 16 elements of each row of a group, in lastPiece those of tail, and leaves one vector of groups in v, in the order of
// columns.
func (e element) widen(rows []Mem, lastPiece bool, v, tmp VecPhysical) {
	for i, m := range rows {
		to := tmp
		if i == 0 {
			to = v
		}
		switch {
		case e.bytes == 2 && lastPiece:
			VPMOVZXWD_Z(m, tail, to)
		case e.bytes == 2:
			VPMOVZXWD(m, to)
		case lastPiece:
			VPMOVZXBD_Z(m, tail, to)
		default:
			VPMOVZXBD(m, to)
		}
		if i > 0 {
			VPSLLD(Imm(uint64(8*e.bytes*i)), tmp, tmp)
			VPORD(tmp, v, v)
		}
	}
	if e.biased {
		VPXORD(bias, v, v)
	}
}

func zmm(i int) VecPhysical { return vec.ZMM[i] }

func zmms(from, n int) []VecPhysical { return vec.ZMM[from : from+n] }
