package plots

import (
	"bytes"
	"encoding/xml"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// story is a kernel tuned in three steps: each higher, the second at another intensity.
func story() *roofline.Result {
	fma := "compute.fma.avx512.f32"
	return withRuns(smallCore(),
		kernelSpec{"matmul", "naive", "go", "f32", cube(512), 268e6, 3.5, [4]float64{0.25, 1, 4, 20}, 0.01, in, sim, fma},
		kernelSpec{"matmul", "blocked", "avx2", "f32", cube(512), 268e6, 30, [4]float64{2, 4, 16, 40}, 0.01, in, sim, fma},
		kernelSpec{"matmul", "avx512", "avx512", "f32", cube(512), 268e6, 112, [4]float64{3, 16, 30, 40}, 0.01, in, sim, fma})
}

func TestSteps(t *testing.T) {
	res := story()
	c, err := Roofline(res, Options{Steps: []string{"#1 naive", "#2 blocked", "#3 avx512"}})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]bool{}
	for _, b := range c.TextBoxes() {
		texts[b.Text] = true
	}
	for _, want := range []string{"#1 naive", "#2 blocked", "#3 avx512", "8.6×", "3.7×"} {
		if !texts[want] {
			t.Errorf("no %q among the texts", want)
		}
	}
	checkBoxes(t, c)
	var svg bytes.Buffer
	if err := c.WriteSVG(&svg); err != nil {
		t.Fatal(err)
	}
	for dec := xml.NewDecoder(strings.NewReader(svg.String())); ; {
		if _, err := dec.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(svg.String(), arrowInk.hex()); n < 4 { // two shafts, two heads
		t.Errorf("%d parts in the colour of arrows", n)
	}
	if _, err := Roofline(res, Options{Steps: []string{"a"}}); err == nil {
		t.Error("one label for three runs")
	}
}

// A measured speed-up labels the arrow, with its interval.
func TestStepsWithSpeedups(t *testing.T) {
	res := story()
	labels := []string{"a", "b", "c"}
	speedups := []stats.Estimate{{Median: 1.124, Lo: 1.111, Hi: 1.137, N: 20}, {Median: 3.73, Lo: math.NaN(), Hi: math.NaN(), N: 2}}
	c, err := Roofline(res, Options{Steps: labels, Speedups: speedups})
	if err != nil {
		t.Fatal(err)
	}
	checkBoxes(t, c)
	all := allTexts(t, c)
	for _, want := range []string{"+12.4 % [+11.1 %, +13.7 %]", "3.7×"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q among the texts", want)
		}
	}
	if _, err := Roofline(res, Options{Steps: labels, Speedups: speedups[:1]}); err == nil {
		t.Error("one speed-up between three runs")
	}
}

func TestChangeText(t *testing.T) {
	for v, want := range map[float64]string{0.041: "+4.1 %", -0.13: "−13.0 %", 1: "2.0×", 7.57: "8.6×", 0: "0.0 %", -0.0004: "0.0 %"} {
		if got := changeText(v); got != want {
			t.Errorf("%g: %q, want %q", v, got, want)
		}
	}
}
