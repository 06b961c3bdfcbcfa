package main

import (
	"fmt"

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

// emitTranspose generates the transpose of tiles of n×n elements of 32 bits, n = lanes: of float32 multiplied on the way by one
// vector, or of any kind.
func emitTranspose(s vec.Set, scaled bool) {
	n := s.Lanes()
	if scaled {
		TEXT("TransposeScale"+s.Name, NOSPLIT,
			"func(src *byte, srcRow, srcTile int, dst *byte, dstRow, dstTile, tiles int, scale *float32)")
		Doc(fmt.Sprintf("TransposeScale%s transposes tiles of %d×%d float32; element c of every source row is multiplied by scale[c].", s.Name, n, n),
			"Rows are srcRow and dstRow bytes apart, tiles srcTile and dstTile bytes.")
	} else {
		TEXT("Transpose32"+s.Name, NOSPLIT, "func(src *byte, srcRow, srcTile int, dst *byte, dstRow, dstTile, tiles int)")
		Doc(fmt.Sprintf("Transpose32%s transposes tiles of %d×%d elements of 32 bits.", s.Name, n, n),
			"Rows are srcRow and dstRow bytes apart, tiles srcTile and dstTile bytes.")
	}
	Pragma("noescape")
	src, dst := Load(Param("src"), GP64()), Load(Param("dst"), GP64())
	tiles := Load(Param("tiles"), GP64())
	steps := map[string]reg.GPVirtual{}
	for _, name := range []string{"srcRow", "srcTile", "dstRow", "dstTile"} {
		steps[name] = GP64()
		Load(Param(name), steps[name])
	}
	factor, spare := s.V(n), s.V(n+1)
	if n+1 >= s.Regs() {
		panic("no register left")
	}
	if scaled {
		VMOVUPS(Mem{Base: Load(Param("scale"), GP64())}, factor)
	}
	Label("tiles")
	rows := make([]reg.VecPhysical, n)
	p := GP64()
	MOVQ(src, p)
	for i := range rows {
		rows[i] = s.V(i)
		if scaled {
			VMULPS(Mem{Base: p}, factor, rows[i])
		} else {
			VMOVUPS(Mem{Base: p}, rows[i])
		}
		ADDQ(steps["srcRow"], p)
	}
	exchange(s, rows, spare)
	MOVQ(dst, p)
	for i := range rows {
		VMOVUPS(rows[i], Mem{Base: p})
		ADDQ(steps["dstRow"], p)
	}
	ADDQ(steps["srcTile"], src)
	ADDQ(steps["dstTile"], dst)
	DECQ(tiles)
	JNZ(LabelRef("tiles"))
	VZEROUPPER()
	RET()
}

// exchange transposes rows in registers, renaming them; spare is free.
func exchange(s vec.Set, rows []reg.VecPhysical, spare reg.VecPhysical) {
	type shuffle func(a, b, to reg.VecPhysical)
	pair := func(i, j int, low, high shuffle) { // rows i, j become low(i, j), high(i, j)
		a, b := rows[i], rows[j]
		low(a, b, spare)
		high(a, b, b)
		rows[i], rows[j], spare = spare, b, a
	}
	swap := func(i, j int) { rows[i], rows[j] = rows[j], rows[i] }
	lanes128 := func(imm uint64) shuffle {
		return func(a, b, to reg.VecPhysical) {
			if softmax.Wide(s) {
				VSHUFF32X4(Imm(imm), b, a, to)
			} else {
				VPERM2F128(Imm(imm), b, a, to)
			}
		}
	}
	for i := 0; i < len(rows); i += 2 {
		pair(i, i+1, func(a, b, to reg.VecPhysical) { VUNPCKLPS(b, a, to) },
			func(a, b, to reg.VecPhysical) { VUNPCKHPS(b, a, to) })
	}
	for i := 0; i < len(rows); i += 4 {
		for k := range 2 {
			pair(i+k, i+k+2, func(a, b, to reg.VecPhysical) { VUNPCKLPD(b, a, to) },
				func(a, b, to reg.VecPhysical) { VUNPCKHPD(b, a, to) })
		}
		swap(i+1, i+2)
	}
	if !softmax.Wide(s) {
		for i := range 4 {
			pair(i, i+4, lanes128(0x20), lanes128(0x31))
		}
		return
	}
	for _, distance := range []int{4, 8} {
		for i := range rows {
			if i&distance == 0 {
				pair(i, i+distance, lanes128(0x88), lanes128(0xdd))
			}
		}
	}
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
