package object

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/mangled"
	"github.com/roofline-go/roofline/internal/samename"
)

// Object is a mapped shared object and what it needs.
type Object struct {
	Path string
	Base uint64 // what is added to the addresses in the file

	low, high    uint64 // of all that was mapped
	images       []*image
	standIns     region // of code
	zeros        region // can be read
	traps        region
	imports      []Import // by their place in traps
	tls          []string // thread-local variables whose addresses the code asks for
	constructors bool     // code wants to be run when it is loaded
}

// region is a piece of memory.
type region struct{ at, size uint64 }

func (r region) has(addr uint64) bool { return addr-r.at < r.size }

// Symbol is a function of the object.
type Symbol struct {
	Name string
	Addr uint64 // in this process
	Size uint64 // bytes; 0 when the file does not tell

	file string // that a local function was compiled from; "" for others
	old  bool   // a version of it for programs that were linked with an older library
}

// Import is a symbol that the object uses and nobody defines.
type Import struct {
	Name string
	Data bool // a variable, not a function
}

// Span is where the object's code and all that it may call lies.
func (o *Object) Span() (low, high uint64) { return o.low, o.high }

// NotFoundError says that an object has no such function, or that it has several.
type NotFoundError struct {
	Path, Name string
	Similar    []string // names that may have been meant
	Several    []string // functions that the name may mean, by names that mean one of them each
	Variable   bool     // it is one of the object's variables
}

func (e *NotFoundError) Error() string {
	text := fmt.Sprintf("find function %s in %s: ", e.Name, e.Path)
	switch {
	case len(e.Several) > 0:
		return text + "there are several (name one of " + strings.Join(e.Several, ", ") + ")"
	case e.Variable:
		return text + "it is a variable (nm " + e.Path + " lists functions as T or t)"
	case len(e.Similar) > 0:
		return text + "not found (did you mean " + strings.Join(e.Similar, ", ") + "?)"
	}
	return text + "not found (nm " + e.Path + " lists what there is; an inlined function is not there: compile it with __attribute__((noinline)))"
}

// Find says whether a file is an object that has a function, by its symbols alone: nothing is mapped. The error of one that has
// none is a *NotFoundError.
func Find(path, name string) error {
	im, err := open(path)
	if err != nil {
		return fmt.Errorf("load object: %w", err)
	}
	defer im.close()
	im.findFunctions()
	if _, ok := im.indirect[name]; ok {
		return nil
	}
	_, err = im.function(name)
	return err
}

// Function finds a function by its name, local functions included.
func (o *Object) Function(name string) (Symbol, error) {
	im := o.images[0]
	s, err := im.function(name)
	if at, ok := im.indirect[name]; ok && err != nil {
		return o.chosen(im, name, at)
	}
	return s, err
}

// function finds a function whose address is known without asking code of the object.
func (im *image) function(name string) (Symbol, error) {
	switch meant := im.meant(name); len(meant) {
	case 1:
		return meant[0], nil
	case 0:
		return Symbol{}, &NotFoundError{Path: im.path, Name: name, Similar: similar(im.functions, name), Variable: im.variables[name]}
	default:
		names := samename.Apart(im.plains(meant), func(name string) int { return len(im.meant(name)) })
		return Symbol{}, &NotFoundError{Path: im.path, Name: name, Several: names}
	}
}

// meant are the functions at different addresses that have a name, as a symbol or else in their source; of several with one name
// that of FILE:NAME or NAME@ADDRESS.
func (im *image) meant(name string) (meant []Symbol) {
	name, chosen := samename.Cut(name, im.plains(im.functions))
	add := func(s Symbol) {
		if n := len(meant); n == 0 || meant[n-1].Addr != s.Addr { // functions are ordered by it
			meant = append(meant, s)
		}
	}
	var old []Symbol
	for _, s := range im.functions {
		switch {
		case s.Name != name || !chosen(im.plain(s)):
		case s.old:
			old = append(old, s)
		default:
			add(s)
		}
	}
	if len(meant) == 0 && len(old) > 0 {
		return old[:1]
	}
	if len(meant) > 0 {
		return meant
	}
	for _, s := range im.functions {
		if mangled.Means(name, s.Name) && chosen(im.plain(s)) {
			add(s)
		}
	}
	return meant
}

// plain is a function as package samename knows it.
func (im *image) plain(s Symbol) samename.Function {
	return samename.Function{Name: s.Name, File: s.file, Addr: s.Addr - im.base}
}

func (im *image) plains(functions []Symbol) (list []samename.Function) {
	for _, s := range functions {
		list = append(list, im.plain(s))
	}
	return list
}

// similar are the compiler's clones of a function, or else functions that may have been meant.
func similar(functions []Symbol, name string) (names []string) {
	var all []string
	for _, s := range functions {
		if mangled.IsClone(s.Name, name) {
			names = append(names, s.Name)
		}
		all = append(all, s.Name)
	}
	if len(names) > 0 {
		return names
	}
	return mangled.Similar(name, all)
}

// Name is the name of the function at an address; "" when it has none.
func (o *Object) Name(addr uint64) string {
	if o.traps.has(addr) {
		return o.imports[o.trapOf(addr)].Name
	}
	if o.standIns.has(addr) {
		return standInAt(addr - o.standIns.at)
	}
	for _, im := range o.images {
		i, found := slices.BinarySearchFunc(im.functions, addr, func(s Symbol, addr uint64) int { return cmp.Compare(s.Addr, addr) })
		if found {
			return im.functions[i].Name
		}
		if i > 0 && addr-im.functions[i-1].Addr < im.functions[i-1].Size {
			return im.functions[i-1].Name
		}
	}
	return ""
}

// trapBytes is the room that each import has among the traps.
const trapBytes = 256

func (o *Object) trapOf(addr uint64) int { return int((addr - o.traps.at) / trapBytes) }

// Explain says what of the object's needs is behind a fault of the instruction at pc that accessed addr; "" when it is the
// code's own. usesTLS says that the instruction addresses thread-local storage.
func (o *Object) Explain(pc, addr uint64, usesTLS bool) string {
	const elsewhere = "compile what it needs into the object, or count the function in a program that has it: roofline measure --function NAME -- PROGRAM"
	switch {
	case o.traps.has(pc):
		return fmt.Sprintf("it calls %s, which the object does not define and roofline has no stand-in for (%s)", o.imports[o.trapOf(pc)].Name, elsewhere)
	case o.traps.has(addr):
		return fmt.Sprintf("it uses the variable %s of another library (%s)", o.imports[o.trapOf(addr)].Name, elsewhere)
	case usesTLS:
		what := "thread-local variables"
		if len(o.tls) > 0 {
			what += " (" + strings.Join(o.tls, ", ") + ")"
		}
		return fmt.Sprintf("it uses %s, which need the dynamic linker (make them parameters or static, or count the function in a program that has it: roofline measure --function NAME -- PROGRAM)", what)
	}
	return ""
}
