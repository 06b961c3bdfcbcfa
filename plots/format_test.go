package plots

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

func TestSignificant(t *testing.T) {
	for _, c := range []struct {
		v    float64
		n    int
		want string
	}{{1843.4, 3, "1843"}, {118.2, 3, "118"}, {9.996, 3, "10.0"}, {0.99951, 3, "1.00"}, {0.0123456, 3, "0.0123"}, {0, 3, "0"},
		{math.NaN(), 3, "–"}, {math.Inf(1), 3, "–"}, {0.237, 2, "0.24"}, {9.97, 2, "10"}, {-25.31, 3, "-25.3"}, {1.0 / 3, 6, "0.333333"}} {
		if got := significant(c.v, c.n); got != c.want {
			t.Errorf("significant(%g, %d) = %q, want %q", c.v, c.n, got, c.want)
		}
	}
}

func TestPercentages(t *testing.T) {
	for f, want := range map[float64]string{0.61: "61 %", 0.004: "0.4 %", 1.2: "120 %", 0.999: "100 %", 0.0096: "1 %"} {
		if got := percent(f); got != want {
			t.Errorf("percent(%g) = %q, want %q", f, got, want)
		}
	}
	for f, want := range map[float64]string{0.006: "±0.6 %", 0.0004: "±<0.1 %", 0.25: "±25 %", 0.0994: "±9.9 %", 0.0999: "±10 %"} {
		if got := plusMinus(f); got != want {
			t.Errorf("plusMinus(%g) = %q, want %q", f, got, want)
		}
	}
	if plusMinus(math.NaN()) != "" || percent(math.NaN()) != "–" {
		t.Error("an unknown interval has no number")
	}
	if got := relative(stats.Estimate{Median: 10, Lo: 9.9, Hi: 10.4}); math.Abs(got-0.025) > 1e-12 {
		t.Errorf("half the width counts, whatever the sides, got %g", got)
	}
}

func TestPrecise(t *testing.T) {
	for v, want := range map[float64]string{0.0024144144: "2.41441 ms", 1.181e11: "118.100 GFLOP/s"} {
		unit := "s"
		if v > 1 {
			unit = "FLOP/s"
		}
		if got := precise(v, unit); got != want {
			t.Errorf("precise(%g) = %q, want %q", v, got, want)
		}
	}
}

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{"near its roof": "Near its roof.", "compute.fma.avx2.f32 is higher.": "compute.fma.avx2.f32 is higher.",
		"120.2 % of it": "120.2 % of it.", "": "", "élan": "Élan.", "compute-bound: every level": "Compute-bound: every level."} {
		if got := sentence(in); got != want {
			t.Errorf("sentence(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestShortNames(t *testing.T) {
	run := func(k, v, d string, n, threads int) roofline.Run {
		return roofline.Run{Kernel: k, Variant: v, DType: d, Shape: shape.Shape{M: n, N: n, K: n}, Threads: threads}
	}
	got := shortNames([]roofline.Run{
		run("matmul", "avx2", "f32", 512, 1), run("matmul", "avx512", "f32", 512, 1), run("matmul", "avx512", "f64", 512, 1),
		run("dot", "avx2", "f32", 64, 1), run("dot", "avx2", "f32", 128, 1),
		run("gemv", "go", "f32", 64, 1), run("gemv", "go", "f32", 64, 2),
		run("copy", "go", "f32", 64, 1), run("copy", "go", "f32", 64, 1)})
	want := []string{"matmul avx2", "matmul avx512", "matmul avx512 f64", "dot avx2 64³", "dot avx2 128³", "gemv go t1", "gemv go t2", "copy go #1", "copy go #2"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSizes(t *testing.T) {
	for want, s := range map[string]shape.Shape{
		"512³": cube(512), "1Ki×2Ki×64": {M: 1024, N: 2048, K: 64}, "4Ki×4Ki": {M: 4096, N: 4096}, "16Mi": {N: 16 << 20}, "1000": {N: 1000},
		"8×1024²×64c": heads, "32×1×4Ki×128": {H: 32, Q: 1, KV: 4096, D: 128}} {
		if got := sizeOf(s); got != want {
			t.Errorf("sizeOf(%+v) = %q, want %q", s, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"one two three", 7, "one two|three"}, {"abcdefghij", 4, "abcd|efgh|ij"}, {"日本語", 4, "日本|語"}, {"", 5, ""}, {"日", 1, "…"}} {
		if got := strings.Join(wrap(c.in, c.n), "|"); got != c.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
	if got := cutName("sumsq solver_of_blocks_17", 16); got != "sumsq solv…ks_17" {
		t.Errorf("%q", got)
	}
	if got := cutName("日本語のカーネル", 9); got != "日本語…ル" {
		t.Errorf("%q", got)
	}
	if got := cut("日本語", 5); got != "日本…" {
		t.Errorf("cut: %q", got)
	}
}

func TestWrapPixels(t *testing.T) {
	lines := wrapPixels([]string{strings.Repeat("word ", 100), "second", "third"}, 12, 300, 4)
	if len(lines) != 4 || !strings.HasSuffix(lines[3], "… more in the table") {
		t.Errorf("%q", lines)
	}
	for _, l := range lines {
		if w := textWidth(l, 12, false); w > 300 {
			t.Errorf("%q is %.0f pixels wide", l, w)
		}
	}
	if lines := wrapPixels([]string{"a", "b"}, 12, 300, 4); !slices.Equal(lines, []string{"a", "b"}) {
		t.Errorf("%q", lines)
	}
}
