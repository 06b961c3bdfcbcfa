// Package units prints and reads quantities: SI prefixes for rates and times, binary prefixes for memory sizes.
package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

var prefixes = []struct {
	factor float64
	name   string
}{{1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}, {1e-3, "m"}, {1e-6, "µ"}, {1e-9, "n"}, {1e-12, "p"}}

// SI prints v with three significant digits and an SI prefix: SI(1.234e12, "FLOP/s") is "1.23 TFLOP/s".
// Values that are not numbers print as "–".
func SI(v float64, unit string) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	number, prefix := Scale(v)
	return strings.TrimRight(number+" "+prefix+unit, " ")
}

// Scale splits v into a number of three significant digits and an SI prefix.
func Scale(v float64) (number, prefix string) {
	if v == 0 {
		return "0", ""
	}
	for i, p := range prefixes {
		scaled := v / p.factor
		if math.Abs(scaled) < 0.9995 && i < len(prefixes)-1 {
			continue
		}
		return three(scaled), p.name
	}
	return three(v), ""
}

// three prints v with three significant digits, without an exponent.
func three(v float64) string {
	switch a := math.Abs(v); {
	case a < 9.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case a < 99.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

var binary = []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}

// Bytes prints a memory size with a binary prefix: whole where it is whole, else with three significant digits.
func Bytes(n int64) string {
	v, i := float64(n), 0
	for math.Abs(v) >= 1024 && i < len(binary)-1 {
		v /= 1024
		i++
	}
	if v == math.Trunc(v) {
		return fmt.Sprintf("%.0f %s", v, binary[i])
	}
	return three(v) + " " + binary[i]
}

// ParseBytes reads a memory size: "49152", "48K", "48 KiB", "2MiB". K, M, G and T are binary, as in sysfs.
func ParseBytes(text string) (int64, error) {
	s := strings.TrimSpace(text)
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	n, err := strconv.ParseInt(s[:digits], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("parse size %q: it must begin with a whole number, e.g. 48K or 2MiB", text)
	}
	shift, ok := map[string]int{"": 0, "b": 0, "k": 10, "kb": 10, "kib": 10, "m": 20, "mb": 20, "mib": 20,
		"g": 30, "gb": 30, "gib": 30, "t": 40, "tb": 40, "tib": 40}[strings.ToLower(strings.TrimSpace(s[digits:]))]
	if !ok {
		return 0, fmt.Errorf("parse size %q: unknown unit %q; use K, M, G or T", text, strings.TrimSpace(s[digits:]))
	}
	if n > math.MaxInt64>>shift {
		return 0, fmt.Errorf("parse size %q: too large", text)
	}
	return n << shift, nil
}
