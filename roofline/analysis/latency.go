package analysis

import (
	"github.com/roofline-go/roofline/roofline"
)

// chain is the least time of a phase's loop whose iterations wait for each other: cycles by the clock and loads by their latency,
// on all threads at once.
func (m *model) chain(p phase) (seconds float64) {
	if m.clock > 0 {
		seconds = p.iterations * p.cycles / m.clock
	}
	return (seconds + p.iterations*p.chained*m.hop) / float64(m.threads)
}

// hop is how long a load takes on whose data the next one depends: L1's latency, and for the loads that miss what the levels
// further out take longer. The misses are taken to be those of the chains, as far as there are so many loads in chains.
func hop(run *roofline.Run, f facts, ceilings []roofline.Ceiling) float64 {
	first, ok := find(ceilings, "latency.L1", 1)
	if !ok {
		return 0
	}
	seconds, last := first.Value.Median, first.Value.Median
	if run.Analysis == nil {
		return seconds
	}
	var chained float64
	for _, p := range f.phases {
		chained += p.iterations * p.chained
	}
	if chained <= 0 {
		return seconds
	}
	misses := 0.0
	for i, level := range run.Analysis.Caches {
		if i > 0 {
			if c, ok := find(ceilings, "latency."+level.Level, 1); ok && c.Value.Median > last {
				seconds += min(1, misses/chained) * (c.Value.Median - last)
				last = c.Value.Median
			}
		}
		misses = level.Total.Misses
	}
	return seconds
}

// flight is Little's law: lines on their way from a level at a time = rate × latency. The level is the one with the most.
// J. D. C. Little, "A Proof for the Queuing Formula L = λW", Operations Research 9(3), 1961.
type flight struct {
	level   string
	lines   float64 // on their way from the level at a time, for each thread
	streams float64 // as many are when streams read at the level's bandwidth
}

// inFlight finds the level beyond L2 whose single lines keep the run waiting most, from the demand misses of the level inside
// it. Single are those of arrays of which less than half a line is used: no prefetcher brings them in time.
func (m *model) inFlight(seconds float64) (f flight, ok bool) {
	a := m.kernel.Analysis
	if a == nil || seconds <= 0 {
		return f, false
	}
	for i := 2; i < len(a.Caches); i++ {
		level := a.Caches[i].Level
		latency, okL := find(m.ceilings, "latency."+level, 1)
		c, okB := m.bandwidth(level)
		if !okL || !okB {
			continue
		}
		perThread := latency.Value.Median / float64(m.threads)
		misses := 0.0
		for _, array := range a.Caches[i-1].Arrays {
			if strideOf(a.Caches[0], array.Array) < line/2 {
				misses += array.Misses
			}
		}
		lines := misses / seconds * perThread
		if lines > f.lines {
			f, ok = flight{level, lines, c.Value.Median / line * perThread}, true
		}
	}
	return f, ok
}

// line is the bytes of a cache line.
const line = 64
