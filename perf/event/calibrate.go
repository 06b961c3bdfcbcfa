package event

import (
	"context"
	"math"
	"runtime"
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

// knownWalk is how much memory the known work for miss events reads: more than private caches hold.
const knownWalk = 64 << 20

// countsKnownWork says whether the event counts anything while the first worker walks through memory that was not in
// its cache. It is asked only when a miss event read 0: the walk tells a workload without misses from a dead event.
func (p *PMU) countsKnownWork(w perf.Workload, e generic) bool {
	var r Reading
	err := w.OnEach(func(worker int) error {
		if worker != 0 {
			return nil
		}
		mem := make([]byte, knownWalk)
		for i := 0; i < len(mem); i += 4096 {
			mem[i] = 1
		}
		g, err := open(p.sys, p.here(e).attr)
		if err != nil {
			return err
		}
		defer g.Close()
		if err := g.Enable(); err != nil {
			return err
		}
		runtime.KeepAlive(walk(mem))
		if err := g.Disable(); err != nil {
			return err
		}
		return g.Read(&r)
	})
	return err == nil && r.Running > 0 && r.Values[0] > 0
}

// walk reads one byte of every cache line.
func walk(mem []byte) (sum byte) {
	for i := 0; i < len(mem); i += 64 {
		sum += mem[i]
	}
	return sum
}
