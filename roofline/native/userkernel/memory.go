package userkernel

import (
	"fmt"
	"hash/maphash"
	"math"
	"math/rand/v2"
	"unsafe"

	"github.com/roofline-go/roofline/internal/fenced"
	"github.com/roofline-go/roofline/internal/half"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
)

const canary = 0xA5 // fills what lies between an operand's end and the end of its page

// operand is an array of the call.
type operand struct {
	name  string
	dtype kernels.DType
	n     int // elements
	data  []byte
	rest  []byte // canaries
	input bool   // must not change
	hash  uint64
}

var seed = maphash.MakeSeed()

// memory gives operands whole pages: fenced each, or the room of all.
type memory func(size int) ([]byte, error)

// newRoom is the memory of operands that a library is called with, which lie as ours do.
func newRoom(operands ...int) (memory, error) {
	room, err := fenced.NewRoom(operands...)
	if err != nil {
		return nil, fmt.Errorf("allocate operands: %w (raise --memory-limit, or choose a smaller size)", err)
	}
	return room.Alloc, nil
}

// newOperand allocates n zero elements. The memory is released with the process.
func newOperand(name string, dtype kernels.DType, n int, input bool, mem memory) (*operand, error) {
	size := n * native.Size(dtype)
	all, err := mem(size)
	if err != nil {
		return nil, fmt.Errorf("allocate %d bytes for operand %s: %w (raise --memory-limit, or choose a smaller size)", size, name, err)
	}
	o := &operand{name: name, dtype: dtype, n: n, data: all[:size], rest: all[size:], input: input}
	for i := range o.rest {
		o.rest[i] = canary
	}
	return o, nil
}

func addressOf(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }

// arg is the operand's address as an argument.
func (o *operand) arg() Arg { return Arg{Int, uint64(addressOf(o.data))} }

func (o *operand) place() native.Range {
	return native.Range{Name: o.name, Begin: uint64(addressOf(o.data)), Bytes: int64(len(o.data))}
}

func view[T any](o *operand) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(o.data))), o.n)
}

// fill draws reproducible values: uniform in [-1, 1) where the type has room, multiples of 1/1024 (f16) or 1/128 (bf16),
// which are exact, and -127 … 127 for int8.
func (o *operand) fill(stream uint64) {
	r := rand.New(rand.NewPCG(0x726f6f66, stream))
	for i := range o.n {
		switch o.dtype {
		case kernels.F64:
			view[float64](o)[i] = 2*r.Float64() - 1
		case kernels.F32:
			view[float32](o)[i] = float32(2*r.Float64() - 1)
		case kernels.F16:
			view[uint16](o)[i] = uint16(half.RoundF16(float32(r.IntN(2048)-1024) / 1024))
		case kernels.BF16:
			view[uint16](o)[i] = uint16(math.Float32bits(float32(r.IntN(256)-128)/128) >> 16)
		case kernels.INT8:
			view[int8](o)[i] = int8(r.IntN(255) - 127)
		}
	}
}

// fillEighths draws multiples of 1/8 in [-1, 1] without 0: sums of products of two are exact in any order while they stay
// below 2^18 (f32).
func (o *operand) fillEighths(stream uint64) {
	r := rand.New(rand.NewPCG(0x726f6f66, stream))
	for i := range o.n {
		v := float64(1+r.IntN(8)) / 8
		if r.IntN(2) == 0 {
			v = -v
		}
		if o.dtype == kernels.F64 {
			view[float64](o)[i] = v
		} else {
			view[float32](o)[i] = float32(v)
		}
	}
}

// at is element i as a number.
func (o *operand) at(i int) float64 {
	switch o.dtype {
	case kernels.F64:
		return view[float64](o)[i]
	case kernels.F32:
		return float64(view[float32](o)[i])
	case kernels.F16:
		return float64(half.F16(view[uint16](o)[i]).Float32())
	case kernels.BF16:
		return float64(math.Float32frombits(uint32(view[uint16](o)[i]) << 16))
	case kernels.INT8:
		return float64(view[int8](o)[i])
	}
	return float64(view[int32](o)[i])
}

// poison fills an output with NaN, or with a number that no product has, so that what is not written shows.
func (o *operand) poison() {
	for i := range o.n {
		switch o.dtype {
		case kernels.F64:
			view[float64](o)[i] = math.NaN()
		case kernels.F32:
			view[float32](o)[i] = float32(math.NaN())
		default:
			view[int32](o)[i] = math.MinInt32
		}
	}
}

// poisoned says whether element i of an output holds what poison left there. It need not be wrong: a result may be the same.
func (o *operand) poisoned(i int) bool {
	switch v := o.at(i); o.dtype {
	case kernels.F64, kernels.F32:
		return v != v
	default:
		return v == math.MinInt32
	}
}

// seal notes what an input holds.
func (o *operand) seal() { o.hash = maphash.Bytes(seed, o.data) }

// check says what was done to the operand that must not be.
func (o *operand) check() error {
	for i, b := range o.rest {
		if b != canary {
			return fmt.Errorf("byte %d behind the end of %s was overwritten", i, o.name)
		}
	}
	if o.input && maphash.Bytes(seed, o.data) != o.hash {
		return fmt.Errorf("the input %s was changed", o.name)
	}
	return nil
}
