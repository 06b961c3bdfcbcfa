package object

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// image is one file's part of the memory.
type image struct {
	path      string
	file      *elf.File
	close     func() error
	base      uint64
	size      uint64 // of its address space, whole pages
	align     uint64
	functions []Symbol          // by address, once it is mapped
	indirect  map[string]uint64 // IFUNC symbols and the addresses of their resolvers
	variables map[string]bool   // names of data
	dynamic   []elf.Symbol      // as relocations number them, from 1
	defined   map[string]elf.Symbol
	choices   []choice // words that resolvers decide
}

// choice is a word that gets the address which a resolver returns.
type choice struct{ offset, resolver uint64 }

const page = 4096

// open reads what is needed of a file.
func open(path string) (*image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	im, err := parse(path, f)
	if err != nil {
		f.Close()
		return nil, err
	}
	im.close = f.Close
	return im, nil
}

// parse reads an object that is called path.
func parse(path string, r io.ReaderAt) (*image, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w (it is no shared object; build one: cc -shared -fPIC)", path, err)
	}
	im := &image{path: path, file: f, indirect: map[string]uint64{}, variables: map[string]bool{}, defined: map[string]elf.Symbol{}}
	if err := im.check(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if im.dynamic, err = f.DynamicSymbols(); err != nil && !errors.Is(err, elf.ErrNoSymbols) {
		return nil, fmt.Errorf("read symbols of %s: %w", path, err)
	}
	for _, s := range im.dynamic {
		if s.Section != elf.SHN_UNDEF && s.Name != "" {
			im.defined[s.Name] = s
		}
	}
	return im, nil
}

// check refuses files of other kinds, and finds out how much memory the image needs.
func (im *image) check() error {
	f := im.file
	switch {
	case f.Machine != elf.EM_X86_64 || f.Class != elf.ELFCLASS64:
		return fmt.Errorf("it is for %v (want an object for x86-64)", f.Machine)
	case f.Type == elf.ET_EXEC:
		return errors.New("it is a program with fixed addresses (want a shared object: cc -shared -fPIC; a function of a program: roofline measure --function NAME -- PROGRAM)")
	case f.Type != elf.ET_DYN:
		return fmt.Errorf("it is of type %v (want a shared object: cc -shared -fPIC)", f.Type)
	}
	const most = 4 << 30
	im.align = page
	for _, p := range f.Progs {
		if p.Type != elf.PT_LOAD {
			continue
		}
		if p.Filesz > p.Memsz || p.Vaddr > most || p.Memsz > most {
			return fmt.Errorf("a segment of %#x bytes at %#x (is the file damaged?)", p.Memsz, p.Vaddr)
		}
		if p.Flags&elf.PF_W != 0 && p.Flags&elf.PF_X != 0 {
			return errors.New("it has a segment that is writable and executable (link it with -Wl,-z,separate-code)")
		}
		if p.Align > im.align && p.Align&(p.Align-1) == 0 && p.Align <= 1<<21 {
			im.align = p.Align
		}
		im.size = max(im.size, p.Vaddr+p.Memsz)
	}
	if im.size == 0 {
		return errors.New("nothing in it is to be loaded")
	}
	im.size = (im.size + page - 1) &^ (page - 1)
	return nil
}

// findFunctions lists the functions of both symbol tables, by address. Files without symbols have only the exported ones.
func (im *image) findFunctions() {
	all := slices.Clone(im.dynamic)
	if static, err := im.file.Symbols(); err == nil {
		all = append(all, static...)
	}
	seen := map[Symbol]bool{}
	file := "" // whose local symbols follow
	for _, s := range all {
		if elf.ST_TYPE(s.Info) == elf.STT_FILE {
			file = filepath.Base(s.Name)
		}
		if s.Section == elf.SHN_UNDEF || s.Name == "" || s.Value >= im.size {
			continue
		}
		switch elf.ST_TYPE(s.Info) {
		case elf.STT_GNU_IFUNC:
			im.indirect[s.Name] = im.base + s.Value
		case elf.STT_FUNC, elf.STT_NOTYPE: // assembly functions often have no type
			if int(s.Section) >= len(im.file.Sections) || im.file.Sections[s.Section].Flags&elf.SHF_EXECINSTR == 0 {
				continue
			}
			f := Symbol{Name: s.Name, Addr: im.base + s.Value, Size: min(s.Size, im.size-s.Value), old: s.HasVersion && s.VersionIndex.IsHidden()}
			if elf.ST_BIND(s.Info) == elf.STB_LOCAL {
				f.file = file
			}
			if !seen[f] {
				seen[f] = true
				im.functions = append(im.functions, f)
			}
		case elf.STT_OBJECT, elf.STT_TLS:
			im.variables[s.Name] = true
		}
	}
	slices.SortStableFunc(im.functions, func(a, b Symbol) int {
		switch {
		case a.Addr < b.Addr:
			return -1
		case a.Addr > b.Addr:
			return 1
		}
		return 0
	})
}

// relocation is an entry of a table of relocations with addends.
type relocation struct {
	offset uint64
	kind   elf.R_X86_64
	symbol uint32
	addend uint64
}

// symbolOf is the symbol of a relocation; an empty one for none.
func (im *image) symbolOf(r relocation) (elf.Symbol, error) {
	if r.symbol == 0 {
		return elf.Symbol{}, nil
	}
	if int(r.symbol) > len(im.dynamic) {
		return elf.Symbol{}, fmt.Errorf("a relocation of symbol %d, of which there are %d (is the file damaged?)", r.symbol, len(im.dynamic))
	}
	return im.dynamic[r.symbol-1], nil
}

// relocations reads all tables that the dynamic linker would apply.
func (im *image) relocations() (list []relocation, err error) {
	for _, s := range im.file.Sections {
		if s.Flags&elf.SHF_ALLOC == 0 {
			continue
		}
		switch s.Type {
		case elf.SHT_RELA:
			data, err := s.Data()
			if err != nil {
				return nil, fmt.Errorf("read relocations of %s: %w", im.path, err)
			}
			for ; len(data) >= 24; data = data[24:] {
				info := binary.LittleEndian.Uint64(data[8:])
				list = append(list, relocation{binary.LittleEndian.Uint64(data), elf.R_X86_64(info & 0xffffffff), uint32(info >> 32), binary.LittleEndian.Uint64(data[16:])})
			}
		case elf.SHT_REL:
			return nil, fmt.Errorf("read relocations of %s: a table without addends, which x86-64 does not have", im.path)
		case sectionRELR:
			data, err := s.Data()
			if err != nil {
				return nil, fmt.Errorf("read relocations of %s: %w", im.path, err)
			}
			list = append(list, im.relative(data)...)
		}
	}
	return list, nil
}

// sectionRELR is SHT_RELR of the generic ABI: packed relative relocations.
const sectionRELR elf.SectionType = 19

// relative unpacks a RELR table: an even word is the address of a relocation, an odd one a bitmap of the 63 words behind. The
// addends are what the file has at those places.
func (im *image) relative(data []byte) (list []relocation) {
	next := uint64(0)
	add := func(at uint64) {
		list = append(list, relocation{offset: at, kind: elf.R_X86_64_RELATIVE, addend: im.word(at)})
	}
	for ; len(data) >= 8; data = data[8:] {
		w := binary.LittleEndian.Uint64(data)
		if w&1 == 0 {
			add(w)
			next = w + 8
			continue
		}
		for i := range uint64(63) {
			if w>>(i+1)&1 != 0 {
				add(next + 8*i)
			}
		}
		next += 8 * 63
	}
	return list
}

// word is what the file has at an address.
func (im *image) word(addr uint64) uint64 {
	for _, p := range im.file.Progs {
		if p.Type == elf.PT_LOAD && addr-p.Vaddr < p.Filesz {
			var b [8]byte
			if _, err := p.ReadAt(b[:], int64(addr-p.Vaddr)); err == nil || errors.Is(err, io.EOF) {
				return binary.LittleEndian.Uint64(b[:])
			}
		}
	}
	return 0
}
