package sim

// kind of a lookup.
type kind = uint8

const (
	load kind = iota
	store
	prefetch
	someKind = 3 // mask: there are four places, so that no index needs a check
)

// counts is what one cache counts for one array.
type counts struct {
	lookups     [4]uint64 // by kind
	misses      [4]uint64
	bytes       [4]uint64 // innermost level: what the core loaded and stored
	past        uint64    // innermost level: bytes the core stored past the caches
	useful      uint64    // first uses of lines that a prefetch had brought in
	peers       uint64    // lookups answered by another core's cache
	writeBacks  uint64    // dirty lines that left outwards
	evicted     uint64    // lines displaced
	victims     uint64    // lines taken in from inside that were not here: victims, and write-backs that allocate
	invalidated uint64    // lines removed by other cores, by an inclusive level outside, or by a store past the caches
	kinds       [4]uint64 // of demand misses
}

// memory is what main memory serves for one array.
type memory struct {
	reads  [4]uint64 // lines, by kind
	writes uint64    // lines
	past   uint64    // bytes stored past the caches
}

func (a *counts) add(b *counts) {
	for i := range a.lookups {
		a.lookups[i] += b.lookups[i]
		a.misses[i] += b.misses[i]
	}
	for i := range a.bytes {
		a.bytes[i] += b.bytes[i]
	}
	for i := range a.kinds {
		a.kinds[i] += b.kinds[i]
	}
	a.past += b.past
	a.useful += b.useful
	a.peers += b.peers
	a.writeBacks += b.writeBacks
	a.evicted += b.evicted
	a.victims += b.victims
	a.invalidated += b.invalidated
}

// fetched returns the lines that came through the level's outer boundary inwards: of a level that fills, its fills.
func (a *counts) fetched(fill Fill) (lines uint64) {
	for _, n := range a.misses {
		lines += n
	}
	if fill != Victim {
		lines += a.peers
	}
	return lines
}
