package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// stream walks over the rows of k or v.
type stream struct {
	base, stride, keys reg.GPVirtual
}

func open(pointer, ld, keys string) stream { return stream{get(pointer), get(ld), get(keys)} }

// each emits body for groups of so many rows as sizes say; each takes what the one before leaves.
func (s stream) each(name string, sizes []int, body func(n int)) {
	for _, n := range sizes {
		loop := fmt.Sprintf("%s_groups%d", name, n)
		SUBQ(Imm(uint64(n)), s.keys)
		JL(LabelRef(loop + "_done"))
		Label(loop)
		body(n)
		LEAQ(Mem{Base: s.base, Index: s.stride, Scale: uint8(n)}, s.base)
		SUBQ(Imm(uint64(n)), s.keys)
		JGE(LabelRef(loop))
		Label(loop + "_done")
		ADDQ(Imm(uint64(n)), s.keys)
	}
}

// chunks emits loops over the columns of n rows, in chunks of so many vectors of float32 as sizes say. body handles one chunk:
// at(i, j) is where the elements of vector j of row i begin, side(j) vector j along the columns, parameter name along if there is one.
//
// Within a chunk the rows are to be read one after the other: memory is then read in its order, which is what hardware
// prefetchers follow; eight rows side by side run at a third of the bandwidth of memory.
func (s stream) chunks(b *block, name string, n int, sizes []int, along string, body func(vectors int, at func(i, j int) Mem, side func(j int) Mem)) {
	rows := address.NewRows(n, s.stride)
	rows.Point(s.base)
	d, p := get("D"), GP64()
	if along != "" {
		MOVQ(field(along), p)
	}
	isa, bytes := b.isa, b.element.bytes
	for _, vectors := range sizes {
		loop := fmt.Sprintf("%s_rows%d_vectors%d", name, n, vectors)
		elements := vectors * isa.Lanes()
		SUBQ(U32(uint32(elements)), d)
		JL(LabelRef(loop + "_done"))
		vec.Align()
		Label(loop)
		body(vectors, func(i, j int) Mem { return rows.At(i, j*isa.Lanes()*bytes) }, func(j int) Mem { return Mem{Base: p, Disp: j * isa.Bytes} })
		rows.Advance(U32(uint32(bytes * elements)))
		if along != "" {
			ADDQ(U32(uint32(4*elements)), p)
		}
		SUBQ(U32(uint32(elements)), d)
		JGE(LabelRef(loop))
		Label(loop + "_done")
		ADDQ(U32(uint32(elements)), d)
	}
}
