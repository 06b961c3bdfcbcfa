package tileemu

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// product multiplies tiles of the given shape, in groups of 4 bytes.
func product(t *testing.T, code string, m, n, k int, sum, a, b []byte) []byte {
	t.Helper()
	machine := newMachine()
	if err := machine.configure(t, config([2]int{m, 4 * n}, [2]int{m, 4 * k}, [2]int{k, 4 * n})); err != nil {
		t.Fatal(err)
	}
	machine.put(t, load0, sum)
	machine.put(t, load1, a)
	machine.put(t, load2, b)
	machine.must(t, code)
	return machine.get(t)
}

// Sums of any shape are those of whole numbers, in the lowest 32 bits.
func TestInt8Products(t *testing.T) {
	for _, tt := range []struct {
		code             string
		signedA, signedB bool
	}{{tdpbssd, true, true}, {tdpbsud, true, false}, {tdpbusd, false, true}, {tdpbuud, false, false}} {
		r := rand.New(rand.NewPCG(1, 2))
		value := func(b byte, signed bool) int64 {
			if signed && b > 127 {
				return int64(b) - 256
			}
			return int64(b)
		}
		for range 50 {
			m, n, k := 1+r.IntN(16), 1+r.IntN(16), 1+r.IntN(16)
			var tiles [3][1024]byte
			for i := range tiles {
				for j := range tiles[i] {
					tiles[i][j] = [...]byte{0, 127, 128, 255, byte(r.Uint32()), byte(r.Uint32())}[r.IntN(6)]
				}
			}
			got := product(t, tt.code, m, n, k, tiles[0][:], tiles[1][:], tiles[2][:])
			for i := range 16 {
				for j := range 16 {
					var want uint32
					if i < m && j < n {
						sum := int64(int32(binary.LittleEndian.Uint32(tiles[0][64*i+4*j:])))
						for l := range 4 * k {
							sum += value(tiles[1][64*i+l], tt.signedA) * value(tiles[2][64*(l/4)+4*j+l%4], tt.signedB)
						}
						want = uint32(sum)
					}
					if g := binary.LittleEndian.Uint32(got[64*i+4*j:]); g != want {
						t.Fatalf("%s %dx%dx%d: [%d][%d] is %#x, want %#x", tt.code, m, n, 4*k, i, j, g, want)
					}
				}
			}
		}
	}
}

// flush is a finite number as the instruction takes it.
func flush(v float32) float32 {
	if a := math.Abs(float64(v)); a < 0x1p-126 {
		return float32(math.Copysign(0, float64(v)))
	}
	return v
}

// fused is x·y + z with 24 bits and any exponent, by way of exact numbers, then as large or as small as float32 has it.
func fused(x, y, z float32) float32 {
	exact := new(big.Float).SetPrec(1000)
	exact.Mul(big.NewFloat(float64(x)).SetPrec(1000), big.NewFloat(float64(y)).SetPrec(1000))
	exact.Add(exact, big.NewFloat(float64(z)).SetPrec(1000))
	v := new(big.Float).SetPrec(24).SetMode(big.ToNearestEven).Set(exact)
	if v.MantExp(nil) < -125 { // below 2^-126
		f := float32(0)
		if v.Signbit() {
			f = float32(math.Copysign(0, -1))
		}
		return f
	}
	f, _ := v.Float32()
	return f
}

// All shapes, of numbers whose products and sums round and vanish, against exact arithmetic that is rounded where
// the manual says so.
func TestBF16Products(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 60 {
		exponents := [][2]int{{-8, 8}, {-70, -56}, {-127, 20}, {-64, -62}, {50, 60}}[round%5]
		number := func() float32 {
			e := exponents[0] + r.IntN(exponents[1]-exponents[0])
			f := float32(math.Ldexp(1+float64(r.IntN(128))/128, e))
			if r.IntN(2) == 0 {
				f = -f
			}
			return f
		}
		m, n, k := 1+r.IntN(16), 1+r.IntN(16), 1+r.IntN(16)
		var sum, a, b [1024]byte
		for i := range 256 {
			put := binary.LittleEndian.PutUint32
			put(sum[4*i:], math.Float32bits(number()*number()))
			put(a[4*i:], math.Float32bits(number())>>16|math.Float32bits(number())&0xffff0000)
			put(b[4*i:], math.Float32bits(number())>>16|math.Float32bits(number())&0xffff0000)
		}
		half := func(tile []byte, at int) float32 {
			return flush(math.Float32frombits(uint32(binary.LittleEndian.Uint16(tile[at:])) << 16))
		}
		got := product(t, tdpbf16ps, m, n, k, sum[:], a[:], b[:])
		for i := range m {
			for j := range n {
				var chains [2]float32
				for l := range 2 * k {
					chains[l%2] = fused(half(a[:], 64*i+2*l), half(b[:], 64*(l/2)+4*j+2*(l%2)), chains[l%2])
				}
				old := flush(math.Float32frombits(binary.LittleEndian.Uint32(sum[64*i+4*j:])))
				want := fused(1, old, fused(1, chains[0], chains[1]))
				if g := math.Float32frombits(binary.LittleEndian.Uint32(got[64*i+4*j:])); g != want {
					t.Fatalf("round %d, %dx%dx%d: [%d][%d] is %x, want %x", round, m, n, 2*k, i, j, g, want)
				}
			}
		}
	}
}

// One pair of products at a time.
func TestBF16Cases(t *testing.T) {
	inf, tiny, nan := float32(math.Inf(1)), math.Float32frombits(0x00400000), float32(math.NaN())
	minusZero := float32(math.Copysign(0, -1))
	const big = 0x1.fep127
	for i, tt := range []struct{ sum, x0, y0, x1, y1, want float32 }{
		{1, 2, 3, 4, 5, 27},
		{0, tiny, 0x1p100, 0, 0, 0},                          // a denormal factor
		{0, 1, 0, 0x1p100, -tiny, 0},                         // and another
		{tiny, 0, 0, 0, 0, 0},                                // a denormal sum
		{0, 0x1p-64, 0x1p-63, 0, 0, 0},                       // a denormal product
		{0, 0x1p-64, 0x1p-63, 0x1p-64, 0x1p-63, 0},           // each of two, which would give a normal number
		{0, 0x1p-63, 0x1p-63, 0, 0, 0x1p-126},                // the smallest that stays
		{-0x1p-126, 0x1.8p-63, 0x1p-63, 0, 0, 0},             // a denormal difference
		{1, 0x1p-12, 0x1p-12, 0x1p-12, 0x1p-12, 1 + 0x1p-23}, // the products are added before the sum rounds
		{1, 0x1p-12, 0x1p-12, 0, 0, 1},                       // halfway to even
		{1 + 0x1p-23, 0x1p-12, 0x1p-12, 0, 0, 1 + 0x1p-22},
		{0, big, 2, 0, 0, inf},
		{-inf, big, 2, 0, 0, nan},
		{0, inf, 0, 0, 0, nan},
		{0, inf, tiny, 0, 0, nan}, // a denormal number is 0
		{0, inf, 1, -inf, 1, nan},
		{0, nan, 1, 0, 0, nan},
		{-inf, 1, 1, 0, 0, -inf},
		{minusZero, 0, 1, 0, 1, 0},
		{minusZero, minusZero, 1, minusZero, 1, 0}, // the chains begin at +0
	} {
		word := func(v float32) []byte { return binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)) }
		pair := func(x, y float32) []byte {
			return binary.LittleEndian.AppendUint32(nil, math.Float32bits(x)>>16|math.Float32bits(y)&0xffff0000)
		}
		got := math.Float32frombits(binary.LittleEndian.Uint32(product(t, tdpbf16ps, 1, 1, 1, word(tt.sum), pair(tt.x0, tt.x1), pair(tt.y0, tt.y1))))
		if g, w := fmt.Sprintf("%x", got), fmt.Sprintf("%x", tt.want); g != w {
			t.Errorf("case %d: %s, want %s", i, g, w)
		}
	}
}

// Chains of even and of odd elements are apart: each rounds by itself.
func TestBF16Order(t *testing.T) {
	var a, b [1024]byte
	for i, v := range []float32{0x1p24, 1, 1, 1, 1, 1, -0x1p24, 1} { // even: 2^24, 1, 1, -2^24; odd: four ones
		binary.LittleEndian.PutUint16(a[2*i:], uint16(math.Float32bits(v)>>16))
		binary.LittleEndian.PutUint16(b[64*(i/2)+2*(i%2):], uint16(math.Float32bits(1)>>16))
	}
	got := math.Float32frombits(binary.LittleEndian.Uint32(product(t, tdpbf16ps, 1, 1, 4, make([]byte, 4), a[:], b[:])))
	if got != 4 {
		t.Errorf("%v, want 4: 2^24 takes up no 1 of its chain, and all of the other chain counts", got)
	}
}
