package known

import (
	"encoding/binary"
	"math"
	"testing"
	"unsafe"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
)

// TestComputeResults runs a few iterations on values whose result is exact in every type: an instruction left out, doubled or
// wrongly encoded changes it.
func TestComputeResults(t *testing.T) {
	for _, c := range computes {
		t.Run(c.kernelName(), func(t *testing.T) {
			testkit.SkipUnsupported(t, cpu.Usable(c.isa))
			for _, n := range []int{1, 3} {
				d := new(data)
				d.steady(c.dtype)
				x, y, start := 0.5, 1.0, 2.0
				out := c.dtype
				switch c.op {
				case "mul":
					y = 2
					fill(d.y[:], c.dtype, y)
				case "dot", "tile":
					x, start = 1, 0
					out = map[string]string{"bf16": "f32", "int8": "i32"}[c.dtype]
					if c.dtype == "bf16" {
						x = 0.5
					}
				}
				c.run(n, d.base())
				accs, lanes := 10, lanesOf(c)
				steps := n * perIter / accs
				want := start
				for range steps {
					switch c.op {
					case "fma":
						want = x*want + y
					case "mla":
						want += x * y
					case "add":
						want += y
					case "mul":
						want *= y
					case "dot":
						want += map[string]float64{"bf16": 2, "int8": 4}[c.dtype] * x * y
					}
				}
				switch c.op {
				case "int":
					if got, want := binary.LittleEndian.Uint64(d.out[:]), 2*uint64(n)*uint64(uintptr(unsafe.Pointer(d.base()))); got != want {
						t.Errorf("sum %#x, want %#x", got, want)
					}
					return
				case "chain":
					if got := binary.LittleEndian.Uint64(d.out[:]); got != uint64(3*perChain*n) {
						t.Errorf("sum %d, want %d", got, 3*perChain*n)
					}
					return
				case "tile":
					accs, lanes = 5, 256
					depth := map[string]float64{"bf16": 32, "int8": 64}[c.dtype]
					want = float64(n*perIter/accs) * depth
				}
				stride := 64
				if c.width == perf.Tile {
					stride = 1024
				}
				for a := range accs {
					for lane := range lanes {
						if got := element(d.out[a*stride:], out, lane); got != want {
							t.Fatalf("%d iterations, accumulator %d lane %d is %g, want %g", n, a, lane, got, want)
						}
					}
				}
				if d.out[accs*stride] != 0 {
					t.Errorf("more than %d accumulators were written", accs)
				}
			}
		})
	}
}

func lanesOf(c compute) int {
	bits := map[perf.Width]int{perf.Bits128: 128, perf.Bits256: 256, perf.Bits512: 512}[c.width]
	if bits == 0 {
		return 1
	}
	return bits / map[string]int{"f64": 64, "f32": 32, "f16": 16, "bf16": 32, "int8": 32}[c.dtype]
}

func element(b []byte, dtype string, i int) float64 {
	switch dtype {
	case "f64":
		return math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	case "f32":
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
	case "f16":
		h := binary.LittleEndian.Uint16(b[2*i:])
		return math.Ldexp(1+float64(h&0x3ff)/1024, int(h>>10&31)-15)
	}
	return float64(int32(binary.LittleEndian.Uint32(b[4*i:])))
}

// TestStreamResults checks that every stream touches the whole of its memory once a pass and nothing around it.
func TestStreamResults(t *testing.T) {
	const n = 3 * block
	for _, c := range streams {
		t.Run(c.name, func(t *testing.T) {
			testkit.SkipUnsupported(t, cpu.Usable(c.isa))
			mem := aligned(n + 2*block)
			for i := range mem {
				mem[i] = 7
			}
			c.run(&mem[block], n, 2)
			for i, got := range words(mem) {
				want := uint64(0x0707070707070707)
				if inside := i >= block/8 && i < (block+n)/8; inside {
					switch c.op {
					case "store", "past":
						want = math.MaxUint64
					case "update":
						want -= 2
					}
				}
				if got != want {
					t.Fatalf("word %d is %#x, want %#x", i, got, want)
				}
			}
		})
	}
}

func TestFlushedResults(t *testing.T) {
	for _, c := range flushes {
		mem, behind := aligned(4*block), aligned(4*block)
		behind[5] = 9
		c.run(&mem[block], &behind[block], 2*block)
		for i, got := range words(mem) {
			want := uint64(0)
			if c.op == "update" && i >= block/8 && i < 3*block/8 {
				want = math.MaxUint64
			}
			if got != want {
				t.Fatalf("%s: word %d is %#x, want %#x", c.name, i, got, want)
			}
		}
		if behind[5] != 9 {
			t.Errorf("%s changes what it flushes", c.name)
		}
	}
}

// TestChains walks a chain of so many slots that whole turns end where they began, and no other number of hops does.
func TestChains(t *testing.T) {
	if chase.run == nil {
		t.Skip("no kernels for this architecture")
	}
	set := openSmall(t, Options{Quick: true})
	for _, c := range []chain{chase, flushChase} {
		mem := set.separate(30 * between2)
		at := tie(mem, between2)
		if c.run(at, 3) != at { // 60 hops of 30 slots
			t.Errorf("%s: two turns do not end at their begin", c.name)
		}
		for _, n := range []int{1, 2} { // 20 and 40 hops
			if c.run(at, n) == at {
				t.Errorf("%s: %d hops end at their begin", c.name, n*perIter)
			}
		}
	}
}

func aligned(n int) []byte {
	b := make([]byte, n+64)
	return b[-uintptr(unsafe.Pointer(&b[0]))&63:][:n:n]
}

func words(b []byte) []uint64 { return unsafe.Slice((*uint64)(unsafe.Pointer(&b[0])), len(b)/8) }

// TestDataLayout pins the offsets that the generator uses.
func TestDataLayout(t *testing.T) {
	var d data
	for name, c := range map[string][2]uintptr{
		"y": {unsafe.Offsetof(d.y), 64}, "start": {unsafe.Offsetof(d.start), 128}, "config": {unsafe.Offsetof(d.config), 192},
		"out": {unsafe.Offsetof(d.out), 256}, "tiles": {unsafe.Offsetof(d.tiles), 256 + 8192},
	} {
		if c[0] != c[1] {
			t.Errorf("%s is at %d, the generator has it at %d", name, c[0], c[1])
		}
	}
}
