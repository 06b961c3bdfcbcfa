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

// placeOf finds the first and the last mapping of a file.
func placeOf(path string, lines *bufio.Scanner) (l native.Loaded) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 6 || fields[5] != path {
			continue
		}
		from, to, _ := strings.Cut(fields[0], "-")
		begin, err1 := strconv.ParseUint(from, 16, 64)
		end, err2 := strconv.ParseUint(to, 16, 64)
		if errors.Join(err1, err2) != nil {
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

// empty is a C function that does next to nothing.
func empty() uintptr {
	addr, err := purego.Dlsym(purego.RTLD_DEFAULT, "abs")
	if err != nil {
		return 0
	}
	return addr
}
