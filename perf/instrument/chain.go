package instrument

import (
	"strings"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/instrument/decode"
	"github.com/roofline-go/roofline/perf/instrument/flops"
)

// leastCycles are the least latencies in cycles that uops.info and A. Fog's instruction tables give for the cores that this
// program runs on (Zen 2 to 5, Skylake to Golden Cove), by class; a chain is then never estimated longer than it is. Where additions
// forward to additions (cpu.AddsForward), those take sumCycles. Classes that are missing take 1: products of tiles, too, which take
// 52 cycles, but add to a tile of sums row by row, so that one that adds to the same tile may follow as soon as one that does not
// (measured on an Intel Xeon with AMX: 4.6 to 4.8 ns a product with one tile of sums as with four).
var leastCycles = map[flops.Class]float64{
	flops.FMA: 4, flops.FPAdd: 3, flops.FPMul: 3, flops.FPDiv: 10, flops.FPApprox: 3, flops.FPOther: 2, flops.Dot: 4,
	flops.Convert: 3, flops.VecIntMul: 3, flops.IntMul: 3, flops.IntDiv: 7, flops.X87: 3,
	flops.Branch: 0, flops.Nop: 0, flops.Prefetch: 0, flops.Stack: 0, flops.Call: 0,
}

const (
	loadCycles    = 4  // of a hit in L1, while a chain is searched; its seconds are measured (latency.L1)
	forwardCycles = 4  // of a vector register stored and loaded again
	sumCycles     = 2  // of an addition that waits for another one, where cores forward these
	chainRounds   = 16 // iterations after which a chain is in its steady state, and as many again to measure it
	chainCode     = 12 // instructions of a chain that are told
	mostBody      = 4096
)

// node is one execution of an instruction of a loop: when its result is there, and what it waited for.
type node struct {
	ready  float64
	before *node
	inst   int
	loaded bool // it waited for the address of its load
}

// cell is a place in memory that a loop addresses always alike.
type cell struct {
	base, index int8
	scale       uint8
	disp        int64
}

// chain is the flow of data through the iterations of a loop.
type chain struct {
	body    []decode.Inst
	sums    bool   // additions forward to additions
	written uint32 // general-purpose registers that the loop changes
	gpr     [16]*node
	vec     [32]*node
	k, tile [8]*node
	memory  map[cell]*node
}

// loopOf finds the longest chain of dependences from iteration to iteration of a loop with this body, through registers and
// through memory that is addressed alike each time. Flags are left out.
func loopOf(body []decode.Inst, sums bool) *perf.Loop {
	if len(body) == 0 || len(body) > mostBody {
		return nil
	}
	c := &chain{body: body, sums: sums, memory: map[cell]*node{}}
	for i := range body {
		c.written |= body[i].GPRWritten
	}
	middle := make([]*node, len(body))
	var last *node
	for round := range 2 * chainRounds {
		for i := range body {
			n := c.run(i)
			if round == chainRounds-1 {
				middle[i] = n
			}
			if last == nil || n.ready > last.ready {
				last = n
			}
		}
	}
	return c.describe(last, middle[last.inst])
}

// describe tells what the same instruction waited for between two rounds that are chainRounds apart: the ways to both begin
// and end alike. Where they do not, the difference in loads may be less than none.
func (c *chain) describe(last, middle *node) *perf.Loop {
	all, path := c.way(last)
	before, short := c.way(middle)
	loop := &perf.Loop{Cycles: (all.Cycles - before.Cycles) / chainRounds, Loads: max(all.Loads-before.Loads, 0) / chainRounds}
	steps := (len(path) - len(short)) / chainRounds // an iteration
	path = path[len(path)/2:]
	for i := min(steps, len(path), chainCode) - 1; i >= 0; i-- {
		loop.Chain = append(loop.Chain, c.body[path[i]].String())
	}
	return loop
}

// way sums up what a node waited for from the beginning, and lists its instructions, the last one first.
func (c *chain) way(n *node) (sum perf.Loop, path []int) {
	for ; n != nil; n = n.before {
		sum.Cycles += c.latency(n.inst, n.before)
		if n.loaded {
			sum.Loads++
		}
		path = append(path, n.inst)
	}
	return sum, path
}

// latency of an instruction that waited for another one (nil: for none), without its load.
func (c *chain) latency(i int, before *node) float64 {
	in := &c.body[i]
	class := flops.Of(in).Class
	if class == flops.Move || class == flops.Int && isMove(in) {
		if in.HasMem && in.Mem.Access == decode.Write && in.VecRead != 0 {
			return forwardCycles
		}
		return 0
	}
	if c.sums && class == flops.FPAdd && before != nil && flops.Of(&c.body[before.inst]).Class == flops.FPAdd {
		return sumCycles
	}
	if cycles, ok := leastCycles[class]; ok {
		return cycles
	}
	return 1
}

func isMove(in *decode.Inst) bool {
	switch in.Mnemonic.String() {
	case "mov", "movsxd", "movsx", "movzx", "movabs":
		return true
	}
	return false
}

// run executes instruction i once.
func (c *chain) run(i int) *node {
	in := &c.body[i]
	n := &node{inst: i}
	wait := func(on *node, load bool) {
		if on == nil {
			return
		}
		ready := on.ready
		if load {
			ready += loadCycles
		}
		if n.before == nil || ready > n.ready {
			n.ready, n.before, n.loaded = ready, on, load
		}
	}
	address, loads := uint32(0), in.HasMem && in.Mem.Access.Reads()
	if in.HasMem {
		if in.Mem.Base >= 0 && in.Mem.Base < 16 {
			address |= 1 << in.Mem.Base
		}
		if in.Mem.Index >= 0 && in.Mem.VSIB == 0 {
			address |= 1 << in.Mem.Index
		}
	}
	idiom := zeroing(in)
	for r := range uint8(16) {
		switch bit := uint32(1) << r; {
		case in.GPRRead&bit == 0:
		case address&bit == 0:
			wait(c.gpr[r], false)
		case loads:
			wait(c.gpr[r], true)
		}
	}
	fresh := overwrites(in)
	for r := range uint8(32) {
		if in.VecRead&(1<<r) != 0 && !idiom && int(r) != fresh {
			wait(c.vec[r], in.HasMem && in.Mem.VSIB != 0 && loads && int8(r) == in.Mem.Index)
		}
	}
	for r := range uint8(8) {
		if in.KRead&(1<<r) != 0 {
			wait(c.k[r], false)
		}
		if in.TileRead&(1<<r) != 0 {
			wait(c.tile[r], false)
		}
	}
	at, fixed := c.cell(in)
	if fixed && loads {
		wait(c.memory[at], false)
	}
	n.ready += c.latency(i, n.before)
	c.write(in, n)
	if fixed && in.Mem.Access.Writes() {
		c.memory[at] = n
	}
	return n
}

func (c *chain) write(in *decode.Inst, n *node) {
	for r := range 16 {
		if in.GPRWritten&(1<<r) != 0 {
			c.gpr[r] = n
		}
	}
	for r := range 32 {
		if in.VecWritten&(1<<r) != 0 {
			c.vec[r] = n
		}
	}
	for r := range 8 {
		if in.KWritten&(1<<r) != 0 {
			c.k[r] = n
		}
		if in.TileWritten&(1<<r) != 0 {
			c.tile[r] = n
		}
	}
}

// cell is the place of the memory operand, where the loop does not move it.
func (c *chain) cell(in *decode.Inst) (at cell, fixed bool) {
	m := &in.Mem
	switch {
	case !in.HasMem || m.VSIB != 0:
		return cell{}, false
	case m.Base == decode.RIP: // a variable of the program
		return cell{base: decode.RIP, index: decode.NoReg, disp: int64(in.Next()) + m.Disp}, true
	}
	for _, r := range []int8{m.Base, m.Index} {
		if r >= 0 && c.written&(1<<r) != 0 {
			return cell{}, false
		}
	}
	return cell{m.Base, m.Index, m.Scale, m.Disp}, true
}

// overwrites is the vector register that an SSE instruction writes without using what it held, -1 where there is none: all of its
// 128 bits are new, and no core waits for those above. Scalar conversions, roots and the like do keep a part.
func overwrites(in *decode.Inst) int {
	if in.Enc != decode.Legacy || in.NArgs == 0 || in.Args[0].Class != decode.Vector || in.Args[0].Access != decode.Write {
		return -1
	}
	switch flops.Of(in).Class {
	case flops.Convert, flops.FPDiv, flops.FPApprox, flops.FPOther:
		if in.Lanes <= 1 {
			return -1
		}
	case flops.Move:
		if name := in.Mnemonic.String(); (name == "movss" || name == "movsd") && !in.HasMem {
			return -1
		}
	}
	for _, a := range in.Args[1:in.NArgs] {
		if a.Class == decode.Vector && a.Reg == in.Args[0].Reg {
			return -1
		}
	}
	return int(in.Args[0].Reg)
}

// zeroing says whether the result is the same whatever the register holds: an exclusive or with itself, a difference, a comparison.
func zeroing(in *decode.Inst) bool {
	if in.NArgs < 2 || in.HasMem || flops.Of(in).Class != flops.VecLogic && flops.Of(in).Class != flops.VecInt {
		return false
	}
	a, b := in.Args[in.NArgs-2], in.Args[in.NArgs-1]
	if a.Class != decode.Vector || b.Class != decode.Vector || a.Reg != b.Reg {
		return false
	}
	switch name := in.Mnemonic.String(); name {
	case "xorps", "xorpd", "pxor", "vxorps", "vxorpd", "vpxor", "vpxord", "vpxorq":
		return true
	default:
		name = strings.TrimPrefix(name, "v")
		return strings.HasPrefix(name, "pcmpeq") || strings.HasPrefix(name, "pcmpgt") || len(name) == 5 && strings.HasPrefix(name, "psub")
	}
}
