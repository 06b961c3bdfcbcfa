package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
)

var orderArgument = address.Argument{
	"Sums *byte", "BlockBytes int", "Rest *byte", "PieceBytes int", "C *byte", "Blocks int", "Pieces int", "Tail int", "Start int",
}

// order generates the function that writes a row of C from sums. With turns each of four vectors has every fourth column, as tiles leave them.
func order(e element, turns bool) {
	name := fmt.Sprintf("NarrowOrder%s", e.name)
	if turns {
		name += "Turns"
	}
	TEXT(name, NOSPLIT, orderArgument.Signature())
	Doc(fmt.Sprintf("%s writes a row of C from its sums, in the order of columns; see NarrowSums.", name))
	p := Load(Param("p"), GP64())
	at := func(name string) Mem { return orderArgument.Field(p, name) }
	sums, bytes, c, n := GP64(), GP64(), GP64(), GP64()
	v, start := e.vectors(), Z31
	MOVQ(at("Sums"), sums)
	MOVQ(at("BlockBytes"), bytes)
	MOVQ(at("C"), c)
	loadTail(at("Tail"))
	if e.biased {
		VPBROADCASTD(at("Start"), start)
	} else {
		e.loadOrder(name, Z30, Z29)
	}
	store := func(from VecPhysical, i int) {
		if e.biased {
			VPADDD(from, start, from)
		}
		VMOVDQU32(from, Mem{Base: c, Disp: 64 * i})
	}
	MOVQ(at("Blocks"), n)
	TESTQ(n, n)
	JE(LabelRef("pieces"))
	Label("block")
	for i := range v {
		VMOVDQU64(Mem{Base: sums, Disp: 64 * i}, zmm(i))
	}
	if v == 2 {
		VMOVDQA64(Z0, Z2)
		e.inOrder(Z1, Z30, Z0)
		e.inOrder(Z1, Z29, Z2)
		store(Z0, 0)
		store(Z2, 1)
	} else {
		if turns {
			VPUNPCKLDQ(Z1, Z0, Z4)
			VPUNPCKHDQ(Z1, Z0, Z5)
			VPUNPCKLDQ(Z3, Z2, Z6)
			VPUNPCKHDQ(Z3, Z2, Z7)
			VPUNPCKLQDQ(Z6, Z4, Z0)
			VPUNPCKHQDQ(Z6, Z4, Z1)
			VPUNPCKLQDQ(Z7, Z5, Z2)
			VPUNPCKHQDQ(Z7, Z5, Z3)
		}
		for i, halves := range []uint64{0x44, 0xee} {
			VSHUFI64X2(Imm(halves), Z1, Z0, zmm(4+2*i))
			VSHUFI64X2(Imm(halves), Z3, Z2, zmm(5+2*i))
		}
		for i := range 4 {
			from := 4 + i/2*2
			VSHUFI64X2(Imm([]uint64{0x88, 0xdd}[i%2]), zmm(from+1), zmm(from), zmm(8+i))
			store(zmm(8+i), i)
		}
	}
	ADDQ(bytes, sums)
	ADDQ(U32(uint32(64*v)), c)
	DECQ(n)
	JNZ(LabelRef("block"))

	Label("pieces")
	MOVQ(at("Rest"), sums)
	MOVQ(at("PieceBytes"), bytes)
	MOVQ(at("Pieces"), n)
	TESTQ(n, n)
	JE(LabelRef("tail"))
	Label("piece")
	VMOVDQU64(Mem{Base: sums}, Z0)
	store(Z0, 0)
	ADDQ(bytes, sums)
	ADDQ(Imm(64), c)
	DECQ(n)
	JNZ(LabelRef("piece"))
	Label("tail")
	CMPQ(at("Tail"), Imm(0))
	JE(LabelRef("done"))
	VMOVDQU64(Mem{Base: sums}, Z0)
	if e.biased {
		VPADDD(start, Z0, Z0)
	}
	VMOVDQU32(Z0, tail, Mem{Base: c})
	Label("done")
	VZEROUPPER()
	RET()
}

// loadOrder loads what inOrder takes the lower and the upper columns of two vectors of sums by.
func (e element) loadOrder(name string, low, high VecPhysical) {
	table := lanes
	if e.wide {
		table = inTurn
	}
	VMOVDQU64(table(name+"Low", 0), low)
	VMOVDQU64(table(name+"High", 4), high)
}

// inOrder leaves in first columns of it and of second.
func (e element) inOrder(second, index, first VecPhysical) {
	if e.wide {
		VPERMT2D(second, index, first)
	} else {
		VPERMT2Q(second, index, first)
	}
}

// inTurn is the permutation of doublewords that takes one of two vectors in turn, from quadword first on.
func inTurn(name string, first uint64) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range uint32(16) {
		DATA(int(4*i), U32(2*uint32(first)+i/2+i%2*16))
	}
	return m
}

// lanes is the permutation of quadwords that takes 16 bytes of two vectors in turn, from quadword first on.
func lanes(name string, first uint64) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range uint64(8) {
		DATA(int(8*i), U64(first+i/4*2+i%2+i/2%2*8))
	}
	return m
}
