package sim

import "math/bits"

// Core issues accesses. Addresses are those of the program (virtual); bits above 57 are ignored. A size is in bytes and at
// least 1; a reference may cross any number of lines.
type Core struct {
	last   uint64 // where the line of the last access stood in the innermost cache
	shift  uint
	alone  bool // no other core whose copies matter
	l1     *instance
	system *System
	stream *streams // nil: no prefetcher
	number int
}

const none = ^uint64(0) // no line has this number

func newCore(s *System, number int) *Core {
	return &Core{shift: s.shift, number: number, alone: s.config.Cores == 1, system: s, stream: newStreams(s.config)}
}

// Load reads size bytes.
func (c *Core) Load(addr uint64, size int) {
	line, l1, place := addr>>(c.shift&63), c.l1, c.last
	if place == l1.recent && size > 0 && (addr+uint64(size)-1)>>(c.shift&63) == line {
		if e := l1.tags[place]; e>>tagShift == line && e&prefetched == 0 { // the last one again, in its place in the order
			counts := &l1.arrays[e&arrayMask>>arrayShift]
			counts.lookups[load]++
			counts.bytes[load] += uint64(size)
			return
		}
	}
	c.last = c.reference(addr, size, load, place)
	if c.stream != nil || l1.policy.ages() || l1.meta == nil { // a prefetch may be more recent; another use may change an age
		l1.recent = none
	} else {
		l1.recent = c.last
	}
}

// Store writes size bytes; a line that is not there is read first (write-allocate).
func (c *Core) Store(addr uint64, size int) {
	c.last = c.reference(addr, size, store, c.last)
	c.l1.recent = none
}

// reference splits a reference into its lines. The first is looked for at a place in the innermost cache before anywhere
// else; where the last one stands is returned.
func (c *Core) reference(addr uint64, size int, kind kind, place uint64) uint64 {
	if size < 1 {
		return place
	}
	end := addr + uint64(size) - 1
	if end < addr {
		end = none
	}
	line, last := addr>>(c.shift&63), end>>(c.shift&63)
	for ; line < last; line++ {
		next := (line + 1) << (c.shift & 63)
		place = c.access(line, next-addr, kind, place)
		addr = next
	}
	return c.access(last, end-addr+1, kind, place)
}

// access is a demand access of n bytes in one line, which is looked for at a place first. It returns where it stands.
func (c *Core) access(number, n uint64, kind kind, place uint64) uint64 {
	line, l1 := number&lineMask, c.l1
	wrote := uint64(kind) * (dirty | sole) // of a store
	old := l1.tags[place]
	switch {
	case l1.meta == nil:
		var hit bool
		if place, old, hit = l1.touch(line, line<<tagShift|wrote, prefetched, wrote); !hit {
			c.fill(line, n, kind, place, old)
			return place
		}
	default:
		var hit bool
		if place, hit = c.lookUp(line, n, kind); !hit {
			return place
		}
		old = l1.tags[place]
		fallthrough
	case old>>tagShift == line:
		l1.tags[place] = old&^prefetched | wrote
		l1.use(place)
	}
	if l1.kinds != nil {
		l1.kinds.touch(line)
	}
	counts := &l1.arrays[old&arrayMask>>arrayShift]
	counts.lookups[kind&someKind]++
	counts.bytes[kind&someKind] += n
	if old&prefetched != 0 {
		counts.useful++
	}
	if wrote&^old&sole != 0 && !c.alone {
		l1.own(line)
	}
	return place
}

// lookUp looks for a line in the innermost cache, where entries keep their places. A miss is served.
func (c *Core) lookUp(line, n uint64, kind kind) (place uint64, hit bool) {
	k := c.l1
	set := k.set(line)
	if k.stamps == nil || k.room != 8 {
		if place = k.seek(set, line); place != none {
			return place, true
		}
		place, old := k.replace(set, line, line<<tagShift|uint64(kind)*(dirty|sole))
		c.fill(line, n, kind, place, old)
		return place, false
	}
	// The same, for sets of up to eight ways under LRU.
	base, sign := set*8, signature(line)
	tags, word := (*[8]uint64)(k.tags[base:]), &k.meta[set]
	for z := zeros(*word ^ sign); z != 0; z &= z - 1 {
		if way := uint64(bits.TrailingZeros64(z)) >> 3; tags[way%8]>>tagShift == line {
			return base + way, true
		}
	}
	s := (*[8]uint64)(k.stamps[base:])
	way := earlier(earlier(earlier(s[0], s[1]), earlier(s[2], s[3])), earlier(earlier(s[4], s[5]), earlier(s[6], s[7]))) % 8
	place, old := base+way, tags[way]
	k.clock += k.step
	s[way] = k.clock | place
	tags[way] = line<<tagShift | uint64(kind)*(dirty|sole)
	*word ^= (*word ^ sign) & (0xff << (way * 8))
	c.fill(line, n, kind, place, old)
	return place, false
}

// fill is the rest of an access to a line that has just replaced old in the innermost cache.
func (c *Core) fill(line, n uint64, kind kind, place, old uint64) {
	l1, array := c.l1, c.system.array(line)
	l1.tags[place] |= array << arrayShift
	counts := &l1.arrays[array]
	counts.lookups[kind&someKind]++
	counts.bytes[kind&someKind] += n
	counts.misses[kind&someKind]++
	if l1.kinds != nil {
		l1.kinds.touch(line)
		l1.missed(line, kind, counts)
	}
	if next := l1.outside; next != nil && next.simple && l1.silent && old&dirty == 0 {
		if old>>tagShift != noLine {
			l1.arrays[old&arrayMask>>arrayShift].evicted++
		}
		next.supply(line, array, kind)
	} else {
		l1.refill(line, array, kind, old)
	}
	if kind == store && !c.alone {
		l1.own(line)
	}
	if c.stream != nil {
		c.observe(line)
	}
}
