package measure

import (
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/roofline"
)

// On the machine itself: real workers, clock, counters and kernels, for one thread and for all CPUs. Nothing here depends
// on how long anything took.
func TestOnThisMachine(t *testing.T) {
	for _, n := range []int{1, workers.Usable()} {
		p := Plan{Threads: n, Budget: 300 * time.Millisecond, Elastic: true, Sources: []perf.Source{event.NewPMU(), perf.AnalyticSource{}}}
		for _, pattern := range []string{"matmul/naive/f32", "dot/naive/f32", "copy/naive/f64"} {
			found, err := kernels.Find(pattern)
			if err != nil {
				t.Fatal(err)
			}
			s := shape.Shape{N: 5000}
			if found[0].Op == "matmul" {
				s = shape.Shape{M: 24, N: 24, K: 24}
			}
			p.Items = append(p.Items, Item{found[0], s})
		}
		res, err := Run(t.Context(), p, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Validate(); err != nil {
			t.Error(err)
		}
		if len(res.Runs) != len(p.Items) {
			t.Fatalf("%d runs of %d items", len(res.Runs), len(p.Items))
		}
		for _, r := range res.Runs {
			if !r.Time.Known() || r.Threads != n || r.Time.Batch < 1 {
				t.Errorf("%s: time %+v, batch %d", r.ID(), r.Time.Estimate, r.Time.Batch)
			}
			if r.Memory.AllocsPerCall != 0 {
				t.Errorf("%s allocates %g times per call", r.ID(), r.Memory.AllocsPerCall)
			}
			if _, ok := r.Count(perf.FLOPs); !ok {
				t.Errorf("%s: no FLOPs: %+v", r.ID(), r.Counts[perf.FLOPs])
			}
			if id := (&job{item: Item{mustFind(t, r), r.Shape}, threads: n}).id(); id != r.ID() {
				t.Errorf("messages say %q, the result %q", id, r.ID())
			}
		}
		if res.Runs[0].FLOPs() != 2*24*24*24 {
			t.Errorf("matmul 24³ has %g FLOPs", res.Runs[0].FLOPs())
		}
	}
}

func mustFind(t *testing.T, r roofline.Run) *kernels.Kernel {
	t.Helper()
	found, err := kernels.Find(r.Kernel + "/" + r.Variant + "/" + r.DType)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	return found[0]
}

func TestTimerCost(t *testing.T) {
	ticks := time.Duration(0)
	h := host{now: func() time.Time { ticks++; return time.Unix(0, 0).Add(ticks * 50 * time.Nanosecond) }}
	if got := h.timerCost(); got < 49*time.Nanosecond || got > 50*time.Nanosecond {
		t.Errorf("a clock of 50 ns costs %v", got)
	}
	w := &world{}
	slow := w.host()
	read := slow.now
	slow.now = func() time.Time { w.clock += 10 * time.Microsecond; return read() } // 10 µs a reading: samples of 10 ms
	p := w.plan(&fake{name: "A", cost: steady(10 * time.Microsecond)})
	p.Budget = 10 * time.Second
	res, err := run(t.Context(), p, nil, slow)
	if err != nil {
		t.Fatal(err)
	}
	if sample := float64(res.Runs[0].Time.Batch) * 10e-6; sample < 10e-3 {
		t.Errorf("with a clock of 10 µs a sample lasts %g s, want 1000 times that", sample)
	}
}
