// Package ceilings measures what this machine can do: compute per instruction set and type, bandwidth and latency per level
// of the memory hierarchy, for one and more threads. How, and what the numbers mean, is in docs/ceilings.md.
//
// Terms:
//
//	task     one ceiling for one thread count, while it is being measured
//	choice   one way to measure a task (a form of the loop, a working set); the best choice counts
//	round    one turn through all tasks; a disturbance of some seconds then touches a few rounds of every task, not all of one
//	sample   one timing, ≥ 100 µs; the best of a few consecutive samples is the value of a round
//
// The package refuses to give a ceiling for an instruction set that was not executed, and to tell levels apart that the
// data do not tell apart: it warns instead.
package ceilings

import (
	"context"
	"fmt"
	"path"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/roofline"
)

// Mode says how much time may be spent.
type Mode int

// The modes and their bounds on two CPUs: Quick 20 s, Default 60 s, Full 5 min.
const (
	Default Mode = iota
	Quick
	Full
)

// plan is what a mode means.
type plan struct {
	target    time.Duration // wall clock aimed at
	minRounds int
	maxRounds int
	samples   int // per choice and round
	keep      int // choices that survive the pilot
	octave    int // points of the sweep per doubling of the working set
	sweeps    int // turns through the sweep
	widest    int // instruction sets tried per bandwidth operation, from the widest
	memory    int64
}

var plans = map[Mode]plan{
	Quick:   {target: 14 * time.Second, minRounds: 9, maxRounds: 15, samples: 3, keep: 1, octave: 2, sweeps: 1, widest: 2, memory: 4},
	Default: {target: 40 * time.Second, minRounds: 9, maxRounds: 41, samples: 4, keep: 2, octave: 4, sweeps: 2, widest: 2, memory: 8},
	Full:    {target: 200 * time.Second, minRounds: 15, maxRounds: 151, samples: 5, keep: 3, octave: 8, sweeps: 3, widest: 3, memory: 8},
}

// Options says what to measure.
type Options struct {
	Mode     Mode
	Threads  []int                              // thread counts; empty: one, and all usable CPUs
	Only     []string                           // patterns of ceiling IDs as in path.Match; empty: all
	Progress func(done, total int, what string) // called between samples; may be nil
}

func (o Options) wants(id string) bool {
	return len(o.Only) == 0 || slices.ContainsFunc(o.Only, func(p string) bool {
		ok, _ := path.Match(p, id)
		return ok
	})
}

// Measure measures the ceilings that can be measured here; Catalog tells which cannot, and why. When ctx ends early it
// returns what was measured so far with the context's error. The warnings say which levels could not be told apart.
func Measure(ctx context.Context, o Options) ([]roofline.Ceiling, []roofline.Warning, error) {
	for _, p := range o.Only {
		if _, err := path.Match(p, ""); err != nil {
			return nil, nil, fmt.Errorf("choose ceilings: pattern %q: %w", p, err)
		}
	}
	if len(o.Threads) == 0 {
		o.Threads = []int{1, workers.Usable()}
	}
	o.Threads = slices.Compact(slices.Sorted(slices.Values(o.Threads)))
	if o.Progress == nil {
		o.Progress = func(int, int, string) {}
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // no collection while a loop is timed
	runtime.GC()

	start := time.Now()
	s, err := newSession(o)
	if err != nil {
		return nil, nil, fmt.Errorf("measure ceilings: %w", err)
	}
	defer s.close()
	if err := s.prepare(ctx, start); err != nil {
		return nil, s.warnings, err
	}
	if err = s.rounds(ctx, start); err == nil {
		err = s.again(ctx)
	}
	all := s.results()
	return all, s.warnings, err
}
