package tileemu

import (
	"encoding/binary"
	"math"
)

// smallestNormal is that of float32.
const smallestNormal = 0x1p-126

// single rounds to float32, to nearest even. A result that is too small for a normal number, after it was rounded to 24 bits, becomes a 0 of
// its sign.
func single(v float64) float64 {
	if a := math.Abs(v); a < smallestNormal {
		if a < smallestNormal*(1-0x1p-25) {
			return math.Copysign(0, v)
		}
		return math.Copysign(smallestNormal, v)
	}
	return float64(float32(v))
}

// normal is a number of float32, by its bits; a denormal one counts as a 0 of its sign.
func normal(bits uint32) float64 {
	if bits&0x7f800000 == 0 {
		bits &= 0x80000000
	}
	return float64(math.Float32frombits(bits))
}

// bf16Product is TDPBF16PS. The even elements of a row and column are summed up in one chain of fused multiply-adds that begins
// at 0, the odd ones in another, the two are added, and that is added to the sum. All steps take and give denormals as 0 and
// round to nearest even, whatever MXCSR says.
//
// In float64 a product is exact, it has 16 bits. Adding a number of 24 bits and rounding twice, to 53 bits and to 24, is as good as rounding
// once: where 53 bits do not hold the exact sum the smaller part is below 2^-28 of the greater, and so no sum comes to lie between two numbers of 24 bits.
func (s *State) bf16Product(dst, a, b uint8) error {
	d, x, y, err := s.factors(dst, a, b)
	if err != nil {
		return err
	}
	columns := d.colsb / 4
	var right [maxRows][2][maxColsb / 4]float64
	for k := range y.rows {
		for n := range columns {
			pair := binary.LittleEndian.Uint32(y.data[k][4*n:])
			right[k][0][n], right[k][1][n] = normal(pair<<16), normal(pair&0xffff0000)
		}
	}
	for m := range d.rows {
		var sums [2][maxColsb / 4]float64
		for k := range y.rows {
			pair := binary.LittleEndian.Uint32(x.data[m][4*k:])
			for half, left := range [2]float64{normal(pair << 16), normal(pair & 0xffff0000)} {
				r, sum := right[k][half][:columns], sums[half][:columns]
				for n, v := range r {
					sum[n] = single(left*v + sum[n])
				}
			}
		}
		for n := range columns {
			at := d.data[m][4*n : 4*n+4]
			sum := single(normal(binary.LittleEndian.Uint32(at)) + single(sums[0][n]+sums[1][n]))
			binary.LittleEndian.PutUint32(at, math.Float32bits(float32(sum)))
		}
	}
	return nil
}

// int8Product is TDPBSSD, TDPBSUD, TDPBUSD and TDPBUUD: sums of 32 bits that wrap.
func (s *State) int8Product(dst, a, b uint8, signedA, signedB bool) error {
	d, x, y, err := s.factors(dst, a, b)
	if err != nil {
		return err
	}
	columns := d.colsb / 4
	for m := range d.rows {
		var sums [maxColsb / 4]int32
		for k := range x.colsb {
			left := extend(x.data[m][k], signedA)
			row := y.data[k/4][k%4:]
			for n := range columns {
				sums[n] += left * extend(row[4*n], signedB)
			}
		}
		for n := range columns {
			at := d.data[m][4*n : 4*n+4]
			binary.LittleEndian.PutUint32(at, binary.LittleEndian.Uint32(at)+uint32(sums[n]))
		}
	}
	return nil
}

func extend(b byte, signed bool) int32 {
	if signed {
		return int32(int8(b))
	}
	return int32(b)
}
