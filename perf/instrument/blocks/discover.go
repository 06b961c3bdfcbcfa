package blocks

import (
	"errors"
	"fmt"
	"slices"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// Options say what belongs to a function's code.
type Options struct {
	// Code gives the bytes from addr to the end of the code there, at least one instruction's; nil outside of all code.
	Code func(addr uint64) []byte
	// Outside reports that a direct call or jump to target leaves the code: it runs natively and is not counted. Nil: nothing
	// does. Targets without code are outside in any case.
	Outside func(target uint64) bool
	// ABI says which registers matter when the function returns.
	ABI ABI
}

// maxInsts bounds a graph: beyond it the code is hardly one function's.
const maxInsts = 1 << 18

// Discover follows the code from entry on. The error is for an entry without code; what is refused further on is in the
// graph.
func Discover(entry uint64, opt Options) (*Graph, error) {
	g := &Graph{Entry: entry, opt: opt, at: map[uint64]*Block{}}
	if len(opt.Code(entry)) == 0 {
		return nil, fmt.Errorf("discover code at %#x: no code there", entry)
	}
	if err := g.add(entry, false); err != nil {
		return nil, err
	}
	return g, nil
}

// Extend adds the code that is reachable from target, where an indirect jump went, and returns the new blocks.
func (g *Graph) Extend(target uint64) ([]*Block, error) {
	if g.at[target] != nil {
		return nil, nil
	}
	if len(g.opt.Code(target)) == 0 {
		return nil, fmt.Errorf("follow indirect jump to %#x: no code there", target)
	}
	known := len(g.Blocks)
	if err := g.add(target, true); err != nil {
		return nil, err
	}
	return g.Blocks[known:], nil
}

// add discovers what is reachable from addr and not known yet.
func (g *Graph) add(addr uint64, late bool) error {
	f := finder{g: g, insts: map[uint64]*decode.Inst{}, refused: map[uint64]*RefusedError{}, leader: map[uint64]bool{}, head: map[uint64]bool{}}
	f.lead(addr)
	f.head[addr] = true
	for len(f.work) > 0 {
		pc := f.work[len(f.work)-1]
		f.work = f.work[:len(f.work)-1]
		f.follow(pc)
		if len(f.insts) > maxInsts {
			return fmt.Errorf("discover code at %#x: more than %d instructions", addr, maxInsts)
		}
	}
	f.build(late)
	g.live = nil
	return nil
}

// finder is one discovery.
type finder struct {
	g       *Graph
	insts   map[uint64]*decode.Inst
	refused map[uint64]*RefusedError
	leader  map[uint64]bool
	head    map[uint64]bool
	work    []uint64
}

func (f *finder) lead(pc uint64) {
	if !f.leader[pc] && f.g.at[pc] == nil {
		f.leader[pc] = true
		f.work = append(f.work, pc)
	}
}

// leadBehind leads to what stands behind a call. A call at the very end of the code does not come back (abort).
func (f *finder) leadBehind(pc uint64) {
	if len(f.g.opt.Code(pc)) > 0 {
		f.lead(pc)
	}
}

// branch notes that control may go from the instruction at pc to target.
func (f *finder) branch(pc, target uint64) {
	if target <= pc {
		f.head[target] = true
	}
	f.lead(target)
}

// outside reports that the code at target is not ours.
func (g *Graph) outside(target uint64) bool {
	return len(g.opt.Code(target)) == 0 || g.opt.Outside != nil && g.opt.Outside(target)
}

// follow decodes from pc on until control certainly leaves.
func (f *finder) follow(pc uint64) {
	for f.insts[pc] == nil && f.refused[pc] == nil && f.g.at[pc] == nil {
		in := new(decode.Inst)
		code := f.g.opt.Code(pc)
		if err := decode.DecodeInto(in, code, pc); err != nil {
			f.refused[pc] = refusal(pc, code, 0, err)
			return
		}
		if why := refuse(in); why != "" {
			f.refused[pc] = refusal(pc, code, int(in.Len), errors.New(why))
			return
		}
		f.insts[pc] = in
		next := in.Next()
		switch in.Control {
		case decode.Next:
			if in.Attr&decode.TileConfig == 0 {
				pc = next
				continue
			}
			f.lead(next) // what tile instructions do depends on the configuration: another block
		case decode.CondJump, decode.CountJump:
			if !f.g.outside(in.Target) {
				f.branch(pc, in.Target)
			}
			f.lead(next)
		case decode.Jump:
			if !f.g.outside(in.Target) {
				f.branch(pc, in.Target)
			}
		case decode.Call:
			f.leadBehind(next)
			if in.Target == next {
				f.refused[pc] = refusal(pc, code, int(in.Len), errors.New("call to the next instruction, to learn the address"))
				delete(f.insts, pc)
			} else if !f.g.outside(in.Target) {
				f.g.Calls = true
				f.head[in.Target] = true
				f.lead(in.Target)
			}
		case decode.IndirectCall:
			f.g.Indirect = true
			f.leadBehind(next)
		case decode.IndirectJump:
			f.g.Indirect = true
		}
		return
	}
}

// build cuts the instructions into blocks and links them. Code that jumps into the middle of an instruction gives two
// blocks with different readings of the same bytes, as the processor has them.
func (f *finder) build(late bool) {
	g := f.g
	known := len(g.Blocks)
	starts := make([]uint64, 0, len(f.leader))
	for pc := range f.leader {
		starts = append(starts, pc)
	}
	slices.Sort(starts)
	for _, pc := range starts {
		b := &Block{Index: len(g.Blocks), Addr: pc, Late: late, Head: f.head[pc]}
		for {
			in := f.insts[pc]
			if in == nil {
				b.Refused = f.refused[pc]
				break
			}
			b.Insts = append(b.Insts, *in)
			b.Raw = append(b.Raw, g.opt.Code(pc)[:in.Len]...)
			pc = in.Next()
			if in.Control != decode.Next || f.leader[pc] || g.at[pc] != nil {
				break
			}
		}
		g.Blocks = append(g.Blocks, b)
	}
	for _, b := range g.Blocks[known:] {
		g.at[b.Addr] = b
	}
	for pc := range f.head {
		if b := g.at[pc]; b != nil {
			b.Head = true
		}
	}
	for _, b := range g.Blocks[known:] {
		g.link(b)
	}
}

func (g *Graph) link(b *Block) {
	last := b.Last()
	if last == nil || b.Refused != nil {
		return
	}
	to := func(addr uint64) {
		if s := g.at[addr]; s != nil {
			b.Succs = append(b.Succs, s)
		}
	}
	switch last.Control {
	case decode.CondJump, decode.CountJump:
		to(last.Target)
		to(last.Next())
	case decode.Jump:
		if !g.outside(last.Target) {
			to(last.Target)
		}
	case decode.Call:
		if !g.outside(last.Target) {
			b.Callee = g.at[last.Target]
		}
		to(last.Next())
	case decode.IndirectCall, decode.Next, decode.Syscall, decode.Transaction:
		to(last.Next())
	}
}
