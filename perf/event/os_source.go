package event

import (
	"context"

	"github.com/roofline-go/roofline/perf"
)

// OS is the source of operating-system events: context switches, migrations and page faults per call of a workload,
// summed over its workers.
type OS struct{ sys kernel }

// NewOS returns the source.
func NewOS() *OS { return &OS{sys: linux{}} }

// Name returns SourceOS.
func (*OS) Name() perf.SourceName { return perf.SourceOS }

// Count runs w for some milliseconds and counts the events on its workers' threads.
func (s *OS) Count(ctx context.Context, w perf.Workload, want []perf.Quantity) (map[perf.Quantity]perf.Count, error) {
	e, err := calibrate(ctx, w)
	if err != nil {
		return nil, err
	}
	calls := e.calls * e.passes
	deltas := make([]OSDelta, w.Workers())
	why := make([]string, w.Workers())
	err = w.OnEach(func(worker int) error {
		c, err := openOS(s.sys)
		if err != nil {
			return err
		}
		defer c.Close()
		c.Start()
		for range calls {
			w.Part(worker)
		}
		deltas[worker], why[worker] = c.Stop(), c.WhyNoMigrations()
		return nil
	})
	if err != nil {
		return nil, err
	}
	counts := make(map[perf.Quantity]perf.Count, len(want))
	for _, q := range want {
		counts[q] = total(q, deltas, why, calls)
	}
	return counts, nil
}

// total sums one quantity over the workers.
func total(q perf.Quantity, deltas []OSDelta, why []string, calls int) perf.Count {
	var n int64
	for i, d := range deltas {
		if q.OfSystem() && d.PageFaults == NotCounted { // then nothing was
			return perf.NotCounted(perf.SourceOS, "getrusage failed")
		}
		switch q {
		case perf.ContextSwitches:
			n += d.ContextSwitches
		case perf.InvoluntarySwitches:
			n += d.Involuntary
		case perf.PageFaults:
			n += d.PageFaults
		case perf.Migrations:
			if d.Migrations == NotCounted {
				return perf.NotCounted(perf.SourceOS, why[i])
			}
			n += d.Migrations
		default:
			return perf.NotCounted(perf.SourceOS, "not an event of the operating system")
		}
	}
	return perf.Count{Value: float64(n) / float64(calls), Source: perf.SourceOS, Quality: perf.Exact}
}
