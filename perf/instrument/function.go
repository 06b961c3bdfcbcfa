package instrument

import (
	"runtime"
	"strings"
)

// Function is machine code of this process.
type Function struct {
	Name  string
	Entry uintptr
	Size  int // bytes up to the next function
}

// Assembly lists the assembly functions of this binary whose name, package path included, begins with one of the prefixes,
// by address. It needs no symbol table, so the binary may be stripped.
func Assembly(prefixes ...string) []Function {
	var found []Function
	var last *runtime.Func
	each(func(f *runtime.Func) {
		if last != nil {
			found[len(found)-1].Size = int(f.Entry() - last.Entry())
			last = nil
		}
		for _, p := range prefixes {
			if !strings.HasPrefix(f.Name(), p) {
				continue
			}
			if file, _ := f.FileLine(f.Entry()); strings.HasSuffix(file, ".s") { // not a wrapper made by the compiler
				found, last = append(found, Function{Name: f.Name(), Entry: f.Entry()}), f
			}
			break
		}
	})
	if last != nil { // the last function of the binary
		found = found[:len(found)-1]
	}
	return found
}

// align is what the addresses of functions are multiples of.
const align = 16

// each visits all functions of the binary by address.
func each(visit func(*runtime.Func)) {
	pc, _, _, _ := runtime.Caller(0)
	pc &^= align - 1
	for runtime.FuncForPC(pc-align) != nil {
		pc -= align
	}
	var last uintptr
	for {
		f := runtime.FuncForPC(pc)
		if f == nil {
			return
		}
		if entry := f.Entry(); entry != last {
			last = entry
			visit(f)
		}
		pc += align
	}
}
