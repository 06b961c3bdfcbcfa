package blocks

import (
	"fmt"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// Block is a run of instructions. Its fields are set by Discover and Extend.
type Block struct {
	Index int // in Graph.Blocks
	Addr  uint64
	Insts []decode.Inst // at least one, unless Refused
	Raw   []byte        // the machine code of Insts

	Succs   []*Block // where the last instruction may go within the code: the branch target first, then the following block
	Callee  *Block   // of a direct call that stays within the code: where it goes; Succs has the block it returns to
	Head    bool
	Late    bool
	Refused *RefusedError // what stands behind the last instruction is not understood
}

// Last is the last instruction; nil in a block that has none.
func (b *Block) Last() *decode.Inst {
	if len(b.Insts) == 0 {
		return nil
	}
	return &b.Insts[len(b.Insts)-1]
}

// Bytes is the machine code of instruction k.
func (b *Block) Bytes(k int) []byte {
	at := int(b.Insts[k].PC - b.Addr)
	return b.Raw[at : at+int(b.Insts[k].Len)]
}

// End is the address behind the last instruction.
func (b *Block) End() uint64 {
	if last := b.Last(); last != nil {
		return last.Next()
	}
	return b.Addr
}

// Control is how the block ends.
func (b *Block) Control() decode.Control {
	if last := b.Last(); last != nil && b.Refused == nil {
		return last.Control
	}
	return decode.Next
}

// leaves reports that a jump at the block's end may go to code outside of the graph: a call at the end of a function.
func (b *Block) leaves() bool {
	switch b.Control() {
	case decode.Jump:
		return len(b.Succs) == 0
	case decode.CondJump, decode.CountJump:
		return len(b.Succs) < 2
	}
	return false
}

// Graph is the code that is reachable from Entry without leaving through Options.Outside. Code behind indirect jumps is
// added by Extend once its address is known.
type Graph struct {
	Entry    uint64
	Blocks   []*Block // those of Discover first, by address
	Indirect bool     // has indirect jumps or calls
	Calls    bool     // has direct calls that stay within the code

	opt  Options
	at   map[uint64]*Block
	live []liveness
}

// At is the block that begins at addr, nil when there is none.
func (g *Graph) At(addr uint64) *Block { return g.at[addr] }

// IsOutside reports that code at target is none of the graph's and never will be.
func (g *Graph) IsOutside(target uint64) bool { return g.outside(target) }

// Refused lists what is not understood.
func (g *Graph) Refused() []*RefusedError {
	var out []*RefusedError
	for _, b := range g.Blocks {
		if b.Refused != nil {
			out = append(out, b.Refused)
		}
	}
	return out
}

// RefusedError is an instruction that cannot be instrumented.
type RefusedError struct {
	PC    uint64
	Bytes []byte
	Why   string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("instrument instruction at %#x (% x): %s", e.PC, e.Bytes, e.Why)
}
