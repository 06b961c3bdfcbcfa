package ceilings

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
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

// available returns the bytes of memory that can be had without swapping: /proc/meminfo's MemAvailable, less what a cgroup
// forbids. 0: not known.
func available() int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	free := parseAvailable(string(text))
	for _, pair := range [][2]string{
		{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
		{"/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"},
	} {
		limit, err1 := readNumber(pair[0])
		used, err2 := readNumber(pair[1])
		if err1 == nil && err2 == nil && limit > used {
			free = min(free, limit-used)
		}
	}
	return free
}

// parseAvailable reads "MemAvailable:  9129352 kB"; 0 when it is not there.
func parseAvailable(meminfo string) int64 {
	for line := range strings.Lines(meminfo) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "MemAvailable:" && f[2] == "kB" {
			kb, err := strconv.ParseInt(f[1], 10, 53)
			if err != nil || kb < 0 {
				return 0
			}
			return kb << 10
		}
	}
	return 0
}

func readNumber(name string) (int64, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", name, err)
	}
	return n, nil
}
