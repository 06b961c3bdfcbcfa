// Package units prints and reads quantities: SI prefixes for rates and times, binary prefixes for memory sizes.
package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// prefixes are 10^-18 … 10^24 in steps of 1000.
var prefixes = []string{"a", "f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"}

// noPrefix is the index of 10^0.
const noPrefix = 6

// SI prints v with three significant digits and an SI prefix: SI(1.234e12, "FLOP/s") is "1.23 TFLOP/s".
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

// Scale splits v into a number of three significant digits and an SI prefix. Beyond the prefixes the number has an
// exponent; zero is "0", and what is not a number is "–".
func Scale(v float64) (number, prefix string) {
	if v == 0 {
		return "0", ""
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return none, ""
	}
	text := strconv.FormatFloat(v, 'e', 2, 64) // rounded in decimal: [-]d.dde±dd
	mantissa, exponent, _ := strings.Cut(text, "e")
	exp, err := strconv.Atoi(exponent)
	thousands := (exp+300)/3 - 100 // rounded down
	i := noPrefix + thousands
	if err != nil || i < 0 || i >= len(prefixes) {
		return text, ""
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	point := exp - 3*thousands // places by which the point moves to the right: 0, 1 or 2
	number = whole + fraction[:point]
	if point < len(fraction) {
		number += "." + fraction[point:]
	}
	return number, prefixes[i]
}

var binary = []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}

// Bytes prints a memory size with a binary prefix: whole where it is whole, else with at least three significant digits.
func Bytes(n int64) string {
	v, i := float64(n), 0
	for math.Abs(v) >= 1023.5 && i < len(binary)-1 { // what would be rounded to 1024
		v /= 1024
		i++
	}
	decimals := 0
	if v != math.Trunc(v) {
		for limit := 99.95; decimals < 2 && math.Abs(v) < limit; limit /= 10 {
			decimals++
		}
	}
	return strconv.FormatFloat(v, 'f', decimals, 64) + " " + binary[i]
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
