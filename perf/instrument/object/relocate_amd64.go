package object

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// findImports gives every symbol that nobody defines its place among the traps.
func (o *Object) findImports() {
	for _, im := range o.images {
		for _, s := range im.dynamic {
			if s.Section == elf.SHN_UNDEF && s.Name != "" && elf.ST_BIND(s.Info) != elf.STB_WEAK && elf.ST_TYPE(s.Info) != elf.STT_TLS {
				o.imports = append(o.imports, Import{Name: s.Name, Data: elf.ST_TYPE(s.Info) == elf.STT_OBJECT})
			}
		}
	}
}

// resolved is what a relocation's symbol stands for.
type resolved struct {
	addr     uint64
	resolver bool // addr is that of a function that chooses: IFUNC
}

// resolve finds what a symbol of an image stands for: its own definition, a stand-in, the math library's, or a trap.
func (o *Object) resolve(im *image, s elf.Symbol) resolved {
	if s.Section != elf.SHN_UNDEF {
		return resolved{im.base + s.Value, elf.ST_TYPE(s.Info) == elf.STT_GNU_IFUNC}
	}
	if offset, ok := standInFor(s.Name); ok {
		return resolved{addr: o.standIns.at + offset}
	}
	if s.Name == processorFeatures {
		return resolved{addr: o.zeros.at}
	}
	for _, other := range o.images {
		if d, ok := other.defined[s.Name]; ok && other != im {
			return resolved{other.base + d.Value, elf.ST_TYPE(d.Info) == elf.STT_GNU_IFUNC}
		}
	}
	if elf.ST_BIND(s.Info) == elf.STB_WEAK {
		return resolved{}
	}
	for i, m := range o.imports {
		if m.Name == s.Name {
			return resolved{addr: o.traps.at + uint64(i)*trapBytes}
		}
	}
	return resolved{}
}

// relocate applies all relocations but those that ask code which function to use.
func (o *Object) relocate(im *image) error {
	list, err := im.relocations()
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.kind == elf.R_X86_64_NONE {
			continue
		}
		if r.offset > im.size-8 {
			return fmt.Errorf("a relocation of %#x, outside of its segments (is the file damaged?)", r.offset)
		}
		s, err := im.symbolOf(r)
		if err != nil {
			return err
		}
		slot := view(im.base+r.offset, 8)
		put := func(v uint64) { binary.LittleEndian.PutUint64(slot, v) }
		switch r.kind {
		case elf.R_X86_64_RELATIVE:
			put(im.base + r.addend)
		case elf.R_X86_64_GLOB_DAT, elf.R_X86_64_JMP_SLOT, elf.R_X86_64_64:
			if r.kind != elf.R_X86_64_64 {
				r.addend = 0
			}
			target := o.resolve(im, s)
			if target.resolver {
				im.choices = append(im.choices, choice{r.offset, target.addr})
				continue
			}
			put(target.addr + r.addend)
		case elf.R_X86_64_IRELATIVE:
			im.choices = append(im.choices, choice{r.offset, im.base + r.addend})
		case elf.R_X86_64_DTPMOD64, elf.R_X86_64_DTPOFF64, elf.R_X86_64_TPOFF64, elf.R_X86_64_TLSDESC:
			o.noteTLS(im, r, s, put)
		default:
			return fmt.Errorf("relocation %v of %s: roofline does not know it (compile with -fPIC)", r.kind, orNameless(s.Name))
		}
	}
	return nil
}

// nowhere is no canonical address, whatever is added to it: an access by way of FS faults.
const nowhere = 1 << 62

// noteTLS makes what asks for a thread-local variable fault.
func (o *Object) noteTLS(im *image, r relocation, s elf.Symbol, put func(uint64)) {
	if r.kind != elf.R_X86_64_TLSDESC {
		put(nowhere)
	}
	if s.Name != "" && !slices.Contains(o.tls, s.Name) && im == o.images[0] {
		o.tls = append(o.tls, s.Name)
	}
}

func orNameless(name string) string {
	if name == "" {
		return "a symbol without a name"
	}
	return name
}

// relocateIndirect asks the resolvers. Those that would need what is not there are not asked: their word is 0, and code that
// uses it faults.
func (o *Object) relocateIndirect(im *image) {
	asked := map[uint64]uint64{}
	for _, c := range im.choices {
		at, known := asked[c.resolver]
		if !known {
			s, err := o.chosen(im, "", c.resolver)
			if err == nil {
				at = s.Addr
			}
			asked[c.resolver] = at
		}
		if im.writable(c.offset) {
			binary.LittleEndian.PutUint64(view(im.base+c.offset, 8), at)
		}
	}
}

// writable says whether the word at an offset may be written once pages have their rights.
func (im *image) writable(offset uint64) bool {
	for _, p := range im.file.Progs {
		if p.Type == elf.PT_LOAD && p.Flags&elf.PF_W != 0 && offset >= p.Vaddr && offset+8 <= p.Vaddr+p.Memsz {
			return true
		}
	}
	return false
}

// chosen asks the resolver of an IFUNC symbol which function to use.
func (o *Object) chosen(im *image, name string, resolver uint64) (Symbol, error) {
	if need := o.survey(resolver).missing; need != "" {
		return Symbol{}, fmt.Errorf("resolve %s of %s: its resolver needs %s, which is not there (name one of its variants instead: nm %s)", orNameless(name), im.path, need, im.path)
	}
	at, err := Call(resolver, nil, nil)
	if err != nil {
		return Symbol{}, fmt.Errorf("resolve %s of %s: %w", orNameless(name), im.path, err)
	}
	if len(o.Code(at)) == 0 {
		return Symbol{}, fmt.Errorf("resolve %s of %s: its resolver returned %#x, where no code is", orNameless(name), im.path, at)
	}
	for _, f := range im.functions {
		if f.Addr == at {
			return f, nil
		}
	}
	if name == "" {
		name = strings.TrimSpace(fmt.Sprintf("%s+%#x", baseName(im.path), at-im.base))
	}
	return Symbol{Name: name, Addr: at}, nil
}
