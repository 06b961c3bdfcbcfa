package report

import (
	"fmt"
	"math"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline/stats"
)

func si(v float64, unit string) string { return units.SI(v, unit) }

func orText(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

// quantity is a value as a table shows it: in short, how wide its interval is, and in full for who looks closer.
type quantity struct{ Text, PM, Full string }

func quantityOf(e stats.Estimate, unit string) quantity {
	if !(e.Median > 0) || math.IsInf(e.Median, 0) {
		return quantity{Text: "–"}
	}
	q := quantity{Text: si(e.Median, unit), PM: plots.PlusMinus(e)}
	q.Full = takenAs(e)
	if e.Known() {
		q.Full = "95 % interval " + plots.Interval(e, unit) + ", " + q.Full
	}
	return q
}

// takenAs says of which samples an estimate is.
func takenAs(e stats.Estimate) string {
	if e.Turns > 0 && e.N > e.Turns {
		return fmt.Sprintf("median of %d turns of %s", e.Turns, units.Count(e.N/e.Turns, "sample"))
	}
	return "median of " + units.Count(e.N, "sample")
}

// bar is a part of a line: from X, W wide, in percent.
type bar struct {
	X, W  float64
	Class string
}

// share clips a fraction into a bar that begins at 0.
func share(f float64, class string) bar { return piece(0, f, class) }

// piece is a bar from a to b, both fractions of the line.
func piece(a, b float64, class string) bar {
	if math.IsNaN(a) || math.IsNaN(b) {
		return bar{Class: class}
	}
	x := tenths(a)
	return bar{x, math.Round(10*(tenths(b)-x)) / 10, class}
}

// tenths is a fraction in percent with one decimal, within 0 and 100.
func tenths(f float64) float64 { return math.Round(1000*min(max(f, 0), 1)) / 10 }
