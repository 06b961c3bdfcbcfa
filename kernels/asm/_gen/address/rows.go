package address

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Rows are rows of a matrix. Every third has a register that points into it, its base; the two after it are reached by scaled index. With Third it is
// every fifth.
type Rows struct {
	Bases []reg.Register
	Bytes reg.Register // from one row to the next
	Third reg.Register // nil, or from one row to the third after it
}

// NewManyRows takes registers for the bases of n rows, fewer of them, and one more. Point sets them.
func NewManyRows(n int, bytes reg.Register) Rows {
	r := Rows{Bytes: bytes, Third: build.GP64()}
	for range (n + 4) / 5 {
		r.Bases = append(r.Bases, build.GP64())
	}
	return r
}

// NewRows takes registers for the bases of n rows. Point sets them.
func NewRows(n int, bytes reg.Register) Rows {
	r := Rows{Bytes: bytes}
	for range (n + 2) / 3 {
		r.Bases = append(r.Bases, build.GP64())
	}
	return r
}

// Point sets the bases; first is where row 0 begins.
func (r Rows) Point(first operand.Op) {
	build.MOVQ(first, r.Bases[0])
	r.Spread()
}

// Spread sets the bases but the first from the first.
func (r Rows) Spread() {
	if r.Third != nil {
		build.LEAQ(operand.Mem{Base: r.Bytes, Index: r.Bytes, Scale: 2}, r.Third)
		for i := 1; i < len(r.Bases); i++ {
			build.LEAQ(operand.Mem{Base: r.Bases[i-1], Index: r.Bytes, Scale: 4}, r.Bases[i])
			build.ADDQ(r.Bytes, r.Bases[i])
		}
		return
	}
	for i := 1; i < len(r.Bases); i++ {
		build.LEAQ(operand.Mem{Base: r.Bases[i-1], Index: r.Bytes, Scale: 2}, r.Bases[i])
		build.ADDQ(r.Bytes, r.Bases[i])
	}
}

// At addresses what is disp bytes behind where row i is pointed at.
func (r Rows) At(i, disp int) operand.Mem {
	if r.Third != nil {
		m := operand.Mem{Base: r.Bases[i/5], Disp: disp}
		switch i % 5 {
		case 1, 2, 4:
			m.Index, m.Scale = r.Bytes, uint8(i%5)
		case 3:
			m.Index, m.Scale = r.Third, 1
		}
		return m
	}
	m := operand.Mem{Base: r.Bases[i/3], Disp: disp}
	if i%3 > 0 {
		m.Index, m.Scale = r.Bytes, uint8(i%3)
	}
	return m
}

// Advance moves all bases by so many bytes.
func (r Rows) Advance(bytes operand.Op) {
	for _, b := range r.Bases {
		build.ADDQ(bytes, b)
	}
}

// Four addresses four rows from base on that are a distance apart; three is three times that, and needed from the fourth on only.
func Four(base, distance, three reg.Register) []operand.Mem {
	return []operand.Mem{{Base: base}, {Base: base, Index: distance, Scale: 1}, {Base: base, Index: distance, Scale: 2}, {Base: base, Index: three, Scale: 1}}
}
