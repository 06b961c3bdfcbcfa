package sim

// snoop looks for copies of the line in these caches and inside of them, except in one: they belong to other cores than the
// one that asks. Dirty copies become clean and their data passes outwards; who asked answers for it.
func snoop(caches []*instance, except *instance, line uint64) (shared, modified bool) {
	for _, k := range caches {
		if k == except {
			continue
		}
		s, m := snoop(k.inside, nil, line)
		if at := k.find(line); at >= 0 {
			s = true
			m = m || k.tags[at]&dirty != 0
			k.tags[at] &^= dirty | sole
		}
		if m {
			k.arrays[k.system.array(line)].writeBacks++
		}
		shared, modified = shared || s, modified || m
	}
	return shared, modified
}

// expel removes the line from these caches and from all inside of them, and returns dirty if one held it so; the data
// passes outwards through each.
func expel(caches []*instance, line uint64) (isDirty uint64) {
	for _, k := range caches {
		d := uint64(0)
		if len(k.inside) > 0 {
			d = expel(k.inside, line)
		}
		array := uint64(0)
		if old := k.remove(line); old>>tagShift != noLine {
			d |= old & dirty
			array = old & arrayMask >> arrayShift
			k.lost(line, old)
		} else if d != 0 {
			array = k.system.array(line)
		}
		if d != 0 {
			k.arrays[array].writeBacks++
		}
		isDirty |= d
	}
	return isDirty
}

// own removes all copies that are not on the cache's own way to memory, before a core writes.
func (k *instance) own(line uint64) {
	for ; k != nil; k = k.outside {
		neighbours := k.system.outermost()
		if k.outside != nil {
			neighbours = k.outside.inside
		}
		for _, n := range neighbours {
			if n != k {
				n.discard(line)
			}
		}
	}
}

// discard removes the line from the cache and from all inside of it. What was dirty the writer has got already.
func (k *instance) discard(line uint64) {
	for _, i := range k.inside {
		i.discard(line)
	}
	if old := k.remove(line); old>>tagShift != noLine {
		k.lost(line, old)
	}
}

// lost counts an entry that was taken away from outside.
func (k *instance) lost(line, old uint64) {
	k.arrays[old&arrayMask>>arrayShift].invalidated++
	if k.kinds != nil {
		k.kinds.lose(line)
	}
}

// StorePast writes size bytes past the caches (non-temporal): copies are removed wherever they are, dirty ones after their
// write-back, and nothing is read. The bytes count for the innermost level and for memory, whose write-combining buffers
// are taken to gather whatever is contiguous.
func (c *Core) StorePast(addr uint64, size int) {
	if size < 1 {
		return
	}
	end := addr + uint64(size) - 1
	if end < addr {
		end = none
	}
	for line := addr >> c.shift; line < end>>c.shift; line++ {
		next := (line + 1) << c.shift
		c.past(line&lineMask, next-addr)
		addr = next
	}
	c.past(end>>c.shift&lineMask, end-addr+1)
}

func (c *Core) past(line, n uint64) {
	s := c.system
	array := s.array(line)
	c.l1.arrays[array].past += n
	s.memory[array].past += n
	if expel(s.outermost(), line) != 0 {
		s.memory[array].writes++
	}
}
