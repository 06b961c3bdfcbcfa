package ceilings

import (
	"context"
	"fmt"
	"time"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/roofline"
)

// session is one measurement of ceilings: the workers, their memory and the tasks.
type session struct {
	Options
	plan
	levels   []cache.Level
	teams    []*team  // one per thread count
	arenas   [][]byte // of each worker; teams share them, since they run one at a time
	mapped   [][]byte // all memory, to be given back
	clock    float64  // Hz; 0: not known
	tasks    []*task
	curves   map[string]*roofline.Sweep // by ceiling ID, of the first team
	warnings []roofline.Warning
}

func newSession(o Options) (*session, error) {
	s := &session{Options: o, plan: plans[o.Mode], curves: map[string]*roofline.Sweep{}}
	levels, err := cache.Topology()
	if err != nil {
		s.warn("", fmt.Sprintf("the cache sizes are not known (%v): only compute ceilings are measured", err),
			"repeat on an idle machine: caches that nobody describes are told by how long loads take")
	}
	s.levels = levels
	for _, n := range o.Threads {
		cpus, err := workers.CPUs(n)
		if err != nil {
			s.close()
			return nil, err
		}
		pool, err := workers.New(cpus)
		if err != nil {
			s.close()
			return nil, err
		}
		s.teams = append(s.teams, newTeam(pool))
	}
	return s, nil
}

// prepare sets everything up that takes time: clock, memory, sweep, tasks and the choice among their forms.
func (s *session) prepare(ctx context.Context, start time.Time) error {
	s.measureClock()
	s.addCompute()
	if len(s.levels) > 0 {
		if err := s.addMemory(ctx); err != nil {
			return err
		}
	}
	return s.pilot(ctx, start)
}

// measureClock takes the core clock for the theoretical lines; the fastest reading counts, since a disturbance can only
// slow the chain of additions down.
func (s *session) measureClock() {
	if hz, err := cpu.CoreClock(); err == nil {
		s.clock = max(s.clock, hz)
	}
}

func (s *session) warn(about, text, cure string) {
	s.warnings = append(s.warnings, roofline.Warning{About: about, Text: text, Cure: cure})
}

// mmap returns memory that lives as long as the session.
func (s *session) mmap(bytes int64, pages cache.Pages) ([]byte, error) {
	mem, err := cache.Map(bytes, pages)
	if err == nil {
		s.mapped = append(s.mapped, mem)
	}
	return mem, err
}

func (s *session) close() {
	for _, t := range s.teams {
		t.Close()
	}
	for _, m := range s.mapped {
		_ = cache.Unmap(m)
	}
}
