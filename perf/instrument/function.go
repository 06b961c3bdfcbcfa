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
	pc = runtime.FuncForPC(pc).Entry()
	for f := runtime.FuncForPC(pc - 1); f != nil; f = runtime.FuncForPC(pc - 1) {
		pc = f.Entry()
	}
	for f := runtime.FuncForPC(pc); f != nil; f = runtime.FuncForPC(pc) {
		visit(f)
		pc = following(f.Entry())
	}
}

// following is the address behind the function at entry, where the next one begins: the lookup finds the function itself
// up to there.
func following(entry uintptr) uintptr {
	inside := func(pc uintptr) bool {
		f := runtime.FuncForPC(pc)
		return f != nil && f.Entry() == entry
	}
	step := uintptr(align)
	for inside(entry + step) {
		step *= 2
	}
	low, high := step/2, step // inside, and not
	for high-low > align {
		if middle := (low + high) / 2 &^ (align - 1); inside(entry + middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return entry + high
}
