package instrument

import (
	"slices"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// quickReplay expands records of blocks whose accesses need nothing but an address: each is a constant and two words of one
// array, without a branch. The array has a 0 for words that do not exist, then the record, then the slots of loops.
type quickReplay struct {
	values *[quickWords]uint64
	bases  sim.Bases
	blocks []*quickBlock // by ID
}

const (
	quickWords  = 1 << 15 // a power of two
	quickSlots  = quickWords / 2
	quickAccess = batch / 4 // of a block, at most
)

// quickBlock is a block's accesses in this form, if they have it: one by one, and as sums and distances from them.
type quickBlock struct {
	ok   bool
	list []quickEntry
	sums []quickSum
	refs sim.Refs
}

type quickEntry struct {
	delta       uint64
	base, index uint32 // in values
	scale, size uint32
	kind        sim.Kind
}

// quickSum is what the addresses of some accesses have in common.
type quickSum struct{ base, index, scale uint32 }

// of gives a block's accesses; nil when they are not of the simple form.
func (q *quickReplay) of(b *rewrite.Block) *quickBlock {
	for b.ID >= len(q.blocks) {
		q.blocks = append(q.blocks, nil)
	}
	k := q.blocks[b.ID]
	if k == nil {
		if q.values == nil {
			q.values = new([quickWords]uint64)
		}
		k = makeQuick(b)
		q.blocks[b.ID] = k
	}
	if !k.ok {
		return nil
	}
	return k
}

func makeQuick(b *rewrite.Block) *quickBlock {
	k := &quickBlock{ok: b.Words < quickSlots && len(b.Access) < quickAccess}
	place := func(word int32) uint32 {
		switch {
		case word == rewrite.NoWord:
			return 0
		case word >= 0:
			return uint32(1 + word)
		}
		slot := int(-1 - word)
		k.ok = k.ok && slot < quickSlots-1
		return uint32(quickSlots + slot)
	}
	for i := range b.Access {
		a := &b.Access[i]
		k.ok = k.ok && a.Form == rewrite.Plain && !a.FS
		e := quickEntry{delta: uint64(a.Delta), base: place(a.Base), index: place(a.Index), scale: uint32(a.Scale), size: a.Size}
		if a.Load {
			e.kind = sim.LoadAccess
			k.list = append(k.list, e)
		}
		if a.Store {
			e.kind = sim.StoreAccess
			if a.Past {
				e.kind = sim.StorePastAccess
			}
			k.list = append(k.list, e)
		}
	}
	for _, e := range k.list {
		sum := quickSum{e.base, e.index, e.scale}
		at := slices.Index(k.sums, sum)
		if at < 0 {
			at = len(k.sums)
			k.sums = append(k.sums, sum)
		}
		k.ok = k.ok && at < len(sim.Bases{})
		k.refs.Add(uint8(at), e.delta, e.size, e.kind)
	}
	return k
}

// setSlot notes what a loop has logged on entry.
func (q *quickReplay) setSlot(slot int, value uint64) {
	if q.values == nil {
		q.values = new([quickWords]uint64)
	}
	if slot < quickSlots-1 {
		q.values[quickSlots+slot] = value
	}
}

// expand writes the accesses of a record to out, one for each entry of list.
func (q *quickReplay) expand(list []quickEntry, record []uint64, out []sim.Access) {
	v := q.values
	copy(v[1:], record)
	out = out[:len(list)]
	for i := range list {
		e := &list[i]
		out[i] = sim.Access{Addr: e.delta + v[e.base%quickWords] + v[e.index%quickWords]*uint64(e.scale), Size: e.size, Kind: e.kind}
	}
}

// run issues the accesses of a record to a core.
func (q *quickReplay) run(b *quickBlock, record []uint64, core *sim.Core) {
	v := q.values
	copy(v[1:], record)
	for i := range b.sums {
		s := &b.sums[i]
		q.bases[i%len(q.bases)] = v[s.base%quickWords] + v[s.index%quickWords]*uint64(s.scale)
	}
	core.RunRefs(&q.bases, &b.refs)
}
