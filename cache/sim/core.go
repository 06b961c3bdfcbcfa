package sim

// Core issues accesses. Addresses are those of the program (virtual); bits above 57 are ignored. A size is in bytes and at
// least 1; a reference may cross any number of lines.
type Core struct {
	last       uint64  // the line of the last access while another access to it changes nothing, else none
	lastSole   uint64  // the same where the line is dirty and no other core has it: another store changes nothing either
	lastCounts *counts // where that line's accesses are counted
	shift      uint
	alone      bool // no other core whose copies matter
	rare       bool // accesses have something extra to do
	siblings   bool // other cores use the same innermost cache
	l1         *instance
	system     *System
	stream     *streams // nil: no prefetcher
	number     int
}

const none = ^uint64(0) // no line has this number

func newCore(s *System, number int) *Core {
	return &Core{
		last: none, lastSole: none, shift: s.shift, number: number,
		alone: s.config.Cores == 1, siblings: s.config.Levels[0].Cores > 1,
		rare: s.config.Levels[0].Cores > 1 || s.config.Classify, system: s, stream: newStreams(s.config),
	}
}

// Load reads size bytes.
func (c *Core) Load(addr uint64, size int) {
	line := addr >> (c.shift & 63)
	if line == c.last && (addr+uint64(size)-1)>>(c.shift&63) == line {
		c.lastCounts.lookups[load]++
		c.lastCounts.bytes[load] += uint64(size)
		return
	}
	if size > 0 && (addr+uint64(size)-1)>>(c.shift&63) == line {
		c.access(line, uint64(size), load)
		return
	}
	c.reference(addr, size, load)
}

// Store writes size bytes; a line that is not there is read first (write-allocate).
func (c *Core) Store(addr uint64, size int) {
	line := addr >> (c.shift & 63)
	if line == c.lastSole && (addr+uint64(size)-1)>>(c.shift&63) == line {
		c.lastCounts.lookups[store]++
		c.lastCounts.bytes[store] += uint64(size)
		return
	}
	if size > 0 && (addr+uint64(size)-1)>>(c.shift&63) == line {
		c.access(line, uint64(size), store)
		return
	}
	c.reference(addr, size, store)
}

// reference splits a reference into its lines.
func (c *Core) reference(addr uint64, size int, kind kind) {
	if size < 1 {
		return
	}
	end := addr + uint64(size) - 1
	if end < addr {
		end = none
	}
	line, last := addr>>(c.shift&63), end>>(c.shift&63)
	if line == last {
		c.access(line, uint64(size), kind)
		return
	}
	for ; line < last; line++ {
		next := (line + 1) << c.shift
		c.access(line, next-addr, kind)
		addr = next
	}
	c.access(last, end-addr+1, kind)
}

// access is a demand access of n bytes in one line.
func (c *Core) access(number, n uint64, kind kind) {
	line, l1 := number&lineMask, c.l1
	wrote := uint64(kind) * (dirty | sole) // of a store
	at, old, hit := l1.touch(line, line<<tagShift|wrote, prefetched, wrote)
	if c.rare {
		c.extra(line)
	}
	if hit {
		counts := &l1.arrays[old&arrayMask>>arrayShift]
		counts.lookups[kind&someKind]++
		counts.bytes[kind&someKind] += n
		c.remember(number, (old|wrote)&sole, counts)
		if old&prefetched != 0 {
			counts.useful++
		}
		if wrote&^old&sole != 0 && !c.alone {
			l1.own(line)
		}
		return
	}
	array := c.system.array(line)
	l1.tags[at] |= array << arrayShift
	counts := &l1.arrays[array]
	counts.lookups[kind&someKind]++
	counts.bytes[kind&someKind] += n
	counts.misses[kind&someKind]++
	c.remember(number, wrote, counts)
	if l1.kinds != nil {
		l1.missed(line, kind, counts)
	}
	l1.refill(line, array, kind, old)
	if wrote != 0 && !c.alone {
		l1.own(line)
	}
	if c.stream != nil {
		c.observe(line)
	}
}

// extra is what an access does where it is wanted.
func (c *Core) extra(line uint64) {
	if c.l1.kinds != nil {
		c.l1.kinds.touch(line)
	}
	if c.siblings {
		for _, o := range c.l1.users {
			o.last, o.lastSole = none, none
		}
	}
}

// remember notes the line as the last one, whose next access needs no lookup: it is the most recently used already. Under a
// policy with ages another use may change its age, so nothing is remembered.
func (c *Core) remember(number, isSole uint64, counts *counts) {
	c.last, c.lastSole, c.lastCounts = number, none, counts
	if c.l1.policy.ages() {
		c.last = none
	} else if isSole != 0 {
		c.lastSole = number
	}
}
