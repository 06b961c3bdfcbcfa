// Package perftest has a programmable source and workload for tests of whatever is built on perf.
package perftest

import (
	"context"
	"sync"

	"github.com/roofline-go/roofline/perf"
)

// Source is a perf.Source that returns what it was told to. The zero value returns every quantity as missing.
// It is safe for concurrent use.
type Source struct {
	As     perf.SourceName              // its name; "" is taken as "fake"
	Counts map[perf.Quantity]perf.Count // per call of any workload; the Source field is filled in when empty
	Err    error                        // fails every Count as a whole
	RunN   int                          // how often Count runs the workload before it answers

	mu    sync.Mutex
	asked []string // workload IDs, in order
}

// Values makes a Source that counts the given values exactly.
func Values(as perf.SourceName, values map[perf.Quantity]float64) *Source {
	s := &Source{As: as, Counts: make(map[perf.Quantity]perf.Count)}
	for q, v := range values {
		s.Counts[q] = perf.Count{Value: v, Source: as, Quality: perf.Exact}
	}
	return s
}

// Name returns As, or "fake".
func (s *Source) Name() perf.SourceName {
	if s.As == "" {
		return "fake"
	}
	return s.As
}

// Asked returns the IDs of the workloads that were counted so far, in order.
func (s *Source) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// Count runs w RunN times on its workers' threads and returns the programmed counts.
func (s *Source) Count(ctx context.Context, w perf.Workload, want []perf.Quantity) (map[perf.Quantity]perf.Count, error) {
	s.mu.Lock()
	s.asked = append(s.asked, w.ID())
	s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.Err != nil {
		return nil, s.Err
	}
	if err := w.OnEach(func(worker int) error {
		for range s.RunN {
			w.Part(worker)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	counts := make(map[perf.Quantity]perf.Count, len(want))
	for _, q := range want {
		c, ok := s.Counts[q]
		if !ok {
			c = perf.NotCounted(s.Name(), "the fake source was not given it")
		}
		if c.Source == "" {
			c.Source = s.Name()
		}
		counts[q] = c
	}
	return counts, nil
}
