package plots

import (
	"bytes"
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/roofline-go/roofline/roofline"
)

func TestTerminal(t *testing.T) {
	for name, res := range gallery() {
		for _, size := range [][2]int{{78, 20}, {40, 10}, {200, 60}} {
			var b bytes.Buffer
			if err := Terminal(&b, res, TerminalOptions{Width: size[0], Height: size[1]}); err != nil {
				t.Fatal(name, err)
			}
			checkWidth(t, b.String(), size[0])
			lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
			if want := size[1] + len(res.Runs); len(lines) != want {
				t.Errorf("%s: %d lines, want %d of chart and %d of key", name, len(lines), size[1], len(res.Runs))
			}
			dots := 0
			for _, r := range b.String() {
				if unicode.Is(unicode.Braille, r) {
					dots++
				}
			}
			if dots < size[0]/2 {
				t.Errorf("%s: only %d braille characters", name, dots)
			}
		}
	}
}

func TestTerminalNamesEveryPoint(t *testing.T) {
	var b bytes.Buffer
	if err := Terminal(&b, sixKernels(), TerminalOptions{Width: 78, Height: 20}); err != nil {
		t.Fatal(err)
	}
	chart := strings.Join(strings.Split(b.String(), "\n")[:18], "\n")
	for _, want := range []string{"118 GFLOP/s AVX-512 / AVX2 FMA f32", "L1 468 GB/s", "DRAM 25.4 GB/s", "5", "6"} {
		if !strings.Contains(chart, want) {
			t.Errorf("the chart does not show %q", want)
		}
	}
	for _, want := range []string{"1  matmul naive  1.93 GFLOP/s  26 % · compute-bound", "–  copy avx512  18.9 GB/s", "120 % · DRAM-bound  ! above its roof"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the key does not say %q in\n%s", want, b.String())
		}
	}
}

// On the chart's own axes a point under a roof must be drawn below it.
func TestTerminalIsTrue(t *testing.T) {
	x, y := span{-1, 2}, span{9, 12}
	term := newTerm(78, 20, x, y, roofline.FLOP)
	for _, c := range []struct {
		x, y      float64
		col, line int
	}{{-1, 12, 0, 0}, {2, 12, 70, 0}, {-1, 9, 0, 17}, {2, 9, 70, 17}, {0.5, 10.5, 35, 9}} {
		if col, line := term.cell(c.x, c.y); col != c.col || line != c.line {
			t.Errorf("10^%g FLOP/byte, 10^%g FLOP/s is drawn at column %d, line %d; want %d, %d", c.x, c.y, col, line, c.col, c.line)
		}
	}
	term.line(-1, 9, 2, 12, 1)
	if term.dots[17][0]&0x40 == 0 || term.dots[0][70]&0x08 == 0 {
		t.Error("the diagonal does not go from corner to corner")
	}
}

// A terminal shows every roof that the other charts show: those, too, that bind a run beside the one of their level.
func TestTerminalDrawsEverySlope(t *testing.T) {
	res := smallCore()
	res.Ceilings = append(res.Ceilings, bandwidth("triad", "DRAM", 5e9, 0.01))
	triad := kernelSpec{"triad", "avx2", "avx2", "f32", cube(64), 1e8, 0.5, [4]float64{0.2, 0.2, 0.2, 0.2}, 0.01, an, an, ""}
	dot := triad
	dot.kernel = "dot"
	withRuns(res, triad, dot, dot)
	rs := choose(t, res)
	if len(rs.others) != 1 {
		t.Fatalf("other slopes: %+v", rs.others)
	}
	if s := terminalChart(t, res, TerminalOptions{Width: 78, Height: 20}); !strings.Contains(s, "DRAM triad 5.00 GB/s") {
		t.Errorf("the slope of the triad has no name in\n%s", s)
	}
	x, y := span{-2, 3}, span{8, 12}
	with, without := newTerm(78, 20, x, y, roofline.FLOP), newTerm(78, 20, x, y, roofline.FLOP)
	with.draw(rs, nil)
	rs.others = nil
	without.draw(rs, nil)
	dots := 0
	for line := range with.dots {
		for col := range with.dots[line] {
			for bit, more := 0, with.dots[line][col]&^without.dots[line][col]; bit < 8; bit++ {
				j, i := bit%4, bit/4
				if more&dotBits[j][i] == 0 {
					continue
				}
				dots++
				// Through 10^-1 FLOP/byte, 10^8.7 FLOP/s, a decade up for each to the right.
				ai := x.lo + (x.hi-x.lo)*float64(2*col+i)/float64(2*with.cols-1)
				want := (y.hi - (math.Log10(5e9) + ai)) / (y.hi - y.lo) * float64(4*with.lines-1)
				if at := float64(4*line + j); math.Abs(at-want) > 1 {
					t.Errorf("a dot at 10^%.2f FLOP/byte is in line %g, want %.1f", ai, at, want)
				}
			}
		}
	}
	if dots < 10 {
		t.Errorf("%d dots of the slope", dots)
	}
}

func TestTerminalErrors(t *testing.T) {
	if err := Terminal(&bytes.Buffer{}, smallCore(), TerminalOptions{Width: 39, Height: 20}); err == nil || !strings.Contains(err.Error(), "at least 40×10") {
		t.Error(err)
	}
	if err := Terminal(&bytes.Buffer{}, nil, TerminalOptions{Width: 78, Height: 20}); err == nil {
		t.Error("no error without a result")
	}
}

func terminalChart(t *testing.T, res *roofline.Result, o TerminalOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := Terminal(&b, res, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Colour changes nothing but the colour.
func TestTerminalColor(t *testing.T) {
	o := TerminalOptions{Width: 78, Height: 20}
	plain := terminalChart(t, sixKernels(), o)
	o.Color = true
	coloured := terminalChart(t, sixKernels(), o)
	if got := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(coloured, ""); got != plain {
		t.Errorf("without its colours:\n%s", got)
	}
	if !strings.Contains(coloured, "\x1b[1;33m+") && !strings.Contains(coloured, "\x1b[1;34m4") || strings.Contains(plain, "\x1b") {
		t.Error("the points have no colour, or the plain chart has one")
	}
	if n, m := strings.Count(coloured, "\x1b[0m"), strings.Count(coloured, "\x1b["); m != 2*n {
		t.Errorf("%d of %d sequences end a colour", n, m)
	}
}

// A terminal of ASCII gets ASCII, with the same points and columns.
func TestTerminalASCII(t *testing.T) {
	for name, res := range gallery() {
		for _, s := range []string{terminalChart(t, res, TerminalOptions{Width: 78, Height: 20, ASCII: true}), table(t, res, TableOptions{ASCII: true, Signs: true})} {
			for _, r := range s {
				if r > 0x7e {
					t.Errorf("%s: %q is no ASCII", name, r)
				}
			}
			if strings.Contains(s, "?") {
				t.Errorf("%s: something has no form in ASCII:\n%s", name, s)
			}
			checkWidth(t, s, 80)
		}
	}
	s := terminalChart(t, sixKernels(), TerminalOptions{Width: 78, Height: 20, ASCII: true})
	for _, want := range []string{"---------", "/", "L1 468 GB/s", "100 G+", "1  matmul naive  1.93 GFLOP/s  26 %, compute-bound"} {
		if !strings.Contains(s, want) {
			t.Errorf("no %q in\n%s", want, s)
		}
	}
}

func TestASCIICell(t *testing.T) {
	for dots, want := range map[rune]string{0x01 | 0x08: "-", 0x01: "-", 0x02 | 0x10 | 0x40 | 0x80: "=", 0x01 | 0x10: "/", 0x40 | 0x20: "/", 0x01 | 0x02 | 0x04 | 0x40: "/"} {
		if got := asciiCell(dots); got != want {
			t.Errorf("%#x: %s, want %s", dots, got, want)
		}
	}
}

func TestToASCII(t *testing.T) {
	for in, want := range map[string]string{"512³ 1.0": "512^3 1.0", "64³    2": "64^3   2", "8×1024²×64c": "8x1024^2x64c", "–¹ 120%²": "-a 120%b", "¹⁰ x": "aj x",
		"  ±\n": " +-\n", "±0.4 %": "+-0.4 %", " ∞²": "oob", "174µs": "174us", "日": "?"} {
		if got := toASCII(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// The signs of a table are those of the chart above it.
func TestSigns(t *testing.T) {
	res := sixKernels()
	s := terminalChart(t, res, TerminalOptions{Width: 78, Height: 20, NoKey: true})
	if n := strings.Count(s, "\n"); n != 20 {
		t.Errorf("%d lines without the key", n)
	}
	tab := table(t, res, TableOptions{Signs: true})
	for _, want := range []string{"\n1 matmul naive", "\n6 gemv avx512", "\n– copy avx512"} {
		if !strings.Contains(tab, want) {
			t.Errorf("no %q in\n%s", want, tab)
		}
	}
}

func TestFurthest(t *testing.T) {
	rows := rowsOf(sixKernels())
	if got := furthest(rows); got != 0 {
		t.Errorf("run %d, want matmul naive with 26 %%", got)
	}
	if got := furthest(rows[2:3]); got != -1 {
		t.Errorf("one run alone is marked: %d", got)
	}
	if got := furthest(nil); got != -1 {
		t.Error("none of none")
	}
}
