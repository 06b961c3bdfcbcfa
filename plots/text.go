package plots

import (
	"cmp"
	"slices"
	"strings"
)

// sortedBy returns a copy of s in the order of key, stable.
func sortedBy[T any, K cmp.Ordered](s []T, key func(T) K) []T {
	keys := make([]K, len(s))
	order := make([]int, len(s))
	for i, v := range s {
		keys[i], order[i] = key(v), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	out := make([]T, len(s))
	for i, j := range order {
		out[i] = s[j]
	}
	return out
}

// wrapPixels breaks paragraphs into lines of at most width pixels, and at most maxLines of them; what does not fit is
// announced in the last line.
func wrapPixels(paragraphs []string, size, width float64, maxLines int) (lines []string) {
	for i, p := range paragraphs {
		wrapped := wrapOne(p, size, width)
		if len(lines)+len(wrapped) > maxLines {
			left := len(paragraphs) - i
			more := "… more in the table"
			if room := maxLines - len(lines); room > 1 || room == 1 && left == 1 {
				lines = append(lines, wrapped[:room]...)
				left--
			}
			if left > 0 || len(wrapped) > 0 {
				n := len(lines) - 1
				if n < 0 {
					return []string{more}
				}
				lines[n] = fit(lines[n], size, false, width-textWidth("  "+more, size, false)) + "  " + more
			}
			return lines
		}
		lines = append(lines, wrapped...)
	}
	return lines
}

func wrapOne(p string, size, width float64) (lines []string) {
	line := ""
	for _, word := range strings.Fields(p) {
		word = fit(word, size, false, width)
		if line != "" && textWidth(line+" "+word, size, false) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
