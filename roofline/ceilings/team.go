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
	most    int64 // bytes of memory per worker
}

func newTeam(p *workers.Pool) *team { return &team{Pool: p} }

// run lets all workers run their part once and returns the time from the first one's begin to the last one's end. So a
// worker that starts late makes the run slower, never faster; among several runs the best is one in which all worked together.
func (t *team) run(part func(w int)) time.Duration { return t.Time(1, part) }
