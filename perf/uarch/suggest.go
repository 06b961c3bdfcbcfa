package uarch

import (
	"slices"
	"strings"
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
			switch d := distance(name, plain(n)); {
			case d < best:
				best, found = d, []string{n}
			case d == best:
				found = append(found, n)
			}
		}
	}
	return found[:min(len(found), most)]
}

// distance is the Levenshtein distance.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = slices.Min([]int{change, row[j] + 1, row[j+1] + 1})
		}
	}
	return row[len(b)]
}
