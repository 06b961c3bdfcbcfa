package rewrite

import (
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/decode"
	"github.com/roofline-go/roofline/perf/instrument/flops"
)

// assignCounters gives every block its counter and every dynamic count another.
func (w *writer) assignCounters(f *Func, list []*blocks.Block) {
	next := func() int { w.counters++; return w.counters - 1 }
	for _, b := range list {
		c := f.code[b.Index]
		c.Counter = next()
		uses := maskUses(b)
		for i := range uses {
			counter := next()
			for _, k := range uses[i].insts {
				c.Dynamic = append(c.Dynamic, Dynamic{Inst: k, What: Lanes, Counter: counter, Minus: -1})
			}
		}
		for k := range b.Insts {
			if in := &b.Insts[k]; in.Attr&decode.Repeated != 0 {
				d := Dynamic{Inst: k, What: Repeats, Counter: next(), Minus: -1}
				if endsEarly(in) {
					d.Minus = next()
				}
				c.Dynamic = append(c.Dynamic, d)
			}
		}
	}
}

// endsEarly reports a repeated string instruction that a comparison ends.
func endsEarly(in *decode.Inst) bool {
	switch in.Op {
	case 0xa6, 0xa7, 0xae, 0xaf: // cmps, scas
		return true
	}
	return false
}

// allocate borrows registers for the counters, and in trace mode for the log pointer.
func (f *Func) allocate() {
	al := f.newAllocation()
	if f.r.opt.Mode == Trace {
		al.logPointer()
		al.loopRecords()
		return
	}
	// The counters that assignCounters will give.
	next := f.r.counters
	type want struct {
		b       *blocks.Block
		counter int
	}
	var masks []want
	for _, b := range f.Graph.Blocks {
		al.counter(b, next)
		next++
		for range maskUses(b) {
			masks = append(masks, want{b, next})
			next++
		}
		for k := range b.Insts {
			if in := &b.Insts[k]; in.Attr&decode.Repeated != 0 {
				next++
				if endsEarly(in) {
					next++
				}
			}
		}
	}
	for _, m := range masks {
		al.counter(m.b, m.counter)
	}
}

// maskUse is a mask whose set bits are counted once for all instructions that use it.
type maskUse struct {
	k           uint8 // mask register, or
	vec         uint8 // vector whose signs are the mask
	vector      bool
	bytes, elem int // of the vector and its lanes
	lanes       int
	insts       []int
	from, to    int // the code may stand before any of the instructions from … to
}

// maskUses finds the masks of a block whose set bits matter.
func maskUses(b *blocks.Block) []maskUse {
	var uses []maskUse
	open := map[maskKey]int{}
	kFrom, vFrom := [8]int{}, [32]int{}
	for i := range b.Insts {
		in := &b.Insts[i]
		if u, ok := maskOf(in); ok {
			key := maskKey{u.k, u.vec, u.vector, u.elem, u.lanes}
			n, known := open[key]
			if !known {
				u.from = kFrom[u.k]
				if u.vector {
					u.from = vFrom[u.vec]
				}
				n = len(uses)
				uses = append(uses, u)
				open[key] = n
			}
			uses[n].insts = append(uses[n].insts, i)
			uses[n].to = i
		}
		for key, n := range open {
			written := in.KWritten>>key.k&1 != 0 && !key.vector || in.VecWritten>>key.vec&1 != 0 && key.vector
			if written {
				uses[n].to = i
				delete(open, key)
			}
		}
		for k := range kFrom {
			if in.KWritten>>k&1 != 0 {
				kFrom[k] = i + 1
			}
		}
		for v := range vFrom {
			if in.VecWritten>>v&1 != 0 {
				vFrom[v] = i + 1
			}
		}
	}
	for _, n := range open {
		uses[n].to = len(b.Insts) - 1
	}
	return uses
}

type maskKey struct {
	k, vec      uint8
	vector      bool
	elem, lanes int
}

// maskOf tells the mask that governs what an instruction does to memory or how many operations it executes.
func maskOf(in *decode.Inst) (u maskUse, ok bool) {
	if in.Mask != 0 {
		memory := in.HasMem && in.Mem.Access != decode.NoAccess && !in.Mem.Broadcast &&
			in.Attr&(decode.LaneMasked|decode.Gather|decode.Scatter|decode.Compress|decode.Expand) != 0
		if in.Lanes == 0 || !memory && !flops.Of(in).Counted() {
			return u, false
		}
		return maskUse{k: in.Mask, lanes: int(in.Lanes)}, true
	}
	return vectorMask(in)
}

// vectorMask tells the vector whose sign bits are the mask of an AVX instruction.
func vectorMask(in *decode.Inst) (u maskUse, ok bool) {
	if in.Attr&decode.VectorMasked == 0 {
		return u, false
	}
	op := in.Args[1]
	if in.Attr&decode.Gather != 0 {
		op = in.Args[2]
	}
	if !in.HasMem { // maskmovdqu: signs of bytes
		return maskUse{vector: true, vec: op.Reg, bytes: 16, elem: 1, lanes: 16}, true
	}
	return maskUse{vector: true, vec: op.Reg, bytes: max(int(op.Size), 16), elem: int(in.Mem.ElemSize), lanes: int(in.Lanes)}, true
}

// counting adds counters to a block.
type counting struct {
	w      *writer
	f      *Func
	c      *Block
	points []blocks.Live
	at     map[int][]func() // before each instruction
}

func (w *writer) countPlan(f *Func, c *Block, points []blocks.Live) instrumenter {
	p := &counting{w, f, c, points, map[int][]func(){}}
	p.executions()
	for _, u := range maskUses(c.Block) {
		counter := -1
		for _, d := range c.Dynamic {
			if d.What == Lanes && d.Inst == u.insts[0] {
				counter = d.Counter
			}
		}
		p.mask(u, counter)
	}
	for _, d := range c.Dynamic {
		if d.What == Repeats {
			p.repeats(d)
		}
	}
	return p
}

func (p *counting) begin()       {}
func (p *counting) before(k int) { p.run(k) }
func (p *counting) end()         { p.run(len(p.c.Insts)) }

func (p *counting) run(k int) {
	for _, emit := range p.at[k] {
		emit()
	}
}

func (p *counting) add(k int, emit func()) { p.at[k] = append(p.at[k], emit) }

// executions counts the block, where flags are dead if there is such a place.
func (p *counting) executions() {
	w, slot := p.w, counterSlot(p.c.Counter)
	if reg, ok := p.f.held(p.c.Block, slot); ok {
		p.add(0, func() { w.a.addConst(reg, 1) })
		return
	}
	for k := range max(len(p.c.Insts), 1) {
		if p.points[k].FlagsDead() {
			p.add(k, func() { w.a.increment(slot) })
			return
		}
	}
	p.add(0, func() {
		p.withScratch(0, 0, func(reg uint8) {
			w.a.load(reg, slot)
			w.a.addConst(reg, 1)
			w.a.store(slot, reg)
		})
	})
}

// withScratch runs emit with a register to use before instruction k.
func (p *counting) withScratch(k int, avoid uint32, emit func(reg uint8)) {
	reg, dead := p.f.scratch(p.c.Block, p.points[k].GPRs, avoid)
	if !dead {
		p.w.a.store(spillA, reg)
	}
	emit(reg)
	if !dead {
		p.w.a.load(reg, spillA)
	}
}

// mask adds the number of a mask's set bits to a counter, at the cheapest place.
func (p *counting) mask(u maskUse, counter int) {
	best, cost := u.insts[0], 3
	for k := u.from; k <= u.to; k++ {
		c := 0
		if !p.points[k].FlagsDead() {
			c = 2
		} else if _, dead := p.f.scratch(p.c.Block, p.points[k].GPRs, 0); !dead {
			c = 1
		}
		if c < cost {
			best, cost = k, c
		}
	}
	slot := counterSlot(counter)
	held, isHeld := p.f.held(p.c.Block, slot)
	w := p.w
	accumulate := func(reg uint8) {
		w.maskBits(u, reg)
		w.a.popcount(reg)
		if isHeld {
			w.a.lea(held, address{base: int8(held), index: int8(reg), scale: 1})
		} else {
			w.a.opGS(0x01, reg, slot)
		}
	}
	p.add(best, func() {
		if p.points[best].FlagsDead() {
			p.withScratch(best, 0, accumulate)
			return
		}
		reg := uint8(decode.RAX)
		w.a.store(spillRAX, decode.RAX)
		w.a.saveFlags()
		w.a.store(spillFlags, decode.RAX)
		if isHeld && held == decode.RAX { // its own value is in the spill slot
			w.a.load(decode.RAX, spillRAX)
			w.a.store(slot, decode.RAX)
			w.maskBits(u, reg)
			w.a.popcount(reg)
			w.a.opGS(0x03, reg, slot)
			w.a.store(spillRAX, reg)
		} else {
			accumulate(reg)
		}
		w.a.load(decode.RAX, spillFlags)
		w.a.restoreFlags()
		w.a.load(decode.RAX, spillRAX)
	})
}

// maskBits copies a mask into a register: one bit for each lane, all others 0.
func (w *writer) maskBits(u maskUse, reg uint8) {
	switch {
	case u.vector && u.elem == 1:
		w.a.signBytes(reg, u.vec)
	case u.vector:
		w.a.signs(reg, u.vec, u.bytes, u.elem)
	case u.lanes > 32:
		w.a.kmovGPR(reg, u.k, 64)
	case u.lanes > 16:
		w.a.kmovGPR(reg, u.k, 32)
	default:
		w.a.kmovGPR(reg, u.k, 16)
	}
	if width := u.maskWidth(); u.lanes < width {
		w.a.andBits(reg, int32(1<<u.lanes-1))
	}
}

// maskWidth is the number of bits that maskBits gets at first.
func (u maskUse) maskWidth() int {
	if u.vector {
		return u.bytes / u.elem
	}
	switch {
	case u.lanes > 32:
		return 64
	case u.lanes > 16:
		return 32
	}
	return 16
}

// repeats counts the repetitions of a string instruction by RCX: before it, and where a comparison may end it also after.
func (p *counting) repeats(d Dynamic) {
	w := p.w
	sum := func(k, counter int) func() {
		return func() {
			p.withScratch(k, 1<<decode.RCX, func(reg uint8) {
				w.a.load(reg, counterSlot(counter))
				w.a.lea(reg, address{base: int8(reg), index: decode.RCX, scale: 1})
				w.a.store(counterSlot(counter), reg)
			})
		}
	}
	p.add(d.Inst, sum(d.Inst, d.Counter))
	if d.Minus >= 0 {
		p.add(d.Inst+1, sum(d.Inst+1, d.Minus))
	}
}
