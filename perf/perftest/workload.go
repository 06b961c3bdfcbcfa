package perftest

import (
	"errors"
	"runtime"
	"sync"

	"github.com/roofline-go/roofline/perf"
)

// Workload is a perf.Workload whose workers are fresh goroutines, each locked to its OS thread. They are not pinned.
type Workload struct {
	Name string
	N    int                       // workers; 0 is taken as 1
	Work func(worker int)          // one share of one call; nil does nothing
	Decl map[perf.Quantity]float64 // declared work
}

// ID returns Name.
func (w *Workload) ID() string { return w.Name }

// Workers returns N, at least 1.
func (w *Workload) Workers() int { return max(w.N, 1) }

// OnEach runs f once on every worker's locked OS thread.
func (w *Workload) OnEach(f func(worker int) error) error {
	errs := make([]error, w.Workers())
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			errs[i] = f(i)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Part runs worker's share.
func (w *Workload) Part(worker int) {
	if w.Work != nil {
		w.Work(worker)
	}
}

// Declared returns Decl.
func (w *Workload) Declared() map[perf.Quantity]float64 { return w.Decl }
