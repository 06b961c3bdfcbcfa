package peercall

import (
	"bytes"
	"fmt"
	"math"
	"unsafe"

	"github.com/roofline-go/roofline/internal/fenced"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

func integer(v int) userkernel.Arg { return userkernel.Arg{Kind: userkernel.Int, Bits: uint64(v)} }

func float(v float32) userkernel.Arg {
	return userkernel.Arg{Kind: userkernel.Float, Bits: uint64(math.Float32bits(v))}
}

func double(v float64) userkernel.Arg {
	return userkernel.Arg{Kind: userkernel.Double, Bits: math.Float64bits(v)}
}

// ask calls a function that returns an integer or a pointer; not ok when the library has none of the name.
func ask(l Library, name string, args ...userkernel.Arg) (uint64, bool) {
	fn, err := l.Symbol(name)
	if err != nil {
		return 0, false
	}
	call, result := l.Bind(fn, args, userkernel.Int)
	call()
	return result(), true
}

// text calls a function that returns a string of C; "" when the library has none of the name.
func text(l Library, name string, args ...userkernel.Arg) string {
	at, _ := ask(l, name, args...)
	return cString(at)
}

// cString is the string of C at an address, cut after some hundred bytes.
func cString(at uint64) string {
	if at == 0 {
		return ""
	}
	const longest = 400
	p := *(*unsafe.Pointer)(unsafe.Pointer(&at)) // memory of the library, of which the garbage collector knows nothing
	var b bytes.Buffer
	for i := range longest {
		c := *(*byte)(unsafe.Add(p, i))
		if c == 0 {
			break
		}
		b.WriteByte(c)
	}
	return b.String()
}

// memory is n zero bytes outside of the Go heap, on huge pages as operands are. They are never released.
func memory(n int) (unsafe.Pointer, error) {
	room, err := fenced.NewRoom(n)
	if err != nil {
		return nil, fmt.Errorf("allocate %d bytes: %w", n, err)
	}
	mem, err := room.Alloc(n)
	if err != nil {
		return nil, fmt.Errorf("allocate %d bytes: %w", n, err)
	}
	return unsafe.Pointer(unsafe.SliceData(mem)), nil
}

// arena is memory for structures of C, outside of the Go heap.
type arena struct{ left []byte }

// take is n zero bytes. It panics where there is no memory, as the Go heap does.
func (a *arena) take(n int) unsafe.Pointer {
	const chunk = 1 << 18
	n = (n + 63) &^ 63
	if len(a.left) < n {
		mem, err := memory(max(n, chunk))
		if err != nil {
			panic(err)
		}
		a.left = unsafe.Slice((*byte)(mem), max(n, chunk))
	}
	p := unsafe.Pointer(unsafe.SliceData(a.left[:n]))
	a.left = a.left[n:]
	return p
}

// slots are n words.
func (a *arena) slots(n int) []uint64 { return unsafe.Slice((*uint64)(a.take(8*n)), n) }

func pointer(p unsafe.Pointer) userkernel.Arg {
	return userkernel.Arg{Kind: userkernel.Int, Bits: uint64(uintptr(p))}
}

func slotAddress(s []uint64) userkernel.Arg { return pointer(unsafe.Pointer(unsafe.SliceData(s))) }
