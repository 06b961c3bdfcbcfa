// Package units prints and reads quantities: SI prefixes for rates and times, binary prefixes for memory sizes.
package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// prefixes of the powers of 1000 from pico to peta, and the powers of ten of the first digit that they reach.
var prefixes = []string{"p", "n", "µ", "m", "", "k", "M", "G", "T", "P"}

const (
	minExponent = -12
	maxExponent = 17
)

// SI prints v with three significant digits and an SI prefix: SI(1.234e12, "FLOP/s") is "1.23 TFLOP/s".
// Ties round to even.
// Values that are not numbers print as "–".
func SI(v float64, unit string) string {
	number, prefix := Scale(v)
	if number == none {
		return none
	}
	return strings.TrimRight(number+" "+prefix+unit, " ")
}

// none stands for what is not a number.
const none = "–"

// Scale splits v into a number of three significant digits and an SI prefix, p to P. Beyond them the number has an
// exponent; zero is "0", and what is not a number is "–".
func Scale(v float64) (number, prefix string) {
	switch {
	case v == 0:
		return "0", ""
	case math.IsNaN(v) || math.IsInf(v, 0):
		return none, ""
	}
	// Round in decimal first: dividing by the prefix before would move what lies on the edge of two prefixes.
	text := strconv.FormatFloat(v, 'e', 2, 64)
	mantissa, power, _ := strings.Cut(text, "e")
	exponent, err := strconv.Atoi(power)
	if err != nil || exponent < minExponent || exponent > maxExponent {
		return text, ""
	}
	digits := strings.Replace(strings.TrimPrefix(mantissa, "-"), ".", "", 1)
	whole := 1 + (exponent-minExponent)%3
	number = digits[:whole] + "." + digits[whole:]
	if v < 0 {
		number = "-" + number
	}
	return strings.TrimSuffix(number, "."), prefixes[(exponent-minExponent)/3]
}

// three prints v with three significant digits, and without an exponent.
func three(v float64) string {
	decimals := 0
	for limit := 99.95; decimals < 2 && math.Abs(v) < limit; limit /= 10 {
		decimals++
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

var binary = []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}

// Bytes prints a memory size with a binary prefix: whole where it is whole, else with at least three significant digits.
func Bytes(n int64) string {
	v, i := float64(n), 0
	for math.Abs(v) >= 1023.5 && i < len(binary)-1 { // what would be rounded to 1024
		v /= 1024
		i++
	}
	if v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', 0, 64) + " " + binary[i]
	}
	return three(v) + " " + binary[i]
}

// ParseBytes reads a memory size: "49152", "48K", "48 KiB", "1.5 MiB". K, M, G, T, P and E are binary, as in sysfs, in
// upper or lower case, with B, iB or neither after them. A fraction of a byte is rounded.
func ParseBytes(text string) (int64, error) {
	s := strings.TrimSpace(text)
	digits := len(s) - len(strings.TrimLeft(s, "0123456789."))
	unit := strings.ToLower(strings.TrimSpace(s[digits:]))
	shift := 0
	if unit != "" && unit != "b" {
		shift = 10 * (strings.IndexByte("kmgtpe", unit[0]) + 1)
		if rest := unit[1:]; shift == 0 || rest != "" && rest != "b" && rest != "ib" {
			return 0, fmt.Errorf("parse size %q: unknown unit %q; use K, M, G or T", text, strings.TrimSpace(s[digits:]))
		}
	}
	if n, err := strconv.ParseInt(s[:digits], 10, 64); err == nil {
		if n > math.MaxInt64>>shift {
			return 0, fmt.Errorf("parse size %q: too large", text)
		}
		return n << shift, nil
	}
	v, err := strconv.ParseFloat(s[:digits], 64)
	if err != nil {
		return 0, fmt.Errorf("parse size %q: it must begin with a number, e.g. 48K or 2MiB", text)
	}
	if v = math.Round(math.Ldexp(v, shift)); v >= 1<<63 {
		return 0, fmt.Errorf("parse size %q: too large", text)
	}
	return int64(v), nil
}
