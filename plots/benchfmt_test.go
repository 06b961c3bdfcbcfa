package plots

import (
	"math"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"

	"github.com/roofline-go/roofline/roofline/stats"
)

func TestBenchmarkFormat(t *testing.T) {
	res := sixKernels()
	r := &res.Runs[0]
	r.Variant = "a b/c" // what would break a line
	r.Time.Samples = []float64{1e-3, 3e-3, 2e-3, 5e-3, 4e-3, 6e-3}
	r.Time.Estimate = stats.SummarizeTurns(r.Time.Samples, 3)
	r.Time.Batch = 7
	var b strings.Builder
	if err := Table(&b, res, TableOptions{Format: "benchfmt"}); err != nil {
		t.Fatal(err)
	}
	var got []float64
	reader := benchfmt.NewReader(strings.NewReader(b.String()), "x")
	for reader.Scan() {
		record, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			t.Fatalf("%v", reader.Result())
		}
		if !strings.HasPrefix(string(record.Name), "Matmul/a_b_c/f32/shape=512x512x512-1") {
			continue
		}
		if record.Iters != 7 || record.GetConfig("cpu") != "Synthetic Processor 9000 (not measured)" {
			t.Errorf("%+v", record)
		}
		seconds, ok := record.Value("sec/op")
		rate, ok2 := record.Value("GFLOP/s")
		if !ok || !ok2 || math.Abs(rate*seconds/(r.FLOPs()/1e9)-1) > 1e-12 {
			t.Errorf("%g s, %g GFLOP/s", seconds, rate)
		}
		got = append(got, seconds)
	}
	if err := reader.Err(); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || math.Abs(got[0]-2e-3) > 1e-15 || math.Abs(got[1]-5e-3) > 1e-15 {
		t.Errorf("samples %v, want the medians of the turns, 2 and 5 ms", got)
	}
}
