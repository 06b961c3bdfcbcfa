package helper

import (
	"context"
	"fmt"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/native"
)

// Runner is the side of a comparison that is a function of an object. Every sample is a process of its own.
type Runner struct {
	Name     string // what the side is called
	Helper   string // path of the helper
	Request  native.Request
	Limits   Limits
	Ceilings []roofline.Ceiling // that runs are placed under

	Warnings []string // found in the first sample
}

// Label implements compare.Runner.
func (r *Runner) Label() string { return r.Name }

// Sample implements compare.Runner.
func (r *Runner) Sample(ctx context.Context, seed uint64, first bool) (compare.Sample, error) {
	req := r.Request
	req.First = first
	o, err := Run(ctx, r.Helper, req, r.Limits, compare.Padding(seed))
	if err != nil {
		return compare.Sample{}, err
	}
	placed := roofline.Place(&o.Run, r.Ceilings)
	if first {
		r.Warnings = nil
		for _, w := range placed {
			r.Warnings = append(r.Warnings, w.Text)
		}
		if share := o.Overhead / o.Run.Time.Median; share > worthSaying {
			r.Warnings = append(r.Warnings, fmt.Sprintf("%.0f %% of the time is that of calling a C function from here (%.0f ns): choose a larger size", 100*share, 1e9*o.Overhead))
		}
	}
	seconds, waited := compare.ProcessTime(&o.Run)
	return compare.Sample{Seconds: seconds, Waited: waited, PeakRSS: o.PeakRSS, Run: o.Run}, nil
}

// Warned is what the first sample found.
func (r *Runner) Warned() []string { return r.Warnings }

// worthSaying is the share of the calling overhead in the time from which on it is mentioned.
const worthSaying = 0.02
