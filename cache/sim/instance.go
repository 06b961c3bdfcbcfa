package sim

import (
	"math/bits"
	"unsafe"
)

// An entry of the tag array is the line's number with its array and flags below.
const (
	dirty      = 1 << 0
	prefetched = 1 << 1 // filled by a prefetch and not used since
	sole       = 1 << 2 // innermost level: no other core has a copy, since it was stored to
	arrayShift = 4
	arrayMask  = 0xff << arrayShift
	tagShift   = 12
	lineMask   = 1<<(64-tagShift) - 1
	noLine     = lineMask
	empty      = noLine << tagShift
)

// instance is one cache of a level. Either all entries of a set keep their places, with signatures to find them (see find),
// or the set is kept in the order of use.
type instance struct {
	tags  []uint64 // entries, set by set
	meta  []uint64 // the signatures of each set, and behind them the ages; nil: sets in the order of use
	room  uint64   // places for a set, of which the first ways are used: ways, in an innermost cache the next power of two
	slots uint     // log2 of room, of an innermost cache
	words uint64   // of eight ways each
	pace  uint     // log2 of the words of a set in meta
	mask  uint64   // sets - 1 where that is a power of two and the index a modulo, else 0
	ways  uint64
	full  uint64 // the bytes of the last word that are ways

	policy Policy
	fill   Fill
	index  Index
	sets   uint64
	odd    uint64 // sets = odd << low
	low    uint
	over   uint64 // floor((2^64-1) / sets or odd): division by multiplication

	stamps []uint64 // under LRU with meta, by entry: the time of its last use, and its place below step
	clock  uint64   // the time of the last use, a multiple of step
	step   uint64   // a power of two beyond all places
	holes  []uint16 // empty ways of each set; not under LRU
	vacant uint64   // their sum
	tree   []plru   // the order under TreePLRU
	shape  *forest

	seen   uint64 // see foresee
	recent uint64 // place of the last use, if it was a load and another one changes nothing; else none

	arrays    []counts // by array
	kinds     *kinds   // of misses; nil: not told apart
	system    *System
	outside   *instance   // nil: memory
	inside    []*instance // that share this one; none: it is innermost
	innermost bool
	swaps     bool // the level outside is a victim level
	simple    bool // see supply
	silent    bool // clean lines leave without anybody's notice
}

const (
	most    = 64      // how many ways a set may have under other policies than LRU
	stamped = 16      // and in a cache with stamps
	never   = 1 << 62 // the stamp of a place that no line may have
)

func newInstance(l Level, line int, innermost bool) *instance {
	ways := uint64(l.ways(line))
	sets := uint64(l.Bytes) / uint64(line) / ways
	k := &instance{ways: ways, sets: sets, policy: l.Policy, fill: l.Fill, index: l.Index, arrays: make([]counts, 1), innermost: innermost, room: ways, recent: none}
	k.low = uint(bits.TrailingZeros64(sets))
	k.odd = sets >> k.low
	k.over = ^uint64(0) / sets
	if l.Index == Hashed {
		k.over = ^uint64(0) / k.odd
	} else if k.odd == 1 {
		k.mask = sets - 1
	}
	if k.policy == LRU && (!innermost || ways > stamped) {
		k.tags = aligned(sets * ways)
		k.clear()
		return k
	}
	if innermost {
		k.slots = uint(max(3, bits.Len64(ways-1)))
		k.room = 1 << k.slots
	}
	k.tags = aligned(sets*k.room + 8) // see seek
	k.words = (ways + 7) / 8
	perSet := k.words
	if k.policy.ages() {
		perSet *= 2
		k.full = ^uint64(0) >> (64 - 8*(ways-8*(k.words-1)))
	}
	k.pace = uint(bits.Len64(perSet - 1))
	k.meta = aligned(sets << k.pace)
	if k.policy == LRU {
		k.stamps = aligned(sets * k.room)
		k.step = 1 << bits.Len64(sets*k.room)
	} else {
		k.holes = make([]uint16, sets)
	}
	if k.policy == TreePLRU {
		k.tree, k.shape = make([]plru, sets), newForest(int(ways))
	}
	k.clear()
	return k
}

// aligned returns n words that begin on a host's cache line, so that a set of eight ways is one.
func aligned(n uint64) []uint64 {
	t := make([]uint64, n+7)
	skip := (64 - uintptr(unsafe.Pointer(&t[0]))%64) % 64 / 8
	onHugePages(t)
	return t[skip : uint64(skip)+n]
}

// clear empties the cache.
func (k *instance) clear() {
	for i := range k.tags {
		k.tags[i] = empty
	}
	for i := range k.stamps {
		if k.stamps[i] = uint64(i); uint64(i)%k.room >= k.ways {
			k.stamps[i] = never // a place that is not used
		}
	}
	k.vacant = uint64(len(k.holes)) * k.ways
	for i := range k.holes {
		k.holes[i] = uint16(k.ways)
	}
	for i := range k.tree {
		k.tree[i] = plru{order: inOrder}
	}
	if k.policy.ages() {
		for set := range k.sets {
			unused(k.order(set), k.full)
		}
	}
}

// order returns the words of the set's order in meta.
func (k *instance) order(set uint64) []uint64 {
	at := set << k.pace
	return k.meta[at+k.words : at+2*k.words]
}

// set returns the number of the line's set.
func (k *instance) set(line uint64) uint64 {
	if k.mask != 0 {
		return line & k.mask
	}
	return k.spread(line)
}

// spread is set where the number of sets is no power of two or the index no modulo.
func (k *instance) spread(line uint64) uint64 {
	if k.index == Hashed {
		high := line >> k.low
		fold := high ^ high>>k.low ^ high>>(2*k.low)
		set := (line + fold) & (1<<k.low - 1)
		if k.odd == 1 {
			return set
		}
		return k.mod(high, k.odd)<<k.low | set
	}
	return k.mod(line, k.sets)
}

// mod returns x modulo d, where over = floor((2^64-1)/d): the estimate of the quotient is at most one too small.
func (k *instance) mod(x, d uint64) uint64 {
	q, _ := bits.Mul64(x, k.over)
	r := x - q*d
	if r >= d {
		r -= d
	}
	return r
}
