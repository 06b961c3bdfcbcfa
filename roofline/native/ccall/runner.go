package ccall

import (
	"context"
	"path/filepath"

	"github.com/roofline-go/roofline/roofline/compare"
)

// Runner is the side of a comparison that is a function whose call --signature describes. Every sample is a process of its own.
type Runner struct {
	Name string // what the side is called
	File string // the object that the run is said to be of, where Plan names a copy of it; may be empty
	Plan Plan

	warnings []string
}

// Label implements compare.Runner.
func (r *Runner) Label() string { return r.Name }

// Sample implements compare.Runner: the first counts the function, too.
func (r *Runner) Sample(ctx context.Context, seed uint64, first bool) (compare.Sample, error) {
	p := r.Plan
	p.Env = []string{compare.Padding(seed)}
	if !first {
		p.Sources = nil
	}
	res, err := Measure(ctx, p)
	if err != nil {
		return compare.Sample{}, err
	}
	run := res.Runs[0]
	if first {
		r.warnings = []string{"the result of " + p.Spec.Function + " was not checked: --signature does not say what it should be"}
		for _, w := range res.Warnings {
			if w.About == run.ID() {
				r.warnings = append(r.warnings, w.Text)
			}
		}
	}
	if r.File != "" {
		run.Variant, run.Object.File = filepath.Base(r.File), r.File
	}
	seconds, waited := compare.ProcessTime(&run)
	return compare.Sample{Seconds: seconds, Waited: waited, PeakRSS: run.Memory.PeakRSS, Run: run}, nil
}

// Warned is what the first sample found.
func (r *Runner) Warned() []string { return r.warnings }
