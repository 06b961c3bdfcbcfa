package rewrite

import (
	"fmt"

	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// writer makes code for one call of Add or Follow. Branches are resolved when all blocks have an address.
type writer struct {
	*Rewriter
	branches []branch
	later    []func() // code out of line
}

// branch is a 32-bit branch offset to be set.
type branch struct {
	place int
	to    *Block
}

// finish emits what stands out of line and resolves the branches.
func (w *writer) finish() error {
	for len(w.later) > 0 {
		emit := w.later[0]
		w.later = w.later[1:]
		emit()
	}
	for _, br := range w.branches {
		if br.to.body == 0 {
			return fmt.Errorf("no copy of the block at %#x", br.to.Addr)
		}
		w.a.patch32(br.place, int(br.to.body-w.a.base))
	}
	return nil
}

// blocks emits the copies of blocks in their order.
func (w *writer) blocks(f *Func, list []*blocks.Block) error {
	for _, b := range list {
		c := &Block{Block: b, ID: len(w.Blocks), Counter: -1}
		w.Blocks = append(w.Blocks, c)
		f.code = append(f.code[:b.Index], c)
	}
	if w.opt.Mode == Count {
		w.assignCounters(f, list)
	}
	for i, b := range list {
		var following *blocks.Block
		if i+1 < len(list) {
			following = list[i+1]
		}
		if err := w.block(f, f.code[b.Index], following); err != nil {
			return err
		}
	}
	return nil
}

// block emits one block: its own code, then the way on.
func (w *writer) block(f *Func, c *Block, following *blocks.Block) error {
	if c.Head {
		w.align(32)
	}
	c.begin, c.body = w.a.pc(), w.a.pc()
	points := f.Graph.Points(c.Block)
	var in instrumenter
	if w.opt.Mode == Count {
		in = w.countPlan(f, c, points)
	} else {
		in = w.tracePlan(f, c, points)
	}
	in.begin()
	for k := range c.Insts {
		inst := &c.Insts[k]
		in.before(k)
		if inst.Control != decode.Next {
			break
		}
		if err := w.move(c, k); err != nil {
			return err
		}
		c.instEnd = append(c.instEnd, w.a.pc())
	}
	in.end()
	if last := c.Last(); last != nil && loadsTileConfig(last) {
		w.compareTileConfig(f, c, points[len(c.Insts)])
	}
	err := w.leave(f, c, points, following)
	c.instEnd = append(c.instEnd, w.a.pc())
	c.end = w.a.pc()
	return err
}

// instrumenter adds code to a block: at its begin, before each instruction, and before control leaves.
type instrumenter interface {
	begin()
	before(k int)
	end()
}

// leave emits the last instruction, if it is a branch, and the way to the following block.
func (w *writer) leave(f *Func, c *Block, points []blocks.Live, following *blocks.Block) error {
	here := f.borrows[c.Block]
	if c.Refused != nil {
		w.refused(c)
		return nil
	}
	last := c.Last()
	switch last.Control {
	case decode.Next:
		return w.fall(f, c, last.Next(), following)
	case decode.CondJump:
		return w.condJump(f, c, last, following)
	case decode.CountJump:
		// There are only short ones: op +2; jmp short +5; jmp near.
		w.a.b(last.Op, 2, 0xeb, 5)
		if err := w.jumpTo(f, c, last.Target); err != nil {
			return err
		}
		return w.fall(f, c, last.Next(), following)
	case decode.Jump:
		if f.Graph.At(last.Target) == nil || len(c.Succs) == 0 {
			w.inside(0)
			return w.native(0xe9, last.Target)
		}
		if following != nil && following.Addr == last.Target {
			return w.fall(f, c, last.Target, following)
		}
		return w.jumpTo(f, c, last.Target)
	case decode.Call:
		if c.Callee == nil {
			w.inside(0)
			if err := w.native(0xe8, last.Target); err != nil {
				return err
			}
		} else {
			w.a.b(0xe8)
			w.branchTo(f, nil, c.Callee)
		}
		return w.fallBehind(f, c, last.Next(), following)
	case decode.IndirectCall:
		if err := w.target(last); err != nil {
			return err
		}
		w.a.b(0xe8, 5, 0, 0, 0, 0xe9) // call over the jump, which is where it returns to
		place := len(w.a.buf)
		w.a.i32(0)
		w.a.jump(w.indirectAt)
		w.a.patch32(place, len(w.a.buf))
		return w.fallBehind(f, c, last.Next(), following)
	case decode.IndirectJump:
		if err := w.target(last); err != nil {
			return err
		}
		w.a.jump(w.indirectAt)
		return nil
	case decode.Return:
		w.transition(here, nil, points[len(c.Insts)].GPRs)
		w.inside(0)
		return w.move(c, len(c.Insts)-1)
	default: // traps: the fault is reported where it happens
		return w.move(c, len(c.Insts)-1)
	}
}

// fall goes on with the block at addr, which is emitted next if it is the following one.
func (w *writer) fall(f *Func, c *Block, addr uint64, following *blocks.Block) error {
	to := f.Graph.At(addr)
	if to == nil {
		return fmt.Errorf("no block at %#x", addr)
	}
	if to != following {
		return w.jumpTo(f, c, addr)
	}
	w.transition(f.borrows[c.Block], f.borrows[to], f.Graph.LiveIn(to).GPRs)
	return nil // a following head begins with its alignment
}

// fallBehind goes on behind a call; where no code is, it does not come back, and would fault if it did.
func (w *writer) fallBehind(f *Func, c *Block, addr uint64, following *blocks.Block) error {
	if f.Graph.At(addr) == nil {
		w.a.b(0x0f, 0x0b) // ud2
		return nil
	}
	w.inside(1)
	return w.fall(f, c, addr, following)
}

func (w *writer) align(n uint64) {
	for w.a.pc()%n != 0 {
		w.a.b(nop(int(n - w.a.pc()%n))...)
	}
}

// nops are the recommended ones of 1 … 9 bytes.
var nops = [][]byte{
	{0x90}, {0x66, 0x90}, {0x0f, 0x1f, 0x00}, {0x0f, 0x1f, 0x40, 0}, {0x0f, 0x1f, 0x44, 0, 0}, {0x66, 0x0f, 0x1f, 0x44, 0, 0},
	{0x0f, 0x1f, 0x80, 0, 0, 0, 0}, {0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0}, {0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0},
}

func nop(n int) []byte { return nops[min(n, len(nops))-1] }

// jumpTo emits the way from c to the block at addr.
func (w *writer) jumpTo(f *Func, c *Block, addr uint64) error {
	to := f.Graph.At(addr)
	if to == nil {
		return fmt.Errorf("no block at %#x", addr)
	}
	from := f.borrows[c.Block]
	w.a.b(0xe9)
	w.branchTo(f, from, to)
	return nil
}

// branchTo emits the offset of a branch, to the block itself or to what must be done on the way.
func (w *writer) branchTo(f *Func, from []*borrow, to *blocks.Block) {
	place := len(w.a.buf)
	w.a.i32(0)
	if sameBorrows(from, f.borrows[to]) {
		w.branches = append(w.branches, branch{place, f.code[to.Index]})
		return
	}
	w.later = append(w.later, func() {
		w.a.patch32(place, len(w.a.buf))
		w.transition(from, f.borrows[to], f.Graph.LiveIn(to).GPRs)
		w.a.b(0xe9)
		w.branches = append(w.branches, branch{len(w.a.buf), f.code[to.Index]})
		w.a.i32(0)
	})
}

func sameBorrows(a, b []*borrow) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func (w *writer) condJump(f *Func, c *Block, last *decode.Inst, following *blocks.Block) error {
	to := f.Graph.At(last.Target)
	if to == nil {
		if !f.Graph.IsOutside(last.Target) {
			return fmt.Errorf("no block at %#x", last.Target)
		}
		w.a.b(0x70|(last.Op&15^1), 0) // the opposite condition skips the jump
		skip := len(w.a.buf)
		w.inside(0)
		if err := w.native(0xe9, last.Target); err != nil {
			return err
		}
		w.a.buf[skip-1] = byte(len(w.a.buf) - skip)
		return w.fall(f, c, last.Next(), following)
	}
	w.a.b(0x0f, 0x80|last.Op&15)
	w.branchTo(f, f.borrows[c.Block], to)
	return w.fall(f, c, last.Next(), following)
}

// native emits a call or jump out of the copy, to code that runs as it is.
func (w *writer) native(op byte, target uint64) error {
	d := int64(target) - int64(w.a.pc()) - 5
	if d != int64(int32(d)) {
		return fmt.Errorf("%w: code at %#x", errRange, target)
	}
	w.a.b(op)
	w.a.i32(int32(d))
	return nil
}

// move emits instruction k in its new place.
func (w *writer) move(c *Block, k int) error {
	in, at := &c.Insts[k], len(w.a.buf)
	w.a.b(c.Bytes(k)...)
	if !in.RIPRelative() {
		return nil
	}
	addr, _ := in.Address()
	d := int64(addr) - int64(w.a.pc())
	if d != int64(int32(d)) {
		return fmt.Errorf("%w: %#x, read by the instruction at %#x", errRange, addr, in.PC)
	}
	place := at + int(in.DispOff)
	copy(w.a.buf[place:], []byte{byte(d), byte(d >> 8), byte(d >> 16), byte(d >> 24)})
	return nil
}

// target emits code that leaves the target of an indirect branch at OffTarget.
func (w *writer) target(in *decode.Inst) error {
	if !in.HasMem {
		w.a.store(OffTarget, in.Args[0].Reg)
		return nil
	}
	m := in.Mem
	w.a.store(spillRAX, decode.RAX)
	if m.Segment != 0 {
		w.a.b(m.Segment)
	}
	if in.RIPRelative() {
		addr, _ := in.Address()
		d := int64(addr) - int64(w.a.pc()) - 7
		if d != int64(int32(d)) {
			return fmt.Errorf("%w: %#x, read by the instruction at %#x", errRange, addr, in.PC)
		}
		w.a.b(0x48, 0x8b, 0x05)
		w.a.i32(int32(d))
	} else {
		w.a.op64(0x8b, decode.RAX, address{m.Base, m.Index, m.Scale, int32(m.Disp)})
	}
	w.a.store(OffTarget, decode.RAX)
	w.a.load(decode.RAX, spillRAX)
	return nil
}

// entries emits the ways into a function.
func (w *writer) entries(f *Func) {
	entry := f.Graph.At(f.Graph.Entry)
	w.align(16)
	f.Entry = w.a.pc()
	w.a.store(OffEntrySP, decode.RSP)
	w.a.store(OffEntryBP, decode.RBP)
	f.Inner = w.a.pc()
	w.enter(f, entry)
	f.OwnEntry = w.a.pc()
	w.a.store(OffEntrySP, decode.RSP)
	w.a.store(OffStackSP, decode.RSP)
	w.a.store(OffEntryBP, decode.RBP)
	w.a.load(decode.RSP, OffPrivateSP)
	for i, reg := range []uint8{decode.RDI, decode.RSI, decode.RDX, decode.RCX, 8, 9} {
		w.a.load(reg, OffArgs+8*int32(i))
	}
	for i := range uint8(8) { // movq
		w.a.b(0x65, 0xf3, 0x0f, 0x7e)
		w.a.gs(i, OffFloatArgs+8*int32(i))
	}
	w.enterBy(0xe8, f, entry) // a call: what returns is predicted by it
	w.a.jump(w.ownResultsAt)
}

// enter goes to a block from code that borrows nothing.
func (w *writer) enter(f *Func, b *blocks.Block) { w.enterBy(0xe9, f, b) }

// enterBy does so by a jump or call.
func (w *writer) enterBy(op byte, f *Func, b *blocks.Block) {
	w.transition(nil, f.borrows[b], f.Graph.LiveIn(b).GPRs)
	w.a.b(op)
	w.branches = append(w.branches, branch{len(w.a.buf), f.code[b.Index]})
	w.a.i32(0)
}

// indirectEntry emits the way to a block for indirect jumps. It passes as a head does: the way here may close a cycle.
func (w *writer) indirectEntry(f *Func, b *blocks.Block) uint64 {
	at := w.a.pc()
	if w.opt.Mode == Trace && !b.Head {
		w.checkLogAnywhere(false)
	}
	w.enter(f, b)
	return at
}

// refused emits the end of a block behind which nothing is understood.
func (w *writer) refused(c *Block) {
	w.exit(ExitRefused, nil, func() {
		w.a.b(0xb8) // mov eax: the block
		w.a.i32(int32(c.ID))
		w.a.store(OffTarget, decode.RAX)
	})
	w.a.b(0x0f, 0x0b)
}

// exit emits a jump out of line that leaves for Go and comes back behind the jump. extra adds code, RAX being free.
func (w *writer) exit(reason int32, held []*borrow, extra func()) {
	w.a.b(0xe9)
	w.exitStub(reason, held, extra)
}

// exitStub emits the offset of a branch to code that leaves for Go and comes back behind the branch. Words of the context
// that held registers keep are brought up to date before, and the log pointer is read again after.
func (w *writer) exitStub(reason int32, held []*borrow, extra func()) {
	place := len(w.a.buf)
	w.a.i32(0)
	back := w.a.pc()
	w.later = append(w.later, func() {
		w.a.patch32(place, len(w.a.buf))
		for _, b := range held {
			if b.record == nil {
				w.a.store(b.slot, b.reg)
			}
		}
		w.a.store(OffGPR, decode.RAX)
		if extra != nil {
			extra()
		}
		w.a.b(0x48, 0x8d, 0x05) // lea rax, what follows the jump
		resume := len(w.a.buf)
		w.a.i32(0)
		w.a.store(OffResume, decode.RAX)
		w.a.storeImm(OffReason, reason)
		w.a.jump(w.exitAt)
		w.a.patch32(resume, len(w.a.buf))
		for _, b := range held {
			if b.record == nil && b.slot == OffLog {
				w.a.load(b.reg, OffLog)
			}
		}
		w.a.jump(back)
	})
}
