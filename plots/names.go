package plots

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/roofline"
)

// shortNames names each run by kernel and variant, by data type where it is not the usual one (which typesOf tells), and by size
// and threads only where they are needed to tell the runs apart. Runs that agree in all five get a running number.
func shortNames(runs []roofline.Run) []string {
	parts := []func(r roofline.Run) string{
		func(r roofline.Run) string { return strings.TrimRight(r.Kernel+" "+r.Variant, " ") },
		func(r roofline.Run) string { return " " + sizeOf(r.Shape) },
		func(r roofline.Run) string { return " t" + strconv.Itoa(r.Threads) },
	}
	names, usual := make([]string, len(runs)), usualDType(runs)
	for i, r := range runs {
		if names[i] = parts[0](r); r.DType != usual {
			names[i] += " " + r.DType
		}
	}
	for _, part := range parts[1:] {
		for _, group := range duplicates(names) {
			if varies(runs, group, part) {
				for _, i := range group {
					names[i] += part(runs[i])
				}
			}
		}
	}
	for _, group := range duplicates(names) {
		for n, i := range group {
			names[i] += " #" + strconv.Itoa(n+1)
		}
	}
	return names
}

// duplicates groups the positions of names that occur more than once, in the order of their first occurrence.
func duplicates(names []string) (groups [][]int) {
	at := map[string][]int{}
	for i, n := range names {
		at[n] = append(at[n], i)
	}
	for i, n := range names {
		if g := at[n]; len(g) > 1 && g[0] == i {
			groups = append(groups, g)
		}
	}
	return groups
}

func varies(runs []roofline.Run, group []int, part func(roofline.Run) string) bool {
	for _, i := range group[1:] {
		if part(runs[i]) != part(runs[group[0]]) {
			return true
		}
	}
	return false
}

// sizeOf writes a shape in few characters: 512³, 1Ki×2Ki×64, 8×1×4Ki×64 (heads × queries × keys
// × d), 8×1024²×64c (as many queries as keys, causal).
func sizeOf(s shape.Shape) string {
	n := func(v int) string {
		switch {
		case v >= 1<<20 && v%(1<<20) == 0:
			return strconv.Itoa(v>>20) + "Mi"
		case v >= 1<<10 && v%(1<<10) == 0:
			return strconv.Itoa(v>>10) + "Ki"
		}
		return strconv.Itoa(v)
	}
	switch {
	case s == shape.Shape{}: // a function of an object has none
		return ""
	case s.H > 0 || s.Q > 0 || s.KV > 0:
		out := fmt.Sprintf("%s×%s×%s×%s", n(s.H), n(s.Q), n(s.KV), n(s.D))
		if s.Q == s.KV {
			out = fmt.Sprintf("%s×%s×%s", n(s.H), strconv.Itoa(s.Q)+"²", n(s.D))
		}
		if s.Causal {
			out += "c"
		}
		return out
	case s.M > 0 && s.M == s.N && s.N == s.K:
		return strconv.Itoa(s.M) + "³"
	case s.K > 0:
		return n(s.M) + "×" + n(s.N) + "×" + n(s.K)
	case s.M > 0:
		return n(s.M) + "×" + n(s.N)
	}
	return n(s.N)
}
