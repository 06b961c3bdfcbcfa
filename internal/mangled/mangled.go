// Package mangled translates names of C++ and Rust functions between the symbol table and the source.
package mangled

import (
	"strings"

	"github.com/ianlancetaylor/demangle"
)

// Source is the name that a function of the symbol table has in its source, without parameters: ns::K<double>::run. Names of
// C are what they are.
func Source(symbol string) string { return translate(symbol, demangle.NoParams, demangle.NoClones) }

func translate(symbol string, options ...demangle.Option) string {
	text, err := demangle.ToString(symbol, options...)
	if err != nil {
		return symbol
	}
	return text
}

// Base is a symbol without what the compiler appended to it for a clone of the function: _Z1fv of _Z1fv.isra.0.
func Base(symbol string) string {
	base, _, _ := strings.Cut(symbol, ".")
	return base
}

// Means says whether somebody who writes name may mean the symbol: its source name, with or without parameters and the
// arguments of templates. Blanks do not matter. A clone has no name in the source.
func Means(name, symbol string) bool {
	if !strings.HasPrefix(symbol, "_Z") && !strings.HasPrefix(symbol, "_R") || strings.Contains(symbol, ".") {
		return false
	}
	name = compact(name)
	source := compact(Source(symbol))
	if name == source || name == compact(translate(symbol, demangle.NoParams, demangle.NoTemplateParams)) {
		return true
	}
	if !strings.HasPrefix(name, source) {
		return false
	}
	whole := compact(translate(symbol))
	at := strings.Index(whole, source) // behind what a template returns
	return at >= 0 && name == whole[at:]
}

func compact(s string) string { return strings.ReplaceAll(s, " ", "") }
