package ceilings

import (
	"context"
	"fmt"
	"slices"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
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
	if s.teams[0].N() > 1 { // a pointer chase tells about one core
		return nil
	}
	if err := s.sweepLatency(ctx); err != nil {
		return err
	}
	return s.addLatency(s.teams[0], plateaus)
}

func (s *session) wantsMemory() bool {
	return slices.ContainsFunc(Catalog(), func(e Entry) bool { return e.Kind != "compute" && s.wants(e.ID) })
}

// most memory for the arrays of one worker and of all, and the share of the free memory that may be used.
const (
	mostPerWorker  = 4 << 30
	leastPerWorker = 2 << 20 // what cache.Map makes of less
	shareOfFree    = 4
)

// layout gives every worker memory for a working set that leaves all caches, as far as there is memory, and derives the
// windows of the levels. Every worker touches its own.
func (s *session) layout() error {
	free := cpu.FreeMemory()
	if free == 0 {
		free = 1 << 30
	}
	last := s.levels[len(s.levels)-1]
	sizes := make([]int64, s.teams[len(s.teams)-1].N())
	for _, t := range s.teams {
		share := last.Bytes / int64(cache.Sharers(last, t.CPUs()))
		if last.Source == cache.Measured {
			share *= 2 // what neighbours leave of it differs from hour to hour
		}
		t.most = min(s.memory*share, max(free/shareOfFree/int64(t.N()), leastPerWorker), mostPerWorker)
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

// loadForms is the number of forms of the load loop per instruction set, and sweepAll the working set up to which the sweep
// tries them all: beyond, one form would profit from what the form before left in a large cache.
const (
	loadForms = 3
	sweepAll  = 64 << 20
)

// findLevels sweeps the working set with one worker and finds the plateau of every window. The best of all turns counts.
func (s *session) findLevels(ctx context.Context) ([]cache.Plateau, error) {
	t := s.teams[0]
	sizes := cache.SweepSizes(t.most, s.octave)
	points := make([]cache.SweepPoint, len(sizes))
	for turn := range s.sweeps {
		for i, size := range sizes {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			s.Progress(turn*len(sizes)+i, s.sweeps*len(sizes), "sweeping the working set")
			forms := cache.Probes("load")
			forms, turns := forms[:min(loadForms, len(forms))], int64(warmTurns)
			if size > sweepAll {
				forms, turns = forms[:1], 1
			}
			points[i].Bytes = size
			for _, p := range forms {
				a, err := s.layOut(t, p, size)
				if err != nil {
					return nil, err
				}
				a.walk(turns * a.WorkingSet())
				points[i].Rate = max(points[i].Rate, a.choice(p, sampleLength(size, t)).round(2))
			}
		}
	}
	plateaus := cache.Plateaus(t.windows, points)
	for i, p := range plateaus {
		s.judge(t.windows[i], p, i == 0)
		s.curves["bandwidth.load."+p.Level] = &roofline.Sweep{Lo: p.Lo, Hi: p.Hi}
	}
	for _, p := range points {
		c := s.curves["bandwidth.load."+levelOf(t.windows, p.Bytes)]
		c.Points = append(c.Points, roofline.SweepPoint{Bytes: p.Bytes, Value: p.Rate})
	}
	return plateaus, nil
}

// levelOf is the innermost level whose window ends at or after a working set: what does not belong to one level quite is
// counted to the outer one.
func levelOf(windows []cache.Window, bytes int64) string {
	for _, w := range windows {
		if !w.Empty() && bytes <= w.Hi {
			return w.Level
		}
	}
	return windows[len(windows)-1].Level
}

// judge warns of levels that are not what the topology says.
func (s *session) judge(w cache.Window, p cache.Plateau, innermost bool) {
	about := "bandwidth.load." + w.Level
	switch {
	case w.Empty():
		s.warn(about, fmt.Sprintf("%s cannot be told apart: %s", w.Level, w.Why), "")
	case p.Points == 0:
		s.warn(about, w.Level+" was not found: the sweep has no working set between "+units.Bytes(w.Lo)+" and "+units.Bytes(w.Hi), "")
	case !p.Distinct && !innermost:
		s.warn(about, fmt.Sprintf("%s cannot be told apart from the level before it: it reads as fast (%s)",
			w.Level, units.SI(p.Rate, "B/s")), "repeat on an idle machine")
	case short(w, p):
		s.warn(about, fmt.Sprintf("%s reads at its full rate up to %s only, not up to the %s that it claims to offer",
			w.Level, units.Bytes(p.Reach), units.Bytes(w.Hi)), whyShort(cpu.THP()))
	}
}

// whyShort names what may be behind a level that serves less than it claims: nothing here can tell which it is.
func whyShort(thp string) string {
	if thp != "always" && thp != "madvise" {
		return "allow huge pages (echo madvise > /sys/kernel/mm/transparent_hugepage/enabled): with small ones it may be the TLB that ends there"
	}
	return "another thread of the core or another guest may use the rest, or it replaces lines before it is full: repeat on an idle machine"
}

// short says that a cache serves much less than it claims to.
func short(w cache.Window, p cache.Plateau) bool {
	return w.Level != memory && p.Points > 0 && p.Reach < w.Hi/2
}
