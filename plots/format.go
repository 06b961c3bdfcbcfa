package plots

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/roofline-go/roofline/internal/units"
)

// digits3 prints v with three significant digits and never in scientific notation: 0.0123, 1.23, 12.3, 123, 1235.
func digits3(v float64) string { return significant(v, 3) }

// significant prints v with n significant digits; digits left of the point are always kept.
func significant(v float64, n int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	if v == 0 {
		return "0"
	}
	d := n - 1 - int(math.Floor(math.Log10(math.Abs(v))))
	s := strconv.FormatFloat(v, 'f', max(d, 0), 64)
	// 9.996 rounds up to 10.00: one digit too many.
	if f, _ := strconv.ParseFloat(s, 64); d > 0 && math.Floor(math.Log10(math.Abs(f))) > math.Floor(math.Log10(math.Abs(v))) {
		s = strconv.FormatFloat(v, 'f', d-1, 64)
	}
	return s
}

// precise prints v with six significant digits and the SI prefix that suits it.
func precise(v float64, unit string) string {
	scale, prefix := prefixOf(v)
	return significant(v/scale, 6) + " " + prefix + unit
}

// prefixOf returns the SI prefix that suits v, and what it stands for.
func prefixOf(v float64) (scale float64, prefix string) {
	_, prefix = units.Scale(v)
	return map[string]float64{"P": 1e15, "T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3, "": 1, "m": 1e-3, "µ": 1e-6, "n": 1e-9, "p": 1e-12}[prefix], prefix
}

// giga prints a bandwidth in GB/s, whatever its size, so that levels compare at a glance.
func giga(v float64, unit string) string { return digits3(v/1e9) + " G" + unit }

// plusMinus prints a relative half-width: "±0.6 %", or "" when there is no interval.
func plusMinus(rel float64) string {
	switch {
	case math.IsNaN(rel) || math.IsInf(rel, 0):
		return ""
	case rel < 0.0005:
		return "±<0.1 %"
	case rel < 0.0995:
		return "±" + strconv.FormatFloat(100*rel, 'f', 1, 64) + " %"
	}
	return "±" + strconv.FormatFloat(100*rel, 'f', 0, 64) + " %"
}

// percent prints a share: "61 %"; below 1 % with a digit, so that it is never "0 %", and below 0.01 % as "<0.01 %".
func percent(f float64) string {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return "–"
	case f > 0 && f < 0.000095:
		return "<0.01 %"
	case f < 0.0095:
		return significant(100*f, 1) + " %"
	}
	return strconv.FormatFloat(100*f, 'f', 0, 64) + " %"
}

// sentence begins s with a capital, unless it begins with an identifier, and ends it with a full stop.
func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	if first, _, _ := strings.Cut(s, " "); strings.ContainsAny(strings.TrimRight(first, ".:,"), "./_`") {
		return strings.TrimRight(s, ". ") + "."
	}
	return string(unicode.ToUpper(r)) + strings.TrimRight(s[n:], ". ") + "."
}

// oneLine removes what would break a line of a table or a chart.
func oneLine(s string) string { return units.OneLine(s) }
