package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

// columns emits loops over the columns of o, in chunks of so many vectors of lanes as sizes say. body handles a chunk whose
// values begin at value and whose outputs at o.
func (b *block) columns(name string, sizes []int, body func(loop string, vectors int, value, o reg.Register)) {
	value, o, d := get("NowV"), get("O"), get("D")
	for _, vectors := range sizes {
		loop := fmt.Sprintf("%s_vectors%d", name, vectors)
		elements := vectors * b.isa.Lanes()
		SUBQ(U32(uint32(elements)), d)
		JL(LabelRef(loop + "_done"))
		Label(loop)
		body(loop, vectors, value, o)
		ADDQ(U32(uint32(b.element.bytes*elements)), value)
		ADDQ(U32(uint32(4*elements)), o)
		SUBQ(U32(uint32(elements)), d)
		JGE(LabelRef(loop))
		Label(loop + "_done")
		ADDQ(U32(uint32(elements)), d)
	}
}

// keys emits a loop over the rows of v from p on, in groups of so many rows as sizes say: body handles one group. row(i) is
// where row i of the group begins, weight the address of its weights in st, of which a row takes weightBytes.
func (b *block) keys(loop string, value reg.Register, sizes []int, weightBytes int, body func(rows int, row func(i, disp int) Mem, weight reg.Register)) {
	st, left, stride := get("St"), get("Now"), get("LdV")
	ADDQ(U32(uint32(b.weightsAt())), st)
	bases := []reg.Register{GP64(), GP64(), GP64()}
	MOVQ(value, bases[0])
	for _, rows := range sizes {
		group := fmt.Sprintf("%s_keys%d", loop, rows)
		SUBQ(U32(uint32(rows)), left)
		JL(LabelRef(group + "_done"))
		vec.Align()
		Label(group)
		of := address.Rows{Bases: bases[:(rows+2)/3], Bytes: stride}
		of.Spread()
		body(rows, of.At, st)
		switch rows {
		case 1, 2, 4, 8:
			LEAQ(Mem{Base: bases[0], Index: stride, Scale: uint8(rows)}, bases[0])
		default:
			panic("no such group")
		}
		ADDQ(U32(uint32(rows*weightBytes)), st)
		SUBQ(U32(uint32(rows)), left)
		JGE(LabelRef(group))
		Label(group + "_done")
		ADDQ(U32(uint32(rows)), left)
	}
}

// output adds the weighted rows of v to o, whose columns stay in registers meanwhile.
func (b *block) output() {
	e := b.element
	const most = 8
	acc, t, high := b.registers(0, most), b.registers(most, 2), b.isa.V(b.isa.Regs()-1)
	weights := b.registers(most+2, 4)
	if e.pair {
		VMOVUPS(b.upperHalves, high)
	}
	b.columns("output", e.chunks(most), func(loop string, vectors int, value, o reg.Register) {
		at := func(j int) Mem { return Mem{Base: o, Disp: j * b.isa.Bytes} }
		for j := range vectors {
			VMOVUPS(at(j), acc[j])
		}
		b.keys(loop, value, []int{8, 1}, 4, func(rows int, row func(i, disp int) Mem, weight reg.Register) {
			for i := range rows {
				w := weights[i%len(weights)]
				VBROADCASTSS(Mem{Base: weight, Disp: 4 * i}, w)
				for j := 0; j < vectors; j += e.unit() {
					e.multiply(b.isa, row(i, j*b.isa.Lanes()*e.bytes), []reg.VecPhysical{w, w}, acc[j:], t, high)
				}
			}
		})
		for j := range vectors {
			VMOVUPS(acc[j], at(j))
		}
	})
}

// scaleWeights multiplies the weights by the factors of their rows.
func (b *block) scaleWeights() {
	st, scale, keys := get("St"), get("NowScale"), get("Now")
	ADDQ(U32(uint32(b.weightsAt())), st)
	t := b.isa.V(0)
	for _, n := range []int{8, 1} {
		name := fmt.Sprintf("scale%d", n)
		SUBQ(Imm(uint64(n)), keys)
		JL(LabelRef(name + "_done"))
		Label(name)
		if n == 8 {
			VMOVUPS(Mem{Base: st}, t.AsY())
			VMULPS(Mem{Base: scale}, t.AsY(), t.AsY())
			VMOVUPS(t.AsY(), Mem{Base: st})
		} else {
			VMOVSS(Mem{Base: st}, t.AsX())
			VMULSS(Mem{Base: scale}, t.AsX(), t.AsX())
			VMOVSS(t.AsX(), Mem{Base: st})
		}
		ADDQ(Imm(uint64(4*n)), st)
		ADDQ(Imm(uint64(4*n)), scale)
		SUBQ(Imm(uint64(n)), keys)
		JGE(LabelRef(name))
		Label(name + "_done")
		ADDQ(Imm(uint64(n)), keys)
	}
	MOVQ(scale, field("NowScale"))
}
