package known

import (
	"encoding/binary"
	"math"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/perf"
)

// compute is a loop on registers.
type compute struct {
	code
	op    string // fma, add, mul, dot, tile; int and chain without operations
	dtype string
	width perf.Width
	isa   cpu.ISA
	quick bool
	run   func(n int, d *byte)
}

// perIter is the number of instructions of the one kind in an iteration, perChain that of the chain of additions.
const (
	perIter  = 20
	perChain = 100
)

// data is the operands and results of compute loops. With a = start before the first instruction of a chain, one makes
//
//	add, mul, fma   a + y, a · y, x · a + y
//	dot             a + sum of the products of 2 bf16 or 4 int8 (4 bytes: x unsigned, y signed) of x and y
//	tile            a + tiles[0] · tiles[1], where a is zero at first
//
// The offsets of the fields are known to the generator.
type data struct {
	x, y, start [64]byte
	config      [64]byte       // tile shapes
	out         [8 * 1024]byte // accumulators after the loop: 64 bytes each, tiles 1024
	tiles       [2][1024]byte
}

func (d *data) base() *byte { return &d.x[0] }

// steady fills d so that a loop of the type can run for ever at full speed: values stay finite and normal.
func (d *data) steady(dtype string) {
	d.config[0] = 1 // palette
	for t := range 8 {
		binary.LittleEndian.PutUint16(d.config[16+2*t:], 64) // bytes per row
		d.config[48+t] = 16                                  // rows
	}
	fill(d.x[:], dtype, 0.5)
	fill(d.y[:], dtype, 1)
	fill(d.start[:], dtype, 2) // fma: 2 = 0.5·2 + 1
	if dtype == "bf16" || dtype == "int8" {
		clear(d.start[:])
		for i := range d.tiles {
			fill(d.tiles[i][:], dtype, 1)
		}
	}
}

// fill sets all elements of b, one of 0.5, 1 and 2 for f16. int8 elements become 1 whatever the value.
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
			binary.LittleEndian.PutUint16(b[i:], map[float64]uint16{0.5: 0x3800, 1: 0x3c00, 2: 0x4000}[value])
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

// computeKernels makes the kernels of the loops that run here.
func (s *Set) computeKernels() {
	operands := s.operands(len(computes))
	for i, c := range computes {
		if err := cpu.Usable(c.isa); err != nil {
			s.leave(c.kernelName(), err.Error())
			continue
		}
		s.add(c.kernel(operands[i]))
	}
}

func (c compute) kernelName() string {
	if c.dtype == "" {
		return c.op
	}
	return c.op + "." + c.dtype + "." + string(c.width)
}

func (c compute) kernel(d *data) *Kernel {
	n := 8000
	switch {
	case c.width == perf.Tile:
		n = 6000 // a tile product takes 16 cycles
	case c.op == "chain":
		n = 2000
	}
	if c.dtype != "" {
		d.steady(c.dtype)
	}
	k := &Kernel{
		Name: c.kernelName(), About: computeAbout[c.op], ISA: c.isa, DType: c.dtype, Width: c.width, Quick: c.quick,
		work: c.total(1, n), run: func() { c.run(n, d.base()) },
	}
	k.expectWork(1)
	if c.op == "chain" {
		k.expected[perf.Cycles] = exactly(float64(n * perChain))
	}
	return k
}

var computeAbout = map[string]string{
	"fma": "fused multiply-adds on registers", "add": "additions on registers", "mul": "multiplications on registers",
	"mla": "fused multiply-adds on registers", "dot": "dot products on registers", "tile": "tile products",
	"int": "independent integer additions", "chain": "dependent integer additions, one a cycle",
}
