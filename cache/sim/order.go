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
func (p Policy) hit(order []uint64, full, way uint64) {
	switch age := order[way>>3] >> (way & 7 * 8) & 0xff; {
	case age == 0: // nothing changes: another way's age is 3 already
	case p == QLRUH11M1R0U0 && age > 1:
		p.age(order, full, way, 1)
	default:
		p.age(order, full, way, 0)
	}
}

// threes marks the bytes of age 3 in their lowest bit.
func threes(x uint64) uint64 { return x & (x >> 1) & lows }

// age gives the way this age; then the ages of all (U0), or of all others (U1), rise until one of them is 3.
func (p Policy) age(order []uint64, full, way, age uint64) {
	w, shift := way>>3, way&7*8
	order[w] = order[w]&^(0xff<<(shift&63)) | age<<(shift&63)
	except := uint64(0xff) << (shift & 63)
	if p == QLRUH11M1R0U0 {
		except = 0
	}
	highest := uint64(0) // bits 0 and 1 of all ages that count, of which none is 3
	for i, x := range order {
		if uint64(i) == w {
			x &^= except
		}
		if threes(x) != 0 {
			return
		}
		highest |= x
	}
	rise := uint64(3)
	if highest&(2*lows) != 0 {
		rise = 1
	} else if highest&lows != 0 {
		rise = 2
	}
	last := len(order) - 1
	for i := range order {
		add := rise * lows
		if i == last {
			add &= full
		}
		if uint64(i) == w {
			add &^= except
		}
		order[i] += add
	}
}

// displace chooses the first way of age 3 (R0, R2) and gives it age 1. A set of one way under U1 may have none.
func (p Policy) displace(order []uint64, full uint64) (way uint64) {
	for i, x := range order {
		z := threes(x)
		if z == 0 {
			continue
		}
		shift := uint(bits.TrailingZeros64(z))
		way = uint64(i*8) + uint64(shift)>>3
		if z&(z-1) != 0 || i+1 < len(order) && threes(order[i+1]) != 0 { // another way's age is 3: none rises
			order[i] = x &^ (2 << (shift & 63))
			return way
		}
		break
	}
	p.age(order, full, way, 1)
	return way
}
