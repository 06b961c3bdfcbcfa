package plots

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
)

func TestTerminal(t *testing.T) {
	for name, res := range gallery() {
		for _, size := range [][2]int{{78, 20}, {40, 10}, {200, 60}} {
			var b bytes.Buffer
			if err := Terminal(&b, res, size[0], size[1]); err != nil {
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
	if err := Terminal(&b, sixKernels(), 78, 20); err != nil {
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
	term := newTerm(78, 20, x, y)
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

func TestTerminalErrors(t *testing.T) {
	if err := Terminal(&bytes.Buffer{}, smallCore(), 39, 20); err == nil || !strings.Contains(err.Error(), "at least 40×10") {
		t.Error(err)
	}
	if err := Terminal(&bytes.Buffer{}, nil, 78, 20); err == nil {
		t.Error("no error without a result")
	}
}
