package object

import (
	"encoding/binary"

	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// survey is what can be read off code and what it calls, pointers in registers aside.
type survey struct {
	missing   string // what it may want and cannot have: an import, thread-local variables, an instruction; "" for nothing
	standIns  bool
	math      bool
	variables bool // it reads or writes variables of the object
}

func (o *Object) survey(entry uint64) (s survey) {
	lacks := func(what string) {
		if s.missing == "" {
			s.missing = what
		}
	}
	seen := map[uint64]bool{}
	for work := []uint64{entry}; len(work) > 0; {
		at := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[at] {
			continue
		}
		seen[at] = true
		switch im := o.imageAt(at); {
		case o.traps.has(at):
			lacks(o.imports[o.trapOf(at)].Name)
			continue
		case o.standIns.has(at):
			s.standIns = true
			continue
		case im != nil && im != o.images[0]:
			s.math = true
		}
		g, err := blocks.Discover(at, blocks.Options{Code: o.Code, ABI: blocks.SysV})
		if err != nil {
			lacks(err.Error())
			continue
		}
		if refused := g.Refused(); len(refused) > 0 {
			lacks(refused[0].Why)
		}
		for _, b := range g.Blocks {
			for i := range b.Insts {
				in := &b.Insts[i]
				if in.HasMem && in.Mem.Segment == 0x64 && !stackGuard(in) {
					lacks("thread-local variables")
				}
				to, variable := o.dataRead(in)
				switch {
				case in.Control == decode.IndirectCall || in.Control == decode.IndirectJump:
					if to != 0 {
						work = append(work, to)
					}
				case o.traps.has(to):
					lacks(o.imports[o.trapOf(to)].Name)
				case variable:
					s.variables = true
				}
			}
		}
	}
	return s
}

func (o *Object) imageAt(addr uint64) *image {
	for _, im := range o.images {
		if addr-im.base < im.size {
			return im
		}
	}
	return nil
}

// Notes are what must be said of counts and times of the function at entry.
func (o *Object) Notes(entry uint64) (notes []string) {
	s := o.survey(entry)
	if s.standIns {
		notes = append(notes, "in place of memcpy, memmove, memset and memcmp stand-ins of roofline's own ran (rep movsb, rep stosb, plain loops); what they do is counted")
	}
	if s.math {
		notes = append(notes, "functions of the math library are called in its variants for the oldest processors (SSE2), which a program would not use here: choosing others needs the dynamic linker")
	}
	if s.variables && o.constructors {
		notes = append(notes, "the object's constructors were not run: variables that they set have the values of the file")
	}
	return notes
}

// stackGuard says whether an instruction reads the word that stack protectors compare.
func stackGuard(in *decode.Inst) bool {
	return in.Mem.Base == decode.NoReg && in.Mem.Index == decode.NoReg && in.Mem.Disp == 0x28
}

// dataRead is the word of the images' writable memory at the fixed address that an instruction accesses, 0 for none or when it is
// only written; and whether that is a variable of the object, not one of the linker's pointers.
func (o *Object) dataRead(in *decode.Inst) (word uint64, variable bool) {
	if !in.HasMem || in.Mem.Base != decode.RIP || in.Mem.Access == decode.NoAccess {
		return 0, false
	}
	at := in.Next() + uint64(in.Mem.Disp)
	im := o.imageAt(at)
	if im == nil || !im.writable(at-im.base) {
		return 0, false
	}
	if in.Mem.Access.Reads() {
		word = binary.LittleEndian.Uint64(view(at, 8))
	}
	return word, im == o.images[0] && !im.ofLinker(at-im.base)
}

// ofLinker says whether an offset is in a table of pointers that the linker made.
func (im *image) ofLinker(offset uint64) bool {
	for _, s := range im.file.Sections {
		if (s.Name == ".got" || s.Name == ".got.plt") && offset-s.Addr < s.Size {
			return true
		}
	}
	return false
}
