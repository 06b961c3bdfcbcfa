package asm

import (
	"encoding/binary"
	"math"
	"unsafe"

	"github.com/roofline-go/roofline/internal/cpu"
)

// Loop measures one compute ceiling: a loop of independent instructions on registers, as many chains as fill the pipes.
type Loop struct {
	ID    string  // of the ceiling: compute.<op>.<isa>.<dtype>
	Op    string  // add, mul, fma, fmaadd, dot, vnni, amx, amxload
	Width string  // scalar, sse (128 bit), avx2 (256 bit), avx512, amx: the ISA of the ceiling's name
	ISA   cpu.ISA // what the code needs; an FMA of 128 bits needs AVX2's group
	DType string
	Unit  string // FLOP/s or OP/s

	Body       []Instructions // of one iteration, beside the loop's own decrement and branch
	OpsPerIter float64        // floating-point or integer operations of one iteration; a fused multiply-add is two
	PerCycle   float64        // instructions of Body (without tile loads) a core starts per cycle by assumption; 0: not known
	Assumption string         // what PerCycle assumes

	Func func(n int, data *byte) // runs n iterations; data points to a LoopData
}

// Instructions counts one instruction, by its name in a disassembly.
type Instructions struct {
	Name string
	N    int
}

// LoopData is the operands and results of a loop. With a = Start before the first instruction of a chain, one instruction
// makes
//
//	add         a + Y
//	mul         a · Y
//	fma         X · a + Y
//	fmaadd      Y · a + Y on the chains of the FMAs, a + Y on those of the additions, which follow them in Out
//	dot, vnni   a + sum of the products of 2 bf16 (4 bytes: X unsigned, Y signed) of X and Y
//	amx         a + A0 · B0, where A0 and B0 are Tiles[0] and Tiles[2] and a is zero at first
//	amxload     the same for the 2×2 products of Tiles[0, 1] and Tiles[2, 3]
//
// The offsets of the fields are known to the generator.
type LoopData struct {
	X, Y, Start [64]byte
	Config      [64]byte       // tile shapes
	Out         [8 * 1024]byte // all accumulators after the loop: 64 bytes each, tiles 1024
	Tiles       [4][1024]byte  // A0, A1, B0, B1: 16 rows of 64 bytes
}

// Run runs n iterations on d.
func (l Loop) Run(n int, d *LoopData) { l.Func(n, &d.X[0]) }

// NewLoopData returns data on which the loop can run for ever at full speed: its values stay finite and normal.
// It is aligned to 64 bytes.
func (l Loop) NewLoopData() *LoopData {
	const size = unsafe.Sizeof(LoopData{})
	buf := make([]byte, size+63)
	base := unsafe.Pointer(&buf[0])
	d := (*LoopData)(unsafe.Add(base, -uintptr(base)&63))
	d.Config[0] = 1 // palette
	for t := range 8 {
		binary.LittleEndian.PutUint16(d.Config[16+2*t:], 64) // bytes per row
		d.Config[48+t] = 16                                  // rows
	}
	x, y, start := 0.5, 1.0, 2.0 // fma: 2 = 0.5·2 + 1
	if l.Op == "mul" {
		start = 1.5
	}
	for _, v := range []struct {
		to    []byte
		value float64
	}{{d.X[:], x}, {d.Y[:], y}, {d.Start[:], start}} {
		fill(v.to, l.DType, v.value)
	}
	if l.DType == "bf16" || l.DType == "int8" { // sums that grow until they stop (float32) or wrap (int32)
		clear(d.Start[:])
		for i := range d.Tiles {
			fill(d.Tiles[i][:], l.DType, 1)
		}
	}
	return d
}

// fill sets all elements of b. int8 elements become 1 whatever the value.
func fill(b []byte, dtype string, value float64) {
	for i := 0; i < len(b); {
		switch dtype {
		case "f64":
			binary.LittleEndian.PutUint64(b[i:], math.Float64bits(value))
			i += 8
		case "f32":
			binary.LittleEndian.PutUint32(b[i:], math.Float32bits(float32(value)))
			i += 4
		case "f16":
			half := map[float64]uint16{0.5: 0x3800, 1: 0x3c00, 1.5: 0x3e00, 2: 0x4000}[value]
			binary.LittleEndian.PutUint16(b[i:], half)
			i += 2
		case "bf16":
			binary.LittleEndian.PutUint16(b[i:], uint16(math.Float32bits(float32(value))>>16))
			i += 2
		default:
			b[i] = 1
			i++
		}
	}
}
