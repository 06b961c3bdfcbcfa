package sim

import "math/bits"

// The order of a set under QLRU is a byte for each way, its age, in words of eight. Bytes that are no way are 0.

// unused writes the order of an empty set: all ages 3.
func unused(order []uint64, full uint64) {
	for i := range order {
		order[i] = 3 * lows
	}
	order[len(order)-1] &= full
}

// hit lowers the way's age: H11 or H00.
func (p Policy) hit(order []uint64, full uint64, way int) {
	switch age := order[way>>3] >> (way & 7 * 8) & 0xff; {
	case age == 0: // nothing changes: another way's age is 3 already
	case p == QLRUH11M1R0U0 && age > 1:
		p.age(order, full, way, 1)
	default:
		p.age(order, full, way, 0)
	}
}

// age gives the way this age; then the ages of all (U0), or of all others (U1), rise until one of them is 3.
func (p Policy) age(order []uint64, full uint64, way int, age uint64) {
	w, shift := way>>3, way&7*8
	order[w] = order[w]&^(0xff<<shift) | age<<shift
	except := uint64(0)
	if p != QLRUH11M1R0U0 {
		except = 0xff << shift
	}
	any := uint64(0) // of the ages: bits 0 and 1 by themselves do not tell the highest
	threes := uint64(0)
	for i, x := range order {
		if i == w {
			x &^= except
		}
		any |= x
		threes |= x & (x >> 1) & lows
	}
	if threes != 0 {
		return
	}
	rise := uint64(3)
	if any&(2*lows) != 0 {
		rise = 1
	} else if any&lows != 0 {
		rise = 2
	}
	for i := range order {
		add := rise * lows
		if i == len(order)-1 {
			add &= full
		}
		if i == w {
			add &^= except
		}
		order[i] += add
	}
}

// oldest returns the first way of age 3 (R0, R2); a set of one way under U1 may have none.
func oldest(order []uint64, full uint64) uint64 {
	for i, x := range order {
		if i == len(order)-1 {
			x &= full
		}
		if z := zeros(x ^ 3*lows); z != 0 {
			return uint64(i*8 + bits.TrailingZeros64(z)>>3)
		}
	}
	return 0
}
