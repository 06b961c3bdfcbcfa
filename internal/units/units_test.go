package units

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestSI(t *testing.T) {
	for _, tt := range []struct {
		v    float64
		unit string
		want string
	}{
		{1.234e12, "FLOP/s", "1.23 TFLOP/s"}, {118e9, "FLOP/s", "118 GFLOP/s"}, {12.34e-6, "s", "12.3 µs"},
		{999.6e9, "B/s", "1.00 TB/s"}, {0.9999, "s", "1.00 s"}, {999.4, "", "999"}, {0, "s", "0 s"}, {-5e3, "B", "-5.00 kB"},
		{math.NaN(), "s", "–"}, {math.Inf(1), "s", "–"}, {1e21, "FLOP/s", "1000000 PFLOP/s"}, {9.996, "s", "10.0 s"},
	} {
		if got := SI(tt.v, tt.unit); got != tt.want {
			t.Errorf("SI(%v, %q) = %q, want %q", tt.v, tt.unit, got, tt.want)
		}
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 49152: "48 KiB", 2 << 20: "2 MiB", 480 << 20: "480 MiB", 1536: "1.50 KiB", math.MaxInt64: "8 EiB"} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]int64{"48K": 48 << 10, "2MiB": 2 << 20, " 32768K\n": 32 << 20, "64": 64, "1 GiB": 1 << 30} {
		if got, err := ParseBytes(text); err != nil || got != want {
			t.Errorf("ParseBytes(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "K", "-1K", "1.5K", "12 parsecs", "9223372036854775807K"} {
		if got, err := ParseBytes(text); err == nil {
			t.Errorf("ParseBytes(%q) = %d, want an error", text, got)
		}
	}
}

// FuzzSI holds SI to what it promises: the printed number is within half a unit of its third digit.
func FuzzSI(f *testing.F) {
	f.Add(1.5e9)
	f.Add(9.995e-7)
	f.Fuzz(func(t *testing.T, v float64) {
		text := SI(v, "")
		if a := math.Abs(v); !(a >= 1e-9 && a < 1e17) {
			return
		}
		number, prefix, _ := strings.Cut(text, " ")
		got, err := strconv.ParseFloat(number, 64)
		if err != nil {
			t.Fatalf("SI(%v) = %q: %v", v, text, err)
		}
		for _, p := range prefixes {
			if p.name == prefix {
				if got *= p.factor; math.Abs(got-v) > math.Abs(v)*0.00501 {
					t.Errorf("SI(%v) = %q, off by more than its digits", v, text)
				}
				return
			}
		}
		t.Errorf("SI(%v) = %q: unknown prefix", v, text)
	})
}

func FuzzParseBytes(f *testing.F) {
	f.Add("48K")
	f.Add("2 MiB")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseBytes(text)
		if err == nil && n < 0 {
			t.Errorf("ParseBytes(%q) = %d", text, n)
		}
	})
}
