package tune

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/cachedir"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
)

var params = []kernels.Param{
	{Name: "a", Values: []int{0, 1, 2, 3}},
	{Name: "b", Values: []int{10, 20, 30}},
	{Name: "c", Values: []int{5, 6}},
}

func TestCandidates(t *testing.T) {
	all := Candidates(params, 1000)
	seen := map[string]bool{}
	for _, c := range all {
		seen[c.String()] = true
	}
	if len(all) != 4*3*2 || len(seen) != len(all) || all[0].String() != "default" {
		t.Errorf("%d candidates, %d distinct, first %v; want all 24 combinations", len(all), len(seen), all[0])
	}
	few := Candidates(params, 5)
	if len(few) != 5 || few[0].String() != "default" {
		t.Errorf("%v", few)
	}
	if n := len(Candidates(nil, 10)); n != 1 {
		t.Errorf("%d candidates of no parameters", n)
	}
}

// A race over a landscape with one clear optimum finds it under noise, and spends most of its time on the good ones.
func TestRaceFindsTheOptimum(t *testing.T) {
	won := 0
	for seed := range uint64(50) {
		noise := rand.New(rand.NewPCG(seed, 1))
		cost := func(s kernels.Setting) float64 { // the optimum is a=2, b=20, 10 % better than its neighbours
			v := 1.0
			for _, p := range params[:2] {
				best := map[string]int{"a": 2, "b": 20}[p.Name]
				value := p.Values[0]
				if x, ok := s[p.Name]; ok {
					value = x
				}
				if value != best {
					v += 0.1
				}
			}
			return v
		}
		trials, err := race(Candidates(params, 48), time.Second, func(s kernels.Setting, _ time.Duration) (float64, error) {
			return cost(s) * math.Exp(0.03*noise.NormFloat64()), nil
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if cost(trials[0].Setting) == 1 {
			won++
		}
		if trials[0].Rounds <= trials[len(trials)-1].Rounds || trials[len(trials)-1].Rounds != 1 {
			t.Errorf("rounds: winner %d, last %d", trials[0].Rounds, trials[len(trials)-1].Rounds)
		}
	}
	if won < 48 {
		t.Errorf("found the optimum in %d of 50 races", won)
	}
}

func TestAffordable(t *testing.T) {
	for _, c := range []struct {
		budget, turn time.Duration
		want         int
	}{{6 * time.Second, 100 * time.Millisecond, 10}, {time.Second, time.Second, 8}, {time.Minute, time.Microsecond, 48}} {
		if got := affordable(c.budget, c.turn); got != c.want {
			t.Errorf("%v of %v: %d, want %d", c.budget, c.turn, got, c.want)
		}
	}
}

func TestRaceStopsOnError(t *testing.T) {
	broken := errors.New("broken")
	_, err := race(Candidates(params, 48), time.Second, func(kernels.Setting, time.Duration) (float64, error) { return 0, broken }, nil)
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestStore(t *testing.T) {
	t.Setenv(cachedir.Env, t.TempDir())
	found, err := kernels.Find("matmul/naive/f32")
	if err != nil {
		t.Fatal(err)
	}
	key := Key(found[0], shape.Shape{M: 1, N: 2, K: 3}, 2)
	if key != "matmul/naive/f32 1x2x3 t2" {
		t.Errorf("%q", key)
	}
	want := Tuned{Setting: kernels.Setting{"depth": 128}, Speedup: 1.1, Lo: 1.05, Hi: 1.2, Time: "2026-01-02T03:04:05Z"}
	if err := Save("m", key, want); err != nil {
		t.Fatal(err)
	}
	if err := Save("m", "other", want); err != nil {
		t.Fatal(err)
	}
	all, err := Load("m")
	if err != nil || len(all) != 2 || all[key].Setting["depth"] != 128 || all[key].Hi != 1.2 {
		t.Errorf("%+v, %v", all, err)
	}
	if err := Save("m", key, Tuned{}); err != nil {
		t.Fatal(err)
	}
	if all, _ := Load("m"); len(all) != 1 {
		t.Errorf("not removed: %+v", all)
	}
	path, _ := cachedir.File("tuned", "m")
	if err := os.WriteFile(path, []byte("["), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load("m"); err == nil {
		t.Error("a damaged file was read")
	}
}
