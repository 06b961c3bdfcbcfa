package inject

import (
	"debug/elf"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/roofline-go/roofline/internal/mangled"
	"github.com/roofline-go/roofline/internal/samename"
)

// object is an ELF file of the program, at the address where the program has it.
type object struct {
	path      string
	bias      uint64 // added to the file's addresses
	sections  []section
	functions []symbol
	unwinding unwinding
}

type section struct {
	addr uint64 // with the bias
	data []byte
	code bool
	stub bool // code that leads to other files: .plt and the like
}

type symbol struct {
	name string
	addr uint64
	size uint64
	file string // that a local function was compiled from; "" for others
	old  bool   // a version of it for programs that were linked with an older library
}

// readObject reads the code, the constants and the functions of a file, whose first byte the program has at start.
func readObject(path string, start uint64) (*object, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	defer f.Close()
	if f.Machine != elf.EM_X86_64 {
		return nil, fmt.Errorf("read %s: it is for %v; functions are counted in x86-64 programs", path, f.Machine)
	}
	bias := biasOf(f, start)
	o := &object{path: path, bias: bias}
	for _, s := range f.Sections {
		if s.Flags&elf.SHF_ALLOC == 0 || s.Type == elf.SHT_NOBITS || s.Flags&elf.SHF_WRITE != 0 && !strings.HasPrefix(s.Name, ".data.rel.ro") {
			continue
		}
		data, err := s.Data()
		if err != nil {
			return nil, fmt.Errorf("read %s: section %s: %w", path, s.Name, err)
		}
		o.sections = append(o.sections, section{s.Addr + bias, data, s.Flags&elf.SHF_EXECINSTR != 0, strings.HasPrefix(s.Name, ".plt")})
	}
	static, err1 := f.Symbols()
	dynamic, err2 := f.DynamicSymbols()
	if err1 != nil && err2 != nil && !errors.Is(err1, elf.ErrNoSymbols) {
		return nil, fmt.Errorf("read %s: symbols: %w", path, err1)
	}
	o.unwinding = readUnwinding(f, bias, static, dynamic)
	seen := map[symbol]bool{}
	file := "" // whose local symbols follow
	for _, s := range append(static, dynamic...) {
		if elf.ST_TYPE(s.Info) == elf.STT_FILE {
			file = filepath.Base(s.Name)
		}
		if t := elf.ST_TYPE(s.Info); t != elf.STT_FUNC && t != elf.STT_GNU_IFUNC || s.Section == elf.SHN_UNDEF || s.Value == 0 {
			continue
		}
		y := symbol{name: s.Name, addr: s.Value + bias, size: s.Size, old: s.HasVersion && s.VersionIndex.IsHidden()}
		if elf.ST_BIND(s.Info) == elf.STB_LOCAL {
			y.file = file
		}
		if !seen[y] {
			seen[y] = true
			o.functions = append(o.functions, y)
		}
	}
	sort.Slice(o.functions, func(i, j int) bool { return o.functions[i].addr < o.functions[j].addr })
	return o, nil
}

// biasOf is what is added to the addresses of a file whose first byte the program has at start. Those of a position-independent
// file begin at 0 as a rule, but not always: Go's own linker begins at 0x400000.
func biasOf(f *elf.File, start uint64) uint64 {
	if f.Type == elf.ET_EXEC {
		return 0
	}
	for _, s := range f.Progs {
		if s.Type == elf.PT_LOAD { // the first has the lowest address
			return start - (s.Vaddr - s.Off)
		}
	}
	return start
}

// matches are the functions of an object that a name may mean.
type matches struct {
	symbols []symbol // at different addresses
	clones  []string // functions that the compiler made of it
}

// find finds a function by its symbol, or else by its name in the source; of several with one name, that of FILE:NAME or NAME@ADDRESS.
func (o *object) find(name string) (m matches) {
	functions, name := o.chosen(name)
	var old []symbol
	for _, s := range functions {
		switch {
		case s.name == name && s.old:
			old = append(old, s)
		case s.name == name:
			m.add(s)
		case isClone(s.name, name) && !slices.Contains(m.clones, s.name):
			m.clones = append(m.clones, s.name)
		}
	}
	if len(m.symbols) == 0 && len(old) > 0 {
		m.add(old[0])
	}
	if len(m.symbols) > 0 || len(m.clones) > 0 {
		return m
	}
	for _, s := range functions {
		switch base := mangled.Base(s.name); {
		case !mangled.Means(name, base):
		case isClone(s.name, base):
			m.clones = append(m.clones, s.name)
		case s.name == base:
			m.add(s)
		}
	}
	return m
}

// add adds a symbol, unless one at its address is there: functions are ordered by it.
func (m *matches) add(s symbol) {
	if n := len(m.symbols); n == 0 || m.symbols[n-1].addr != s.addr {
		m.symbols = append(m.symbols, s)
	}
}

// plain is a function as package samename knows it.
func (o *object) plain(s symbol) samename.Function {
	return samename.Function{Name: s.name, File: s.file, Addr: s.addr - o.bias}
}

func (o *object) plains(functions []symbol) (list []samename.Function) {
	for _, s := range functions {
		list = append(list, o.plain(s))
	}
	return list
}

// chosen are the functions that a name is to be looked for among, and the name without what chooses them.
func (o *object) chosen(name string) (functions []symbol, rest string) {
	rest, meant := samename.Cut(name, o.plains(o.functions))
	return slices.DeleteFunc(slices.Clone(o.functions), func(s symbol) bool { return !meant(o.plain(s)) }), rest
}

// names tell functions apart that one name means. What find is given, it finds again.
func (o *object) names(functions []symbol) []string {
	return samename.Apart(o.plains(functions), func(name string) int { return len(o.find(name).symbols) })
}

// isClone says whether a compiler may have made the function of the other. A cold part is no function by itself.
func isClone(name, of string) bool {
	return mangled.IsClone(name, of) && !slices.Contains(strings.Split(name[len(of):], "."), "cold")
}

// similar are functions that may have been meant, for a message.
func (o *object) similar(name string) []string {
	var symbols []string
	for _, s := range o.functions {
		symbols = append(symbols, s.name)
	}
	return mangled.Similar(name, symbols)
}

// code gives the machine code from an address to the end of its section; nil where there is none.
func (o *object) code(addr uint64) []byte {
	for _, s := range o.sections {
		if off := addr - s.addr; s.code && off < uint64(len(s.data)) {
			return s.data[off:]
		}
	}
	return nil
}

// text is the section that the code at addr is in.
func (o *object) text(addr uint64) (low, length uint64) {
	for _, s := range o.sections {
		if n := uint64(len(s.data)); s.code && addr-s.addr < n {
			return s.addr, n
		}
	}
	return addr, 0
}

// outside says whether code leads to other files.
func (o *object) outside(addr uint64) bool {
	for _, s := range o.sections {
		if s.stub && addr-s.addr < uint64(len(s.data)) {
			return true
		}
	}
	return false
}

// constants gives bytes of read-only data; nil where there is none.
func (o *object) constants(addr uint64) []byte {
	for _, s := range o.sections {
		if off := addr - s.addr; !s.code && off < uint64(len(s.data)) {
			return s.data[off:]
		}
	}
	return nil
}

// nameOf is the function that an address lies in; "" for none.
func (o *object) nameOf(addr uint64) string {
	i := sort.Search(len(o.functions), func(i int) bool { return o.functions[i].addr > addr }) - 1
	if i < 0 {
		return ""
	}
	if s := o.functions[i]; addr < s.addr+max(s.size, 1) {
		return s.name
	}
	return ""
}

// base is the file's name without its directory.
func (o *object) base() string { return filepath.Base(o.path) }
