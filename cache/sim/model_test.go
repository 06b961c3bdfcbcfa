package sim

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestNothingIsLost drives random machines with random accesses of several cores, and checks after each what must hold in
// any hierarchy: every store is either dirty in some cache or has reached memory since; a line that the innermost cache
// of one core holds alone is in no other; an inclusive level holds all that is inside; no cache holds a line twice; the
// counts fit each other and what is there.
func TestNothingIsLost(t *testing.T) {
	seeds := uint64(80)
	if testing.Short() {
		seeds = 20
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			config := randomConfig(r)
			s := machine(t, config)
			const lines = 120
			for i := range uint64(lines) {
				if err := s.Register(fmt.Sprint(i), 64*i, 64); err != nil {
					t.Fatal(err)
				}
			}
			stored := map[uint64]uint64{} // writes of the line that memory had seen before the last store
			for step := range 1000 {
				c, line := s.Core(r.IntN(config.Cores)), r.Uint64N(lines)
				if r.IntN(2) == 0 {
					line = uint64(step) % 40
				}
				switch r.IntN(8) {
				case 0, 1, 2:
					stored[line] = s.memory[line+1].writes
					c.Store(64*line, 8)
				case 3:
					if r.IntN(4) == 0 {
						c.StorePast(64*line, 64)
						delete(stored, line) // memory has it
					}
				case 4:
					c.Prefetch(64*line, 1+r.IntN(3))
				default:
					c.Load(64*line+r.Uint64N(57), 8)
				}
				if err := sound(s, stored); err != nil {
					t.Fatalf("step %d, %+v: %v", step, config, err)
				}
			}
			fits(t, s)
		})
	}
}

func randomConfig(r *rand.Rand) Config {
	c := Config{Cores: 1 + r.IntN(4), Classify: r.IntN(2) == 0, Prefetcher: Prefetcher{On: r.IntN(3) == 0}}
	share, victim := 1, false
	for depth := range 1 + r.IntN(4) {
		if r.IntN(2) == 0 && depth > 0 {
			share *= 2
		}
		l := Level{Ways: 1 + r.IntN(8), Cores: share, Policy: allPolicies[r.IntN(len(allPolicies))], Index: Index(r.IntN(2))}
		if depth > 0 {
			l.Fill = Fill(r.IntN(3))
			if victim && l.Fill == Inclusive {
				l.Fill = NonInclusive
			}
			victim = victim || l.Fill == Victim
		}
		l.Bytes = int64(64 * l.Ways * (1 + r.IntN(2<<depth)))
		c.Levels = append(c.Levels, l)
	}
	return c
}

func sound(s *System, stored map[uint64]uint64) error {
	holders := map[uint64][]*instance{} // by line, of dirty copies
	for _, instances := range s.levels {
		for _, k := range instances {
			seen := map[uint64]bool{}
			for _, e := range k.tags {
				line := e >> tagShift
				if line == noLine {
					continue
				}
				if seen[line] {
					return fmt.Errorf("line %d is twice in one cache", line)
				}
				if seen[line] = true; k.find(line) < 0 {
					return fmt.Errorf("line %d stands where it is not found", line)
				}
				if e&dirty != 0 {
					holders[line] = append(holders[line], k)
				}
				if e&sole != 0 {
					if err := alone(s, k, line); err != nil {
						return err
					}
				}
				for o := k.outside; o != nil; o = o.outside {
					if o.fill == Inclusive && o.find(line) < 0 {
						return fmt.Errorf("line %d is not in the inclusive level", line)
					}
				}
			}
		}
	}
	for line, writes := range stored {
		if len(holders[line]) == 0 && s.memory[line+1].writes == writes {
			return fmt.Errorf("line %d was stored, is dirty nowhere and was not written", line)
		}
	}
	return nil
}

// alone checks that no cache but this one and those around it holds the line.
func alone(s *System, k *instance, line uint64) error {
	around := map[*instance]bool{}
	for ; k != nil; k = k.outside {
		around[k] = true
	}
	for _, instances := range s.levels {
		for _, o := range instances {
			if !around[o] && o.find(line) >= 0 {
				return fmt.Errorf("line %d belongs to one core and another has it", line)
			}
		}
	}
	return nil
}

// fits checks the counts against each other.
func fits(t *testing.T, s *System) {
	t.Helper()
	sum := s.Summary()
	for i, l := range sum.Levels[:len(s.levels)] {
		c := l.Total
		want(t, l.Level+" loads and stores", c.Loads+c.Stores, c.Accesses)
		want(t, l.Level+" hits and misses", c.Hits+c.Misses, c.Accesses)
		resident := uint64(0)
		for _, k := range s.levels[i] {
			for _, e := range k.tags {
				if e>>tagShift != noLine {
					resident++
				}
			}
		}
		gone := c.Evictions + c.Invalidated
		if s.config.Levels[i].Fill == Victim {
			gone += c.Accesses + c.Prefetches - c.Misses - c.PrefetchMisses - c.FromPeers // given away
		}
		want(t, l.Level+" lines held", c.Fills+c.Victims-gone, resident)
		if i+1 < len(s.levels) {
			next := sum.Levels[i+1].Total
			passed := c.Misses
			want(t, l.Level+" misses are accesses outside", next.Accesses, passed)
		} else {
			want(t, l.Level+" misses are reads of memory", sum.Levels[i+1].Total.Accesses, c.Misses)
		}
		if c.Kinds != nil {
			want(t, l.Level+" kinds", c.Kinds.Compulsory+c.Kinds.Capacity+c.Kinds.Conflict+c.Kinds.Invalidation, c.Misses)
		}
		var arrays Counts
		for _, a := range l.Arrays {
			arrays.add(a.Counts)
		}
		want(t, l.Level+" accesses of the arrays", arrays.Accesses, c.Accesses)
		want(t, l.Level+" bytes of the arrays", arrays.Bytes, c.Bytes)
	}
}
