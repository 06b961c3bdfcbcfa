package plots

import (
	"regexp"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

// integers has a kernel of int8 that a ceiling of integers binds, one under a ceiling of f32, and with floats one of f32.
func integers(t *testing.T, floats bool) *roofline.Result {
	t.Helper()
	res := smallCore()
	vnni := compute("vnni", "avx512", "int8", 473e9, 474e9)
	vnni.Unit = "OP/s"
	res.Ceilings = append(res.Ceilings, vnni)
	list := []kernelSpec{
		{"matmul", "avx512", "avx512vnni", "int8", cube(512), 268e6, 443, [4]float64{15, 18, 100, 150}, 0.01, perf.SourceInstrumented, perf.SourceSimulated, vnni.ID},
		{"decode", "avx512", "avx512", "int8", heads, 33e6, 20, [4]float64{1.4, 2, 2, 2}, 0.01, perf.SourceInstrumented, perf.SourceSimulated, "compute.fma.avx512.f32"},
	}
	if floats {
		list = append(list, kernelSpec{"matmul", "avx512", "avx512", "f32", cube(512), 268e6, 111, [4]float64{4, 4, 40, 90}, 0.01, perf.SourceInstrumented, perf.SourceSimulated, "compute.fma.avx512.f32"})
	}
	for _, s := range list {
		r, _ := s.run(res.Ceilings)
		roofline.Place(&r, res.Ceilings) // with the model's own sentences
		r.Time.Samples = []float64{r.Time.Median}
		res.Runs = append(res.Runs, r)
	}
	return res
}

// written is what the renderers of text and of vectors write of a result.
func written(t *testing.T, res *roofline.Result) map[string]string {
	t.Helper()
	texts := map[string]string{"terminal": terminalChart(t, res, TerminalOptions{Width: 80, Height: 20})}
	for _, format := range []string{"text", "markdown", "benchfmt"} {
		texts[format] = table(t, res, TableOptions{Format: format})
	}
	for _, run := range res.Runs {
		texts["explain"] += explained(t, res, run, 0)
	}
	texts["svg"], _ = writeSVG(t, mustChart(t, res))
	return texts
}

// floating finds amounts, rates and intensities that count FLOPs.
var floating = regexp.MustCompile(`FLOP/|[0-9] [kMGT]?FLOP\b`)

func TestIntegersAreCountedInOperations(t *testing.T) {
	for name, text := range written(t, integers(t, false)) {
		for _, line := range strings.Split(text, "\n") {
			if found := floating.FindString(line); found != "" && !strings.Contains(line, "FMA f32") && !strings.HasPrefix(line, "    compute.fma.") { // of the ceiling of f32 itself
				t.Errorf("%s says %q of integers: %s", name, found, line)
			}
		}
		if !strings.Contains(text, "OP/") {
			t.Errorf("%s has no rate of operations:\n%s", name, text)
		}
	}
}

func TestMixedUnitsAreNamed(t *testing.T) {
	texts := written(t, integers(t, true))
	for name, wants := range map[string][]string{
		"svg":      {"Performance (FLOP/s; int8: OP/s)", "Arithmetic intensity (FLOP/byte; int8: OP/byte)", "473 GOP/s", "118 GFLOP/s", "int8 unless marked"},
		"text":     {"GOP/s", "AI, OP/byte", "OP: operation (a FLOP but for int8)", "matmul avx512 f32"},
		"markdown": {"443.000 GOP/s", "111.000 GFLOP/s"},
		"benchfmt": {" GOP/s", " GFLOP/s", " OP/B-L1", " FLOP/B-L1"},
		"explain":  {"443 GOP/s", "111 GFLOP/s", "OP/B: "},
		"terminal": {"OP/s└", "443 GOP/s", "111 GFLOP/s"},
	} {
		for _, want := range wants {
			if !strings.Contains(texts[name], want) {
				t.Errorf("%s has no %q:\n%s", name, want, texts[name])
			}
		}
	}
}

func TestFloatsAreCountedInFLOPs(t *testing.T) {
	for name, text := range written(t, sixKernels()) {
		if i := strings.Index(text, " GOP/s"); i >= 0 {
			t.Errorf("%s says %q", name, text[max(0, i-40):i+6])
		}
	}
}

func TestPhaseCountsInItsOperation(t *testing.T) {
	p := roofline.GapPhase{Name: "loop", FLOPs: 1e6, Instructions: 1e5}
	if got := PhaseText(p, roofline.OP); !strings.Contains(got, "1.00 MOP, 100 k instructions") {
		t.Error(got)
	}
}
