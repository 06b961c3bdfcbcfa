package ccall

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"unsafe"

	"github.com/roofline-go/roofline/internal/fenced"
	"github.com/roofline-go/roofline/internal/half"
)

// newArray allocates and fills the array of an argument, in fenced memory.
func newArray(a Arg, number int) ([]byte, error) {
	all, err := fenced.Alloc(int(a.Bytes()))
	if err != nil {
		return nil, fmt.Errorf("allocate argument %d, %d bytes: %w (choose smaller arrays)", number, a.Bytes(), err)
	}
	data := all[:a.Bytes()]
	fill(data, a, uint64(number))
	return data, nil
}

func address(b []byte) uint64 { return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) }

// fill writes what the argument says. Every page is touched, so that it is there when the function runs.
func fill(data []byte, a Arg, stream uint64) {
	r := rand.New(rand.NewPCG(0x726f6f66, stream))
	size := int64(sizes[a.Type])
	span := int64(a.Fill.To-a.Fill.From) + 1
	for i := range a.Len {
		at, step := data[i*size:], int64(0)
		if span > 1 {
			step = i % span
		}
		switch {
		case !a.Type.float():
			putInt(at, a.Type, uint64(a.Fill.Int+step))
		case a.Fill.Given:
			putFloat(at, a.Type, a.Fill.From+float64(step))
		default:
			putFloat(at, a.Type, 2*r.Float64()-1)
		}
	}
}

// putFloat writes an element of a floating-point type.
func putFloat(b []byte, t Type, v float64) {
	switch t {
	case F64:
		binary.LittleEndian.PutUint64(b, math.Float64bits(v))
	case F32:
		binary.LittleEndian.PutUint32(b, math.Float32bits(float32(v)))
	case BF16:
		binary.LittleEndian.PutUint16(b, half.RoundBF16(toOdd(v)))
	case F16:
		binary.LittleEndian.PutUint16(b, uint16(half.RoundF16(toOdd(v))))
	}
}

// toOdd is v as a float32 that rounds to a narrower type as v itself does: what is lost leaves its mark in the last bit.
func toOdd(v float64) float32 {
	f := float32(v)
	if float64(f) == v || f != f {
		return f
	}
	bits := math.Float32bits(f)
	if math.Abs(float64(f)) > math.Abs(v) {
		bits--
	}
	return math.Float32frombits(bits | 1)
}

// putInt writes the low bytes of an integer.
func putInt(b []byte, t Type, v uint64) {
	switch sizes[t] {
	case 1:
		b[0] = byte(v)
	case 2:
		binary.LittleEndian.PutUint16(b, uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(b, uint32(v))
	default:
		binary.LittleEndian.PutUint64(b, v)
	}
}
