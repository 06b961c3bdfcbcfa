package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
)

// edge generates the function that packs a sliver of few columns, or of rows that are no whole groups: as MatmulPack…AVX512 would, with
// zeros for what is not there.
func edge(e element) {
	what := map[int]string{2: "Pairs", 4: "Quads"}[e.group]
	name := fmt.Sprintf("NarrowPack%sAVX512", what)
	TEXT(name, NOSPLIT, "func(dst, src *byte, srcBytes, rows, cols int)")
	Doc(fmt.Sprintf("%s packs a sliver of rows ≥ 1 rows, srcBytes apart, of 1 to 32 columns, as MatmulPack%sAVX512 does", name, what),
		"whole ones; zeros stand where there are no rows or columns.")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	bytes, rows := Load(Param("srcBytes"), GP64()), Load(Param("rows"), GP64())
	three, cols, mask := GP64(), GP64(), GP64()
	second := K2
	Load(Param("cols"), cols)
	MOVQ(cols, RCX)
	MOVQ(U32(1), mask)
	SHLQ(CL, mask)
	DECQ(mask)
	KMOVW(mask.As32(), tail)
	SHRQ(Imm(16), mask)
	KMOVW(mask.As32(), second)
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
		piece(right, rows, second, Z1)
		Label(piece2)
		VMOVDQU64(Z0, Mem{Base: dst})
		VMOVDQU64(Z1, Mem{Base: dst, Disp: 64})
	}
	Label("group")
	SUBQ(Imm(uint64(e.group)), rows)
	JL(LabelRef("rest"))
	group("whole", e.group)
	LEAQ(Mem{Base: src, Index: bytes, Scale: uint8(e.group)}, src)
	ADDQ(U32(128), dst)
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
	VZEROUPPER()
	RET()
}

// column generates the function that copies a piece of a column.
func column(e element) {
	what := map[int]string{2: "Words", 1: "Bytes"}[e.bytes]
	name := "NarrowColumnOf" + what + "AVX512"
	TEXT(name, NOSPLIT, "func(dst, src *byte, srcBytes, n int)")
	Doc(fmt.Sprintf("%s copies n ≥ 1 elements, srcBytes apart, to where they are side by side.", name))
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	bytes, n, x := Load(Param("srcBytes"), GP64()), Load(Param("n"), GP64()), GP32()
	some, insert := 16/e.bytes, VPINSRB
	if e.bytes == 2 {
		insert = VPINSRW
	}
	Label("some")
	SUBQ(Imm(uint64(some)), n)
	JL(LabelRef("rest"))
	for i := range some {
		insert(Imm(uint64(i)), Mem{Base: src}, X0, X0)
		ADDQ(bytes, src)
	}
	VMOVDQU(X0, Mem{Base: dst})
	ADDQ(Imm(16), dst)
	JMP(LabelRef("some"))
	Label("rest")
	ADDQ(Imm(uint64(some)), n)
	JZ(LabelRef("done"))
	Label("one")
	if e.bytes == 2 {
		MOVWLZX(Mem{Base: src}, x)
		MOVW(x.As16(), Mem{Base: dst})
	} else {
		MOVBLZX(Mem{Base: src}, x)
		MOVB(x.As8(), Mem{Base: dst})
	}
	ADDQ(bytes, src)
	ADDQ(Imm(uint64(e.bytes)), dst)
	DECQ(n)
	JNZ(LabelRef("one"))
	Label("done")
	VZEROUPPER()
	RET()
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
