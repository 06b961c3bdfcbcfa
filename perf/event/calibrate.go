package event

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/roofline-go/roofline/perf"
)

const (
	passTime  = 4 * time.Millisecond  // of one counting pass: below the Go scheduler's time slice of 10 ms
	wholeTime = 20 * time.Millisecond // of all passes
	trialTime = time.Millisecond      // of calibration
	maxCalls  = 1 << 20               // per pass
	maxPasses = 5
)

// effort is how a workload is counted: so many passes of so many calls each.
type effort struct{ calls, passes int }

// calibrate warms w up and finds out how many calls fill a pass, at least 1, and how many passes there is time for. What
// the Go runtime does on a worker's thread now and then (preemption, starting another thread) would be counted with the
// workload; the median over short passes leaves it out.
func calibrate(ctx context.Context, w perf.Workload) (effort, error) {
	if err := ctx.Err(); err != nil {
		return effort{}, err
	}
	perCall := make([]float64, w.Workers()) // seconds
	err := w.OnEach(func(worker int) error {
		w.Part(worker)
		n, begin := 0, time.Now()
		for elapsed := time.Duration(0); elapsed < trialTime; elapsed = time.Since(begin) {
			w.Part(worker)
			n++
		}
		perCall[worker] = time.Since(begin).Seconds() / float64(n)
		return nil
	})
	if err != nil {
		return effort{}, err
	}
	slowest := max(slices.Max(perCall), 1e-9)
	calls := min(math.Ceil(passTime.Seconds()/slowest), maxCalls)
	passes := math.Floor(wholeTime.Seconds() / (calls * slowest))
	return effort{int(calls), int(max(min(passes, maxPasses), 1))}, nil
}
