package sim

import (
	"slices"
	"testing"
)

// plain is a whole machine written as plainly as docs/simulator.md reads, without any shortcut: the oracle for several
// levels and cores. Sets and policies are those of naive; which set a line has and which array it belongs to, is asked.
type plain struct {
	s      *System
	levels [][]*plainCache
	memory []memory
}

type plainCache struct {
	naive
	m       *plain
	fill    Fill
	swaps   bool // the level outside is a victim level
	outside *plainCache
	inside  []*plainCache
	flags   map[uint64]*plainFlags // of the lines that it holds
	arrays  []counts
}

type plainFlags struct{ dirty, sole, prefetched bool }

func newPlain(s *System) *plain {
	m := &plain{s: s, memory: make([]memory, len(s.names))}
	at := map[*instance]*plainCache{}
	for depth, instances := range s.levels {
		m.levels = append(m.levels, nil)
		for _, k := range instances {
			p := &plainCache{m: m, fill: k.fill, flags: map[uint64]*plainFlags{}, arrays: make([]counts, len(s.names))}
			p.naive = naive{policy: k.policy, ways: int(k.ways), set: func(line uint64) uint64 { return k.set(line - 1) }, sets: map[uint64]*naiveSet{}}
			for _, i := range k.inside {
				inner := at[i]
				inner.outside, inner.swaps = p, p.fill == Victim
				p.inside = append(p.inside, inner)
			}
			at[k] = p
			m.levels[depth] = append(m.levels[depth], p)
		}
	}
	return m
}

func (m *plain) innermost(core int) *plainCache { return m.levels[0][core/m.s.config.Levels[0].Cores] }

// touch is a use of the line, which displaces another if need be. Lines of naive are numbered from 1.
func (p *plainCache) touch(line uint64) (flags *plainFlags, hit bool, gone uint64, old *plainFlags) {
	s := p.at(line + 1)
	way := slices.Index(s.lines, line+1)
	hit = way >= 0
	if !hit {
		way = p.choose(s)
		if number := s.lines[way]; number != 0 {
			gone, old = number-1, p.flags[number-1]
			delete(p.flags, gone)
			s.used = slices.DeleteFunc(s.used, func(l uint64) bool { return l == number })
		}
		s.lines[way] = line + 1
		p.flags[line] = &plainFlags{}
	}
	p.naive.used(s, way, hit)
	return p.flags[line], hit, gone, old
}

// take removes a line; nil: it was not there. Its way counts as the oldest.
func (p *plainCache) take(line uint64) *plainFlags {
	f := p.flags[line]
	if f == nil {
		return nil
	}
	delete(p.flags, line)
	s := p.at(line + 1)
	way := slices.Index(s.lines, line+1)
	s.lines[way] = 0
	s.used = slices.DeleteFunc(s.used, func(l uint64) bool { return l == line+1 })
	p.grow(s, way, 3)
	return f
}

func (p *plainCache) count(line uint64) *counts { return &p.arrays[p.m.s.array(line)] }

func (m *plain) access(core int, line, n uint64, kind kind) {
	p := m.innermost(core)
	f, hit, gone, old := p.touch(line)
	c := p.count(line)
	c.lookups[kind]++
	c.bytes[kind] += n
	if hit && f.prefetched {
		c.useful++
		f.prefetched = false
	}
	wrote := kind == store && !f.sole
	if kind == store {
		f.dirty, f.sole = true, true
	}
	if !hit {
		c.misses[kind]++
		p.refill(line, kind, gone, old)
	}
	if wrote {
		p.own(line)
	}
}

// own removes the copies that are not on the way from the cache to memory.
func (p *plainCache) own(line uint64) {
	for ; p != nil; p = p.outside {
		neighbours := p.m.levels[len(p.m.levels)-1]
		if p.outside != nil {
			neighbours = p.outside.inside
		}
		for _, n := range neighbours {
			if n != p {
				n.expel(line, false)
			}
		}
	}
}

// expel removes the line from the cache and all inside; it says whether one of them was dirty, which then is written back.
func (p *plainCache) expel(line uint64, back bool) (dirty bool) {
	for _, i := range p.inside {
		dirty = i.expel(line, back) || dirty
	}
	if f := p.take(line); f != nil {
		p.count(line).invalidated++
		dirty = dirty || f.dirty
	}
	if dirty && back {
		p.count(line).writeBacks++
	}
	return dirty
}

// snoop makes the copies clean that other cores have in the caches, except one, and inside.
func snoopPlain(caches []*plainCache, except *plainCache, line uint64) (shared, modified bool) {
	for _, p := range caches {
		if p == except {
			continue
		}
		s, m := snoopPlain(p.inside, nil, line)
		if f := p.flags[line]; f != nil {
			s, m = true, m || f.dirty
			f.dirty, f.sole = false, false
		}
		if m {
			p.count(line).writeBacks++
		}
		shared, modified = shared || s, modified || m
	}
	return shared, modified
}

// refill fetches a line that has displaced gone.
func (p *plainCache) refill(line uint64, kind kind, gone uint64, old *plainFlags) {
	if old != nil && !p.swaps {
		p.evict(gone, old)
	}
	if p.outside == nil {
		p.m.read(line, kind, p)
	} else if p.outside.fetch(line, kind, p) {
		if f := p.flags[line]; f != nil {
			f.dirty = true
		}
	}
	if old != nil && p.swaps {
		p.evict(gone, old)
	}
}

func (m *plain) read(line uint64, kind kind, from *plainCache) {
	array := m.s.array(line)
	if _, modified := snoopPlain(m.levels[len(m.levels)-1], from, line); modified {
		m.memory[array].writes++
	}
	m.memory[array].reads[kind]++
}

// fetch serves a level inside; dirty: the line comes dirty from an exclusive level.
func (p *plainCache) fetch(line uint64, kind kind, from *plainCache) (dirty bool) {
	var shared, modified bool
	if len(p.inside) > 1 {
		if shared, modified = snoopPlain(p.inside, from, line); modified && p.fill != Victim {
			p.writeBack(line)
		}
	}
	c := p.count(line)
	c.lookups[kind]++
	if p.fill == Victim {
		f := p.take(line)
		switch {
		case f != nil:
			return modified || f.dirty
		case shared:
			c.peers++
			return modified
		}
		c.misses[kind]++
		if p.outside == nil {
			p.m.read(line, kind, p)
			return false
		}
		return p.outside.fetch(line, kind, p)
	}
	f, hit, gone, old := p.touch(line)
	switch {
	case hit:
		if f.prefetched && kind != prefetch {
			c.useful++
			f.prefetched = false
		}
		return false
	case shared:
		f.prefetched = kind == prefetch
		c.peers++
		if old != nil {
			p.evict(gone, old)
		}
		return false
	}
	f.prefetched = kind == prefetch
	c.misses[kind]++
	p.refill(line, kind, gone, old)
	return false
}

func (p *plainCache) evict(line uint64, f *plainFlags) {
	c := p.count(line)
	c.evicted++
	dirty := f.dirty
	if p.fill == Inclusive {
		for _, i := range p.inside {
			dirty = i.expel(line, true) || dirty
		}
	}
	if dirty {
		c.writeBacks++
	}
	switch {
	case !dirty && !p.swaps:
	case p.outside == nil:
		p.m.memory[p.m.s.array(line)].writes++
	case p.swaps:
		p.outside.keep(line, dirty)
	default:
		p.outside.writeBack(line)
	}
}

func (p *plainCache) writeBack(line uint64) {
	switch f := p.flags[line]; {
	case f != nil:
		f.dirty = true
	case p.fill != Inclusive:
		p.keep(line, true)
	default:
		p.count(line).writeBacks++
		if p.outside == nil {
			p.m.memory[p.m.s.array(line)].writes++
		} else {
			p.outside.writeBack(line)
		}
	}
}

func (p *plainCache) keep(line uint64, dirty bool) {
	f, hit, gone, old := p.touch(line)
	f.dirty = f.dirty || dirty
	if !hit {
		p.count(line).victims++
		if old != nil {
			p.evict(gone, old)
		}
	}
}

func (m *plain) past(core int, line, n uint64) {
	m.innermost(core).count(line).past += n
	array, dirty := m.s.array(line), false
	m.memory[array].past += n
	for _, p := range m.levels[len(m.levels)-1] {
		dirty = p.expel(line, true) || dirty
	}
	if dirty {
		m.memory[array].writes++
	}
}

func (m *plain) prefetch(core int, line uint64, level int) {
	p := m.innermost(core)
	for next := p.outside; level > 1 && next != nil; level, next = level-1, next.outside {
		if next.fill != Victim {
			p = next
		}
	}
	p.fetch(line, prefetch, nil)
}

// same fails where the counts of the System differ from the plain ones.
func (m *plain) same(t *testing.T, step int) {
	t.Helper()
	for depth, caches := range m.levels {
		for i, p := range caches {
			k := m.s.levels[depth][i]
			for a := range p.arrays {
				got := k.arrays[a]
				got.kinds = [4]uint64{}
				if got != p.arrays[a] {
					t.Fatalf("step %d, L%d number %d, array %d:\n got %+v\nwant %+v\n%+v", step, depth+1, i, a, got, p.arrays[a], m.s.config)
				}
			}
		}
	}
	if !slices.Equal(m.memory, m.s.memory) {
		t.Fatalf("step %d, memory:\n got %+v\nwant %+v\n%+v", step, m.s.memory, m.memory, m.s.config)
	}
}
