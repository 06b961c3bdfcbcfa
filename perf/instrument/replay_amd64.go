package instrument

import (
	"math/bits"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// Log is a piece of a thread's log, complete records in the order of execution. It is valid until the sink returns.
type Log struct {
	thread *Thread
	words  []uint64
}

// Sink gets the log of a thread, on that thread, whenever it is full and when a run ends.
type Sink func(l *Log)

// Counts adds the executions of blocks, by address, to sum.
func (l *Log) Counts(sum map[uint64]uint64) {
	blocks, loops, _ := l.thread.p.known()
	for w := l.words; len(w) > 0; {
		if w[0]&rewrite.LoopMark != 0 {
			w = w[1+len(loops[w[0]&^rewrite.LoopMark].Slots):]
			continue
		}
		b := blocks[w[0]]
		sum[b.Addr]++
		w = w[b.Words:]
	}
}

// known are the blocks and loops that have copies so far; other threads may add some.
func (p *Program) known() (blocks []*rewrite.Block, loops []*rewrite.LoopRecord, slots int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rw.Blocks, p.rw.Loops, p.rw.Slots
}

// batch is how many references are handed over at a time, at most.
const batch = 4096

// References calls emit with the references of the log in their order, a batch at a time. The batch is valid until emit
// returns. Order within an instruction is that of its operands, loads before stores; a masked access is one reference per run
// of lanes. Each piece of a log must be replayed once at most, in order: what loops do not change is logged on entry only.
func (l *Log) References(emit func([]sim.Access)) { l.replay(nil, emit) }

// Replay issues the references to a core of a simulated machine. The core sees what References lists.
func (l *Log) Replay(core *sim.Core) { l.replay(core, core.Run) }

// replay hands the references over to emit; those of simple blocks directly to the core, if there is one.
func (l *Log) replay(core *sim.Core, emit func([]sim.Access)) {
	t := l.thread
	blocks, loops, slots := t.p.known()
	if len(t.slots) < slots {
		t.slots = append(t.slots, make([]uint64, slots-len(t.slots))...)
	}
	x := expansion{slots: t.slots, fs: t.fsBase, emit: emit, tiles: t.tileConfig(), out: t.batch[:0]}
	for w := l.words; len(w) > 0; {
		if w[0]&rewrite.LoopMark != 0 {
			r := loops[w[0]&^rewrite.LoopMark]
			for i, slot := range r.Slots {
				t.slots[slot] = w[1+i]
				t.quick.setSlot(slot, w[1+i])
			}
			w = w[1+len(r.Slots):]
			continue
		}
		b := blocks[w[0]]
		switch quick := t.quick.of(b); {
		case quick == nil:
			x.words = w[:b.Words]
			for i := range b.Access {
				x.access(&b.Access[i])
			}
		case core != nil:
			x.flush()
			t.quick.run(quick, w[:b.Words], core)
		default:
			n := len(x.out)
			if n+len(quick.list) > cap(x.out) {
				x.flush()
				n = 0
			}
			x.out = x.out[:n+len(quick.list)]
			t.quick.expand(quick.list, w[:b.Words], x.out[n:])
		}
		w = w[b.Words:]
	}
	x.flush()
}

// expansion turns records into references.
type expansion struct {
	words []uint64
	slots []uint64
	fs    uint64
	tiles TileConfig
	out   []sim.Access
	emit  func([]sim.Access)
}

func (x *expansion) flush() {
	if len(x.out) > 0 {
		x.emit(x.out)
	}
	x.out = x.out[:0]
}

// word is a word of the record or of a slot; 0 where there is none.
func (x *expansion) word(i int32) uint64 {
	switch {
	case i >= 0:
		return x.words[i]
	case i == rewrite.NoWord:
		return 0
	}
	return x.slots[-1-i]
}

func (x *expansion) address(a *rewrite.Access) uint64 {
	addr := uint64(a.Delta) + x.word(a.Base) + x.word(a.Index)*uint64(a.Scale)
	if a.FS {
		addr += x.fs
	}
	return addr
}

// put adds a reference of an access, both ways if need be.
func (x *expansion) put(a *rewrite.Access, addr uint64, size uint32) {
	if a.Load {
		x.add(sim.Access{Addr: addr, Size: size, Kind: sim.LoadAccess})
	}
	switch {
	case a.Past:
		x.add(sim.Access{Addr: addr, Size: size, Kind: sim.StorePastAccess})
	case a.Store:
		x.add(sim.Access{Addr: addr, Size: size, Kind: sim.StoreAccess})
	}
}

func (x *expansion) add(r sim.Access) {
	if len(x.out) == cap(x.out) {
		x.flush()
	}
	x.out = append(x.out, r)
}

func (x *expansion) access(a *rewrite.Access) {
	switch a.Form {
	case rewrite.Plain:
		x.put(a, x.address(a), a.Size)
	case rewrite.Masked:
		addr := x.address(a)
		for m := x.mask(a); m != 0; {
			from := bits.TrailingZeros64(m)
			run := bits.TrailingZeros64(^(m >> from))
			x.put(a, addr+uint64(from)*uint64(a.Elem), uint32(run)*uint32(a.Elem))
			m &^= (1<<run - 1) << from
		}
	case rewrite.BitOffset: // the word of memory that holds the bit
		bit := int64(x.word(a.Mask)) << (64 - 8*a.Size) >> (64 - 8*a.Size)
		x.put(a, x.address(a)+uint64(bit>>(2+bits.Len32(a.Size))*int64(a.Size)), a.Size)
	case rewrite.Packed:
		if n := bits.OnesCount64(x.mask(a)); n > 0 {
			x.put(a, x.address(a), uint32(n)*uint32(a.Elem))
		}
	case rewrite.Indexed:
		base := uint64(a.Delta) + x.word(a.Base)
		if a.FS {
			base += x.fs
		}
		for m := x.mask(a); m != 0; m &= m - 1 {
			lane := bits.TrailingZeros64(m)
			x.put(a, base+x.lane(a.Index, lane, a.IndexBytes)*uint64(a.Scale), uint32(a.Elem))
		}
	case rewrite.Repeated:
		n := x.word(a.Mask) - x.word(a.After)
		addr := x.address(a)
		for range n {
			x.put(a, addr, a.Size)
			addr += uint64(a.Size)
		}
	case rewrite.TileRows:
		addr, stride := uint64(a.Delta)+x.word(a.Base), x.word(a.Index)*uint64(a.Scale)
		for range x.tiles.Rows(a.Tile) {
			x.put(a, addr, uint32(x.tiles.RowBytes(a.Tile)))
			addr += stride
		}
	}
}

// lane is an element of a vector in the record, sign-extended.
func (x *expansion) lane(at int32, lane int, bytes uint8) uint64 {
	if bytes == 8 {
		return x.words[int(at)+lane]
	}
	return uint64(int64(int32(x.words[int(at)+lane/2] >> (32 * (lane & 1)))))
}

// mask has a bit for each lane that is on.
func (x *expansion) mask(a *rewrite.Access) (m uint64) {
	if !a.Signs {
		m = x.word(a.Mask)
		if a.Lanes < 64 {
			m &= 1<<a.Lanes - 1
		}
		return m
	}
	for lane := range int(a.Lanes) {
		bit := (lane+1)*int(a.Elem)*8 - 1
		m |= x.words[int(a.Mask)+bit/64] >> (bit % 64) & 1 << lane
	}
	return m
}
