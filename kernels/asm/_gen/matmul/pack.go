package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"

	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// pack copies full slivers row by row: B is read along its rows, which the hardware prefetchers follow.
func pack(s vec.Set) {
	name := "MatmulPack" + s.Name
	width := 2 * s.Bytes
	TEXT(name, NOSPLIT, "func(dst, src *byte, srcBytes, rows, tiles, sliverBytes int)")
	Doc(fmt.Sprintf("%s packs tiles slivers of %d-byte rows, sliverBytes apart in dst: row r of sliver t comes from", name, width),
		fmt.Sprintf("src + r·srcBytes + t·%d. Rows and tiles must be at least 1.", width))
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	srcBytes, rows := Load(Param("srcBytes"), GP64()), Load(Param("rows"), GP64())
	sliver, tiles := Load(Param("sliverBytes"), GP64()), GP64()
	from, to := GP64(), GP64()

	Label("row")
	MOVQ(src, from)
	MOVQ(dst, to)
	Load(Param("tiles"), tiles)
	vec.Align()
	Label("tile")
	for d := 0; d < width; d += 64 {
		PREFETCHT0(Mem{Base: from, Index: srcBytes, Scale: 4, Disp: d}) // the beginning of a row has no prefetcher yet
	}
	for j := range 2 {
		s.Mov(Mem{Base: from, Disp: j * s.Bytes}, s.V(j))
	}
	for j := range 2 {
		s.Mov(s.V(j), Mem{Base: to, Disp: j * s.Bytes})
	}
	ADDQ(U32(uint32(width)), from)
	ADDQ(sliver, to)
	DECQ(tiles)
	JNZ(LabelRef("tile"))
	ADDQ(srcBytes, src)
	ADDQ(U32(uint32(width)), dst)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// packLast copies the last, partial sliver, of one vector or of two, and fills it up with zeros.
func packLast(s vec.Set) {
	name := "MatmulPackLast" + s.Name
	TEXT(name, NOSPLIT, "func(dst, src *byte, srcBytes, rows, vectors int, lanes *byte)")
	Doc(fmt.Sprintf("%s packs a sliver of one or two vectors, of whose lanes of 4 bytes only those are columns that are negative in", name),
		"lanes: the last of them is. Row r comes from src + r·srcBytes. Rows must be at least 1.")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	srcBytes, rows := Load(Param("srcBytes"), GP64()), Load(Param("rows"), GP64())
	vectors, lanes := Load(Param("vectors"), GP64()), Load(Param("lanes"), GP64())
	CMPQ(vectors, Imm(1))
	JE(LabelRef("single"))
	last := s.LoadMask(Mem{Base: lanes, Disp: s.Bytes}, s.V(0))
	for _, width := range []int{2, 1} {
		loop := fmt.Sprintf("rows%d", width)
		if width == 1 {
			Label("single")
			last = s.LoadMask(Mem{Base: lanes}, s.V(0))
		}
		vec.Align()
		Label(loop)
		PREFETCHT0(Mem{Base: src, Index: srcBytes, Scale: 8})
		if width == 2 {
			s.Mov(Mem{Base: src}, s.V(1))
			s.Mov(s.V(1), Mem{Base: dst})
		}
		last.Load(Mem{Base: src, Disp: (width - 1) * s.Bytes}, s.V(2))
		s.Mov(s.V(2), Mem{Base: dst, Disp: (width - 1) * s.Bytes})
		ADDQ(srcBytes, src)
		ADDQ(U32(uint32(width*s.Bytes)), dst)
		DECQ(rows)
		JNZ(LabelRef(loop))
		if width == 2 {
			JMP(LabelRef("done"))
		}
	}
	Label("done")
	VZEROUPPER()
	RET()
}
