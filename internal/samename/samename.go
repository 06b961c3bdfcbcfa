// Package samename tells functions of one name apart, as static ones of several files may be: by the files that they were compiled
// from, FILE:NAME, or by their addresses, NAME@ADDRESS.
package samename

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Function is what tells a function apart.
type Function struct {
	Name string
	File string // that a local function was compiled from; "" for others
	Addr uint64 // in the file that has it
}

// Cut takes off a name what chooses among the functions of that name. chosen says which of all are meant: those of the file of
// FILE:NAME, if any are of such a file, the one at the address of NAME@ADDRESS, else all.
func Cut(name string, all []Function) (rest string, chosen func(Function) bool) {
	if i := strings.LastIndex(name, "@0x"); i >= 0 {
		if addr, err := strconv.ParseUint(name[i+1:], 0, 64); err == nil {
			return name[:i], func(f Function) bool { return f.Addr == addr }
		}
	}
	if file, rest, found := strings.Cut(name, ":"); found && file != "" && !strings.HasPrefix(rest, ":") {
		of := func(f Function) bool { return f.File == file }
		if slices.ContainsFunc(all, of) {
			return rest, of
		}
	}
	return name, func(Function) bool { return true }
}

// Apart gives functions names that mean one of them each: their symbols, else with the files that they are from, else with their
// addresses. means says how many functions a name means.
func Apart(functions []Function, means func(name string) int) []string {
	for _, name := range []func(f Function) string{
		func(f Function) string { return f.Name },
		func(f Function) string {
			if f.File == "" {
				return f.Name
			}
			return f.File + ":" + f.Name
		},
	} {
		var list []string
		for _, f := range functions {
			if n := name(f); means(n) == 1 && !slices.Contains(list, n) {
				list = append(list, n)
			}
		}
		if len(list) == len(functions) {
			return list
		}
	}
	var list []string
	for _, f := range functions {
		list = append(list, fmt.Sprintf("%s@%#x", f.Name, f.Addr))
	}
	return list
}
