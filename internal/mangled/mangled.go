// Package mangled translates names of C++ and Rust functions between the symbol table and the source.
package mangled

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ianlancetaylor/demangle"

	"github.com/roofline-go/roofline/internal/edit"
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

// clones are the words that gcc and clang append to a function's name, behind a dot, for a clone of it.
var clones = []string{"constprop", "isra", "part", "cold", "localalias", "lto_priv", "_omp_fn", "simdclone", "llvm", "specialized", "__uniq"}

// IsClone says whether a symbol is a compiler's clone of the function of, a symbol, too: f.constprop.0 of f, and f.avx2 of a function
// with target_clones. Go's symbols have dots as well: main.run is no clone of main.
func IsClone(symbol, of string) bool {
	rest, ok := strings.CutPrefix(symbol, of+".")
	word, _, _ := strings.Cut(rest, ".")
	return ok && (slices.Contains(clones, word) || word == "default" || strings.HasPrefix(word, "arch_") || strings.HasPrefix(word, "avx") ||
		strings.HasPrefix(word, "sse"))
}

// Similar are source names of symbols that may have been meant by name: those that have it as a part, the shortest first, or else
// the nearest by edit distance. A name of less than three letters says nothing; of many, five are returned.
func Similar(name string, symbols []string) (found []string) {
	const most, shortest = 5, 3
	if len(name) < shortest {
		return nil
	}
	lower := strings.ToLower(name)
	var near []string
	nearest := 1 + len(name)/3
	for _, s := range symbols {
		source := Source(s)
		if strings.Contains(strings.ToLower(source), lower) {
			found = append(found, source)
		}
		if len(found) > 0 || len(source) > len(name)+nearest || len(source) < len(name)-nearest {
			continue
		}
		switch d := edit.Distance(lower, strings.ToLower(source)); {
		case d < nearest:
			nearest, near = d, []string{source}
		case d == nearest:
			near = append(near, source)
		}
	}
	if len(found) == 0 {
		found = near
	}
	slices.SortFunc(found, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	found = slices.Compact(found)
	return found[:min(len(found), most)]
}
