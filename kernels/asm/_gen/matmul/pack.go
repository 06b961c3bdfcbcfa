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
