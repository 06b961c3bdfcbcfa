package sim

import "github.com/roofline-go/roofline/cache"

// Source labels everything that comes from a simulator.
const Source = "simulated"

// Memory is the name of what lies outside the last cache.
const Memory = cache.Memory

// Summary is what a System has counted, for the result document.
type Summary struct {
	Source     string         `json:"source"` // "simulated"
	Cores      int            `json:"cores"`
	Line       int            `json:"line"` // bytes
	Caches     []Level        `json:"caches"`
	Prefetcher *Prefetcher    `json:"prefetcher,omitempty"` // nil: none simulated
	Levels     []LevelSummary `json:"levels"`               // innermost first, DRAM last
}

// LevelSummary is one level: all its instances together, and the part of each array.
type LevelSummary struct {
	Level  string        `json:"level"` // L1, L2, …, DRAM
	Total  Counts        `json:"total"`
	Arrays []ArrayCounts `json:"arrays"` // in the order of registration, "other" last; those never touched are left out
}

// ArrayCounts is an array's part of a level.
type ArrayCounts struct {
	Array string `json:"array"`
	Counts
}

// Counts is what a level did. Accesses, hits and misses are lookups of lines on demand, from the core or from a miss of the
// level inside; prefetches are counted beside them. DRAM has accesses (lines read), write-backs (lines written) and bytes.
type Counts struct {
	Accesses       uint64     `json:"accesses"` // loads + stores = hits + misses
	Loads          uint64     `json:"loads"`
	Stores         uint64     `json:"stores"` // lookups on behalf of a store
	Hits           uint64     `json:"hits"`
	Misses         uint64     `json:"misses"`
	LoadMisses     uint64     `json:"load_misses"`
	StoreMisses    uint64     `json:"store_misses"`
	Prefetches     uint64     `json:"prefetches"`      // lookups by prefetches
	PrefetchMisses uint64     `json:"prefetch_misses"` // of these, not found here
	PrefetchUseful uint64     `json:"prefetch_useful"` // lines that a prefetch had brought and an access then used
	Fills          uint64     `json:"fills"`           // lines brought in from outside
	FromPeers      uint64     `json:"from_peers"`      // hits answered by the cache of another core
	Victims        uint64     `json:"victims"`         // lines taken in from the level inside that were not here
	Evictions      uint64     `json:"evictions"`       // lines displaced by others
	WriteBacks     uint64     `json:"write_backs"`     // dirty lines that left outwards
	Invalidated    uint64     `json:"invalidated"`     // lines taken away from outside
	BytesInwards   uint64     `json:"bytes_inwards"`   // served to the level inside, to the core by L1
	BytesOutwards  uint64     `json:"bytes_outwards"`  // received from there
	Bytes          uint64     `json:"bytes"`           // both: bytes.X of docs/traffic.md
	Kinds          *MissKinds `json:"miss_kinds,omitempty"`
}

// MissKinds tells the demand misses of a level apart. Their sum is Counts.Misses.
type MissKinds struct {
	Compulsory   uint64 `json:"compulsory"`   // the line was never there before
	Capacity     uint64 `json:"capacity"`     // a fully associative LRU cache of this capacity would not hold it either
	Conflict     uint64 `json:"conflict"`     // it would
	Invalidation uint64 `json:"invalidation"` // another core, an inclusive level or a store past the caches took it away
}

// Summary returns the counts since the last ResetCounts.
func (s *System) Summary() Summary {
	sum := Summary{Source: Source, Cores: s.config.Cores, Line: s.config.Line, Caches: s.config.Levels}
	if s.config.Prefetcher.On {
		p := s.config.Prefetcher
		sum.Prefetcher = &p
	}
	order := make([]int, 0, len(s.names))
	for a := 1; a < len(s.names); a++ {
		order = append(order, a)
	}
	order = append(order, 0)
	for depth := range len(s.levels) + 1 {
		l := LevelSummary{Level: Memory}
		if depth < len(s.levels) {
			l.Level = s.config.Levels[depth].Name()
		}
		for _, a := range order {
			c := s.counts(depth, a)
			l.Total.add(c)
			if c.Accesses+c.Prefetches+c.Victims+c.WriteBacks+c.Bytes > 0 {
				l.Arrays = append(l.Arrays, ArrayCounts{s.names[a], c})
			}
		}
		sum.Levels = append(sum.Levels, l)
	}
	return sum
}

// raw sums the instances of a level, of one array.
func (s *System) raw(depth, array int) (sum counts) {
	for _, k := range s.levels[depth] {
		sum.add(&k.arrays[array])
	}
	return sum
}

// counts works out one array's part of a level. The bytes that a level serves are what the level inside fills and writes
// back; DRAM's are its own, with what was stored past the caches.
func (s *System) counts(depth, array int) Counts {
	line := uint64(s.config.Line)
	if depth == len(s.levels) {
		m := s.memory[array]
		c := Counts{
			Loads: m.reads[load], Stores: m.reads[store], Prefetches: m.reads[prefetch], WriteBacks: m.writes,
			BytesInwards: line * (m.reads[load] + m.reads[store] + m.reads[prefetch]), BytesOutwards: line*m.writes + m.past,
		}
		c.Accesses = c.Loads + c.Stores
		c.Hits = c.Accesses
		c.Bytes = c.BytesInwards + c.BytesOutwards
		return c
	}
	r := s.raw(depth, array)
	c := Counts{
		Loads: r.lookups[load], Stores: r.lookups[store], LoadMisses: r.misses[load], StoreMisses: r.misses[store],
		Prefetches: r.lookups[prefetch], PrefetchMisses: r.misses[prefetch], PrefetchUseful: r.useful,
		FromPeers: r.peers, Victims: r.victims,
		Evictions: r.evicted, WriteBacks: r.writeBacks, Invalidated: r.invalidated,
		BytesInwards: r.bytes[load], BytesOutwards: r.bytes[store] + r.past,
	}
	c.Accesses, c.Misses = c.Loads+c.Stores, c.LoadMisses+c.StoreMisses
	c.Hits = c.Accesses - c.Misses
	if fill := s.config.Levels[depth].Fill; fill != Victim {
		c.Fills = r.fetched(fill)
	}
	if depth > 0 {
		inside := s.raw(depth-1, array)
		c.BytesInwards, c.BytesOutwards = line*inside.fetched(s.config.Levels[depth-1].Fill), line*inside.writeBacks
	}
	c.Bytes = c.BytesInwards + c.BytesOutwards
	if s.levels[depth][0].kinds != nil {
		c.Kinds = &MissKinds{r.kinds[compulsory], r.kinds[capacity], r.kinds[conflict], r.kinds[invalidation]}
	}
	return c
}

func (c *Counts) add(b Counts) {
	for _, f := range [][2]*uint64{
		{&c.Accesses, &b.Accesses}, {&c.Loads, &b.Loads}, {&c.Stores, &b.Stores}, {&c.Hits, &b.Hits}, {&c.Misses, &b.Misses},
		{&c.LoadMisses, &b.LoadMisses}, {&c.StoreMisses, &b.StoreMisses}, {&c.Prefetches, &b.Prefetches},
		{&c.PrefetchMisses, &b.PrefetchMisses}, {&c.PrefetchUseful, &b.PrefetchUseful}, {&c.Fills, &b.Fills},
		{&c.FromPeers, &b.FromPeers}, {&c.Victims, &b.Victims}, {&c.Evictions, &b.Evictions}, {&c.WriteBacks, &b.WriteBacks},
		{&c.Invalidated, &b.Invalidated}, {&c.BytesInwards, &b.BytesInwards}, {&c.BytesOutwards, &b.BytesOutwards},
		{&c.Bytes, &b.Bytes},
	} {
		*f[0] += *f[1]
	}
	if b.Kinds != nil {
		if c.Kinds == nil {
			c.Kinds = &MissKinds{}
		}
		c.Kinds.Compulsory += b.Kinds.Compulsory
		c.Kinds.Capacity += b.Kinds.Capacity
		c.Kinds.Conflict += b.Kinds.Conflict
		c.Kinds.Invalidation += b.Kinds.Invalidation
	}
}
