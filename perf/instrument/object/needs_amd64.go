package object

import (
	"encoding/binary"

	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// needs finds what code at entry may want and cannot have, from what can be read off it: an import, a thread-local variable,
// or an instruction that is refused. "" means that it can run.
func (o *Object) needs(entry uint64) string {
	seen := map[uint64]bool{}
	for work := []uint64{entry}; len(work) > 0; {
		at := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[at] {
			continue
		}
		seen[at] = true
		if o.traps.has(at) {
			return o.imports[o.trapOf(at)].Name
		}
		g, err := blocks.Discover(at, blocks.Options{Code: o.Code, ABI: blocks.SysV})
		if err != nil {
			return err.Error()
		}
		if refused := g.Refused(); len(refused) > 0 {
			return refused[0].Why
		}
		for _, b := range g.Blocks {
			for i := range b.Insts {
				in := &b.Insts[i]
				if in.HasMem && in.Mem.Segment == 0x64 && !stackGuard(in) {
					return "thread-local variables"
				}
				v, ok := o.pointerRead(in)
				if !ok {
					continue
				}
				switch in.Control {
				case decode.IndirectCall, decode.IndirectJump:
					work = append(work, v)
				default:
					if o.traps.has(v) {
						return o.imports[o.trapOf(v)].Name
					}
				}
			}
		}
	}
	return ""
}

// stackGuard says whether an instruction reads the word that stack protectors compare.
func stackGuard(in *decode.Inst) bool {
	return in.Mem.Base == decode.NoReg && in.Mem.Index == decode.NoReg && in.Mem.Disp == 0x28
}

// pointerRead is the word of the images' variables that an instruction reads by its address.
func (o *Object) pointerRead(in *decode.Inst) (v uint64, ok bool) {
	if !in.HasMem || in.Mem.Base != decode.RIP || !in.Mem.Access.Reads() {
		return 0, false
	}
	at := in.Next() + uint64(int64(in.Mem.Disp))
	for _, im := range o.images {
		if off := at - im.base; off < im.size && im.writable(off) {
			return binary.LittleEndian.Uint64(view(at, 8)), true
		}
	}
	return 0, false
}
