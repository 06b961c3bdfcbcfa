package rewrite

import (
	"math/bits"

	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// borrow is a register in the copy's use throughout a loop, or a record that entering the loop logs.
type borrow struct {
	loop   *blocks.Loop
	reg    uint8
	slot   int32 // of the context, loaded on entry to the loop and stored on exit
	record *LoopRecord
}

// spill is where the register's own value is meanwhile.
func (b *borrow) spill() int32 { return OffBorrowed + 8*int32(b.reg) }

// allocation hands out free registers of loops.
type allocation struct {
	f     *Func
	loops []*blocks.Loop // larger before smaller
	free  map[*blocks.Loop]uint32
}

func (f *Func) newAllocation() *allocation {
	al := &allocation{f: f, loops: f.Graph.Loops(), free: map[*blocks.Loop]uint32{}}
	for _, l := range al.loops {
		al.free[l] = l.Free()
	}
	if f.Graph.Indirect { // all of the code is not known
		al.free[al.loops[0]] = 0
	}
	return al
}

// innermost is the smallest loop that b belongs to.
func (al *allocation) innermost(b *blocks.Block) *blocks.Loop {
	for i := len(al.loops) - 1; i > 0; i-- {
		if al.loops[i].Has(b) {
			return al.loops[i]
		}
	}
	return al.loops[0]
}

// take borrows a register throughout l, nil when none is free. Registers are free of what loops around and inside use.
func (al *allocation) take(l *blocks.Loop, slot int32) *borrow {
	free := al.free[l]
	if free == 0 {
		return nil
	}
	b := &borrow{loop: l, reg: uint8(bits.Len32(free) - 1), slot: slot}
	for _, o := range al.loops {
		if o == l || related(o, l) {
			al.free[o] &^= 1 << b.reg
		}
	}
	for _, blk := range l.Blocks {
		al.f.borrows[blk] = append(al.f.borrows[blk], b)
	}
	return b
}

// related reports that one of two loops is inside the other.
func related(a, b *blocks.Loop) bool {
	for p := a; p != nil; p = p.Parent {
		if p == b {
			return true
		}
	}
	for p := b; p != nil; p = p.Parent {
		if p == a {
			return true
		}
	}
	return false
}

// outermost is the largest loop around l, or l itself, that has a free register: the farther out, the less often the
// register changes hands.
func (al *allocation) outermost(l *blocks.Loop) *blocks.Loop {
	best := l
	for p := l; p != nil; p = p.Parent {
		if al.free[p] == 0 {
			break
		}
		best = p
	}
	return best
}

// logPointer borrows a register for the log pointer, as far out as possible.
func (al *allocation) logPointer() {
	var done []*blocks.Loop
	for _, l := range al.loops {
		al.free[l] &^= 1 << decode.RAX // checks of the limit may need it
		covered := false
		for _, d := range done {
			covered = covered || related(d, l)
		}
		if !covered && al.take(l, OffLog) != nil {
			done = append(done, l)
		}
	}
}

// counter borrows a register for a counter of a block in an innermost loop.
func (al *allocation) counter(b *blocks.Block, counter int) {
	l := al.innermost(b)
	if l.Parent == nil || !l.Inner {
		return // memory does: it is not executed often
	}
	al.take(al.outermost(l), counterSlot(counter))
}

func counterSlot(counter int) int32 { return OffCounters + 8*int32(counter) }

// borrowed is the set of registers that hold values of the copy's own in b.
func (f *Func) borrowed(b *blocks.Block) (set uint32) {
	for _, x := range f.borrows[b] {
		if x.record == nil {
			set |= 1 << x.reg
		}
	}
	return set
}

// held finds the register that holds a word of the context throughout b.
func (f *Func) held(b *blocks.Block, slot int32) (reg uint8, ok bool) {
	for _, x := range f.borrows[b] {
		if x.record == nil && x.slot == slot {
			return x.reg, true
		}
	}
	return 0, false
}

// transition emits what is needed on the way from code with one set of borrowed registers to code with another. live are
// the registers whose own values matter there.
func (w *writer) transition(from, to []*borrow, live uint32) {
	has := func(list []*borrow, b *borrow) bool {
		for _, x := range list {
			if x == b {
				return true
			}
		}
		return false
	}
	for _, b := range from {
		if has(to, b) || b.record != nil {
			continue
		}
		w.a.store(b.slot, b.reg)
		if live>>b.reg&1 != 0 || borrowsReg(to, b.reg) {
			w.a.load(b.reg, b.spill())
		}
	}
	for _, b := range to {
		if has(from, b) {
			continue
		}
		if b.record != nil {
			w.loopRecord(b.record, to)
			continue
		}
		if live>>b.reg&1 != 0 {
			w.a.store(b.spill(), b.reg)
		}
		w.a.load(b.reg, b.slot)
	}
}

func borrowsReg(list []*borrow, reg uint8) bool {
	for _, b := range list {
		if b.record == nil && b.reg == reg {
			return true
		}
	}
	return false
}

// scratch picks a register to be used before an instruction: a dead one, or one that must be put aside.
func (f *Func) scratch(b *blocks.Block, live, avoid uint32) (reg uint8, dead bool) {
	avoid |= 1<<decode.RSP | f.borrowed(b)
	if d := ^live & ^avoid & 0xffff; d != 0 {
		return uint8(bits.TrailingZeros32(d)), true
	}
	return uint8(bits.TrailingZeros32(^avoid & 0xffff)), false
}
