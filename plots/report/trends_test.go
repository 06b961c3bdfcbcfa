package report

import (
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/history"
)

// Times of another machine are neither the best that a step is compared with nor the first that the gain counts from.
func TestTrendOnAnotherMachine(t *testing.T) {
	step := func(n int, machine string, seconds float64, best *compare.Comparison) history.Step {
		s := history.Step{N: n, Machine: machine, Best: best, Run: roofline.Run{Kernel: "matmul", Threads: 1}}
		s.Run.Time.Median, s.Run.Time.Unit = seconds, "s"
		return s
	}
	v := trendOf(&history.Trajectory{Best: 2, Steps: []history.Step{step(1, "fast", 1e-6, nil), step(2, "slow", 9e-6, nil), step(3, "slow", 6e-6, &compare.Comparison{})}})
	if v.Since != "1.50× #2, the first on its machine" || !strings.Contains(v.Verdict, "best before (#2)") || !v.IsBest || !v.Machines {
		t.Errorf("%+v", v)
	}
}
