package sim

import "testing"

// three returns fully associative levels of 8, 16 and 16 lines, the last filled as told.
func three(fill Fill) []Level {
	return []Level{{Bytes: 8 * 64, Cores: 1}, {Bytes: 16 * 64, Cores: 1}, {Bytes: 16 * 64, Fill: fill}}
}

// walk loads n lines from base on.
func walk(c *Core, base, n uint64) {
	for i := range n {
		c.Load(base+64*i, 8)
	}
}

func TestVictimLevel(t *testing.T) {
	for _, test := range []struct {
		fill         Fill
		lines, reads uint64 // reads of memory in the second round
	}{
		// A victim level adds to what is inside: 16 + 16 lines hold 24, and 32, of which L2 always misses the next.
		{Victim, 24, 0},
		{Victim, 32, 0},
		// One more goes round as in one LRU cache of 32 lines: nothing is found.
		{Victim, 33, 33},
		// A level that takes in everything holds what L2 holds once more: 16 lines in all.
		{NonInclusive, 24, 24},
		{NonInclusive, 16, 0},
		{Inclusive, 24, 24},
	} {
		s := machine(t, Config{Levels: three(test.fill)})
		walk(s.Core(0), 0, test.lines)
		s.ResetCounts()
		walk(s.Core(0), 0, test.lines)
		l := s.Summary().Levels
		name := test.fill.String()
		want(t, name+" DRAM reads", l[3].Total.Accesses, test.reads)
		want(t, name+" L3 misses", l[2].Total.Misses, test.reads)
		want(t, name+" L3 bytes", l[2].Total.Bytes, 64*l[1].Total.Misses) // clean victims are not traffic
		if test.fill == Victim {
			want(t, name+" L3 victims", l[2].Total.Victims, test.lines)
			want(t, name+" L3 fills", l[2].Total.Fills, 0)
		}
	}
}

func TestVictimLevelKeepsDirtyLines(t *testing.T) {
	s := machine(t, Config{Levels: three(Victim)})
	for range 3 {
		for i := range uint64(24) {
			s.Core(0).Store(64*i, 64)
		}
	}
	// The 24 dirty lines go round between L2 and L3 and never reach memory.
	want(t, "DRAM outwards", s.Summary().Levels[3].Total.BytesOutwards, 0)
	// Read back from L3 they are still dirty, and what displaces them all writes each exactly once.
	walk(s.Core(0), 0, 24)
	walk(s.Core(0), mib, 32+8)
	want(t, "DRAM outwards", s.Summary().Levels[3].Total.BytesOutwards, 24*64)
}

func TestInclusiveLevelRemovesInside(t *testing.T) {
	for _, test := range []struct {
		fill   Fill
		misses uint64
	}{{NonInclusive, 2}, {Inclusive, 3}} {
		// L2 has 16 sets of one way: lines 0 and 16 displace each other there, but not in L1.
		s := machine(t, Config{Levels: []Level{{Bytes: 8 * 64}, {Bytes: 16 * 64, Ways: 1, Fill: test.fill}}, Classify: true})
		c := s.Core(0)
		c.Load(0, 8)
		c.Load(16*64, 8)
		c.Load(0, 8)
		l := s.Summary().Levels
		want(t, test.fill.String()+" L1 misses", l[0].Total.Misses, test.misses)
		want(t, test.fill.String()+" L1 invalidation misses", l[0].Total.Kinds.Invalidation, test.misses-2)
	}
	// The dirty line that L1 alone has written leaves through both levels.
	s := machine(t, Config{Levels: []Level{{Bytes: 8 * 64}, {Bytes: 16 * 64, Ways: 1, Fill: Inclusive}}})
	s.Core(0).Store(0, 8)
	s.Core(0).Load(16*64, 8)
	l := s.Summary().Levels
	want(t, "L2 outwards", l[1].Total.BytesOutwards, 64)
	want(t, "DRAM outwards", l[2].Total.BytesOutwards, 64)
}

func TestSharedLevel(t *testing.T) {
	// Core 1 finds in the shared L3 what core 0 read.
	s := machine(t, Config{Cores: 2, Levels: three(NonInclusive)})
	walk(s.Core(0), 0, 16)
	walk(s.Core(1), 0, 16)
	l := s.Summary().Levels
	want(t, "L1 misses", l[0].Total.Misses, 32)
	want(t, "L2 misses", l[1].Total.Misses, 32)
	want(t, "L3 hits", l[2].Total.Hits, 16)
	want(t, "L3 bytes", l[2].Total.Bytes, 32*64)
	want(t, "DRAM bytes", l[3].Total.Bytes, 16*64)

	// A victim L3 is still empty: the caches of core 0 answer.
	s = machine(t, Config{Cores: 2, Levels: three(Victim)})
	walk(s.Core(0), 0, 16)
	walk(s.Core(1), 0, 16)
	l = s.Summary().Levels
	want(t, "from peers", l[2].Total.FromPeers, 16)
	want(t, "L3 bytes", l[2].Total.Bytes, 32*64)
	want(t, "DRAM bytes", l[3].Total.Bytes, 16*64)

	// Together the two fill L3: 2 × 12 lines of their own go round in its 16 and each other's way.
	s = machine(t, Config{Cores: 2, Levels: []Level{{Bytes: 8 * 64, Cores: 1}, {Bytes: 16 * 64}}})
	for range 2 {
		for i := range uint64(12) {
			s.Core(0).Load(64*i, 8)
			s.Core(1).Load(mib+64*i, 8)
		}
	}
	want(t, "L2 misses", s.Summary().Levels[1].Total.Misses, 2*24)
}

func TestStoresOfAnotherCore(t *testing.T) {
	for _, fill := range []Fill{NonInclusive, Inclusive, Victim} {
		t.Run(fill.String(), func(t *testing.T) {
			s := machine(t, Config{Cores: 2, Levels: three(fill), Classify: true})
			const rounds = 10
			for range rounds {
				s.Core(0).Load(0, 8)
				s.Core(0).Load(0, 8)  // a hit
				s.Core(1).Store(8, 8) // takes the line away
				s.Core(1).Store(8, 8) // a hit
			}
			// Core 0 loses its line to each first store and misses in every round. Core 1 keeps a clean copy when core 0 loads,
			// so that its next store only has to remove that of core 0: it misses once. The data moves between the two;
			// memory is read once and never written.
			l := s.Summary().Levels
			want(t, "L1 misses", l[0].Total.Misses, rounds+1)
			want(t, "L1 hits", l[0].Total.Hits, 4*rounds-(rounds+1))
			want(t, "L1 invalidated", l[0].Total.Invalidated, rounds)
			want(t, "L1 compulsory misses", l[0].Total.Kinds.Compulsory, 2)
			want(t, "L1 invalidation misses", l[0].Total.Kinds.Invalidation, rounds-1)
			want(t, "DRAM reads", l[3].Total.Accesses, 1)
			want(t, "DRAM outwards", l[3].Total.BytesOutwards, 0)
		})
	}
}

// TestFalseSharing lets two cores store in turn: into one line it moves each time, into two it stays.
func TestFalseSharing(t *testing.T) {
	const rounds = 10
	for distance, misses := range map[uint64]uint64{8: 2 * rounds, 64: 2} {
		s := machine(t, Config{Cores: 2, Levels: three(NonInclusive)})
		for range rounds {
			s.Core(0).Store(0, 8)
			s.Core(1).Store(distance, 8)
		}
		want(t, "misses", s.Summary().Levels[0].Total.Misses, misses)
	}
}

// TestTwoSockets has no cache in common: dirty lines go through memory.
func TestTwoSockets(t *testing.T) {
	for _, fill := range []Fill{NonInclusive, Victim} {
		levels := three(fill)
		levels[2].Cores = 1
		s := machine(t, Config{Cores: 2, Levels: levels})
		s.Core(0).Store(0, 8)
		s.Core(1).Load(0, 8) // written back, read
		s.Core(0).Store(0, 8)
		s.Core(1).Store(0, 8) // again
		l := s.Summary().Levels
		want(t, "L1 misses", l[0].Total.Misses, 3)
		want(t, "DRAM reads", l[3].Total.Accesses, 3)
		want(t, "DRAM writes", l[3].Total.WriteBacks, 2)
		want(t, "invalidated", l[0].Total.Invalidated, 2)
	}
}

// TestSiblings share even L1.
func TestSiblings(t *testing.T) {
	s := machine(t, Config{Cores: 2, Levels: []Level{{Bytes: 64}}})
	for range 10 {
		s.Core(0).Load(0, 8)
		s.Core(1).Load(64, 8) // displaces it
	}
	want(t, "misses", s.Summary().Levels[0].Total.Misses, 20)
}

func TestStreamPrefetcher(t *testing.T) {
	for name, line := range map[string]func(i uint64) uint64{
		"ascending":  func(i uint64) uint64 { return i },
		"descending": func(i uint64) uint64 { return 4*64 - 1 - i },
	} {
		t.Run(name, func(t *testing.T) {
			s := machine(t, Config{Levels: small, Prefetcher: Prefetcher{On: true}})
			const pages = 4
			for i := range uint64(pages * 64) {
				s.Core(0).Load(64*line(i), 8)
			}
			// The third line of a page is the second step in one direction: lines 4 and 5 are fetched, then two with every
			// further miss of L1, up to the end of the page. So three lines of 64 miss L2, the rest were prefetched; no
			// line is read that is not used, none twice.
			l := s.Summary().Levels
			want(t, "L1 misses", l[0].Total.Misses, pages*64)
			want(t, "L2 misses", l[1].Total.Misses, pages*3)
			want(t, "L2 prefetch misses", l[1].Total.PrefetchMisses, pages*61)
			want(t, "L2 useful", l[1].Total.PrefetchUseful, pages*61)
			want(t, "L3 bytes", l[2].Total.Bytes, pages*64*64)
			want(t, "DRAM demand reads", l[3].Total.Accesses, pages*3)
			want(t, "DRAM bytes", l[3].Total.Bytes, pages*64*64)
		})
	}
	// A stride of two lines is no stream for it.
	s := machine(t, Config{Levels: small, Prefetcher: Prefetcher{On: true}})
	for i := range uint64(100) {
		s.Core(0).Load(128*i, 8)
	}
	want(t, "stride of two", s.Summary().Levels[1].Total.Prefetches, 0)
	// It reaches no further than told: after lines 0, 1, 2 at most 3 and 4, whatever the degree.
	s = machine(t, Config{Levels: small, Prefetcher: Prefetcher{On: true, Distance: 2, Degree: 10}})
	walk(s.Core(0), 0, 3)
	want(t, "distance", s.Summary().Levels[1].Total.PrefetchMisses, 2)
}

func TestPrefetchInstructions(t *testing.T) {
	s := machine(t, Config{Levels: three(Victim)})
	c := s.Core(0)
	c.Prefetch(0, 1)   // into L1 and L2
	c.Prefetch(64, 2)  // into L2
	c.Prefetch(128, 3) // into L2 too: L3 is a victim level
	c.Prefetch(0, 1)   // is there
	walk(c, 0, 3)
	walk(c, 0, 3)
	l := s.Summary().Levels
	want(t, "L1 hits", l[0].Total.Hits, 1+3)
	want(t, "L1 misses", l[0].Total.Misses, 2)
	want(t, "L1 useful", l[0].Total.PrefetchUseful, 1)
	want(t, "L1 bytes", l[0].Total.Bytes, 6*8)
	want(t, "L2 misses", l[1].Total.Misses, 0)
	want(t, "L2 useful", l[1].Total.PrefetchUseful, 2)
	want(t, "L2 bytes", l[1].Total.Bytes, 3*64)
	want(t, "DRAM bytes", l[3].Total.Bytes, 3*64)
	want(t, "DRAM demand reads", l[3].Total.Accesses, 0)
}
