package plots

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// tuning is a kernel on its way to the roof, with a step back.
func tuning(n int) (steps []Step) {
	names := []string{"naive", "blocked", "packed", "avx2 4x8", "avx2 6x16", "prefetch", "avx512 12x32"}
	rates := []float64{1.9e9, 7.1e9, 11e9, 60e9, 84e9, 79e9, 111e9}
	rnd := rand.New(rand.NewPCG(uint64(n), 6))
	for i := range n {
		s := Step{Number: i + 1, Label: names[i%len(names)], Unit: "FLOP/s", Attainable: 118e9, Bound: "compute", Change: "faster: 3.7 × [3.6, 3.8], fewer L1 bytes (−71 %)", Outcome: "faster"}
		rate := rates[i%len(rates)]
		if i >= len(rates) {
			rate = 100e9 * (1 + 0.1*rnd.NormFloat64())
		}
		s.Rate = estimate(rate, 0.01)
		switch i {
		case 0:
			s.Change, s.Outcome, s.Attainable, s.Bound = "", "", 7.3e9, "compute"
		case 5:
			s.Change, s.Outcome, s.Note = "slower by 6.3 % [5.9, 6.6]", "slower", "prefetching the panel of B two iterations ahead"
		}
		steps = append(steps, s)
	}
	return steps
}

func TestTrajectory(t *testing.T) {
	for _, n := range []int{1, 2, 7, 24, 25, 60, 300} {
		c, err := Trajectory("matmul/f32 512x512x512", "session first-steps", tuning(n))
		if err != nil {
			t.Fatal(err)
		}
		checkBoxes(t, c)
		all := allTexts(t, c)
		if !strings.Contains(all, "naive  1.90 GFLOP/s ±1.0 %, 26 % of the roof (compute)") {
			t.Errorf("%d steps: the first is not listed:\n%s", n, all)
		}
		if n > mostRows && !strings.Contains(all, "steps are left out here") {
			t.Errorf("%d steps: some are left out silently", n)
		}
	}
}

func TestTrajectoryOfSmallChanges(t *testing.T) {
	steps := tuning(9)[6:]
	for i := range steps {
		steps[i].Label = strings.Repeat("a very long label ", 9)
		steps[i].Note = strings.Repeat("and a longer note ", 20)
		steps[i].Rate.Lo, steps[i].Rate.Hi = math.NaN(), math.NaN()
	}
	c, err := Trajectory(strings.Repeat("title ", 60), "", steps)
	if err != nil {
		t.Fatal(err)
	}
	checkBoxes(t, c)
}

// The best so far is that of a machine, and so is its line: two steps that are each the first of their machine are both filled.
func TestTrajectoryOfTwoMachines(t *testing.T) {
	steps := tuning(7)[3:6] // the second is the fastest, the third slower than it
	lines := func() (n, hollow int) {
		c, err := Trajectory("", "", steps)
		if err != nil {
			t.Fatal(err)
		}
		checkBoxes(t, c)
		var b strings.Builder
		if err := c.WriteSVG(&b); err != nil {
			t.Fatal(err)
		}
		return strings.Count(b.String(), `stroke-opacity="0.45"`), strings.Count(b.String(), `fill="#ffffff" stroke`)
	}
	if n, hollow := lines(); n != 1 || hollow != 1 {
		t.Errorf("one machine: %d lines, %d hollow steps", n, hollow)
	}
	steps[2].Machine = "other"
	if n, hollow := lines(); n != 2 || hollow != 0 {
		t.Errorf("two machines: %d lines, %d hollow steps", n, hollow)
	}
}

func TestTrajectoryErrors(t *testing.T) {
	if _, err := Trajectory("", "", nil); err == nil {
		t.Error("no error without steps")
	}
	steps := tuning(2)
	steps[1].Unit = "B/s"
	if _, err := Trajectory("", "", steps); err == nil {
		t.Error("no error for two units on one axis")
	}
	steps = tuning(2)
	steps[1].Rate.Median = 0
	if _, err := Trajectory("", "", steps); err == nil {
		t.Error("no error for a rate of 0")
	}
}
