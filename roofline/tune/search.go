package tune

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Trial is how one candidate did.
type Trial struct {
	Setting kernels.Setting
	Seconds []float64 // per call: the median of each of its turns
	Rounds  int       // that it was in the race
}

// Median is the candidate's time per call.
func (t Trial) Median() float64 { return stats.Summarize(t.Seconds).Median }

// A search begins with so many settings: the fewest still hold every change of a parameter or two.
const (
	fewestCandidates = 8
	mostCandidates   = 48
)

// Search runs candidates of k at shape s against each other and returns their trials, the winner first. progress, if not
// nil, is told before every turn. At least one parameter is needed.
func Search(ctx context.Context, k *kernels.Kernel, s shape.Shape, threads int, budget time.Duration, progress func(done, total int, what string)) ([]Trial, error) {
	if len(k.Params) == 0 {
		return nil, fmt.Errorf("tune %s: it has no parameters", k.ID())
	}
	cpus, err := workers.CPUs(threads)
	if err != nil {
		return nil, err
	}
	pool, err := workers.New(cpus)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	defer k.Use(s, k.Setting(s))
	turn := func(set kernels.Setting, budget time.Duration) (float64, error) {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("tune %s: interrupted: %w", k.ID(), context.Cause(ctx))
		}
		return timeTurn(pool, k, s, set, budget)
	}
	begin := time.Now()
	if _, err := turn(nil, 0); err != nil {
		return nil, err
	}
	return race(Candidates(k.Params, affordable(budget, time.Since(begin))), budget, turn, progress)
}

// affordable is with how many candidates a race fits into the budget when a turn takes no less than the time given: a race
// of n has about 2n turns, turnsPerRound times.
func affordable(budget, turn time.Duration) int {
	n := budget / (2 * turnsPerRound * max(turn, 1))
	return int(min(max(n, fewestCandidates), mostCandidates))
}

// race is successive halving: every round spends the same time in all, on half as many candidates as the round before.
// Candidates take turns, in an order that is new every round.
func race(candidates []kernels.Setting, budget time.Duration, turn func(kernels.Setting, time.Duration) (float64, error),
	progress func(done, total int, what string)) ([]Trial, error) {
	trials := make([]Trial, len(candidates))
	for i, c := range candidates {
		trials[i].Setting = c
	}
	rounds := int(math.Ceil(math.Log2(float64(len(trials)))))
	total, done := 0, 0
	for n := len(trials); n > 1; n = (n + 1) / 2 {
		total += n * turnsPerRound
	}
	shuffle := rand.New(rand.NewPCG(1, 2))
	for alive := len(trials); alive > 1; alive = (alive + 1) / 2 {
		for range turnsPerRound {
			for _, i := range shuffle.Perm(alive) {
				t := &trials[i]
				if progress != nil {
					progress(done, total, t.Setting.String())
				}
				seconds, err := turn(t.Setting, budget/time.Duration(rounds*alive*turnsPerRound))
				if err != nil {
					return nil, err
				}
				t.Seconds = append(t.Seconds, seconds)
				done++
			}
		}
		for i := range trials[:alive] {
			trials[i].Rounds++
		}
		slices.SortStableFunc(trials[:alive], func(a, b Trial) int { return cmp.Compare(a.Median(), b.Median()) })
	}
	if progress != nil {
		progress(total, total, "")
	}
	return trials, nil
}

// turnsPerRound is how often every candidate comes to its turn in a round, so that one disturbance does not throw it out.
const turnsPerRound = 3

// timeTurn builds the kernel with a setting, warms it up, times calls for about the budget and returns the median time of
// a call.
func timeTurn(pool *workers.Pool, k *kernels.Kernel, s shape.Shape, set kernels.Setting, budget time.Duration) (float64, error) {
	if err := k.Use(s, set); err != nil {
		return 0, err
	}
	var instance kernels.Instance
	err := pool.Each(func(worker int) (err error) {
		if worker == 0 {
			instance, err = k.Build(s, pool.N())
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("build %s with %v: %w", k.ID(), set, err)
	}
	part := instance.Part
	call := pool.Time(1, part) // cold
	call = min(call, pool.Time(1, part))
	batch := max(1, int(100*time.Microsecond/max(call, 1)))
	var samples []float64
	for begin := time.Now(); len(samples) < 3 || time.Since(begin) < budget && len(samples) < 200; {
		samples = append(samples, pool.Time(batch, part).Seconds()/float64(batch))
	}
	runtime.GC() // the operands of the next candidate come on top otherwise
	return stats.Summarize(samples).Median, nil
}

// Candidates lists settings to try: the default, every change of one parameter, and random combinations, at most n and
// each once. The choice is the same every time.
func Candidates(params []kernels.Param, n int) []kernels.Setting {
	list := []kernels.Setting{nil}
	seen := map[string]bool{list[0].String(): true}
	add := func(s kernels.Setting) {
		if key := s.String(); !seen[key] && len(list) < n {
			seen[key] = true
			list = append(list, s)
		}
	}
	combinations := 1
	for _, p := range params {
		combinations *= len(p.Values)
		for _, v := range p.Values[1:] {
			add(kernels.Setting{p.Name: v})
		}
	}
	draw := rand.New(rand.NewPCG(3, 4))
	for tries := 0; len(list) < min(n, combinations) && tries < 100*n; tries++ {
		s := kernels.Setting{}
		for _, p := range params {
			if i := draw.IntN(len(p.Values)); i > 0 { // the default stays out of the name
				s[p.Name] = p.Values[i]
			}
		}
		add(s)
	}
	return list
}
