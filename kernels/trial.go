package kernels

import (
	"slices"
	"time"
)

// A trial decides between ways of computing the same bits: it runs them and keeps the fastest. It is for code whose best way
// depends on more than the sizes of caches tell.
//
// Ways take turns, so that a change of the machine's mood meets all of them, and each counts by its shortest turn, as what disturbs
// only adds. What is much slower than the fastest drops out.
type trial struct {
	clock func() time.Duration // since any moment
}

const (
	trialTurn   = 40 * time.Microsecond // a turn takes so long at least
	trialBudget = 10 * time.Millisecond // for as many turns as fit, up to mostTurns, and leastTurns in any case
	trialMost   = 50 * time.Millisecond // what takes longer once is not tried at all

	leastTurns, mostTurns = 3, 6
	mostRuns              = 1 << 12 // of a turn

	clearlyFaster = 0.97 // of the first way's time, for another way to take its place
	hopeless      = 1.2  // times the shortest time: a way drops out that takes longer in two turns
)

// fastest is the index of the fastest way; the first, unless another one is clearly faster.
func (t trial) fastest(ways []func()) int {
	if len(ways) < 2 {
		return 0
	}
	t.time(ways[0], 1) // cold
	batch, took := 1, t.time(ways[0], 1)
	if took > trialMost {
		return 0
	}
	for took < trialTurn && batch < mostRuns {
		batch *= 2
		took = t.time(ways[0], batch)
	}
	turns := min(max(int(trialBudget/(max(took, 1)*time.Duration(len(ways)))), leastTurns), mostTurns)

	shortest := make([]time.Duration, len(ways))
	alive := make([]int, len(ways))
	for i := range ways {
		alive[i] = i
	}
	for turn := range turns {
		for _, i := range alive {
			if batch > 1 || turn == 0 {
				ways[i]() // what the way before has left in the caches is not its own
			}
			if took := t.time(ways[i], batch); turn == 0 || took < shortest[i] {
				shortest[i] = took
			}
		}
		if best := slices.Min(shortest); turn > 0 {
			alive = slices.DeleteFunc(alive, func(i int) bool { return float64(shortest[i]) > hopeless*float64(best) })
		}
	}
	best := slices.Index(shortest, slices.Min(shortest))
	if float64(shortest[best]) > clearlyFaster*float64(shortest[0]) {
		return 0
	}
	return best
}

// time is how long n runs of a way take.
func (t trial) time(way func(), n int) time.Duration {
	begin := t.clock()
	for range n {
		way()
	}
	return t.clock() - begin
}

// sinceStart is the clock of this process.
func sinceStart() time.Duration { return time.Since(processStart) }

var processStart = time.Now()
