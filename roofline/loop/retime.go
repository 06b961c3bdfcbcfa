package loop

import (
	"context"
	"math/rand/v2"

	"github.com/roofline-go/roofline/roofline/compare"
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
	compare.Retime(&v.Run, times, l.Ceilings)
	return nil
}
