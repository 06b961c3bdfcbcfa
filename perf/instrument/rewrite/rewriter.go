package rewrite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sort"

	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// Mode says what the copy does beside its work.
type Mode uint8

// The modes.
const (
	Count Mode = iota // counts executions of blocks, and lanes of masks
	Trace             // logs a record per block, from which every address follows
)

// Options say how code is rewritten.
type Options struct {
	Mode  Mode
	Base  uint64 // address where Code will stand
	AVX   bool   // the processor has AVX: exits clear the upper halves of vectors
	AMX   bool   // the processor has tiles: exits release them
	Limit int    // bytes of code at most; 0: no limit

	// Detached copies run where no Go code is: there are no exits. Indirect jumps to code that has no copy run natively, and
	// are counted in the word at Lost when it is code of the table's span.
	Detached bool
	Lost     uint64
	Away     Away
}

// Away counts indirect branches of detached copies that go beyond the table's span to other code of the same file.
type Away struct {
	Count     uint64 // address of the word with their number
	To        uint64 // and of that with the last target
	Low, High uint64 // bounds of the file's code
}

// Rewriter makes copies of functions, one behind the other.
type Rewriter struct {
	Blocks []*Block      // by ID
	Loops  []*LoopRecord // by number
	Slots  int           // that LoopRecords use

	opt      Options
	a        assembler
	counters int

	exitAt, returnAt, indirectAt, ownResultsAt, faultAt uint64
}

// New starts with the code that all copies share.
func New(opt Options) *Rewriter {
	r := &Rewriter{opt: opt, a: assembler{base: opt.Base}}
	if opt.Detached {
		r.counters = TileCounters
	}
	r.shared()
	return r
}

// Code is all code made so far. Code that was there before never changes.
func (r *Rewriter) Code() []byte { return r.a.buf }

// Counters is the number of counters in use.
func (r *Rewriter) Counters() int { return r.counters }

// Return is the address for OffReturn.
func (r *Rewriter) Return() uint64 { return r.returnAt }

// Fault is the code to go on with after a signal in a copy, to leave it with ExitFault: no register matters any more.
func (r *Rewriter) Fault() uint64 { return r.faultAt }

// Func is the copy of a function.
type Func struct {
	Graph    *blocks.Graph
	Entry    uint64 // entered on the caller's stack in place of the original
	Inner    uint64 // the same, once OffEntrySP and OffEntryBP are set, as behind a gate
	OwnEntry uint64 // entered by a call with the context's private stack; see OffPrivateSP

	r       *Rewriter
	code    []*Block // by index in Graph
	borrows map[*blocks.Block][]*borrow
	fixed   map[*blocks.Block]map[uint8]int // in trace mode: slots of registers that a loop around does not change
	stubs   map[*blocks.Block]uint64        // entries for indirect jumps
}

// Gate emits a way into code that has no copy yet. Control goes to gate and on to the address in the word at slot, which the
// caller sets: to first at the beginning, which exits with ExitFirstCall and goes on at OffJump, and to Func.Inner later.
func (r *Rewriter) Gate(entry, slot uint64) (gate, first uint64) {
	a := &r.a
	gate = a.pc()
	a.store(OffEntrySP, decode.RSP)
	a.store(OffEntryBP, decode.RBP)
	a.b(0xff, 0x25) // jmp [slot]
	a.i32(int32(int64(slot) - int64(a.pc()) - 4))
	first = a.pc()
	a.store(OffGPR, decode.RAX)
	a.b(0x48, 0xb8) // mov rax, entry
	a.buf = binary.LittleEndian.AppendUint64(a.buf, entry)
	a.store(OffTarget, decode.RAX)
	a.b(0x48, 0x8d, 0x05) // lea rax, behind the jump
	place := len(a.buf)
	a.i32(0)
	a.store(OffResume, decode.RAX)
	a.storeImm(OffReason, ExitFirstCall)
	a.jump(r.exitAt)
	a.patch32(place, len(a.buf))
	a.jumpGS(OffJump)
	return gate, first
}

// SizeError says that code or counters do not suffice.
type SizeError struct{ What string }

func (e *SizeError) Error() string { return "rewrite code: too much " + e.What }

// errRange is the failure to reach data from the copy.
var errRange = errors.New("data out of reach of the copy")

// Add makes the copy of a function. Code and counters of a failed attempt are given back.
func (r *Rewriter) Add(g *blocks.Graph) (*Func, error) {
	f := &Func{Graph: g, r: r, borrows: map[*blocks.Block][]*borrow{}, fixed: map[*blocks.Block]map[uint8]int{}, stubs: map[*blocks.Block]uint64{}}
	loops, slots := len(r.Loops), r.Slots
	f.allocate()
	err := r.undoable(func(w *writer) error {
		if err := w.blocks(f, g.Blocks); err != nil {
			return err
		}
		w.entries(f)
		return f.checkSlack()
	})
	if err != nil {
		r.Loops, r.Slots = r.Loops[:loops], slots
		return nil, fmt.Errorf("rewrite function at %#x: %w", g.Entry, err)
	}
	return f, nil
}

// Follow makes the copy of the code at target, where an indirect jump of f went, if there is none yet, and returns the
// address for such jumps.
func (f *Func) Follow(target uint64) (uint64, error) {
	fresh, err := f.Graph.Extend(target)
	if err != nil {
		return 0, err
	}
	b := f.Graph.At(target)
	err = f.r.undoable(func(w *writer) error {
		if err := w.blocks(f, fresh); err != nil {
			return err
		}
		if f.stubs[b] == 0 {
			f.stubs[b] = w.indirectEntry(f, b)
		}
		return f.checkSlack()
	})
	if err != nil {
		return 0, fmt.Errorf("rewrite code at %#x: %w", target, err)
	}
	return f.stubs[b], nil
}

// undoable makes code, or leaves everything as it was.
func (r *Rewriter) undoable(make func(*writer) error) error {
	size, counters, known := len(r.a.buf), r.counters, len(r.Blocks)
	w := &writer{Rewriter: r}
	err := make(w)
	if err == nil {
		err = w.finish()
	}
	if err == nil && r.opt.Limit > 0 && len(r.a.buf) > r.opt.Limit {
		err = &SizeError{"code"}
	}
	if err == nil && r.counters > MaxCounters {
		err = &SizeError{"counters"}
	}
	if err != nil {
		r.a.buf, r.counters, r.Blocks = r.a.buf[:size], counters, r.Blocks[:known]
	}
	return err
}

// Original finds the instruction of which the copy's code at pc is part, instrumentation before it included.
func (r *Rewriter) Original(pc uint64) (*Block, *decode.Inst) {
	i := sort.Search(len(r.Blocks), func(i int) bool { return r.Blocks[i].begin > pc }) - 1
	if i < 0 || pc >= r.Blocks[i].end {
		return nil, nil
	}
	b := r.Blocks[i]
	k := sort.Search(len(b.instEnd), func(k int) bool { return b.instEnd[k] > pc })
	if k >= len(b.Insts) {
		return b, nil
	}
	return b, &b.Insts[k]
}

// Block is the copy of a block.
type Block struct {
	*blocks.Block
	ID      int       // first word of its records; index in Rewriter.Blocks
	Counter int       // in count mode
	Dynamic []Dynamic // in count mode: what an execution does not determine
	Words   int       // in trace mode: of a record
	Access  []Access  // in trace mode: of an execution, in order

	begin, end uint64   // of the code
	body       uint64   // where other blocks jump to
	instEnd    []uint64 // behind each instruction's code
}

// Dynamic is a counter of what one instruction does, summed over its executions.
type Dynamic struct {
	Inst    int // index in Insts
	What    DynamicKind
	Counter int
	Minus   int // counter to be subtracted, -1: none
}

// DynamicKind is what a Dynamic counts.
type DynamicKind uint8

// The kinds.
const (
	Lanes   DynamicKind = iota // lanes whose mask bit is set
	Repeats                    // repetitions of a string instruction
)
