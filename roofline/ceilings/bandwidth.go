package ceilings

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/units"
)

// addBandwidth adds the tasks of one level and team: every operation, in every form, on a few working sets of the plateau.
func (s *session) addBandwidth(t *team, w cache.Window, p cache.Plateau) {
	sizes := workingSets(w, p)
	for _, op := range cache.Ops {
		c := bandwidth(op, w.Level)
		c.Threads = t.N()
		if op == "ntstore" && w.Level != memory || !s.wants(c.ID) || len(sizes) == 0 {
			continue
		}
		c.Note = remark(w, p)
		if t == s.teams[0] {
			c.Sweep = s.curves[c.ID]
		}
		task := &task{Ceiling: c}
		for _, size := range sizes {
			s.addStreams(task, t, size)
		}
		if len(task.choices) > 0 {
			s.tasks = append(s.tasks, task)
		}
	}
}

// remark is what the note of a level's ceilings says about the level.
func remark(w cache.Window, p cache.Plateau) string {
	switch {
	case p.Points > 0 && !p.Distinct && w.Level != "L1":
		return "not told apart from the level before it"
	case short(w, p):
		return "full rate only up to " + units.Bytes(p.Reach)
	}
	return ""
}

// addStreams adds the choices of one working set: every form of the task's operation.
func (s *session) addStreams(task *task, t *team, size int64) {
	var a *arrays
	for _, p := range s.probes(task.Op) {
		if p.Past && task.Level != memory {
			continue
		}
		if a == nil {
			var err error
			if a, err = s.layOut(t, p, size); err != nil { // smaller than a block per array: the other sizes do
				return
			}
		}
		c := a.choice(p, sampleLength(size, t))
		if task.Level != memory {
			c.warm = func() { a.walk(warmTurns * a.WorkingSet()) }
		}
		task.choices = append(task.choices, c)
	}
	if task.Level == memory && a != nil {
		// Others have left parts of the arrays in the caches. The forms of one turn share the place in the arrays, so that
		// none finds there what another has left.
		flush := min(2*s.levels[len(s.levels)-1].Bytes, a.WorkingSet())
		task.enter = func() { a.walk(flush) }
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
	hi = min(hi, reach*lo) // more costs time and tells nothing new
	at := func(f float64) int64 { return int64(math.Round(float64(lo) * math.Pow(float64(hi)/float64(lo), f))) }
	return slices.Compact([]int64{at(0.25), at(0.5), at(1)})
}

// warmTurns is how often a cache is walked through before it is measured: replacement is not exactly least-recently-used, so
// one turn leaves some of what was there before.
const warmTurns = 3

// reach is the largest working set of a cache, relative to the smallest of its plateau.
const reach = 8

// Lengths of samples in levels that need more time to settle.
const (
	slowSample   = time.Millisecond
	memorySample = 3 * time.Millisecond
)

// sampleLength is how long a sample on a working set takes.
func sampleLength(size int64, t *team) time.Duration {
	switch {
	case size >= t.windows[len(t.windows)-1].Lo:
		return memorySample
	case size > 1<<20:
		return slowSample
	}
	return sampleTime
}

// arrays is a working set per worker, on which several forms of one operation take turns.
type arrays struct {
	*team
	streams []*cache.Stream
	moved   []padded // bytes of the last sample, by worker
}

// padded keeps the counters of workers on lines of their own.
type padded struct {
	n int64
	_ [7]int64
}

func (s *session) layOut(t *team, p cache.Probe, size int64) (*arrays, error) {
	a := &arrays{team: t, streams: make([]*cache.Stream, t.N()), moved: make([]padded, t.N())}
	for w := range a.streams {
		var err error
		if a.streams[w], err = p.On(s.arenas[w], size); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// WorkingSet is in bytes per worker.
func (a *arrays) WorkingSet() int64 { return a.streams[0].WorkingSet() }

// walk moves through the arrays without timing.
func (a *arrays) walk(bytes int64) {
	_ = a.Each(func(w int) error { a.streams[w].Move(bytes); return nil }) // the function returns no error
}

// choice returns one form on the arrays: bytes per second of all workers together.
func (a *arrays) choice(p cache.Probe, length time.Duration) *choice {
	const first = 1 << 18
	bytes := int64(0)
	part := func(w int) { a.moved[w].n = a.streams[w].Move(bytes) }
	rate := func() float64 {
		took := a.run(part)
		sum := int64(0)
		for _, m := range a.moved {
			sum += m.n
		}
		bytes = longer(bytes, took, length)
		return float64(sum) / took.Seconds()
	}
	return &choice{
		note: fmt.Sprintf("%s, %s%s", p.Form, units.Bytes(a.WorkingSet()), map[bool]string{true: " per thread"}[a.N() > 1]),
		sample: func() float64 {
			for _, s := range a.streams {
				s.Probe = p
			}
			if bytes == 0 {
				bytes = first
				bytes = max(bytes, int64(rate()/float64(a.N())*length.Seconds()))
			}
			return rate()
		},
	}
}
