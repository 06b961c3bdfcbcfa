package loop

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
)

// Subject is what is tuned.
type Subject interface {
	// Build makes it anew. The error is for people to read: a *BuildError where a compiler has said something.
	Build(ctx context.Context) error
	// Product is the file that was built.
	Product() string
	// Runner runs a kept copy of the product.
	Runner(file, label string) compare.Runner
}

// Loop is the state of a loop between iterations.
type Loop struct {
	Subject  Subject
	Dir      string // versions and the memory of the loop are kept here
	Key      string // what is tuned how: the memory of another key is not used
	Machine  string // fingerprint: the memory of another machine is not used
	Pairs    int
	Floor    float64 // noise floor of the machine; 0: not known
	Ceilings []roofline.Ceiling
	Progress func(done, total int, what string)

	memory memory
}

// Step is what an iteration found.
type Step struct {
	N        int
	Failure  error // why there is no version: a *BuildError, or what its Runner says
	Same     int   // number of the version that is byte for byte this one; 0: none
	Run      *roofline.Run
	Previous *compare.Comparison // with the version before; nil for the first
	Best     *compare.Comparison // with the best of those before, where that is not the previous
	IsBest   bool
}

// Open remembers what an earlier loop in the same directory found. What cannot be read is begun anew, which why says.
func (l *Loop) Open() (why error, err error) {
	if err := os.MkdirAll(l.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("open tuning loop: %w", err)
	}
	l.memory, why = recall(l.Dir, l.Key, l.Machine)
	return why, nil
}

// Iterate builds, measures and compares once. The error is for what ends the loop: an interruption, or a directory that
// cannot be written. Whatever is wrong with the subject stands in the step.
func (l *Loop) Iterate(ctx context.Context) (Step, error) {
	l.memory.Iterations++
	step := Step{N: l.memory.Iterations}
	err := errors.Join(l.iterate(ctx, &step), l.memory.save(l.Dir)) // saved even when interrupted: files come and go with it
	if ctx.Err() != nil {
		return step, context.Cause(ctx)
	}
	return step, err
}

func (l *Loop) iterate(ctx context.Context, step *Step) error {
	if step.Failure = l.Subject.Build(ctx); step.Failure != nil {
		return nil
	}
	v := &version{N: step.N, File: fmt.Sprintf("%d%s", step.N, filepath.Ext(l.Subject.Product()))}
	var err error
	if v.Sum, err = keep(l.Subject.Product(), filepath.Join(l.Dir, v.File)); err != nil {
		step.Failure = err
		return nil
	}
	if same := l.memory.find(v.Sum); same != nil {
		step.Same, step.Run = same.N, &same.Run
		l.memory.Previous = same
		return os.Remove(filepath.Join(l.Dir, v.File))
	}
	runner := l.runner(v)
	sample, err := runner.Sample(ctx, rand.Uint64(), true)
	if err != nil {
		step.Failure = err
		return os.Remove(filepath.Join(l.Dir, v.File))
	}
	v.Run = sample.Run
	runner.first = &sample
	if step.Failure = l.judge(ctx, step, v, runner); step.Failure != nil {
		return os.Remove(filepath.Join(l.Dir, v.File))
	}
	step.Run = &v.Run
	l.memory.Previous = v
	if step.IsBest {
		l.memory.Best = v
	}
	return l.memory.forget(l.Dir)
}

// judge compares a new version with the previous and the best one.
func (l *Loop) judge(ctx context.Context, step *Step, v *version, runner *remembered) error {
	previous, best := l.memory.Previous, l.memory.Best
	if previous == nil {
		step.IsBest = true
		return l.alone(ctx, v, runner)
	}
	var err error
	if step.Previous, err = l.against(ctx, previous, v, runner); err != nil {
		return err
	}
	decisive := step.Previous
	if best.N != previous.N {
		if step.Best, err = l.against(ctx, best, v, runner); err != nil {
			return err
		}
		decisive = step.Best
	}
	step.IsBest = decisive.Verdict.Outcome == compare.Faster
	return nil
}

func (l *Loop) against(ctx context.Context, base, v *version, runner compare.Runner) (*compare.Comparison, error) {
	what := fmt.Sprintf("#%d against #%d", v.N, base.N)
	old := l.runner(base)
	old.first = &compare.Sample{Seconds: base.Run.Time.Median, PeakRSS: base.Run.Memory.PeakRSS, Run: base.Run}
	var progress func(done, total int)
	if l.Progress != nil {
		progress = func(done, total int) { l.Progress(done, total, what) }
	}
	pair, err := compare.Interleave(ctx, v.Run.ID(), old, runner, compare.Effort{Pairs: l.Pairs}, progress)
	if err != nil {
		return nil, err
	}
	compare.Retime(&v.Run, pair.New.Times, l.Ceilings)
	pair.New.Run = v.Run // so that what the verdict says of the roof is of the same times
	return &compare.Compare([]compare.Pair{pair}, l.Floor).Comparisons[0], nil
}

func (l *Loop) runner(v *version) *remembered {
	return &remembered{Runner: l.Subject.Runner(filepath.Join(l.Dir, v.File), fmt.Sprintf("#%d", v.N))}
}

// Best is the number and the run of the best version, nil when there is none.
func (l *Loop) Best() (int, *roofline.Run) {
	if l.memory.Best == nil {
		return 0, nil
	}
	return l.memory.Best.N, &l.memory.Best.Run
}

// remembered is a runner whose first sample was taken already.
type remembered struct {
	compare.Runner
	first *compare.Sample
}

// Sample implements compare.Runner.
func (r *remembered) Sample(ctx context.Context, seed uint64, first bool) (compare.Sample, error) {
	if first && r.first != nil {
		return *r.first, nil
	}
	return r.Runner.Sample(ctx, seed, first)
}
