package doctor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/known"
)

// observation is what a source made of one kernel of known work.
type observation struct {
	kernel *known.Kernel
	counts map[perf.Quantity]perf.Count // the median where it was counted more than once
	call   time.Duration                // of one call, timed without counting
}

// wanted is what sources are asked about a kernel: what it determines. Detail quantities come unasked. The chain, which asks
// nothing of memory, also shows what others move.
func wanted(k *known.Kernel) []perf.Quantity {
	return slices.DeleteFunc(slices.Clone(perf.Known), func(q perf.Quantity) bool {
		_, ok := k.Expected()[q]
		return !ok && !(k.Name == idle && q == perf.BytesDRAM)
	})
}

// idle is the kernel that shows what others move.
const idle = "chain"

// How often a kernel is counted: memory traffic of the whole machine is counted several times, and so is what looks wrong at
// first, unless it comes out the same again: then it is no disturbance. The median counts.
const (
	runsMemory = 5
	runsQuick  = 3
)

// verify lets a source count every kernel and judges its counters. Kernels that flush lines are for the hardware's counters
// only: a source that follows the instructions sees the lines where the program left them.
func verify(ctx context.Context, set *known.Set, s perf.Source, effort string, progress func(done, total int, what string)) ([]perf.Verdict, error) {
	kernels := slices.DeleteFunc(set.Kernels(), func(k *known.Kernel) bool { return k.Flushes && s.Name() != perf.SourcePMU })
	var seen []observation
	for i, k := range kernels {
		progress(i, len(kernels), fmt.Sprintf("%s: %s", s.Name(), k.About))
		o, err := observe(ctx, k, s, effort)
		if err != nil {
			return nil, fmt.Errorf("verify source %s with %s: %w", s.Name(), k.ID(), err)
		}
		seen = append(seen, o)
	}
	progress(len(kernels), len(kernels), "")
	verdicts := judge(s.Name(), seen)
	now := time.Now().UTC().Truncate(time.Second)
	for i := range verdicts {
		verdicts[i].Time, verdicts[i].Effort = now, effort
	}
	return verdicts, nil
}

func observe(ctx context.Context, k *known.Kernel, s perf.Source, effort string) (o observation, err error) {
	o.kernel = k
	if o.call, err = timeCall(k); err != nil {
		return o, err
	}
	var all []map[perf.Quantity]perf.Count
	want, runs := wanted(k), 1
	for len(all) < runs {
		counts, err := s.Count(ctx, k, want)
		if ctx.Err() != nil {
			return o, ctx.Err()
		}
		if err != nil {
			counts = perf.AllMissing(s.Name(), want, err.Error())
		}
		all = append(all, counts)
		doubtful := s.Name() == perf.SourcePMU && anyCounted(counts) && (k.Home == "DRAM" || wrong(k, counts))
		switch {
		case len(all) == 1 && doubtful && effort == quick:
			runs = runsQuick
		case len(all) == 1 && doubtful:
			runs = runsMemory
		case len(all) == 2 && alike(k, all[0], all[1]):
			runs = 2
		}
	}
	o.counts = medians(all)
	return o, nil
}

func anyCounted(counts map[perf.Quantity]perf.Count) bool {
	for _, c := range counts {
		if c.Quality != perf.Missing {
			return true
		}
	}
	return false
}

// wrong says that some count is further off than a verified counter's may be.
func wrong(k *known.Kernel, counts map[perf.Quantity]perf.Count) bool {
	for q, e := range k.Expected() {
		if c, ok := counts[q]; ok && c.Quality != perf.Missing && abs(e.Error(c.Value)) > tolerance(q) {
			return true
		}
	}
	return false
}

// alike says that two runs agree on everything that the kernel determines: as well as verified counters must.
func alike(k *known.Kernel, a, b map[perf.Quantity]perf.Count) bool {
	for q, e := range k.Expected() {
		x, counted := a[q]
		y := b[q]
		if counted && (x.Quality == perf.Missing) != (y.Quality == perf.Missing) || abs(x.Value-y.Value) > tolerance(q)*max(e.Scale, x.Value)/4 {
			return false
		}
	}
	return true
}

// medians takes of each quantity the count with the median value. One that was missing once is missing.
func medians(all []map[perf.Quantity]perf.Count) map[perf.Quantity]perf.Count {
	if len(all) == 1 {
		return all[0]
	}
	out := map[perf.Quantity]perf.Count{}
	for _, m := range all {
		for q := range m {
			var list []perf.Count
			for _, m := range all {
				if c, ok := m[q]; ok {
					list = append(list, c)
				}
			}
			slices.SortStableFunc(list, func(a, b perf.Count) int {
				switch {
				case (a.Quality == perf.Missing) != (b.Quality == perf.Missing):
					if a.Quality == perf.Missing {
						return -1
					}
					return 1
				case a.Value < b.Value:
					return -1
				case a.Value > b.Value:
					return 1
				}
				return 0
			})
			out[q] = list[len(list)/2]
			if list[0].Quality == perf.Missing {
				out[q] = list[0]
			}
		}
	}
	return out
}

// timeCall times calls of the kernel for a few milliseconds.
func timeCall(k *known.Kernel) (call time.Duration, err error) {
	err = k.OnEach(func(w int) error {
		k.Part(w)
		n, begin := 0, time.Now()
		for elapsed := time.Duration(0); elapsed < time.Millisecond; elapsed = time.Since(begin) { // once at least
			k.Part(w)
			n++
		}
		call = time.Since(begin) / time.Duration(n)
		return nil
	})
	return max(call, 1), err
}
