package compare

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// noisy is a side whose processes take a time around a median.
type noisy struct {
	median, spread float64
	rand           *rand.Rand
}

func (n *noisy) Label() string { return "noisy" }
func (n *noisy) Sample(context.Context, uint64, bool) (Sample, error) {
	return Sample{Seconds: n.median * math.Exp(n.spread*n.rand.NormFloat64())}, nil
}

func take(t *testing.T, e Effort, factor, spread float64, seed uint64) Pair {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 2))
	p, err := Interleave(t.Context(), "x", &noisy{1e-3, spread, r}, &noisy{1e-3 * factor, spread, r}, e, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPairsAreDoubledUntilDecided(t *testing.T) {
	var seen []int
	decideAt := func(n int) func(Pair) bool {
		return func(p Pair) bool { seen = append(seen, len(p.New.Times)); return len(p.New.Times) >= n }
	}
	for _, c := range []struct {
		name        string
		effort      Effort
		pairs, look int
		asked       int // how often it was asked whether that will do
	}{
		{"fixed", Effort{Pairs: 5}, 5, 1, 0},
		{"at once", Effort{Pairs: 5, Most: 40, Decided: decideAt(5)}, 5, 4, 1},
		{"at the second look", Effort{Pairs: 5, Most: 40, Decided: decideAt(6)}, 10, 4, 2},
		{"never", Effort{Pairs: 5, Most: 35, Decided: decideAt(99)}, 35, 4, 3},
		{"no time", Effort{Pairs: 5, Most: 40, Limit: time.Nanosecond, Decided: decideAt(99)}, 5, 4, 1},
	} {
		seen = nil
		p := take(t, c.effort, 1, 0.01, 1)
		if len(p.Base.Times) != c.pairs || len(p.New.Times) != c.pairs || p.Looks != c.look || len(seen) != c.asked {
			t.Errorf("%s: %d pairs, %d looks, asked at %v; want %d, %d, %d times", c.name, len(p.New.Times), p.Looks, seen, c.pairs, c.look, c.asked)
		}
	}
}

// slowStart is a side whose first process takes long and whose others take no time.
type slowStart struct{ noisy }

func (s *slowStart) Sample(ctx context.Context, seed uint64, first bool) (Sample, error) {
	if first {
		time.Sleep(60 * time.Millisecond)
	}
	return s.noisy.Sample(ctx, seed, first)
}

// The time to verify and to count belongs to the limit, and says nothing of how long a pair takes.
func TestLimitIncludesTheFirstProcesses(t *testing.T) {
	never := func(Pair) bool { return false }
	side := func() *slowStart { return &slowStart{noisy{1e-3, 0.01, rand.New(rand.NewPCG(1, 2))}} }
	for limit, want := range map[time.Duration]int{100 * time.Millisecond: 5, time.Hour: 40} { // the first processes take 120 ms
		p, err := Interleave(t.Context(), "x", side(), side(), Effort{Pairs: 5, Most: 40, Limit: limit, Decided: never}, nil)
		if err != nil || len(p.New.Times) != want {
			t.Errorf("limit %v: %d pairs, want %d, %v", limit, len(p.New.Times), want, err)
		}
	}
}

// slower is a side whose processes take no time at first, and long from the eleventh on.
type slower struct {
	noisy
	n int
}

func (s *slower) Sample(ctx context.Context, seed uint64, first bool) (Sample, error) {
	if s.n++; s.n > 11 {
		time.Sleep(20 * time.Millisecond)
	}
	return s.noisy.Sample(ctx, seed, first)
}

// A machine that becomes slower does not keep the user waiting: further pairs end with the limit, the first ones are taken all.
func TestLimitHoldsWhenTheMachineSlowsDown(t *testing.T) {
	never := func(Pair) bool { return false }
	side := func() *slower { return &slower{noisy: noisy{1e-3, 0.01, rand.New(rand.NewPCG(1, 2))}} }
	p, err := Interleave(t.Context(), "x", side(), side(), Effort{Pairs: 10, Most: 320, Limit: 100 * time.Millisecond, Decided: never}, nil)
	if n := len(p.New.Times); err != nil || n < 10 || n > 13 { // 2 or 3 slow pairs fit in
		t.Errorf("%d pairs, %v", n, err)
	}
	p, err = Interleave(t.Context(), "x", side(), side(), Effort{Pairs: 20, Most: 320, Limit: 100 * time.Millisecond, Decided: never}, nil)
	if n := len(p.New.Times); err != nil || n != 20 {
		t.Errorf("%d pairs of at least 20, %v", n, err)
	}
}

// With looks as the product takes them: on identical code, however noisy, the gate raises an alarm in no more than 1 % of the
// cases, and it hardly ever lets 5 % pass; where the noise allows it finds them.
func TestGateWithLooks(t *testing.T) {
	if testing.Short() {
		t.Skip("judges hundreds of pairs; the numbers are the same with the race detector and on another processor")
	}
	effort := DefaultGate.UntilRuled(Fixed(0.01), 1, time.Hour)
	const trials = 100
	for _, c := range []struct {
		spread float64
		found  int // at least
	}{{0.01, trials}, {0.04, trials * 9 / 10}, {0.4, 0}} {
		rulings := map[bool]map[Ruling]int{false: {}, true: {}}
		for i := range uint64(trials) {
			for changed, factor := range map[bool]float64{false: 1, true: 1.05} {
				ruling, _ := DefaultGate.Rule(Compare([]Pair{take(t, effort, factor, c.spread, 1000*uint64(100*c.spread)+i)}, 0.01))
				rulings[changed][ruling]++
			}
		}
		t.Logf("spread %g: identical %v, 5 %% slower %v", c.spread, rulings[false], rulings[true])
		if n := rulings[false][Regressed]; n > trials/100 {
			t.Errorf("spread %g: %d false alarms in %d", c.spread, n, trials)
		}
		if n := rulings[true][Regressed]; n < c.found {
			t.Errorf("spread %g: found %d of %d", c.spread, n, trials)
		}
		if n := rulings[true][Pass]; n > trials*5/100 {
			t.Errorf("spread %g: %d changes of 5 %% passed", c.spread, n)
		}
	}
}
