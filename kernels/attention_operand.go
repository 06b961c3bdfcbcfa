package kernels

import (
	"math"
	"unsafe"
)

// operand is one input of attention or decode: rows of d elements, ld elements apart, in one of the types that it can have.
type operand struct {
	ld    int
	f32   []float32
	bf16  []bf16
	int8  []int8
	scale []float32 // of int8: one per row, by which its integers are multiplied
}

// reaches says whether so many rows of d elements can be read as if they had width: those that are missing are of the row behind, if it follows at
// once and there is one. For code that makes nothing of them.
func (o operand) reaches(rows, d, width int) bool {
	return o.ld == d && (rows-1)*d+width <= max(len(o.f32), len(o.bf16))
}

// dtype is the type of the elements.
func (o operand) dtype() DType {
	switch {
	case o.bf16 != nil:
		return BF16
	case o.int8 != nil:
		return INT8
	}
	return F32
}

// from returns the operand from a row on.
func (o operand) from(row int) operand {
	o.f32, o.bf16, o.int8, o.scale = after(o.f32, row*o.ld), after(o.bf16, row*o.ld), after(o.int8, row*o.ld), after(o.scale, row)
	return o
}

// after is s[n:], or nil of nil.
func after[T element](s []T, n int) []T {
	if s == nil {
		return nil
	}
	return s[n:]
}

// row returns the values of the first d elements of row i, which are exact: as they lie in memory, or widened into buf.
func (o operand) row(i, d int, buf []float32) []float32 {
	switch {
	case o.bf16 != nil:
		for c, x := range o.bf16[i*o.ld:][:d] {
			buf[c] = x.float32()
		}
	case o.int8 != nil:
		for c, x := range o.int8[i*o.ld:][:d] {
			buf[c] = o.scale[i] * float32(x)
		}
	default:
		return o.f32[i*o.ld:][:d]
	}
	return buf[:d]
}

// at is the address of row i and the address of its scale; the latter is nil where rows have none.
func (o operand) at(i int) (row *byte, scale *float32) {
	switch {
	case o.bf16 != nil:
		return (*byte)(unsafe.Pointer(&o.bf16[i*o.ld])), nil
	case o.int8 != nil:
		return (*byte)(unsafe.Pointer(&o.int8[i*o.ld])), &o.scale[i]
	}
	return (*byte)(unsafe.Pointer(&o.f32[i*o.ld])), nil
}

// address is that of row i. Other than from and at it copies no operand: blocks of queries ask for it often.
func (o *operand) address(i int) *byte {
	switch {
	case o.bf16 != nil:
		return bytesAt(o.bf16, i*o.ld)
	case o.f32 != nil:
		return bytesAt(o.f32, i*o.ld)
	}
	row, _ := o.at(i)
	return row
}

// stride is the distance of rows in bytes.
func (o operand) stride() int {
	switch {
	case o.bf16 != nil:
		return 2 * o.ld
	case o.int8 != nil:
		return o.ld
	}
	return 4 * o.ld
}

// as is the operand of float32 in another type: bf16 by rounding to the nearest, int8 by symmetric quantisation of each
// row. Padding between rows keeps the bits of no value. It lies in room.
func (o operand) as(dtype DType, rows, d int, room *operandRoom) operand {
	switch dtype {
	case BF16:
		narrow := operand{ld: o.ld, bf16: take[bf16](room, len(o.f32))}
		for i := range rows {
			for c, x := range o.f32[i*o.ld:][:d] {
				narrow.bf16[i*o.ld+c] = toBF16(x)
			}
		}
		return narrow
	case INT8:
		narrow := operand{ld: o.ld, int8: take[int8](room, len(o.f32)), scale: take[float32](room, rows)}
		for i := range rows {
			narrow.scale[i] = quantise(narrow.int8[i*o.ld:][:d], o.f32[i*o.ld:][:d])
		}
		return narrow
	}
	return o
}

// quantise sets q to the integers nearest to x/scale, within ±127, and returns the scale: max|x|/127, rounded up to 8
// significant bits, so that scale times an integer of 8 bits is exact in float32. The scale of zeros is 1; that of a row
// with a number that is not finite is NaN, since no integer can stand for it.
func quantise(q []int8, x []float32) (scale float32) {
	largest := float32(0)
	for _, v := range x {
		largest = max(largest, float32(math.Abs(float64(v))))
	}
	clear(q)
	if largest == 0 {
		return 1
	}
	if !(largest <= math.MaxFloat32) {
		return float32(math.NaN())
	}
	b := toBF16(largest / 127)
	if b.float32()*127 < largest {
		b++
	}
	scale = b.float32()
	for i, v := range x {
		q[i] = int8(math.RoundToEven(float64(v) / float64(scale)))
	}
	return scale
}

// newOperand allocates rows of d elements.
func newOperand(dtype DType, rows, d int) operand {
	switch dtype {
	case BF16:
		return operand{ld: d, bf16: alloc[bf16](rows * d)}
	case INT8:
		return operand{ld: d, int8: alloc[int8](rows * d), scale: alloc[float32](rows)}
	}
	return operand{ld: d, f32: alloc[float32](rows * d)}
}

// copyRows copies the first rows of another operand of the same type, and makes the rows behind them 0.
func (o operand) copyRows(from operand, rows, d int) {
	clear(o.f32)
	clear(o.bf16)
	clear(o.int8)
	clear(o.scale)
	for i := range rows {
		switch o.dtype() {
		case BF16:
			copy(o.bf16[i*o.ld:][:d], from.bf16[i*from.ld:])
		case INT8:
			copy(o.int8[i*o.ld:][:d], from.int8[i*from.ld:])
			o.scale[i] = from.scale[i]
		default:
			copy(o.f32[i*o.ld:][:d], from.f32[i*from.ld:])
		}
	}
}

// copyColumns copies the first d elements of the first rows of another operand of the same type, and leaves those behind them. Of no operand it does
// nothing.
func (o operand) copyColumns(from operand, rows, d int) {
	switch {
	case o.bf16 != nil:
		for i := range rows {
			copy(o.bf16[i*o.ld:][:d], from.bf16[i*from.ld:])
		}
	case o.f32 != nil:
		for i := range rows {
			copy(o.f32[i*o.ld:][:d], from.f32[i*from.ld:])
		}
	}
}
