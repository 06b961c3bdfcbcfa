package compare

import (
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Retime gives a run the times of several processes, their medians, instead of the turns of its first: processes are what
// repeats independently. The run is placed anew.
func Retime(run *roofline.Run, times []float64, ceilings []roofline.Ceiling) {
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
