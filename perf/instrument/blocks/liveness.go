package blocks

import "github.com/roofline-go/roofline/perf/instrument/decode"

// ABI is a calling convention, as far as it says which registers a caller still reads after the return.
type ABI uint8

// The calling conventions.
const (
	AnyABI ABI = iota // all registers matter
	GoABI0            // arguments and results on the stack: only RSP and RBP matter
	SysV              // C on Linux: results in RAX, RDX; RBX, RBP, R12 … R15 are the caller's
)

// allGPRs is the set of all registers.
const allGPRs = 1<<16 - 1

func (a ABI) liveAtReturn() uint32 {
	switch a {
	case GoABI0:
		return 1<<decode.RSP | 1<<decode.RBP
	case SysV:
		return 1<<decode.RAX | 1<<decode.RDX | 1<<decode.RBX | 1<<decode.RSP | 1<<decode.RBP | 0xf<<12
	}
	return allGPRs
}

// Live is what may still be read at a point.
type Live struct {
	Flags decode.Flags
	GPRs  uint32
}

// FlagsDead reports that an add may stand here.
func (l Live) FlagsDead() bool { return l.Flags&decode.Status == 0 }

// liveness of a block: at its begin and behind its last instruction.
type liveness struct{ in, out Live }

// all is what is live where nothing is known about the code that follows.
var all = Live{decode.Status | decode.DF, allGPRs}

// LiveIn is what is live at the begin of b.
func (g *Graph) LiveIn(b *Block) Live { return g.solve()[b.Index].in }

// Points gives what is live before each instruction of b, and behind the last.
func (g *Graph) Points(b *Block) []Live {
	points := make([]Live, len(b.Insts)+1)
	l := g.solve()[b.Index].out
	points[len(b.Insts)] = l
	for i := len(b.Insts) - 1; i >= 0; i-- {
		l = before(&b.Insts[i], l)
		points[i] = l
	}
	return points
}

// before carries liveness backwards over an instruction.
func before(in *decode.Inst, l Live) Live {
	l.Flags = l.Flags&^in.FlagsKilled | in.FlagsRead
	l.GPRs = l.GPRs&^(in.GPRWritten&^in.GPRRead) | in.GPRRead
	return l
}

// solve computes liveness by iteration to the fixed point.
func (g *Graph) solve() []liveness {
	if g.live != nil {
		return g.live
	}
	live := make([]liveness, len(g.Blocks))
	for changed := true; changed; {
		changed = false
		for i := len(g.Blocks) - 1; i >= 0; i-- {
			b := g.Blocks[i]
			out := g.liveOut(b, live)
			in := out
			for k := len(b.Insts) - 1; k >= 0; k-- {
				in = before(&b.Insts[k], in)
			}
			if now := (liveness{in, out}); now != live[i] {
				live[i], changed = now, true
			}
		}
	}
	g.live = live
	return live
}

func (g *Graph) liveOut(b *Block, live []liveness) Live {
	if b.Refused != nil || b.leaves() {
		return all
	}
	switch b.Control() {
	case decode.Return:
		// Flags are no part of any calling convention; code that calls within itself may have one of its own.
		if g.Calls || g.opt.ABI == AnyABI {
			return all
		}
		return Live{0, g.opt.ABI.liveAtReturn()}
	case decode.Call, decode.IndirectCall, decode.IndirectJump:
		return all
	}
	var l Live
	for _, s := range b.Succs {
		l.Flags |= live[s.Index].in.Flags
		l.GPRs |= live[s.Index].in.GPRs
	}
	return l
}
