package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ebitengine/purego"

	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/peercall"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// library is an object loaded by the dynamic linker.
type library struct{ handle uintptr }

// open loads the object at path and finds out where it lies.
func open(path string) (userkernel.Object, native.Loaded, error) {
	path, err := filepath.Abs(path) // without a slash the linker would search its own directories
	if err != nil {
		return nil, native.Loaded{}, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, native.Loaded{}, err
	}
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, native.Loaded{}, fmt.Errorf("%w (build it as a shared object: cc -shared -fPIC)", err)
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return library{handle}, native.Loaded{}, nil // only the place of a crash will not be known
	}
	defer maps.Close()
	return library{handle}, placeOf(path, bufio.NewScanner(maps)), nil
}

// find loads a library as a program that is linked with it does: by a path, or by a name that the dynamic linker looks for.
func find(name, symbol string) (peercall.Library, string, native.Loaded, error) {
	if strings.ContainsRune(name, filepath.Separator) {
		obj, loaded, err := open(name)
		if err != nil {
			return nil, "", loaded, err
		}
		return obj.(library), name, loaded, nil
	}
	handle, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, "", native.Loaded{}, err
	}
	l := library{handle}
	addr, err := l.Symbol(symbol)
	if err != nil {
		return l, name, native.Loaded{}, nil // whoever needs the symbol says so
	}
	path := mappedAt(uint64(addr))
	if path == "" {
		return l, name, native.Loaded{}, nil
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return l, path, native.Loaded{}, nil
	}
	defer maps.Close()
	return l, path, placeOf(path, bufio.NewScanner(maps)), nil
}

// mappedAt is the file that is mapped at an address, "" when there is none.
func mappedAt(addr uint64) string {
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return ""
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		if begin, end, path := mapping(lines.Text()); begin <= addr && addr < end {
			return path
		}
	}
	return ""
}

// mapping reads a line of /proc/self/maps: a range of addresses and the file that lies there, blanks in its name and all. Without a
// file the range is empty.
func mapping(line string) (begin, end uint64, path string) {
	at := strings.IndexByte(line, '/')
	fields := strings.Fields(line[:max(at, 0)])
	if len(fields) != 5 {
		return 0, 0, ""
	}
	from, to, _ := strings.Cut(fields[0], "-")
	begin, err1 := strconv.ParseUint(from, 16, 64)
	end, err2 := strconv.ParseUint(to, 16, 64)
	if errors.Join(err1, err2) != nil {
		return 0, 0, ""
	}
	return begin, end, line[at:]
}

// placeOf finds the first and the last mapping of a file.
func placeOf(path string, lines *bufio.Scanner) (l native.Loaded) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	for lines.Scan() {
		begin, end, file := mapping(lines.Text())
		if file != path {
			continue
		}
		if l.Base == 0 {
			l.Base = begin
		}
		l.End = end
	}
	return l
}

// Symbol implements userkernel.Object.
func (l library) Symbol(name string) (uintptr, error) { return purego.Dlsym(l.handle, name) }

// Bind implements userkernel.Object.
func (l library) Bind(addr uintptr, args []userkernel.Arg, returns userkernel.Kind) (func(), func() uint64) {
	return bind(addr, args, returns)
}

// Repeat implements peercall.Library.
func (l library) Repeat(calls ...userkernel.Call) func(n int) { return repeat(calls...) }

// empty is a C function that does next to nothing.
func empty() uintptr {
	addr, err := purego.Dlsym(purego.RTLD_DEFAULT, "abs")
	if err != nil {
		return 0
	}
	return addr
}
