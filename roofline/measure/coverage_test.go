package measure

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/roofline-go/roofline/perf"
)

// The whole loop, with its rule to stop as soon as the interval is narrow: it looks again and again, which costs some of
// the nominal 95 %, but turns that differ among themselves must not cost more.
func TestCoverageWithTurnEffect(t *testing.T) {
	const truth = float64(time.Millisecond)
	trials := 300
	if testing.Short() {
		trials = 100
	}
	for _, c := range []struct {
		name         string
		turn, within float64 // standard deviations relative to the true time, of turns and of samples within one
		budget       time.Duration
	}{
		{"no turn effect", 0, 0.01, 300 * time.Millisecond},
		{"weak turn effect", 0.004, 0.004, 300 * time.Millisecond},
		{"strong turn effect", 0.01, 0.002, 300 * time.Millisecond},
		{"until it is settled", 0.01, 0.002, time.Hour},
		{"fewest turns", 0.03, 0.005, 60 * time.Millisecond},
	} {
		r := rand.New(rand.NewPCG(7, 8))
		covered, turns := 0, 0
		for range trials {
			w := &world{}
			effect, turn := 0.0, -1
			cost := func(int) time.Duration {
				if turn != w.begun {
					turn, effect = w.begun, c.turn*r.NormFloat64()
				}
				return time.Duration(truth * math.Max(0.5, 1+effect+c.within*r.NormFloat64()))
			}
			p := w.plan(&fake{name: "A", cost: cost})
			p.Budget, p.Sources, p.Progress = c.budget, []perf.Source{}, nil
			e := mustRun(t, w, p).Runs[0].Time
			if e.Lo*1e9 <= truth && truth <= e.Hi*1e9 {
				covered++
			}
			if e.N != len(e.Samples) || e.N%e.Turns != 0 || e.Turns < minTurns {
				t.Fatalf("%s: %d samples in %d turns", c.name, e.N, e.Turns)
			}
			turns += e.Turns
		}
		t.Logf("%s: covered %.1f %%, %d turns on average", c.name, 100*float64(covered)/float64(trials), turns/trials)
		if float64(covered) < 0.9*float64(trials) {
			t.Errorf("%s: the interval covers the truth in %d of %d trials", c.name, covered, trials)
		}
	}
}
