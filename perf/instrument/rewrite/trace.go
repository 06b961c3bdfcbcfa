package rewrite

import (
	"math/bits"

	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// LoopMark is added to the number of a LoopRecord where it stands in the log, to tell it from the ID of a block.
const LoopMark = 1 << 30

// LoopRecord is logged on entry to a loop: its number, then the registers that addresses in the loop derive from and that
// the loop does not change. They are kept in slots until the loop is entered again.
type LoopRecord struct {
	Number int
	Slots  []int // of the words
	regs   []uint8
}

// loopRecords plans what is logged on entry to loops.
func (al *allocation) loopRecords() {
	f := al.f
	for _, l := range al.loops {
		if !al.logHeld(l) {
			continue
		}
		var written, used uint32
		for _, b := range l.Blocks {
			for i := range b.Insts {
				in := &b.Insts[i]
				written |= in.GPRWritten
				used |= addressRegisters(in)
			}
		}
		used &^= written
		for reg := range f.fixed[l.Blocks[0]] { // a larger loop has logged it
			used &^= 1 << reg
		}
		if used == 0 {
			continue
		}
		r := &LoopRecord{Number: len(f.r.Loops)}
		f.r.Loops = append(f.r.Loops, r)
		for ; used != 0; used &= used - 1 {
			reg := uint8(bits.TrailingZeros32(used))
			r.regs, r.Slots = append(r.regs, reg), append(r.Slots, f.r.Slots)
			for _, b := range l.Blocks {
				if f.fixed[b] == nil {
					f.fixed[b] = map[uint8]int{}
				}
				f.fixed[b][reg] = f.r.Slots
			}
			f.r.Slots++
		}
		x := &borrow{loop: l, record: r}
		for _, b := range l.Blocks {
			f.borrows[b] = append(f.borrows[b], x)
		}
	}
}

// logHeld reports that a register holds the log pointer throughout l.
func (al *allocation) logHeld(l *blocks.Loop) bool {
	for _, x := range al.f.borrows[l.Blocks[0]] {
		if x.record == nil && x.slot == OffLog && (x.loop == l || x.loop.Has(l.Blocks[0]) && len(x.loop.Blocks) >= len(l.Blocks)) {
			return true
		}
	}
	return false
}

// addressRegisters are the GPRs that the addresses of an instruction's accesses derive from.
func addressRegisters(in *decode.Inst) (set uint32) {
	add := func(m *decode.MemOperand) {
		if m.Access == decode.NoAccess {
			return
		}
		if m.Base >= 0 && m.Base != decode.RIP {
			set |= 1 << m.Base
		}
		if m.Index >= 0 && m.VSIB == 0 {
			set |= 1 << m.Index
		}
	}
	if in.HasMem {
		add(&in.Mem)
	}
	mem, n := in.Implicit()
	for i := range mem[:n] {
		add(&mem[i])
	}
	return set
}

// sticky finds the slot of a register that a loop around c has logged on entry.
func (f *Func) sticky(c *Block, reg uint8) (slot int, ok bool) {
	slot, ok = f.fixed[c.Block][reg]
	return slot, ok
}

// loopRecord logs on entry to a loop.
func (w *writer) loopRecord(r *LoopRecord, held []*borrow) {
	rb := uint8(0)
	for _, x := range held {
		if x.record == nil && x.slot == OffLog {
			rb = x.reg
		}
	}
	n := 1 + len(r.regs)
	w.header(rb, r.Number|LoopMark, n)
	for i, reg := range r.regs {
		w.a.op64(0x89, reg, address{base: int8(rb), index: decode.NoReg, disp: int32(8 * (1 + i - n))})
	}
}

// header advances the log pointer by n words and stores the first.
func (w *writer) header(rb uint8, id, n int) {
	w.a.addConst(rb, int32(8*n))
	w.a.b(0x48|rb>>3, 0xc7) // mov qword, imm32
	w.a.modrm(0, address{base: int8(rb), index: decode.NoReg, disp: int32(-8 * n)})
	w.a.i32(int32(id))
}

// checkSlack makes sure that what may be logged between two checks of the limit fits behind it: at most every block once.
func (f *Func) checkSlack() error {
	words := 0
	for _, c := range f.code {
		words += c.Words
	}
	for _, l := range f.r.Loops {
		words += 1 + len(l.regs)
	}
	if 8*words > Slack/2 {
		return &SizeError{"log between two checks"}
	}
	return nil
}

// tracing logs a block.
type tracing struct {
	w      *writer
	f      *Func
	c      *Block
	points []blocks.Live
	plan   *recordPlan

	rb       uint8 // the log pointer
	inLoop   bool  // borrowed by a loop
	inBlock  bool  // borrowed for the block
	putAside bool  // its own value matters
}

func (w *writer) tracePlan(f *Func, c *Block, points []blocks.Live) instrumenter {
	t := &tracing{w: w, f: f, c: c, points: points, plan: f.planRecord(c)}
	c.Words, c.Access = t.plan.words, t.plan.access
	if t.rb, t.inLoop = f.held(c.Block, OffLog); t.inLoop {
		return t
	}
	free := uint32(0xffff &^ (1<<decode.RSP | 1<<decode.RAX))
	for i := range c.Insts {
		free &^= c.Insts[i].GPRRead | c.Insts[i].GPRWritten
	}
	if dead := free &^ points[0].GPRs; dead != 0 {
		t.rb, t.inBlock = uint8(bits.TrailingZeros32(dead)), true
	} else if free != 0 {
		t.rb, t.inBlock, t.putAside = uint8(bits.TrailingZeros32(free)), true, true
	}
	return t
}

func (t *tracing) begin() {
	w := t.w
	if t.inBlock {
		if t.putAside {
			w.a.store(OffBorrowed+8*int32(t.rb), t.rb)
		}
		w.a.load(t.rb, OffLog)
	}
	if t.c.Head {
		t.check()
	}
	if !t.inLoop && !t.inBlock {
		w.withLog(decode.RAX, func() {
			w.a.b(0x48, 0xc7, 0x00) // mov qword [rax], imm32
			w.a.i32(int32(t.c.ID))
			w.a.addConst(decode.RAX, int32(8*t.plan.words))
			w.a.store(OffLog, decode.RAX)
		})
		return
	}
	w.header(t.rb, t.c.ID, t.plan.words)
}

// withLog runs emit with the log pointer in a register that is in use otherwise.
func (w *writer) withLog(reg uint8, emit func()) {
	w.a.store(spillA, reg)
	w.a.load(reg, OffLog)
	emit()
	w.a.load(reg, spillA)
}

// check leaves for Go when the log is full.
func (t *tracing) check() {
	w := t.w
	if !t.inLoop && !t.inBlock {
		w.checkLogAnywhere(t.points[0].FlagsDead())
		return
	}
	held := []*borrow{{reg: t.rb, slot: OffLog}}
	flagsDead := t.points[0].FlagsDead()
	if !flagsDead {
		w.a.store(spillRAX, decode.RAX)
		w.a.saveFlags()
		w.a.store(spillFlags, decode.RAX)
	}
	w.a.opGS(0x3b, t.rb, OffLogLimit) // cmp
	w.a.b(0x0f, 0x87)                 // ja
	w.exitStub(ExitLogFull, held, nil)
	if !flagsDead {
		w.a.load(decode.RAX, spillFlags)
		w.a.restoreFlags()
		w.a.load(decode.RAX, spillRAX)
	}
}

// checkLogAnywhere is check where no register holds the log pointer.
func (w *writer) checkLogAnywhere(flagsDead bool) {
	w.a.store(spillRAX, decode.RAX)
	if !flagsDead {
		w.a.saveFlags()
		w.a.store(spillFlags, decode.RAX)
	}
	w.a.load(decode.RAX, OffLog)
	w.a.opGS(0x3b, decode.RAX, OffLogLimit)
	w.a.b(0x0f, 0x87)
	w.exitStub(ExitLogFull, nil, nil)
	if !flagsDead {
		w.a.load(decode.RAX, spillFlags)
		w.a.restoreFlags()
	}
	w.a.load(decode.RAX, spillRAX)
}

func (t *tracing) before(k int) { t.store(k) }

func (t *tracing) end() {
	t.store(len(t.c.Insts))
	if t.inBlock {
		t.w.a.store(OffLog, t.rb)
		if t.putAside {
			t.w.a.load(t.rb, OffBorrowed+8*int32(t.rb))
		}
	}
}

// store logs the words that are due before instruction k.
func (t *tracing) store(k int) {
	for _, word := range t.plan.before[k] {
		at := int32(8 * (word.at - t.plan.words))
		if t.inLoop || t.inBlock {
			t.w.recordWord(word, address{base: int8(t.rb), index: decode.NoReg, disp: at})
			continue
		}
		reg := uint8(decode.RAX)
		if word.kind == gprWord && word.reg == decode.RAX {
			reg = decode.RDX
		}
		t.w.withLog(reg, func() {
			t.w.recordWord(word, address{base: int8(reg), index: decode.NoReg, disp: at})
		})
	}
}

func (w *writer) recordWord(word recordWord, m address) {
	switch word.kind {
	case gprWord:
		w.a.op64(0x89, word.reg, m)
	case maskWord:
		w.a.kmovStore(word.reg, m, word.wide)
	case vectorWord:
		w.a.vecStore(word.reg, m, word.bytes)
	}
}
