package asm

import (
	"encoding/binary"
	"math"
	"testing"
	"unsafe"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
)

// TestLoopsCompute runs a few iterations of every loop on values whose result is exact and known in closed form, and checks
// all lanes of all accumulators: an instruction that was left out, doubled or wrongly encoded changes the result.
func TestLoopsCompute(t *testing.T) {
	for _, l := range Loops() {
		t.Run(l.ID, func(t *testing.T) {
			testkit.SkipUnsupported(t, cpu.Usable(l.ISA))
			for _, n := range []int{1, 2, 3} {
				d := l.NewLoopData()
				if l.Width == "amx" {
					checkTiles(t, l, d, n)
				} else {
					checkChains(t, l, d, n)
				}
			}
		})
	}
}

// chain is the value after k steps on (x, y) from start, exactly representable in every type used.
func chain(op string, x, y, start float64, k int) float64 {
	for range k {
		switch op {
		case "add":
			start += y
		case "mul":
			start *= y
		case "fma":
			start = x*start + y
		case "dot":
			start += 2 * x * y
		case "vnni":
			start += 4 * x * y
		}
	}
	return start
}

// checkChains knows how many chains each loop has from the widths: 12 of 16 registers, 24 of 32.
func checkChains(t *testing.T, l Loop, d *LoopData, n int) {
	t.Helper()
	chains, x, y, start := 12, 1.0, 1.0, 2.0
	if l.Width == "avx512" {
		chains = 24
	}
	type part struct {
		op            string
		first, chains int
		steps         int
		x             float64
	}
	parts := []part{{l.Op, 0, chains, n * l.Body[0].N / chains, x}}
	switch l.Op {
	case "mul":
		y = 2
	case "fma":
		if l.DType != "f16" { // 2, 3, 4 …: the half has 11 bits
			parts[0].x = 2
		}
	case "fmaadd":
		fmas, adds := 9, 6
		if l.Width == "avx512" {
			fmas, adds = 18, 12
		}
		y = 2
		parts = []part{{"fma", 0, fmas, n * l.Body[0].N / fmas, y}, {"add", fmas, adds, n * l.Body[1].N / adds, x}}
	}
	fill(d.X[:], l.DType, parts[0].x)
	fill(d.Y[:], l.DType, y)
	out := l.DType
	if out == "bf16" {
		out = "f32"
	}
	fill(d.Start[:], out, start)
	if out == "int8" {
		for i := range d.Start { // a start of 2 in every 32-bit lane
			d.Start[i] = map[bool]byte{true: 2}[i%4 == 0]
		}
	}
	l.Run(n, d)
	lanes := map[string]int{"scalar": 1, "sse": 16, "avx2": 32, "avx512": 64}[l.Width]
	for _, p := range parts {
		want := chain(p.op, p.x, y, start, p.steps)
		for c := p.first; c < p.first+p.chains; c++ {
			values := read(d.Out[c*64:][:64], out)
			if l.Width != "scalar" {
				values = values[:len(values)*lanes/64]
			} else {
				values = values[:1]
			}
			for lane, got := range values {
				if got != want {
					t.Fatalf("%d iterations, %s chain %d lane %d is %g, want %g", n, p.op, c, lane, got, want)
				}
			}
		}
	}
	if last := parts[len(parts)-1]; read(d.Out[(last.first+last.chains)*64:][:64], "f64")[0] != 0 {
		t.Errorf("more than %d accumulators were written", last.first+last.chains)
	}
}

// checkTiles multiplies tiles with small distinct integers and compares all 16×16 results with the sum in Go.
func checkTiles(t *testing.T, l Loop, d *LoopData, n int) {
	t.Helper()
	elem := map[string]int{"bf16": 2, "int8": 1}[l.DType]
	depth, group := 64/elem, 4/elem // group: values of the depth beside each other in B
	value := func(tile, row, k int) float64 { return float64((tile*5+row*3+k*7)%5 - 2) }
	put := func(tile, at int, v float64) {
		if elem == 1 {
			d.Tiles[tile][at] = byte(int8(v))
		} else {
			binary.LittleEndian.PutUint16(d.Tiles[tile][2*at:], uint16(math.Float32bits(float32(v))>>16))
		}
	}
	for row := range 16 {
		for k := range depth {
			for tile := range 2 {
				put(tile, row*depth+k, value(tile, row, k))                              // A[row][k]
				put(2+tile, (k/group)*16*group+row*group+k%group, value(2+tile, row, k)) // B[k][column]
			}
		}
	}
	l.Run(n, d)
	chains := map[string]int{"amx": 6, "amxload": 4}[l.Op]
	for c := range chains {
		a, b := 0, 2
		if l.Op == "amxload" {
			a, b = c/2, 2+c%2
		}
		for row := range 16 {
			for col := range 16 {
				sum := 0.
				for k := range depth {
					sum += value(a, row, k) * value(b, col, k)
				}
				want := sum * float64(n*l.Body[0].N/chains)
				out := map[string]string{"bf16": "f32", "int8": "int8"}[l.DType]
				if got := read(d.Out[c*1024+row*64:][:64], out)[col]; got != want {
					t.Fatalf("%d iterations, tile %d [%d][%d] is %g, want %g", n, c, row, col, got, want)
				}
			}
		}
	}
}

// read decodes results: int8 products are summed in 32 bits.
func read(b []byte, dtype string) (out []float64) {
	for i := 0; i < len(b); {
		switch dtype {
		case "f64":
			out, i = append(out, math.Float64frombits(binary.LittleEndian.Uint64(b[i:]))), i+8
		case "f32":
			out, i = append(out, float64(math.Float32frombits(binary.LittleEndian.Uint32(b[i:])))), i+4
		case "f16":
			out, i = append(out, half(binary.LittleEndian.Uint16(b[i:]))), i+2
		default:
			out, i = append(out, float64(int32(binary.LittleEndian.Uint32(b[i:])))), i+4
		}
	}
	return out
}

// half decodes a normal IEEE half.
func half(h uint16) float64 {
	return math.Copysign(math.Ldexp(1+float64(h&0x3ff)/1024, int(h>>10&31)-15), 1-2*float64(h>>15))
}

// TestSteady runs every loop for longer than a sample and looks for values that would slow it down or stop it.
func TestSteady(t *testing.T) {
	for _, l := range Loops() {
		if l.DType == "int8" || cpu.Usable(l.ISA) != nil {
			continue
		}
		d := l.NewLoopData()
		l.Run(20000, d)
		dtype := l.DType
		if dtype == "bf16" {
			dtype = "f32"
		}
		first := read(d.Out[:64], dtype)
		if l.Width == "scalar" {
			first = first[:1]
		}
		for _, v := range first[:1] {
			if math.IsNaN(v) || math.IsInf(v, 0) || math.Abs(v) < 1e-3 {
				t.Errorf("%s: after 20000 iterations the first accumulator is %g", l.ID, v)
			}
		}
	}
}

func TestNoIterations(t *testing.T) {
	for _, l := range Loops() {
		if cpu.Usable(l.ISA) != nil {
			continue
		}
		d := l.NewLoopData()
		l.Run(0, d)
		if d.Out != [8192]byte{} {
			t.Errorf("%s: 0 iterations write results", l.ID)
		}
	}
}

// TestLoopDataLayout pins the offsets that the generator uses.
func TestLoopDataLayout(t *testing.T) {
	var d LoopData
	for name, c := range map[string][2]uintptr{
		"Y": {unsafe.Offsetof(d.Y), 64}, "Start": {unsafe.Offsetof(d.Start), 128}, "Config": {unsafe.Offsetof(d.Config), 192},
		"Out": {unsafe.Offsetof(d.Out), 256}, "Tiles": {unsafe.Offsetof(d.Tiles), 256 + 8192},
	} {
		if c[0] != c[1] {
			t.Errorf("%s is at %d, the generator has it at %d", name, c[0], c[1])
		}
	}
	for range 20 {
		if p := uintptr(unsafe.Pointer(Loops()[0].NewLoopData())); p%64 != 0 {
			t.Errorf("data at %#x is not aligned to 64 bytes", p)
		}
	}
}
