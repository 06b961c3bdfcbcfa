package uarch

import (
	"strings"

	"github.com/roofline-go/roofline/internal/edit"
)

// closeTo lists the names that may have been meant: those that contain what was written, else the nearest by edit distance.
func closeTo(name string, names []string) (found []string) {
	plain := func(s string) string {
		return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
	}
	name = plain(name)
	if name == "" {
		return nil
	}
	const most = 4
	for _, n := range names {
		if strings.Contains(plain(n), name) || strings.Contains(name, plain(n)) {
			found = append(found, n)
		}
	}
	if len(found) == 0 {
		best := 1 + len(name)/3
		for _, n := range names {
			switch d := edit.Distance(name, plain(n)); {
			case d < best:
				best, found = d, []string{n}
			case d == best:
				found = append(found, n)
			}
		}
	}
	return found[:min(len(found), most)]
}
