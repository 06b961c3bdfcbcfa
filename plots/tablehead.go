package plots

import (
	"fmt"
	"strings"

	"github.com/roofline-go/roofline/roofline"
)

// headline is what all runs have in common.
func headline(res *roofline.Result) string {
	d := drawing{res: res}
	parts := []string{orDash(strings.TrimSpace(oneLine(res.Machine.CPU.Name)))}
	if v := common(res.Runs, func(r roofline.Run) string { return threadsText(r.Threads) }); v != "" {
		parts = append(parts, v)
	}
	if v := typesOf(res); v != "" {
		parts = append(parts, v)
	}
	if c := d.conditions(); c != "" {
		parts = append(parts, strings.ReplaceAll(c, "  ·  ", " · "))
	}
	return strings.Join(parts, " · ")
}

// typesOf is the data type of all runs, or says which one those have whose name gives none; "" when it is not known.
func typesOf(res *roofline.Result) string {
	usual := oneLine(usualDType(res.Runs))
	if usual != "" && common(res.Runs, func(r roofline.Run) string { return r.DType }) == "" {
		usual += " unless marked"
	}
	return usual
}

// common is the value that f has for every element, or "".
func common[T any](list []T, f func(T) string) string {
	if len(list) == 0 {
		return ""
	}
	for _, v := range list {
		if f(v) != f(list[0]) {
			return ""
		}
	}
	return f(list[0])
}

// usualDType is the data type of most runs.
func usualDType(runs []roofline.Run) (best string) {
	count := map[string]int{}
	for _, r := range runs {
		count[r.DType]++
	}
	for _, r := range runs {
		if count[r.DType] > count[best] {
			best = r.DType
		}
	}
	return best
}

// tableNames names each run by kernel and variant, by data type where it is not the usual one, and by threads where they
// are not common to all.
func tableNames(runs []roofline.Run) []string {
	names := make([]string, len(runs))
	dtype := usualDType(runs)
	threads := common(runs, func(r roofline.Run) string { return threadsText(r.Threads) })
	for i, r := range runs {
		names[i] = strings.TrimSpace(oneLine(r.Kernel + " " + r.Variant))
		if r.DType != dtype {
			names[i] += " " + oneLine(r.DType)
		}
		if threads == "" {
			names[i] += fmt.Sprintf(" t%d", r.Threads)
		}
	}
	return names
}
