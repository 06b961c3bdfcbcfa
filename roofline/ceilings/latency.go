package ceilings

import (
	"context"
	"fmt"
	"slices"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// addLatency adds the pointer chases of one worker, on huge and on small pages.
func (s *session) addLatency(t *team, plateaus []cache.Plateau) error {
	for i, w := range t.windows {
		for _, pages := range []cache.Pages{cache.Huge, cache.Small} {
			c := latency(w.Level, pages)
			if w.Empty() || !s.wants(c.ID) {
				continue
			}
			size := chaseSize(w, plateaus[i], s.levels[len(s.levels)-1])
			mem, err := s.mmap(size, pages)
			if err != nil {
				return err
			}
			found, err := chase(t, mem, size, w.Level)
			if err != nil {
				return err
			}
			found.note = fmt.Sprintf("%s, %s pages", units.Bytes(size), map[cache.Pages]string{cache.Huge: "huge", cache.Small: "base"}[pages])
			c.Threads, c.Sweep = 1, s.curves[c.ID]
			s.tasks = append(s.tasks, &task{Ceiling: c, choices: []*choice{found}})
		}
	}
	return nil
}

// chaseSize is the working set of a chase in a window: well inside, since random access feels the end of a cache earlier than
// streams do. In memory it is twice as far from a last cache whose size was measured: what neighbours leave of it may be twice
// as much a minute later, and half of the hops would hit.
func chaseSize(w cache.Window, p cache.Plateau, last cache.Level) int64 {
	switch {
	case w.Level != memory:
		return max(w.Lo, min(p.Lo, w.Hi/4))
	case last.Source == cache.Measured:
		return min(2*w.Lo, w.Hi)
	}
	return w.Lo
}

// mostChase bounds the working set of the latency sweep.
const mostChase = 1 << 30

// sweepLatency follows pointers through ever larger working sets, up to 4 × the last cache (8 × where its size was
// measured), on huge and on small pages.
func (s *session) sweepLatency(ctx context.Context) error {
	t := s.teams[0]
	last := s.levels[len(s.levels)-1]
	beyond := int64(4)
	if last.Source == cache.Measured {
		beyond = 8
	}
	most := min(t.most, beyond*last.Bytes, mostChase)
	sizes := cache.SweepSizes(most, max(s.octave/2, 1))
	for i, pages := range []cache.Pages{cache.Huge, cache.Small} {
		if !slices.ContainsFunc(t.windows, func(w cache.Window) bool { return s.wants(latency(w.Level, pages).ID) }) {
			continue
		}
		mem, err := s.mmap(most, pages)
		if err != nil {
			return err
		}
		for j, size := range sizes {
			if err := ctx.Err(); err != nil {
				return err
			}
			s.Progress(i*len(sizes)+j, 2*len(sizes), "following pointers")
			level := levelOf(t.windows, size)
			found, err := chase(t, mem, size, level)
			if err != nil {
				return err
			}
			id := latency(level, pages).ID
			if s.curves[id] == nil {
				s.curves[id] = &roofline.Sweep{}
			}
			value := found.round(3)
			for range s.sweeps { // what others do in between takes lines out of the caches
				value = min(value, found.round(3))
			}
			s.curves[id].Points = append(s.curves[id].Points, roofline.SweepPoint{Bytes: size, Value: value})
		}
	}
	return nil
}

// mostWarmCached bounds the hops before a sample in a cache, whose lines writing the chain has brought there: three turns of 32 MiB.
const mostWarmCached = 3 << 19

// mostWarm bounds the hops before a sample in memory: so many come to most of the pages of 64 MiB, as the ones before them would have in a
// longer chase. Translations are in the caches then; else what each hop waits for are tables of pages that other tasks have pushed out,
// which in a virtual machine are several a hop.
const mostWarm = 64 << 10

// chase returns the choice that follows a chain of pointers: seconds per hop.
func chase(t *team, mem []byte, size int64, level string) (*choice, error) {
	var chain *cache.Chase
	err := t.Each(func(int) (err error) { chain, err = cache.NewChase(mem, size); return err })
	if err != nil {
		return nil, err
	}
	n, length := 0, sampleTime
	if level == memory {
		length *= 5
	}
	part := func(int) { chain.Hop(n) }
	c := &choice{less: true}
	c.sample = func() float64 {
		if n == 0 {
			n = fit(t, 16, part, &n)
			if level == memory {
				n *= 5
			}
		}
		took, of := t.run(part), n
		n = longer(n, took, length)
		return took.Seconds() / float64(of*cache.HopsPerCall)
	}
	warm := min(warmTurns*chain.Lines(), mostWarmCached)
	if level == memory {
		warm = min(chain.Lines(), mostWarm)
	}
	c.warm = func() {
		_ = t.Each(func(int) error { chain.Hop(warm/cache.HopsPerCall + 1); return nil })
	}
	return c, nil
}
