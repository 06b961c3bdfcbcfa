package doctor

import (
	"runtime"

	"github.com/roofline-go/roofline/perf"
)

// knownWork is the workload on which the doctor tries the sources: a sum over an array that no private cache holds.
type knownWork struct {
	x   []float64
	sum float64
}

func newKnownWork() *knownWork {
	w := &knownWork{x: make([]float64, 1<<20)}
	for i := range w.x {
		w.x[i] = 1
	}
	return w
}

// trial is the work on which a source shows what it can count. Sources that follow instructions need assembly.
func (r *Report) trial(s perf.SourceName) (w perf.Workload, done func()) {
	if s == perf.SourceInstrumented || s == perf.SourceSimulated {
		set, err := openKnown(r.Machine.Caches, 0, true)
		if err == nil && len(set.Kernels()) > 0 {
			return set.Kernels()[0], set.Close
		}
	}
	return newKnownWork(), func() {}
}

// ID returns the workload's name for messages.
func (*knownWork) ID() string { return "doctor's known work" }

// Workers returns 1.
func (*knownWork) Workers() int { return 1 }

// OnEach runs f on the caller's goroutine, locked to its thread.
func (*knownWork) OnEach(f func(worker int) error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return f(0)
}

// Part sums the array once.
func (w *knownWork) Part(int) {
	s := 0.0
	for _, v := range w.x {
		s += v
	}
	w.sum = s
}

// Declared is one addition and 8 bytes an element.
func (w *knownWork) Declared() map[perf.Quantity]float64 {
	n := float64(len(w.x))
	return map[perf.Quantity]float64{
		perf.FLOPs: n, perf.BytesL1: 8 * n, perf.BytesL2: 8 * n, perf.BytesL3: 8 * n, perf.BytesDRAM: 8 * n,
	}
}
