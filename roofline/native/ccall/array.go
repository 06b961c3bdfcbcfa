package ccall

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	page     = 4096
	hugePage = 2 << 20
	guard    = 1 << 20 // bytes that cannot be touched on either side: a row or a block too many is found, not only an element
)

// array is an argument's memory: outside of Go's heap, page-aligned (from 2 MiB on, aligned to a huge page), between megabytes that
// cannot be touched.
type array struct {
	all  []byte // what was mapped
	data []byte
}

// newArray allocates and fills the array of an argument.
func newArray(a Arg, number int) (*array, error) {
	whole := int(a.Bytes()+page-1) / page * page
	align := page
	if whole >= hugePage {
		align = hugePage
	}
	all, err := unix.Mmap(-1, 0, whole+align+2*guard, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("allocate argument %d, %d bytes: %w (choose smaller arrays)", number, whole, err)
	}
	m := &array{all: all}
	begin := guard
	if over := (address(all) + guard) % uint64(align); over != 0 {
		begin += align - int(over)
	}
	m.data = all[begin : begin+whole]
	if err := unix.Mprotect(m.data, unix.PROT_READ|unix.PROT_WRITE); err != nil {
		m.close()
		return nil, fmt.Errorf("allocate argument %d: %w", number, err)
	}
	if align == hugePage {
		_ = unix.Madvise(m.data, unix.MADV_HUGEPAGE) // it may be refused
	}
	m.data = m.data[:a.Bytes()]
	m.fill(a, uint64(number))
	return m, nil
}

func address(b []byte) uint64 { return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) }

func (m *array) close() { _ = unix.Munmap(m.all) }

// fill writes what the argument says. Every page is touched, so that it is there when the function runs.
func (m *array) fill(a Arg, stream uint64) {
	r := rand.New(rand.NewPCG(0x726f6f66, stream))
	size := sizes[a.Type]
	span := int64(a.Fill.To-a.Fill.From) + 1
	for i := range a.Len {
		v := 0.0
		switch {
		case a.Fill.Given && span > 1:
			v = a.Fill.From + float64(i%span)
		case a.Fill.Given:
			v = a.Fill.From
		case a.Type.float():
			v = 2*r.Float64() - 1
		}
		put(m.data[i*int64(size):], a.Type, v)
	}
}

// put writes one element.
func put(b []byte, t Type, v float64) {
	switch {
	case t == F64:
		binary.LittleEndian.PutUint64(b, math.Float64bits(v))
	case t == F32:
		binary.LittleEndian.PutUint32(b, math.Float32bits(float32(v)))
	case t == BF16:
		binary.LittleEndian.PutUint16(b, uint16(math.Float32bits(float32(v))>>16))
	case t == F16:
		binary.LittleEndian.PutUint16(b, half(v))
	case t[0] == 'u':
		putInt(b, t, uint64(v))
	default:
		putInt(b, t, uint64(int64(v)))
	}
}

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

// half is the binary16 of a number, rounded towards zero; beyond the range it is infinite, below 2^-14 zero.
func half(v float64) uint16 {
	bits := math.Float64bits(v)
	sign := uint16(bits >> 48 & 0x8000)
	switch exponent := int(bits>>52&0x7ff) - 1023; {
	case v != v:
		return sign | 0x7e00
	case exponent > 15:
		return sign | 0x7c00
	case exponent < -14:
		return sign
	default:
		return sign | uint16(exponent+15)<<10 | uint16(bits>>42&0x3ff)
	}
}
