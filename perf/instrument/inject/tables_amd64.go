package inject

import (
	"encoding/binary"

	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// mostCases bounds a jump table.
const mostCases = 1 << 12

// jumpTargets lists the code that indirect jumps of the graph may go to, from the tables that compilers make of switch
// statements: 32-bit offsets from the table itself, which code reaches by its address (position-independent), or 64-bit
// addresses, which the jump reads itself. What looks like a table and is none costs a little code, nothing more.
func (o *object) jumpTargets(g *blocks.Graph, f symbol) []uint64 {
	var targets []uint64
	within := func(addr uint64) bool { return addr-f.addr < f.size }
	relative := func(table uint64) {
		data := o.constants(table)
		for i := 0; i < mostCases && len(data) >= 4; i, data = i+1, data[4:] {
			target := table + uint64(int64(int32(binary.LittleEndian.Uint32(data))))
			if !within(target) {
				return
			}
			targets = append(targets, target)
		}
	}
	absolute := func(table uint64) {
		data := o.constants(table)
		for i := 0; i < mostCases && len(data) >= 8; i, data = i+1, data[8:] {
			target := binary.LittleEndian.Uint64(data) + o.bias
			if !within(target) {
				return
			}
			targets = append(targets, target)
		}
	}
	for _, b := range g.Blocks {
		for i := range b.Insts {
			in := &b.Insts[i]
			switch {
			case in.Control == decode.IndirectJump && in.HasMem && !in.RIPRelative():
				absolute(uint64(in.Mem.Disp))
			case in.Control == decode.Next && in.RIPRelative() && in.HasMem && in.Mem.Access == decode.NoAccess:
				addr, _ := in.Address()
				relative(addr)
			}
		}
	}
	return targets
}
