package sim

// fetch brings the line into the cache on behalf of a level inside, from where it is: the cache asks the next one outside
// for what it does not hold. It returns dirty where the line was dirty in an exclusive level and is now the caller's to
// write back.
func (k *instance) fetch(line, array uint64, kind kind, from *instance) (owed uint64) {
	var shared, modified bool
	if len(k.inside) > 1 {
		if shared, modified = snoop(k.inside, from, line); modified && k.fill != Victim {
			k.writeBack(line, array)
		}
	}
	counts := &k.arrays[array]
	counts.lookups[kind&someKind]++
	if k.fill == Victim {
		return k.give(line, array, kind, shared, modified)
	}
	fresh, drop := line<<tagShift|array<<arrayShift, uint64(prefetched)
	if kind == prefetch {
		fresh, drop = fresh|prefetched, 0
	}
	_, old, hit := k.touch(line, fresh, drop, 0)
	if k.kinds != nil {
		k.kinds.touch(line)
	}
	if hit {
		if old&drop != 0 {
			counts.useful++
		}
		return 0
	}
	if shared { // another core's cache answers
		counts.peers++
		if k.kinds != nil {
			k.kinds.filled(line)
		}
		if old>>tagShift != noLine {
			k.evict(old)
		}
		return 0
	}
	counts.misses[kind&someKind]++
	if k.kinds != nil {
		k.missed(line, kind, counts)
	}
	k.refill(line, array, kind, old)
	return 0
}

// supply is fetch on demand from a simple cache: the one inside alone uses it, and it fills.
func (k *instance) supply(line, array uint64, kind kind) {
	counts := &k.arrays[array]
	counts.lookups[kind&someKind]++
	_, old, hit := k.touch(line, line<<tagShift|array<<arrayShift, prefetched, 0)
	if k.kinds != nil {
		k.kinds.touch(line)
	}
	if !hit {
		counts.misses[kind&someKind]++
		if k.kinds != nil {
			k.kinds.missed(line, counts)
		}
		k.refill(line, array, kind, old)
	} else if old&prefetched != 0 {
		counts.useful++
	}
}

// refill fetches the line for the cache, which has already replaced old by it. What old leaves goes out first, except to
// a victim level: that one answers before it takes in.
func (k *instance) refill(line, array uint64, kind kind, old uint64) {
	if k.swaps {
		k.outside.foresee(old >> tagShift)
		if owed := k.outside.fetch(line, array, kind, k); owed != 0 {
			if at := k.find(line); at >= 0 {
				k.tags[at] |= owed
			}
		}
		if old>>tagShift != noLine {
			k.evict(old)
		}
		return
	}
	if old>>tagShift != noLine {
		if k.silent && old&dirty == 0 {
			k.arrays[old&arrayMask>>arrayShift].evicted++
		} else {
			k.evict(old)
		}
	}
	if k.outside == nil {
		k.system.read(line, array, kind, k)
	} else {
		k.outside.fetch(line, array, kind, k)
	}
}

// give is fetch from a victim level: a hit gives the line away, a miss lets it pass by.
func (k *instance) give(line, array uint64, kind kind, shared, modified bool) (owed uint64) {
	counts := &k.arrays[array]
	at := k.find(line)
	if k.kinds != nil {
		k.kinds.take(line)
	}
	if modified {
		owed = dirty
	}
	switch {
	case at >= 0:
		return owed | k.takeOut(uint64(at))&dirty
	case shared:
		counts.peers++
		return owed
	}
	counts.misses[kind&someKind]++
	if k.kinds != nil {
		k.missed(line, kind, counts)
	}
	if k.outside != nil {
		return k.outside.fetch(line, array, kind, k)
	}
	k.system.read(line, array, kind, k)
	return 0
}

// read is a fetch from memory, for an outermost cache.
func (s *System) read(line, array uint64, kind kind, from *instance) {
	m := &s.memory[array]
	if s.config.Cores > 1 {
		if _, modified := snoop(s.outermost(), from, line); modified {
			m.writes++
		}
	}
	m.reads[kind&someKind]++
}

// evict lets an entry go that the cache has replaced.
func (k *instance) evict(e uint64) {
	line, array := e>>tagShift, e&arrayMask>>arrayShift
	counts := &k.arrays[array]
	counts.evicted++
	if k.fill == Inclusive {
		for _, inner := range k.inside {
			if !inner.innermost || inner.find(line) >= 0 { // it rarely is there
				e |= expel(k.inside, line)
				break
			}
		}
	}
	if e&dirty != 0 {
		counts.writeBacks++
	} else if !k.swaps {
		return
	}
	switch {
	case k.outside == nil:
		k.system.memory[array].writes++
	case k.swaps:
		k.outside.keep(line, array, e&dirty)
	default:
		k.outside.writeBack(line, array)
	}
}

// writeBack hands a dirty line to the cache from inside. It is no use of the line: the order of replacement stays where the
// line is there already.
func (k *instance) writeBack(line, array uint64) {
	if at := k.find(line); at >= 0 {
		k.tags[at] |= dirty
	} else if k.fill == Inclusive { // its copy here has gone: it is on its way out
		k.arrays[array].writeBacks++
		if k.outside == nil {
			k.system.memory[array].writes++
		} else {
			k.outside.writeBack(line, array)
		}
	} else {
		k.keep(line, array, dirty)
	}
}

// keep takes a line in from inside.
func (k *instance) keep(line, array, isDirty uint64) {
	if k.kinds != nil {
		k.kinds.touch(line)
		k.kinds.filled(line)
	}
	_, old, hit := k.touch(line, line<<tagShift|array<<arrayShift|isDirty, 0, isDirty)
	if hit {
		return
	}
	k.arrays[array].victims++
	if old>>tagShift != noLine {
		k.evict(old)
	}
}
