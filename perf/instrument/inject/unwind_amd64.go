package inject

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// A copy has no unwind tables: where an exception, a panic or Go's runtime goes up the stack through its frame, the program
// would be ended. So in programs that do this a function is only copied when what it calls outside of the copy is known to
// come back. (longjmp and the end of a thread need no tables.)

// unwinding is what an object says about that.
type unwinding struct {
	why     string            // what goes up the stack in programs with it; "" for nothing
	always  bool              // at any call, not only when the callee throws
	imports map[uint64]callee // by the address of the word that holds the function's address
}

// callee is a function of another file.
type callee struct{ name, library string }

// throwers begin to go up the stack.
var throwers = []string{"__cxa_throw", "__cxa_rethrow", "_Unwind_RaiseException", "_Unwind_Resume", "_Unwind_Resume_or_Rethrow"}

// callers are functions of the C library that call the program back, which may throw.
var callers = []string{"qsort", "qsort_r", "bsearch", "lfind", "lsearch", "tsearch", "tfind", "twalk", "twalk_r", "tdelete", "tdestroy", "ftw", "ftw64",
	"nftw", "nftw64", "scandir", "scandir64", "glob", "glob64", "dl_iterate_phdr", "pthread_once", "call_once"}

// comesBack says whether the function returns to its caller or ends the program.
func (c callee) comesBack() bool {
	for _, lib := range []string{"libc.so.", "libm.so.", "libmvec.so.", "libpthread.so.", "ld-linux", "libgomp.so."} {
		if strings.HasPrefix(c.library, lib) {
			return !slices.Contains(callers, c.name)
		}
	}
	return false
}

// readUnwinding reads what an object imports, and whether exceptions are thrown in programs with it.
func readUnwinding(f *elf.File, bias uint64, static, dynamic []elf.Symbol) unwinding {
	u := unwinding{imports: map[uint64]callee{}}
	needed, _ := f.ImportedLibraries() // none in a static program
	for _, lib := range needed {
		if strings.HasPrefix(lib, "libstdc++.") || strings.HasPrefix(lib, "libc++") {
			u.why = "C++ exceptions"
		}
	}
	for _, s := range append(slices.Clone(static), dynamic...) {
		switch {
		case s.Name == "__cxa_throw":
			u.why = "C++ exceptions"
		case s.Name == "_Unwind_RaiseException" && s.Section == elf.SHN_UNDEF, s.Name == "rust_eh_personality", s.Name == "rust_begin_unwind":
			u.why = "exceptions or panics"
		}
	}
	if f.Section(".gopclntab") != nil {
		u.why, u.always = "Go's runtime", true
	}
	for _, s := range f.Sections {
		if s.Type != elf.SHT_RELA || s.Flags&elf.SHF_ALLOC == 0 {
			continue
		}
		data, err := s.Data()
		if err != nil {
			continue // what is not known is taken for a function that throws
		}
		for ; len(data) >= 24; data = data[24:] {
			info := binary.LittleEndian.Uint64(data[8:])
			if n := info >> 32; n > 0 && n <= uint64(len(dynamic)) {
				y := dynamic[n-1] // the first symbol, which is none, is left out
				u.imports[binary.LittleEndian.Uint64(data)+bias] = callee{y.Name, y.Library}
			}
		}
	}
	return u
}

// refuseUnwinding says why a copy of the function's code might be gone through from below.
func (o *object) refuseUnwinding(g *blocks.Graph, f symbol, tables bool) error {
	u := o.unwinding
	if u.why == "" {
		return nil
	}
	no := func(calls string) error {
		return fmt.Errorf("instrument %s: it calls %s, and %s may go up the stack through it, which a copy does not survive (count a function that it calls instead)",
			f.name, calls, u.why)
	}
	for _, s := range o.functions {
		if slices.Contains(throwers, s.name) && g.At(s.addr) != nil {
			return no(s.name)
		}
	}
	for _, b := range g.Blocks {
		last := b.Last()
		if last == nil {
			continue
		}
		var to uint64 // of a way out of the copy: code, or the word with its address
		switch last.Control {
		case decode.Call:
			if u.always {
				return no(o.describe(last.Target, callee{}))
			}
			if b.Callee != nil {
				continue
			}
			to = last.Target
		case decode.IndirectCall:
			if u.always {
				return no("a function by a pointer")
			}
			to = slot(last)
		case decode.Jump, decode.CondJump: // with nothing of the copy on the stack unless it calls itself
			if !g.Calls || g.At(last.Target) != nil {
				continue
			}
			to = last.Target
		case decode.IndirectJump:
			if to = slot(last); !g.Calls || to == 0 && tables {
				continue
			}
		default:
			continue
		}
		if c := o.imported(to); !c.comesBack() {
			return no(o.describe(to, c))
		}
	}
	return nil
}

// slot is the word that an indirect branch finds its target in; 0 for others.
func slot(in *decode.Inst) uint64 {
	if !in.HasMem || !in.RIPRelative() {
		return 0
	}
	addr, _ := in.Address()
	return addr
}

// imported finds the function of another file that a stub leads to or that a word is for.
func (o *object) imported(at uint64) callee {
	if c, ok := o.unwinding.imports[at]; ok {
		return c
	}
	code := o.code(at)
	for pc := at; pc < at+16; { // endbr64 may stand before the jump
		in, err := decode.Decode(code, pc)
		if err != nil {
			break
		}
		if in.Control == decode.IndirectJump {
			return o.unwinding.imports[slot(&in)]
		}
		if in.Control != decode.Next || int(in.Len) >= len(code) {
			break
		}
		pc, code = in.Next(), code[in.Len:]
	}
	return callee{}
}

// describe names a callee for a message.
func (o *object) describe(at uint64, c callee) string {
	switch name := o.nameOf(at); {
	case c.name != "":
		return c.name
	case name != "":
		return name
	}
	return "a function by a pointer"
}
