package instrument

import (
	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// quickReplay expands records of blocks whose accesses need nothing but an address: each is a constant and two words of one
// array, without a branch. The array has a 0 for words that do not exist, then the record, then the slots of loops.
type quickReplay struct {
	values *[quickWords]uint64
	blocks []*quickBlock // by ID
}

const (
	quickWords  = 1 << 15 // a power of two
	quickSlots  = quickWords / 2
	quickAccess = batch / 4 // of a block, at most
)

// quickBlock is a block's accesses in this form, if they have it.
type quickBlock struct {
	ok   bool
	list []quickEntry
}

type quickEntry struct {
	delta       uint64
	base, index uint32 // in values
	scale, size uint32
	kind        sim.Kind
}

// of gives a block's accesses; ok is false when they are not of the simple form.
func (q *quickReplay) of(b *rewrite.Block) (list []quickEntry, ok bool) {
	for b.ID >= len(q.blocks) {
		q.blocks = append(q.blocks, nil)
	}
	if q.blocks[b.ID] == nil {
		if q.values == nil {
			q.values = new([quickWords]uint64)
		}
		q.blocks[b.ID] = makeQuick(b)
	}
	return q.blocks[b.ID].list, q.blocks[b.ID].ok
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
	if !k.ok {
		k.list = nil
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
