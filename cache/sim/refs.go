package sim

// Refs are the references of a piece of code in their order, which are issued again and again: the address of each is the
// sum of one of a few bases, which differ from time to time, and a constant.
type Refs struct{ list []ref }

type ref struct {
	delta uint64
	size  uint64
	place uint32 // where its line stood in the innermost cache the last time
	first uint32 // the first of the list that is so near that it often is in the same line; it has the place
	base  uint8
	kind  Kind
}

// Bases are the values from which the addresses of references follow.
type Bases [256]uint64

// Add appends a reference to bases[base] + delta. The size is in bytes and at least 1, except of a prefetch: see Access.
func (r *Refs) Add(base uint8, delta uint64, size uint32, kind Kind) {
	n := ref{delta: delta, size: uint64(size), base: base, kind: kind, first: uint32(len(r.list))}
	for i, o := range r.list {
		if d := delta - o.delta; o.base == base && (d < near || -d < near) {
			n.first = uint32(i)
			break
		}
	}
	r.list = append(r.list, n)
}

const near = 64 // bytes

// Len returns the number of references.
func (r *Refs) Len() int { return len(r.list) }

// RunRefs issues references in order. Most hit a line where it was hit before: for them nothing needs to be looked up.
func (c *Core) RunRefs(bases *Bases, refs *Refs) {
	l1, shift, list := c.l1, c.shift&63, refs.list
	l1.recent = none
	if l1.meta == nil {
		for i := range list {
			r := &list[i]
			c.issue(r, bases[r.base]+r.delta)
		}
		return
	}
	tags, stamps := l1.tags, l1.stamps
	var sum tally
	for i := range list {
		r := &list[i]
		addr := bases[r.base] + r.delta
		line := addr >> shift
		if (addr+r.size-1)>>shift != line || r.kind > StoreAccess {
			c.issue(r, addr)
			continue
		}
		first, kind := &list[r.first], kind(r.kind)
		place := uint64(first.place)
		line &= lineMask
		if place >= uint64(len(tags)) || tags[place]>>tagShift != line {
			var hit bool
			place, hit = c.lookUp(line, r.size, kind)
			first.place = uint32(place)
			if !hit {
				continue
			}
		}
		e := tags[place]
		if wants := uint64(kind) * sole; (e^wants)&(prefetched|wants) != 0 { // it has something to do the first time
			c.access(line, r.size, kind, place)
			continue
		}
		if l1.kinds != nil {
			l1.kinds.touch(line)
		}
		if place < uint64(len(stamps)) {
			l1.clock += l1.step
			stamps[place] = l1.clock | place
		} else {
			l1.use(place)
		}
		if what := e&arrayMask | uint64(kind); what != sum.what {
			sum.settle(l1)
			sum.what = what
		}
		sum.bytes += r.size
		sum.lookups++
	}
	sum.settle(l1)
}

// tally counts hits of the same array and kind.
type tally struct{ what, lookups, bytes uint64 }

func (t *tally) settle(k *instance) {
	counts := &k.arrays[t.what&arrayMask>>arrayShift]
	counts.lookups[t.what&someKind] += t.lookups
	counts.bytes[t.what&someKind] += t.bytes
	t.lookups, t.bytes = 0, 0
}

// issue issues a reference of any kind.
func (c *Core) issue(r *ref, addr uint64) {
	switch r.kind {
	case LoadAccess, StoreAccess:
		r.place = uint32(c.reference(addr, int(r.size), uint8(r.kind), uint64(r.place)))
	case StorePastAccess:
		c.StorePast(addr, int(r.size))
	case PrefetchAccess:
		c.Prefetch(addr, int(r.size))
	}
}
