package blocks

import (
	"slices"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// Loop is a natural loop, or with a nil Header all of the code.
type Loop struct {
	Header *Block
	Blocks []*Block // by index
	Parent *Loop    // the next larger loop; nil for all of the code
	Inner  bool     // contains no other loop
	Depth  int      // 0 for all of the code

	has []bool // by index
}

// Has reports that b belongs to the loop.
func (l *Loop) Has(b *Block) bool { return b.Index < len(l.has) && l.has[b.Index] }

// Free are the registers that no instruction of the loop touches, the stack pointer excepted. There are none where control
// goes to unknown code: calls, indirect jumps, and jumps out of the code.
func (l *Loop) Free() uint32 {
	free := uint32(allGPRs &^ (1 << decode.RSP))
	for _, b := range l.Blocks {
		free &= b.Free()
	}
	return free
}

// Free are the registers that no instruction of the block touches, the stack pointer excepted.
func (b *Block) Free() uint32 {
	free := uint32(allGPRs &^ (1 << decode.RSP))
	for i := range b.Insts {
		in := &b.Insts[i]
		free &^= in.GPRRead | in.GPRWritten
		switch in.Control {
		case decode.Call, decode.IndirectCall, decode.IndirectJump:
			return 0
		}
	}
	if b.leaves() || b.Refused != nil {
		return 0
	}
	return free
}

// Loops finds the natural loops, the larger before the smaller; the first is all of the code. Cycles with two entries have
// no natural loop and are only part of what surrounds them.
func (g *Graph) Loops() []*Loop {
	n := len(g.Blocks)
	root := &Loop{Blocks: g.Blocks, has: make([]bool, n)}
	for i := range root.has {
		root.has[i] = true
	}
	preds := make([][]*Block, n)
	for _, b := range g.Blocks {
		for _, s := range b.Succs {
			preds[s.Index] = append(preds[s.Index], b)
		}
	}
	dom := g.dominators(preds)
	loops := map[*Block]*Loop{}
	var found []*Loop
	for _, b := range g.Blocks {
		for _, s := range b.Succs {
			if !dominates(dom, s.Index, b.Index) {
				continue
			}
			l := loops[s]
			if l == nil {
				l = &Loop{Header: s, has: make([]bool, n)}
				l.has[s.Index] = true
				loops[s] = l
				found = append(found, l)
			}
			l.grow(b, preds)
		}
	}
	for _, l := range found {
		for i, in := range l.has {
			if in {
				l.Blocks = append(l.Blocks, g.Blocks[i])
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *Loop) int { return len(b.Blocks) - len(a.Blocks) })
	all := append([]*Loop{root}, found...)
	nest(all)
	return all
}

// grow adds the blocks from which b is reached without passing the header.
func (l *Loop) grow(b *Block, preds [][]*Block) {
	work := []*Block{b}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if l.has[b.Index] {
			continue
		}
		l.has[b.Index] = true
		work = append(work, preds[b.Index]...)
	}
}

// nest finds each loop's parent among the larger ones before it.
func nest(loops []*Loop) {
	for i, l := range loops {
		l.Inner = true
		for k := i - 1; k >= 0; k-- {
			if p := loops[k]; l.Header != nil && p.Has(l.Header) && p.Header != l.Header {
				l.Parent, l.Depth, p.Inner = p, p.Depth+1, false
				break
			}
		}
	}
}

// postorder walks the graph depth first from its roots (the entry, callees, late targets), with a stack of its own, and returns
// the blocks behind all that they lead to, and which of them are roots, by index.
func (g *Graph) postorder() (post []*Block, isRoot []bool) {
	isRoot = make([]bool, len(g.Blocks))
	seen := make([]bool, len(g.Blocks))
	type frame struct {
		b    *Block
		next int
	}
	root := func(b *Block) {
		isRoot[b.Index] = true
		if seen[b.Index] {
			return
		}
		seen[b.Index] = true
		stack := []frame{{b, 0}}
		for len(stack) > 0 {
			f := &stack[len(stack)-1]
			if f.next == len(f.b.Succs) {
				post = append(post, f.b)
				stack = stack[:len(stack)-1]
				continue
			}
			s := f.b.Succs[f.next]
			f.next++
			if !seen[s.Index] {
				seen[s.Index] = true
				stack = append(stack, frame{s, 0})
			}
		}
	}
	root(g.at[g.Entry])
	for _, b := range g.Blocks {
		if b.Callee != nil {
			root(b.Callee)
		}
	}
	for _, b := range g.Blocks { // late targets, and what is reached from nowhere known
		if !seen[b.Index] {
			root(b)
		}
	}
	return post, isRoot
}

// dominators gives the immediate dominator of each block by index; -1 for roots. All roots hang below one virtual root, which
// is also -1. After K. D. Cooper, T. J. Harvey and K. Kennedy, "A Simple, Fast Dominance Algorithm".
func (g *Graph) dominators(preds [][]*Block) []int {
	n := len(g.Blocks)
	post, isRoot := g.postorder()
	slices.Reverse(post)
	order := make([]int, n) // place in reverse postorder
	for i, b := range post {
		order[b.Index] = i
	}
	const unknown = -2
	dom := make([]int, n)
	for i := range dom {
		dom[i] = unknown
		if isRoot[i] {
			dom[i] = -1
		}
	}
	meet := func(a, b int) int {
		for a != b {
			if a < 0 || b < 0 {
				return -1
			}
			if order[a] > order[b] {
				a = dom[a]
			} else {
				b = dom[b]
			}
		}
		return a
	}
	for changed := true; changed; {
		changed = false
		for _, b := range post {
			if isRoot[b.Index] {
				continue
			}
			d := unknown
			for _, p := range preds[b.Index] {
				switch {
				case dom[p.Index] == unknown:
				case d == unknown:
					d = p.Index
				default:
					d = meet(d, p.Index)
				}
			}
			if d != dom[b.Index] {
				dom[b.Index], changed = d, true
			}
		}
	}
	return dom
}

// dominates reports that every way to b passes a.
func dominates(dom []int, a, b int) bool {
	for b >= 0 {
		if a == b {
			return true
		}
		b = dom[b]
	}
	return false
}
