package ceilings

import (
	"time"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/workers"
)

// team is the workers of one thread count.
type team struct {
	*workers.Pool
	windows []cache.Window
	most    int64  // bytes of memory per worker
	spans   []span // of the last run
}

// span is when a worker worked, on cache lines of its own.
type span struct {
	begin, end time.Time
	_          [16]byte
}

func newTeam(p *workers.Pool) *team { return &team{Pool: p, spans: make([]span, p.N())} }

// run lets all workers run their part at once and returns the time from the first one's begin to the last one's end. So a
// worker that starts late makes the run slower, never faster; among several runs the best is one in which all worked together.
func (t *team) run(part func(w int)) time.Duration {
	t.Time(1, func(w int) {
		begin := time.Now()
		part(w)
		t.spans[w].begin, t.spans[w].end = begin, time.Now()
	})
	begin, end := t.spans[0].begin, t.spans[0].end
	for _, s := range t.spans[1:] {
		if s.begin.Before(begin) {
			begin = s.begin
		}
		if s.end.After(end) {
			end = s.end
		}
	}
	return end.Sub(begin)
}
