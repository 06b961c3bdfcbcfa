package plots

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/roofline/stats"
)

func changes(n int, spread float64) (list []Change) {
	rnd := rand.New(rand.NewPCG(uint64(n), 5))
	for i := range n {
		factor := math.Exp(spread * rnd.NormFloat64())
		if i%3 == 0 {
			factor = 1
		}
		list = append(list, changeOf(fmt.Sprintf("%s/avx512/f32 %d", []string{"matmul", "attention", "decode", "a kernel with a name that is very long indeed"}[i%4], 64<<(i%6)),
			skewed(uint64(i), 20, 1e-3, 0.02), skewed(uint64(100+i), 20, 1e-3*factor, 0.02), 0.012))
	}
	return list
}

func comparisonChart(t testing.TB, list []Change) *Chart {
	t.Helper()
	mean := stats.Estimate{Median: 1.031, Lo: 1.01, Hi: 1.05, N: 20}
	c, err := Comparison("old/result.json → new/result.json", "10 pairs of processes each", list, mean)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestComparison(t *testing.T) {
	testkit.SkipRace(t, "draws in one goroutine")
	for _, n := range []int{1, 2, 7, 40, 100} {
		for _, spread := range []float64{0.001, 0.05, 3} {
			list := changes(n, spread)
			c := comparisonChart(t, list)
			checkBoxes(t, c)
			all := allTexts(t, c)
			for _, l := range list[:min(n, 3)] {
				if !strings.Contains(all, l.Name[:10]) {
					t.Errorf("%q is not on the chart", l.Name)
				}
			}
			if n > mostChanges && !strings.Contains(all, "60 more are in the table") {
				t.Error("changes are left out silently")
			}
		}
	}
	if _, err := Comparison("", "", nil, stats.Estimate{}); err == nil {
		t.Error("no error without changes")
	}
}

// A tick stands where the speed has changed by as much as it says.
func TestTicksOfComparison(t *testing.T) {
	for _, speedup := range []float64{0.97, 0.8, 0.6, 1.5} {
		c := comparison{board: newBoard(1400, 300, "", "")}
		c.left, c.right = 560, 940
		c.scale([]Change{{Speedup: stats.Estimate{Median: speedup, Lo: speedup, Hi: speedup}}}, stats.Estimate{})
		sides := map[bool]int{}
		for _, tick := range c.x.ticks {
			var percent float64
			if _, err := fmt.Sscanf(strings.NewReplacer("−", "-", " %", "").Replace(tick.label), "%g", &percent); err != nil {
				t.Fatal(tick.label, err)
			}
			if math.Abs(tick.value-(1+percent/100)) > 1e-9 || tick.value < c.x.lo || tick.value > c.x.hi {
				t.Errorf("the tick %q is at %g times the speed", tick.label, tick.value)
			}
			if tick.value != 1 {
				sides[tick.value > 1]++
			}
		}
		if sides[false] == 0 || sides[true] == 0 {
			t.Errorf("a speed-up of %g: ticks %+v", speedup, c.x.ticks)
		}
	}
}

// A chart without interval or floor says no more than is known.
func TestComparisonWithoutInterval(t *testing.T) {
	c, err := Comparison("a", "b", []Change{{Name: "k", Speedup: stats.Estimate{Median: 1.2, Lo: math.NaN(), Hi: math.NaN(), N: 1}, Outcome: "inconclusive",
		Verdict: "inconclusive: need at least 6 samples on each side for an interval, have 1"}}, stats.Estimate{})
	if err != nil {
		t.Fatal(err)
	}
	checkBoxes(t, c)
	raw, _ := writeSVG(t, c)
	if strings.Contains(raw, "NaN") {
		t.Error("NaN is drawn")
	}
}
