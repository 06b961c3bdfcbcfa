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
		{math.NaN(), "s", "–"}, {math.Inf(1), "s", "–"}, {1e21, "FLOP/s", "1.00e+21 FLOP/s"}, {2e30, "B", "2.00e+30 B"}, {1.5e-12, "s", "1.50 ps"}, {12.65e9, "B/s", "12.6 GB/s"}, {999.4e15, "B", "999 PB"}, {1e-21, "s", "1.00e-21 s"},
		{math.Inf(-1), "s", "–"}, {999.5, "B", "1.00 kB"}, {0.9994, "s", "999 ms"}, {-999.6e-9, "s", "-1.00 µs"}, {math.MaxFloat64, "", "1.80e+308"},
		{99.95, "s", "100 s"}, {9.996, "s", "10.0 s"},
	} {
		if got := SI(tt.v, tt.unit); got != tt.want {
			t.Errorf("SI(%v, %q) = %q, want %q", tt.v, tt.unit, got, tt.want)
		}
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 49152: "48 KiB", 2 << 20: "2 MiB", 480 << 20: "480 MiB", 1536: "1.50 KiB", -1536: "-1.50 KiB",
		1<<20 - 1: "1.00 MiB", 1<<20 - 600: "1023 KiB", 1<<30 - 1<<19: "1.00 GiB", 100<<10 + 512: "100 KiB", 99<<10 + 512: "99.5 KiB", 1023 << 10: "1023 KiB", 1023: "1023 B", 1024: "1 KiB", math.MaxInt64: "8 EiB"} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]int64{"48K": 48 << 10, "2MiB": 2 << 20, " 32768K\n": 32 << 20, "64": 64, "1 GiB": 1 << 30, "1.5K": 1536, "1.50 MiB": 3 << 19, "0.3B": 0,
		"7EiB": 7 << 60, "3b": 3} {
		if got, err := ParseBytes(text); err != nil || got != want {
			t.Errorf("ParseBytes(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "K", "-1K", "1..5K", ".", "1e3", "0x10", "inf", "5iB", "KiB", "8EiB", "7.9999999999999999999E", "12 parsecs", "9223372036854775807K"} {
		if got, err := ParseBytes(text); err == nil {
			t.Errorf("ParseBytes(%q) = %d, want an error", text, got)
		}
	}
}

// FuzzSI holds SI to what it promises: three digits, and a value within half a unit of the third.
func FuzzSI(f *testing.F) {
	f.Add(1.5e9)
	f.Add(9.995e-7)
	f.Add(999.5)
	f.Add(0.0009995)
	f.Fuzz(func(t *testing.T, v float64) {
		text := SI(v, "")
		if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
		number, prefix, _ := strings.Cut(text, " ")
		got, err := strconv.ParseFloat(number, 64)
		factor := map[string]float64{"P": 1e15, "T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3, "": 1, "m": 1e-3, "µ": 1e-6, "n": 1e-9, "p": 1e-12}[prefix]
		if err != nil || factor == 0 {
			t.Fatalf("SI(%v) = %q: %v", v, text, err)
		}
		got *= factor
		if digits, _, _ := strings.Cut(strings.TrimPrefix(number, "-"), "e"); len(strings.Replace(digits, ".", "", 1)) != 3 {
			t.Errorf("SI(%v) = %q has not three digits", v, text)
		}
		if a := math.Abs(v); a > 1e-300 && a < 1e300 && !(math.Abs(got-v) <= a*0.005000001) {
			t.Errorf("SI(%v) = %q, off by more than its digits", v, text)
		}
	})
}

// FuzzBytes reads back what Bytes prints.
func FuzzBytes(f *testing.F) {
	f.Add(int64(48 << 10))
	f.Add(int64(1<<20 - 1))
	f.Add(int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, n int64) {
		text := Bytes(n)
		if n < 0 || n > 8<<60-1<<52 { // beyond that it rounds to 8 EiB, which is no int64
			return
		}
		back, err := ParseBytes(text)
		if err != nil || math.Abs(float64(back-n)) > float64(n)*0.00501 || n < 1024 && back != n {
			t.Errorf("%d → %q → %d, %v", n, text, back, err)
		}
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
