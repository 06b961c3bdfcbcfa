package ccall

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		"f32[512*512], i64=512,f32 = 1.0": "f32[262144], i64=512, f32=1",
		"f64[4Ki]=2.5, u8=0xff, i8=-1":    "f64[4096]=2.5, u8=255, i8=-1",
		"i32[ 10 * 2 ]=0..7":              "i32[20]=0..7",
		"u64=18446744073709551615":        "u64=18446744073709551615",
		"bf16[8], f16[8]=1":               "bf16[8], f16[8]=1",
		"f32[8]=NaN, f64=-inf":            "f32[8]=NaN, f64=-Inf",
		"i64=-9223372036854775808":        "i64=-9223372036854775808",
		"f32[3]=-1..1":                    "f32[3]=-1..1",
		"i32[4]=0x10, u8[4]=0b101..0xf":   "i32[4]=16, u8[4]=5..15",
		"u64[2]=18446744073709551615":     "u64[2]=18446744073709551615",
		"i64[2]=9007199254740993":         "i64[2]=9007199254740993",
	} {
		s, err := Parse(text)
		if err != nil || s.String() != want {
			t.Errorf("%q: %q, %v; want %q", text, s, err, want)
		}
		if again, err := Parse(s.String()); err != nil || again.String() != want {
			t.Errorf("%q: reads again as %q, %v", text, again, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"float[3]":                             `no type is called "float"; use f64`,
		"f32":                                  "f32=1; an array its length, f32[1024]",
		"f32[":                                 "a ] is missing; write f32[1024]",
		"f32[0]":                               "product of positive sizes",
		"f32[2*x]":                             "product of positive sizes",
		"f32[-1]":                              "product of positive sizes",
		"f32[1Gi*1Gi]":                         "product of positive sizes",
		"i8=200":                               "not a number that the type holds",
		"u32=-1":                               "not a number that the type holds",
		"f32=one":                              "not a number",
		"bf16=1":                               "use f32, f64 or an integer type",
		"i32[4]=1.5":                           "a number that the type holds",
		"i32[4]=7..0":                          "must not end before it begins",
		"i32=1,,i32=2":                         "no type is called",
		strings.Repeat("f32=1,", 9) + "f64=2":  "at most 8",
		strings.Repeat("i64=1,", 70) + "i64=2": "at most 64",
		"u8[1Ki*1Gi],u8[1Gi]":                  "more than",
	} {
		if s, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v; want %q", text, s, err, want)
		}
	}
}

func TestFill(t *testing.T) {
	for text, want := range map[string][]float64{
		"i32[5]=0..2": {0, 1, 2, 0, 1}, "f64[3]=-1..7": {-1, 0, 1}, "u8[2]=255": {255, 255}, "i16[2]=-3": {-3, -3}, "i64[2]": {0, 0},
		"f32[2]=1.5": {1.5, 1.5}, "f16[2]=-1.5": {-1.5, -1.5}, "bf16[2]=0.75": {0.75, 0.75},
		// To the nearest, half way to the even one; not first to a float32, where it would be half way.
		"bf16[1]=1.007": {1.0078125}, "bf16[1]=1.00390625": {1}, "bf16[1]=-1.01171875": {-1.015625}, "bf16[1]=1.0039062500000002": {1.0078125},
		"f16[1]=1.00048828125": {1}, "f16[1]=1.0004882812500002": {1 + 1./1024}, "bf16[2]=255.6..256.6": {256, 256},
	} {
		s, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		m, err := newArray(s[0], 1)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if got := at(m, s[0].Type, i); got != w {
				t.Errorf("%s[%d] = %g, want %g", text, i, got, w)
			}
		}
	}
	s, _ := Parse("f64[1000]")
	m, err := newArray(s[0], 1)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i := range 1000 {
		v := at(m, F64, i)
		if !(v >= -1 && v < 1) {
			t.Fatalf("element %d is %g", i, v)
		}
		sum += v
	}
	if math.Abs(sum) > 100 {
		t.Errorf("1000 numbers drawn from [-1, 1) add up to %g", sum)
	}
}

// at is an element as a number.
func at(m []byte, t Type, i int) float64 {
	b := m[i*sizes[t]:]
	word := uint64(0)
	for k := range sizes[t] {
		word |= uint64(b[k]) << (8 * k)
	}
	switch t {
	case F64:
		return math.Float64frombits(word)
	case F32:
		return float64(math.Float32frombits(uint32(word)))
	case BF16:
		return float64(math.Float32frombits(uint32(word) << 16))
	case F16:
		sign := float64(1 - 2*int(word>>15))
		return sign * math.Ldexp(1+float64(word&0x3ff)/1024, int(word>>10&0x1f)-15)
	}
	if t[0] == 'u' {
		return float64(word)
	}
	shift := 64 - 8*sizes[t]
	return float64(int64(word<<shift) >> shift)
}

// Integers arrive with all their bits, in whatever base they are written.
func TestFillOfIntegersIsExact(t *testing.T) {
	for text, want := range map[string][]uint64{
		"u64[2]=18446744073709551615": {1<<64 - 1, 1<<64 - 1}, "i64[2]=9223372036854775807": {1<<63 - 1, 1<<63 - 1},
		"i64[2]=-9223372036854775808": {1 << 63, 1 << 63}, "i64[1]=9007199254740993": {1<<53 + 1}, "i64[3]=0x10..0x11": {16, 17, 16},
		"u64[2]=010": {8, 8}, "u64[3]=0b11..5": {3, 4, 5},
	} {
		s, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		m, err := newArray(s[0], 1)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if got := binary.LittleEndian.Uint64(m[8*i:]); got != w {
				t.Errorf("%s: element %d is %#x, want %#x", text, i, got, w)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"f32[512*512], i64=512, f32=1.0", "u8[3]=0..7", "i8=-1,f64=nan", "f16[1]=inf", "=", "[", "f32[1]=-0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(s.String())
		if err != nil || again.String() != s.String() || again.Bytes() != s.Bytes() {
			t.Errorf("%q is written as %q, which reads as %q, %v", text, s, again, err)
		}
	})
}
