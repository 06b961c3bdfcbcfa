package loop

import (
	"context"
	"math/rand/v2"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// alone measures a version that has nothing to be compared with, where its first process alone has no interval.
func (l *Loop) alone(ctx context.Context, v *version, runner *remembered) error {
	if len(v.Run.Time.Independent()) >= stats.MinSamples {
		return nil
	}
	var times []float64
	for range max(l.Pairs, stats.MinSamples) {
		s, err := runner.Sample(ctx, rand.Uint64(), false)
		if err != nil {
			return err
		}
		times = append(times, s.Seconds)
	}
	retime(&v.Run, times, l.Ceilings)
	return nil
}

// retime gives a run the times of several processes, their medians, instead of the turns of its first: processes are what
// repeats independently. The run is placed anew.
func retime(run *roofline.Run, times []float64, ceilings []roofline.Ceiling) {
	if len(times) < stats.MinSamples {
		return
	}
	before := run.Time.Median
	run.Time = roofline.Timing{Unit: run.Time.Unit, Estimate: stats.Summarize(times), Samples: times, Batch: run.Time.Batch}
	if run.Bound != nil && len(run.Points) == 0 && run.Traffic == nil { // somebody else has placed it
		b := *run.Bound
		b.Fraction *= before / run.Time.Median
		run.Bound = &b
		return
	}
	roofline.Place(run, ceilings)
}
