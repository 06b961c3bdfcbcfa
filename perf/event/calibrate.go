package event

import (
	"context"
	"math"
	"time"

	"github.com/roofline-go/roofline/perf"
)

const (
	passTime  = 20 * time.Millisecond // of one counting pass: some 1000 times what enabling and disabling adds
	trialTime = time.Millisecond      // of calibration
	maxCalls  = 1 << 20
)

// calibrate warms w up and returns how many calls of it fill a counting pass: at least 1.
func calibrate(ctx context.Context, w perf.Workload) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
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
		return 0, err
	}
	slowest := 0.0
	for _, s := range perCall {
		slowest = max(slowest, s)
	}
	calls := math.Ceil(passTime.Seconds() / max(slowest, 1e-9))
	return int(min(max(calls, 1), maxCalls)), nil
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
		walked = walk(mem)
		if err := g.Disable(); err != nil {
			return err
		}
		return g.Read(&r)
	})
	return err == nil && r.Running > 0 && r.Values[0] > 0
}

var walked byte // keeps the walk from being optimised away

func walk(mem []byte) (sum byte) {
	for i := 0; i < len(mem); i += 64 {
		sum += mem[i]
	}
	return sum
}
