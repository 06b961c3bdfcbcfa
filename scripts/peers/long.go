package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/kernels/asm"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

const (
	shortSample = 100e-6 // s: what the roof's best samples are like
	longSample  = 0.1    // s: a longer one has no other share of interruptions
)

// held is what a loop has of its best rate in samples as long as ours, in the median: of every turn its long samples over its best
// one, as the table has it, and of the turns the median. The roof is that best rate; what is missing here is interruptions, which no
// kernel of that length escapes. run times so many iterations; an iteration and a sample of ours take so many seconds. It takes
// some 0.2 s, of long samples up to 0.8 s.
func held(run func(iterations int) time.Duration, iteration, sample float64) float64 {
	sample = min(max(sample, shortSample), longSample)
	rate := func(seconds float64) float64 {
		n := max(1, int(seconds/iteration))
		return float64(n) / run(n).Seconds()
	}
	rate(10e-3) // the clock of the core rises first
	var shares []float64
	for range 7 {
		best := 0.0
		var long []float64
		for range max(int(20e-3/sample), 1) {
			long = append(long, rate(sample))
			best = max(best, rate(shortSample))
		}
		for range 20 {
			best = max(best, rate(shortSample))
		}
		shares = append(shares, stats.Summarize(long).Median/max(best, slices.Max(long)))
	}
	return stats.Summarize(shares).Median
}

// held is that of the fastest register loop of a row, on as many threads as ours, for samples as long as ours; 0 where there is no
// such loop, or nothing of ours.
func (t table) held(res *roofline.Result, k *kernels.Kernel, s shape.Shape) (float64, error) {
	if k == nil {
		return 0, nil
	}
	c, mine := fastest(res, k.Work(s).FLOPs), t.find(res, k.Variant)
	if c == nil || mine == nil {
		return 0, nil
	}
	loops := asm.Loops()
	i := slices.IndexFunc(loops, func(l asm.Loop) bool { return l.ID == c.run.Variant })
	if i < 0 || c.run.Shape.N == 0 {
		return 0, nil
	}
	cpus, err := workers.CPUs(c.run.Threads)
	if err != nil {
		return 0, err
	}
	pool, err := workers.New(cpus)
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	defer cpu.KeepOff(cpus)()
	in := &loop{l: loops[i]}
	for range cpus {
		in.data = append(in.data, in.l.NewLoopData())
	}
	run := func(n int) time.Duration {
		in.n = n
		return pool.Time(1, in.Part)
	}
	iteration := stats.Summarize(turns(c.run)).Median / float64(c.run.Shape.N)
	return held(run, iteration, mine.Time.Median*float64(max(mine.Time.Batch, 1))), nil
}

// heldText words them, a part for each shape.
func heldText(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("Interruptions: in samples as long as ours, the register loop itself has of its best rate, in the median: %s.\n", strings.Join(parts, ", "))
}
