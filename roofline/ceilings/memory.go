package ceilings

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/units"
)

// addMemory maps and touches the workers' memory, finds the levels, and adds the bandwidth and latency tasks.
func (s *session) addMemory(ctx context.Context) error {
	if !s.wantsMemory() {
		return nil
	}
	if err := s.layout(); err != nil {
		return err
	}
	plateaus, err := s.findLevels(ctx)
	if err != nil {
		return err
	}
	for _, t := range s.teams {
		for i, w := range t.windows {
			s.addBandwidth(t, w, plateaus[i])
		}
	}
	if s.teams[0].N() == 1 { // a pointer chase tells about one core
		return s.addLatency(s.teams[0], plateaus)
	}
	return nil
}

func (s *session) wantsMemory() bool {
	return slices.ContainsFunc(Catalog(), func(e Entry) bool { return e.Kind != "compute" && s.wants(e.ID) })
}

// most memory for the arrays of one worker and of all, and the share of the free memory that may be used.
const (
	mostPerWorker = 4 << 30
	shareOfFree   = 4
)

// layout gives every worker memory for a working set that leaves all caches, as far as there is memory, and derives the
// windows of the levels. Every worker touches its own.
func (s *session) layout() error {
	free := available()
	if free == 0 {
		free = 1 << 30
	}
	last := s.levels[len(s.levels)-1]
	sizes := make([]int64, s.teams[len(s.teams)-1].N())
	for _, t := range s.teams {
		share := last.Bytes / int64(cache.Sharers(last, t.CPUs()))
		t.most = min(s.memory*share, free/shareOfFree/int64(t.N()), mostPerWorker)
		t.windows = cache.Windows(s.levels, t.CPUs(), t.most)
		for w := range t.N() {
			sizes[w] = max(sizes[w], t.most)
		}
	}
	for _, n := range sizes {
		mem, err := s.mmap(n, cache.Huge)
		if err != nil {
			return err
		}
		s.arenas = append(s.arenas, mem)
	}
	return s.teams[len(s.teams)-1].Each(func(w int) error { cache.Touch(s.arenas[w]); return nil })
}

// findLevels sweeps the working set with one worker and finds the plateau of every window.
func (s *session) findLevels(ctx context.Context) ([]cache.Plateau, error) {
	t := s.teams[0]
	points := []cache.SweepPoint{}
	sizes := cache.SweepSizes(t.most, s.octave)
	for turn := range s.sweeps {
		for i, size := range sizes {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			s.Progress(turn*len(sizes)+i, s.sweeps*len(sizes), "sweeping the working set")
			best := 0.
			for j, p := range cache.Probes("load") {
				if j == loadForms {
					break
				}
				c, err := s.stream(t, p, size, t.windows[len(t.windows)-1].Lo)
				if err != nil {
					return nil, err
				}
				if j > 0 && size > 64<<20 {
					c.warm = nil // the form before has been through it all
				}
				best = max(best, c.round(2))
			}
			if turn == 0 {
				points = append(points, cache.SweepPoint{Bytes: size, Rate: best})
			} else {
				points[i].Rate = max(points[i].Rate, best)
			}
		}
	}
	plateaus := cache.Plateaus(t.windows, points)
	for i, p := range plateaus {
		if w := t.windows[i]; w.Empty() {
			s.warn("bandwidth.load."+w.Level, fmt.Sprintf("%s cannot be told apart: %s", w.Level, w.Why), "")
		} else if !p.Distinct && i > 0 && p.Points > 0 {
			s.warn("bandwidth.load."+w.Level, fmt.Sprintf("%s cannot be told apart from the level before it: it reads as fast (%s)",
				w.Level, units.SI(p.Rate, "B/s")), "repeat on an idle machine")
		}
	}
	return plateaus, nil
}

// loadForms is the number of forms of the load loop per instruction set.
const loadForms = 3

// addBandwidth adds the tasks of one level and team: every operation, in every form, on a few working sets of the plateau.
func (s *session) addBandwidth(t *team, w cache.Window, p cache.Plateau) {
	sizes := workingSets(w, p)
	for _, op := range cache.Ops {
		c := bandwidth(op, w.Level)
		c.Threads = t.N()
		if op == "ntstore" && w.Level != memory || !s.wants(c.ID) || len(sizes) == 0 {
			continue
		}
		if !p.Distinct && p.Points > 0 && w.Level != "L1" {
			c.Note = "not told apart from the level before it"
		}
		task := &task{Ceiling: c}
		for _, probe := range s.probes(op) {
			if probe.Past && w.Level != memory {
				continue
			}
			for _, size := range sizes {
				if choice, err := s.stream(t, probe, size, t.windows[len(t.windows)-1].Lo); err == nil {
					task.choices = append(task.choices, choice)
				}
			}
		}
		if len(task.choices) > 0 {
			s.tasks = append(s.tasks, task)
		}
	}
}

// probes returns the forms of an operation in the widest few instruction sets.
func (s *session) probes(op string) (out []cache.Probe) {
	seen := map[string]bool{}
	for _, p := range cache.Probes(op) {
		if seen[string(p.ISA)] = true; len(seen) <= s.widest {
			out = append(out, p)
		}
	}
	return out
}

// workingSets chooses sizes in the plateau that one worker saw, if they are in the window of the team: the middle and two
// towards its ends; the largest for memory.
func workingSets(w cache.Window, p cache.Plateau) []int64 {
	if w.Empty() {
		return nil
	}
	lo, hi := max(w.Lo, p.Lo), w.Hi
	if p.Hi > 0 {
		hi = min(hi, p.Hi)
	}
	if hi < lo { // the team's share of a shared cache lies below the plateau
		lo, hi = w.Lo, w.Hi
	}
	if w.Level == memory {
		return []int64{w.Hi}
	}
	at := func(f float64) int64 { // in whole lines of three arrays
		return int64(float64(lo)*math.Pow(float64(hi)/float64(lo), f)) / 3072 * 3072
	}
	return slices.Compact([]int64{max(at(0.25), 3072), max(at(0.5), 3072), max(at(1), 3072)})
}

// Lengths of samples in levels that need more time to settle.
const (
	slowSample   = time.Millisecond
	memorySample = 3 * time.Millisecond
)

// stream returns the choice that runs a probe on a working set per worker. fromMemory is the size from which on a working
// set is served by memory.
func (s *session) stream(t *team, p cache.Probe, size, fromMemory int64) (*choice, error) {
	streams, moved := make([]*cache.Stream, t.N()), make([]int64, 8*t.N())
	for w := range streams {
		var err error
		if streams[w], err = p.On(s.arenas[w], size); err != nil {
			return nil, err
		}
	}
	length := sampleTime
	warm := streams[0].WorkingSet()
	switch {
	case size >= fromMemory:
		length = memorySample
		// Others have left parts of the working set in the caches: replace them by parts that come last in the cycle.
		warm = min(2*s.levels[len(s.levels)-1].Bytes, warm)
	case size > 1<<20:
		length = slowSample
	}
	bytes := int64(1 << 18)
	part := func(w int) { moved[8*w] = streams[w].Move(bytes) }
	rate := func() float64 {
		elapsed := t.Time(1, part).Seconds()
		sum := int64(0)
		for w := range streams {
			sum += moved[8*w]
		}
		return float64(sum) / elapsed
	}
	fitted := false
	return &choice{
		note: fmt.Sprintf("%s, %s%s", p.Form, units.Bytes(streams[0].WorkingSet()), map[bool]string{true: " per thread"}[t.N() > 1]),
		warm: func() { _ = t.Each(func(w int) error { streams[w].Move(warm); return nil }) },
		sample: func() float64 {
			if !fitted {
				fitted = true
				bytes = max(bytes, int64(rate()/float64(t.N())*length.Seconds()))
			}
			return rate()
		},
	}, nil
}

// addLatency adds the pointer chases of one worker, on huge and on small pages.
func (s *session) addLatency(t *team, plateaus []cache.Plateau) error {
	for i, w := range t.windows {
		for _, pages := range []cache.Pages{cache.Huge, cache.Small} {
			c := latency(w.Level, pages)
			if w.Empty() || !s.wants(c.ID) {
				continue
			}
			sizes := workingSets(w, plateaus[i])
			size := sizes[len(sizes)/2]
			mem, err := s.mmap(size, pages)
			if err != nil {
				return err
			}
			found, err := chase(t, mem, size, w.Level)
			if err != nil {
				return err
			}
			found.note = fmt.Sprintf("%s, %s pages", units.Bytes(size), map[cache.Pages]string{cache.Huge: "huge", cache.Small: "base"}[pages])
			c.Threads = 1
			s.tasks = append(s.tasks, &task{Ceiling: c, choices: []*choice{found}})
		}
	}
	return nil
}

// chase returns the choice that follows a chain of pointers: seconds per hop.
func chase(t *team, mem []byte, size int64, level string) (*choice, error) {
	var chain *cache.Chase
	err := t.Each(func(int) (err error) { chain, err = cache.NewChase(mem, size); return err })
	if err != nil {
		return nil, err
	}
	n := 0
	part := func(int) { chain.Hop(n) }
	c := &choice{less: true}
	c.sample = func() float64 {
		if n == 0 {
			n = fit(t, 16, part, &n)
			if level == memory {
				n *= 5
			}
		}
		return t.Time(1, part).Seconds() / float64(n*cache.HopsPerCall)
	}
	if level != memory {
		c.warm = func() { _ = t.Each(func(int) error { chain.Hop(chain.Lines() / cache.HopsPerCall); return nil }) }
	}
	return c, nil
}
