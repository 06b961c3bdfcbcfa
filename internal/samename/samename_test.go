package samename

import (
	"slices"
	"testing"
)

// Names that functions are told apart by choose them again.
func TestApartAndCut(t *testing.T) {
	all := []Function{{"f", "a.c", 16}, {"f", "b.c", 32}, {"g", "a.c", 48}, {"g", "", 64}, {"ns::h", "", 80}}
	find := func(name string) (found []Function) {
		rest, chosen := Cut(name, all)
		for _, f := range all {
			if f.Name == rest && chosen(f) {
				found = append(found, f)
			}
		}
		return found
	}
	for name, want := range map[string][]string{
		"f": {"a.c:f", "b.c:f"}, "g": {"g@0x30", "g@0x40"}, "ns::h": {"ns::h"}, "a.c:f": {"a.c:f"}, "f@0x20": {"b.c:f"}, "none.c:f": nil, "f@0x99": nil, "f@x": nil, "": nil,
	} {
		found := find(name)
		names := Apart(found, func(name string) int { return len(find(name)) })
		if !slices.Equal(names, want) {
			t.Errorf("%q means %v, told apart as %q, want %q", name, found, names, want)
		}
		for i, n := range names {
			if again := find(n); len(again) != 1 || again[0] != found[i] {
				t.Errorf("%q finds %v, not %v", n, again, found[i])
			}
		}
	}
}
