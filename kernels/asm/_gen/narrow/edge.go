package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
)

// edge generates the function that packs a sliver of few columns, or of rows that are no whole groups: as MatmulPack…AVX512 would, with
// zeros for what is not there. With tiles it is as MatmulPack…TilesAVX512 would, and dst is a multiple of 2048.
func edge(e element, tiles bool) {
	what := map[int]string{2: "Pairs", 4: "Quads"}[e.group]
	if tiles {
		what += "Tiles"
		e.biased = false
	}
	name := fmt.Sprintf("NarrowPack%sAVX512", what)
	TEXT(name, NOSPLIT, "func(dst, src *byte, srcBytes, rows, cols int)")
	Doc(fmt.Sprintf("%s packs a sliver of rows ≥ 1 rows, srcBytes apart, of 1 to 32 columns, as MatmulPack%sAVX512 does", name, what),
		"whole ones; zeros stand where there are no rows or columns.")
	second, groupBytes := 64, 128 // of a group: where its second vector is, and where the next group
	if tiles {
		second, groupBytes = tileBytes, 64
	}
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	bytes, rows := Load(Param("srcBytes"), GP64()), Load(Param("rows"), GP64())
	three, cols, mask := GP64(), GP64(), GP64()
	rightMask := K2
	Load(Param("cols"), cols)
	MOVQ(cols, RCX)
	MOVQ(U32(1), mask)
	SHLQ(CL, mask)
	DECQ(mask)
	KMOVW(mask.As32(), tail)
	SHRQ(Imm(16), mask)
	KMOVW(mask.As32(), rightMask)
	LEAQ(Mem{Base: bytes, Index: bytes, Scale: 2}, three)
	e.loadBias()

	piece := func(at Register, rows int, lanes Register, v VecPhysical) {
		VPXORD(v, v, v)
		for i, m := range address.Four(at, bytes, three)[:rows] {
			to := zmm(8 + i)
			if e.bytes == 2 {
				VPMOVZXWD_Z(m, lanes, to)
			} else {
				VPMOVZXBD_Z(m, lanes, to)
			}
			if i > 0 {
				VPSLLD(Imm(uint64(8*e.bytes*i)), to, to)
			}
			VPORD(to, v, v)
		}
		if e.biased {
			VPXORD(bias, v, v)
		}
	}
	right := GP64()
	group := func(name string, rows int) {
		piece(src, rows, tail, Z0)
		piece2 := name + "_narrow"
		VPXORD(Z1, Z1, Z1)
		if e.biased {
			VMOVDQA64(bias, Z1)
		}
		CMPQ(cols, Imm(16))
		JLE(LabelRef(piece2))
		LEAQ(Mem{Base: src, Disp: 16 * e.bytes}, right)
		piece(right, rows, rightMask, Z1)
		Label(piece2)
		VMOVDQU64(Z0, Mem{Base: dst})
		VMOVDQU64(Z1, Mem{Base: dst, Disp: second})
		ADDQ(U32(uint32(groupBytes)), dst)
		if tiles {
			TESTQ(U32(tileBytes-1), dst)
			JNE(LabelRef(name + "_packed"))
			ADDQ(U32(tileBytes), dst)
			Label(name + "_packed")
		}
	}
	Label("group")
	SUBQ(Imm(uint64(e.group)), rows)
	JL(LabelRef("rest"))
	group("whole", e.group)
	LEAQ(Mem{Base: src, Index: bytes, Scale: uint8(e.group)}, src)
	JMP(LabelRef("group"))
	Label("rest")
	ADDQ(Imm(uint64(e.group)), rows)
	for r := 1; r < e.group; r++ {
		CMPQ(rows, Imm(uint64(r)))
		JE(LabelRef(fmt.Sprintf("rest%d", r)))
	}
	JMP(LabelRef("done"))
	for r := 1; r < e.group; r++ {
		Label(fmt.Sprintf("rest%d", r))
		group(fmt.Sprintf("rest%d", r), r)
		if r < e.group-1 {
			JMP(LabelRef("done"))
		}
	}
	Label("done")
	if tiles {
		VPXORD(Z0, Z0, Z0)
		Label("fill")
		TESTQ(U32(tileBytes-1), dst)
		JE(LabelRef("filled"))
		VMOVDQU64(Z0, Mem{Base: dst})
		VMOVDQU64(Z0, Mem{Base: dst, Disp: second})
		ADDQ(Imm(64), dst)
		JMP(LabelRef("fill"))
		Label("filled")
	}
	VZEROUPPER()
	RET()
}

// tileBytes is the size of a tile of AMX.
const tileBytes = 1024

// packedColumns is how many columns a vector of 8 bytes or words of each row has.
const packedColumns = 8

// columnsPack generates the function that packs columns: rows are copied to where a vector has the same row of each 8, and transposed within
// its lanes, first the elements of 2 rows, then of 4, until the elements of a lane are those of one column.
func columnsPack(e element) {
	what := map[int]string{2: "Words", 1: "Bytes"}[e.bytes]
	name := "NarrowColumnsOf" + what + "AVX512"
	TEXT(name, NOSPLIT, "func(dst, src, tmp *byte, srcBytes, rows, cols int)")
	Doc(fmt.Sprintf("%s copies 1 to 6 columns of rows ≥ 1 rows, srcBytes apart, to where 64 bytes of a column are side by side, then those", name),
		"of the next, and zeros where there are no rows. It writes as if there were 6 columns, and 512 bytes of tmp.")
	dst, src, tmp := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("tmp"), GP64())
	bytes, rows := Load(Param("srcBytes"), GP64()), Load(Param("rows"), GP64())
	mask, next := GP64(), GP64()
	Load(Param("cols"), RCX)
	MOVQ(RCX, next)
	SHLQ(Imm(6), next)
	if e.bytes == 2 {
		ADDQ(RCX, RCX)
	}
	MOVQ(U32(1), mask)
	SHLQ(CL, mask)
	DECQ(mask)
	KMOVW(mask.As32(), tail)
	piece := packedColumns * e.bytes // bytes of a row

	copyRow := func(m Mem, to Mem) {
		VMOVDQU8_Z(m, tail, X0)
		if piece == 8 {
			VMOVQ(X0, to)
		} else {
			VMOVDQU(X0, to)
		}
	}
	three, five, seven := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: bytes, Index: bytes, Scale: 2}, three)
	LEAQ(Mem{Base: bytes, Index: bytes, Scale: 4}, five)
	LEAQ(Mem{Base: three, Index: bytes, Scale: 4}, seven)

	Label("block")
	at, end := GP64(), GP64()
	MOVQ(tmp, at)
	LEAQ(Mem{Base: tmp, Disp: 64}, end)
	CMPQ(rows, Imm(uint64(64/e.bytes)))
	JGE(LabelRef("eight"))
	VPXORD(Z0, Z0, Z0)
	for i := range 8 {
		VMOVDQU64(Z0, Mem{Base: tmp, Disp: 64 * i})
	}
	Label("eight")
	CMPQ(rows, Imm(8))
	JL(LabelRef("some"))
	for i, m := range []Mem{
		{Base: src}, {Base: src, Index: bytes, Scale: 1}, {Base: src, Index: bytes, Scale: 2}, {Base: src, Index: three, Scale: 1},
		{Base: src, Index: bytes, Scale: 4}, {Base: src, Index: five, Scale: 1}, {Base: src, Index: three, Scale: 2}, {Base: src, Index: seven, Scale: 1},
	} {
		copyRow(m, Mem{Base: at, Disp: 64 * i})
	}
	LEAQ(Mem{Base: src, Index: bytes, Scale: 8}, src)
	SUBQ(Imm(8), rows)
	ADDQ(Imm(uint64(piece)), at)
	CMPQ(at, end)
	JL(LabelRef("eight"))
	JMP(LabelRef("transpose"))
	Label("some")
	TESTQ(rows, rows)
	JE(LabelRef("transpose"))
	copyRow(Mem{Base: src}, Mem{Base: at})
	ADDQ(bytes, src)
	ADDQ(Imm(64), at)
	DECQ(rows)
	JMP(LabelRef("some"))

	Label("transpose")
	for i := range 8 {
		VMOVDQU64(Mem{Base: tmp, Disp: 64 * i}, zmm(i))
	}
	for j, v := range e.transpose(zmms(0, 8), zmms(8, 8))[:mostColumns] {
		VMOVDQU64(v, Mem{Base: dst, Disp: 64 * j})
	}
	ADDQ(next, dst)
	TESTQ(rows, rows)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// transpose returns the vectors of 8 columns of v, which are rows: each lane of int8 has 8 bytes of a row and of the 8th after it. Halves of what
// neighbours unpack to come to lie half of all vectors apart.
func (e element) transpose(v, other []VecPhysical) []VecPhysical {
	type unpack struct{ low, high func(ops ...Op) }
	levels := []unpack{
		{func(o ...Op) { VPUNPCKLBW(o[0], o[1], o[2]) }, func(o ...Op) { VPUNPCKHBW(o[0], o[1], o[2]) }},
		{func(o ...Op) { VPUNPCKLWD(o[0], o[1], o[2]) }, func(o ...Op) { VPUNPCKHWD(o[0], o[1], o[2]) }},
		{func(o ...Op) { VPUNPCKLDQ(o[0], o[1], o[2]) }, func(o ...Op) { VPUNPCKHDQ(o[0], o[1], o[2]) }},
		{func(o ...Op) { VPUNPCKLQDQ(o[0], o[1], o[2]) }, func(o ...Op) { VPUNPCKHQDQ(o[0], o[1], o[2]) }},
	}
	for _, l := range levels[e.bytes-1:] {
		for i := range 4 {
			l.low(v[2*i+1], v[2*i], other[i])
			l.high(v[2*i+1], v[2*i], other[4+i])
		}
		v, other = other, v
	}
	return []VecPhysical{v[0], v[4], v[2], v[6], v[1], v[5], v[3], v[7]}
}

// copyRows generates the function that copies rows of A.
func copyRows() {
	TEXT("NarrowCopyAVX512", NOSPLIT, "func(dst, src *byte, dstBytes, srcBytes, rows, bytes int)")
	Doc("NarrowCopyAVX512 copies rows ≥ 1 rows of bytes ≥ 1 bytes, srcBytes apart, to dst, dstBytes apart, and fills each up to a whole line",
		"with zeros.")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	dstBytes, srcBytes := Load(Param("dstBytes"), GP64()), Load(Param("srcBytes"), GP64())
	rows, whole, mask := Load(Param("rows"), GP64()), GP64(), GP64()
	Load(Param("bytes"), whole)
	DECQ(whole) // the last line has 1 to 64 bytes
	MOVQ(whole, RCX)
	ANDQ(Imm(63), RCX)
	MOVQ(U32(2), mask)
	SHLQ(CL, mask)
	DECQ(mask)
	KMOVQ(mask, tail)
	ANDQ(I32(-64), whole)

	Label("row")
	at := GP64()
	XORQ(at, at)
	Label("line")
	CMPQ(at, whole)
	JGE(LabelRef("last"))
	VMOVDQU64(Mem{Base: src, Index: at, Scale: 1}, Z0)
	VMOVDQU64(Z0, Mem{Base: dst, Index: at, Scale: 1})
	ADDQ(Imm(64), at)
	JMP(LabelRef("line"))
	Label("last")
	VMOVDQU8_Z(Mem{Base: src, Index: at, Scale: 1}, tail, Z0)
	VMOVDQU64(Z0, Mem{Base: dst, Index: at, Scale: 1})
	ADDQ(srcBytes, src)
	ADDQ(dstBytes, dst)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// spoils generates the function that looks for infinities and NaNs of bfloat16.
func spoils() {
	TEXT("NarrowSpoilsAVX512", NOSPLIT, "func(src *byte, srcBytes, rows, elements int) int")
	Doc("NarrowSpoilsAVX512 returns 0 when the first 1 to 32 elements of rows ≥ 1 rows of bfloat16, srcBytes apart, are all finite.")
	src, bytes, rows := Load(Param("src"), GP64()), Load(Param("srcBytes"), GP64()), Load(Param("rows"), GP64())
	mask, found := GP64(), K2
	Load(Param("elements"), RCX)
	MOVQ(U32(1), mask)
	SHLQ(CL, mask)
	DECQ(mask)
	KMOVD(mask.As32(), tail)
	MOVL(U32(0x7f807f80), mask.As32())
	VPBROADCASTD(mask.As32(), Z1)
	KXORD(found, found, found)
	Label("row")
	VMOVDQU16_Z(Mem{Base: src}, tail, Z0)
	VPANDD(Z1, Z0, Z0)
	VPCMPEQW(Z1, Z0, K3)
	KORD(K3, found, found)
	ADDQ(bytes, src)
	DECQ(rows)
	JNZ(LabelRef("row"))
	KMOVD(found, mask.As32())
	Store(mask, ReturnIndex(0))
	VZEROUPPER()
	RET()
}
