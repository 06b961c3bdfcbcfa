package command

import (
	"math"
	"strings"
	"testing"
	"unicode"

	"github.com/roofline-go/roofline/perf/region/board"
)

func TestParallelism(t *testing.T) {
	slot := func(tid int, from, till uint64) placed {
		return placed{0, 0, board.Slot{PID: 1, TID: tid, First: from, Last: till}}
	}
	for name, tt := range map[string]struct {
		slots []placed
		want  float64
	}{
		"none":                {nil, 1},
		"one":                 {[]placed{slot(1, 10, 20)}, 1},
		"one, two regions":    {[]placed{slot(1, 10, 20), slot(1, 15, 30)}, 1},
		"side by side":        {[]placed{slot(1, 10, 20), slot(2, 10, 20), slot(3, 10, 20)}, 3},
		"one after the other": {[]placed{slot(2, 20, 30), slot(1, 10, 20), slot(3, 30, 40)}, 1},
		"overlapping":         {[]placed{slot(1, 0, 20), slot(2, 10, 30)}, 4. / 3},
		"contained":           {[]placed{slot(1, 0, 30), slot(2, 10, 20)}, 4. / 3},
		"apart":               {[]placed{slot(1, 0, 10), slot(2, 90, 100)}, 1},
		"never ended":         {[]placed{slot(1, 0, 0), slot(2, 10, 20)}, 1},
	} {
		if got := parallelism(tt.slots); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	// Runs are not side by side.
	two := []placed{slot(1, 10, 20), slot(1, 10, 20)}
	two[1].run = 1
	if got := parallelism(two); got != 1 {
		t.Errorf("two runs: %v", got)
	}
}

func TestPrintable(t *testing.T) {
	for name, want := range map[string]string{
		"solve": "solve", "löse (2 × 3)": "löse (2 × 3)", "a\nb\x00": `a\nb\x00`, "\x1b[31m": `\x1b[31m`, "\xff\xfe": `\xff\xfe`,
		`a\nb`: `a\\nb`, "\u202egnp": `\u202egnp`, "\u00a0": `\u00a0`, "\ufffd": "\ufffd",
	} {
		if got := Printable(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("a\x1b", `a\x1b`)
	f.Add("\xc3\x28", "\ufffd(")
	f.Fuzz(func(t *testing.T, a, b string) {
		p, q := Printable(a), Printable(b)
		if a != b && p == q {
			t.Fatalf("%q and %q both become %q", a, b, p)
		}
		if strings.ContainsFunc(p, func(r rune) bool { return !unicode.IsPrint(r) && !unicode.IsGraphic(r) }) {
			t.Fatalf("%q becomes %q", a, p)
		}
	})
}
