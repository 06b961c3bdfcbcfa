package helper

import (
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/roofline-go/roofline/roofline/native"
)

// Fault is a fault of the processor.
type Fault struct {
	Signal  string // SIGSEGV, SIGILL, SIGFPE, SIGBUS …
	Address uint64 // that was accessed
	HasAddr bool
	PC      uint64 // of the instruction
	Code    uint64 // si_code
}

// What the Go runtime prints about a signal: in C code, and in Go code that follows a pointer of the object.
var (
	inC  = regexp.MustCompile(`(?m)^(SIG[A-Z0-9]+): .*\nPC=(0x[0-9a-f]+) m=\S+ sigcode=(\d+)(?: addr=(0x[0-9a-f]+))?`)
	inGo = regexp.MustCompile(`\[signal (SIG[A-Z0-9]+)[^\]]* code=(0x[0-9a-f]+) addr=(0x[0-9a-f]+) pc=(0x[0-9a-f]+)\]`)
)

// parseFault finds the last fault in what a process printed; nil when there is none.
func parseFault(text string) *Fault {
	number := func(s string) uint64 {
		v, err := strconv.ParseUint(s, 0, 64)
		if err != nil {
			return 0
		}
		return v
	}
	if all := inC.FindAllStringSubmatch(text, -1); all != nil {
		m := all[len(all)-1]
		return &Fault{Signal: m[1], PC: number(m[2]), Code: number(m[3]), Address: number(m[4]), HasAddr: m[4] != ""}
	}
	if all := inGo.FindAllStringSubmatch(text, -1); all != nil {
		m := all[len(all)-1]
		return &Fault{Signal: m[1], Code: number(m[2]), Address: number(m[3]), PC: number(m[4]), HasAddr: true}
	}
	return nil
}

// meanings words the signals that code brings upon itself.
var meanings = map[string]string{
	"SIGSEGV": "invalid memory access",
	"SIGBUS":  "invalid memory access",
	"SIGILL":  "an instruction that this CPU does not have",
	"SIGFPE":  "an arithmetic fault, such as an integer division by zero",
	"SIGABRT": "it called abort",
	"SIGXCPU": "it used up its CPU time",
	"SIGTRAP": "a breakpoint",
	"SIGSYS":  "a forbidden system call",
}

// siKernel is SI_KERNEL, the si_code of a general protection fault: the processor does not tell the address then.
const siKernel = 0x80

// describe words a fault: the signal, the address against the operands, the place in the object.
func (f *Fault) describe(object string, loaded native.Loaded, operands []native.Range) string {
	text := f.Signal
	if m := meanings[f.Signal]; m != "" {
		text += " (" + m + ")"
	}
	switch {
	case f.Signal == "SIGSEGV" && f.Code == siKernel && f.Address == 0:
		text += native.ProtectionFault
	case f.HasAddr:
		text += fmt.Sprintf(" at address %#x%s", f.Address, near(f.Address, operands))
	}
	if f.PC >= loaded.Base && f.PC < loaded.End {
		return text + ", in " + placeIn(object, f.PC-loaded.Base)
	}
	return text + ", outside of " + filepath.Base(object)
}

// near says where an address lies in relation to the nearest operand, if that is within a few megabytes.
func near(addr uint64, operands []native.Range) string {
	const far = 8 << 20
	best, text := uint64(far), ""
	for _, o := range operands {
		end := o.Begin + uint64(o.Bytes)
		switch {
		case addr < o.Begin && o.Begin-addr < best:
			best, text = o.Begin-addr, fmt.Sprintf(", %d bytes before %s", o.Begin-addr, o.Name)
		case addr >= end && addr-end < best:
			best, text = addr-end, fmt.Sprintf(", %d bytes behind the end of %s", addr-end, o.Name)
		case addr >= o.Begin && addr < end:
			return fmt.Sprintf(", inside %s", o.Name)
		}
	}
	if addr < 4096 {
		return ", near NULL"
	}
	return text
}

// placeIn names an offset in an object: the function, and the line where there is debug information.
func placeIn(object string, offset uint64) string {
	where := fmt.Sprintf("%s+%#x", filepath.Base(object), offset)
	f, err := elf.Open(object)
	if err != nil {
		return where
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD { // the first is what the object's base maps
			offset += p.Vaddr - p.Off
			break
		}
	}
	symbols, _ := f.Symbols()
	dynamic, _ := f.DynamicSymbols()
	for _, s := range append(symbols, dynamic...) {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC && offset >= s.Value && offset < s.Value+s.Size {
			where = fmt.Sprintf("%s+%#x", s.Name, offset-s.Value)
			break
		}
	}
	if line := lineOf(f, offset); line != "" {
		where += ", " + line
	}
	return where
}

// lineOf is the source line of an address; "" when there is no debug information.
func lineOf(f *elf.File, addr uint64) string {
	data, err := f.DWARF()
	if err != nil {
		return ""
	}
	r := data.Reader()
	unit, err := r.SeekPC(addr)
	if err != nil {
		return ""
	}
	lines, err := data.LineReader(unit)
	if err != nil || lines == nil {
		return ""
	}
	var at dwarf.LineEntry
	if lines.SeekPC(addr, &at) != nil || at.File == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d", filepath.Base(at.File.Name), at.Line)
}
