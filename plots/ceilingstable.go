package plots

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/roofline-go/roofline/roofline"
)

// maxRemarks is how many different remarks about the ceilings of one kind may become footnotes.
const maxRemarks = 12

// textCeilings prints the ceilings in groups: compute, bandwidth, latency, and what else there may be.
func textCeilings(res *roofline.Result, o TableOptions) string {
	limit := o.width()
	var out strings.Builder
	out.WriteString(strings.Join(wrap(headline(&roofline.Result{Machine: res.Machine, Time: res.Time}), limit), "\n") + "\n")
	if len(res.Ceilings) == 0 {
		out.WriteString("\nno ceilings\n")
	}
	notes := &footnotes{}
	about := map[string][]int{}
	kinds := []string{"compute", "bandwidth", "latency"}
	for _, c := range res.Ceilings {
		if !slices.Contains(kinds, c.Kind) {
			kinds = append(kinds, c.Kind)
		}
	}
	for _, kind := range kinds {
		var group []roofline.Ceiling
		for _, c := range res.Ceilings {
			if c.Kind == kind {
				group = append(group, c)
			}
		}
		if len(group) == 0 {
			continue
		}
		g := ceilingGrid(res, kind, group, notes, about, limit)
		if o.Color {
			g.paint = func(i, _ int, s string) string {
				if i == 0 {
					return "\x1b[1m" + s + "\x1b[0m"
				}
				return s
			}
		}
		out.WriteString("\n" + g.render(limit))
	}
	rest := *res
	rest.Runs = nil
	rest.Warnings = slices.DeleteFunc(slices.Clone(res.Warnings), func(w roofline.Warning) bool { return about[w.About] != nil })
	notes.rest(&rest)
	for i, t := range notes.texts {
		if i == 0 {
			out.WriteString("\n")
		}
		out.WriteString(hang(superscript(i+1)+" ", t, limit))
	}
	return out.String()
}

// The columns of a table of ceilings.
const (
	nameColumn = iota
	measuredColumn
	_ // ±
	theoryColumn
	shareColumn
	threadsColumn
	howColumn
)

// ceilingGrid is the table of the ceilings of a kind, without columns that would be empty and not wider than limit if that can be.
func ceilingGrid(res *roofline.Result, kind string, group []roofline.Ceiling, notes *footnotes, about map[string][]int, limit int) *grid {
	g := &grid{left: []bool{true, false, false, false, false, false, true}, gap: []int{0, 2, 1, 2, 2, 2, 2}}
	g.rows = [][]string{{orText(oneLine(kind), "other"), "measured", "±", "theory", "of it", "threads", "how"}}
	theory, remarks := false, map[string]bool{"": true}
	for _, c := range group {
		theory, remarks[c.Note] = theory || c.Theory > 0, true
		g.rows = append(g.rows, append(ceilingRow(res, c, notes, about), oneLine(c.Note)))
	}
	if !theory {
		g.drop(theoryColumn)
		g.drop(shareColumn)
	}
	if g.total() > limit {
		g.rows[0][threadsColumn] = "thr."
	}
	switch {
	case len(remarks) == 1:
		g.drop(howColumn)
	case len(remarks) > maxRemarks:
		g.shrink(howColumn, 16, limit, cut)
	case g.total() > limit: // the remarks have no room beside the values: make them footnotes
		g.drop(howColumn)
		for i, c := range group {
			if c.Note != "" {
				cell := &g.rows[i+1][measuredColumn]
				if last, _ := utf8.DecodeLastRuneInString(*cell); strings.ContainsRune(superscripts, last) {
					*cell += ","
				}
				*cell += superscript(notes.cite(sentence(c.Note)))
			}
		}
	}
	for _, n := range []int{16, 4} {
		g.shrink(nameColumn, n, limit, cut)
	}
	return g
}

func ceilingRow(res *roofline.Result, c roofline.Ceiling, notes *footnotes, about map[string][]int) []string {
	numbers := notes.about(res, c.ID)
	if len(numbers) > 0 {
		about[c.ID] = numbers
	}
	value := "–"
	if c.Value.Median > 0 {
		value = ceilingValue(c, c.Value.Median)
	} else if len(numbers) == 0 {
		numbers = append(numbers, notes.cite("Not measured."))
	}
	pm := tight(plusMinus(relative(c.Value)))
	if pm == "" {
		pm = "–"
		if c.Value.Median > 0 {
			numbers = append(numbers, notes.cite("No 95 % interval: fewer than 6 samples."))
		}
	}
	theory, share := "–", "–"
	if c.Theory > 0 {
		theory = ceilingValue(c, c.Theory)
		if c.Value.Median > 0 {
			share = tight(percent(c.Value.Median / c.Theory))
		}
	}
	return []string{oneLine(c.ID), value + superscript(numbers...), pm, theory, share, strconv.Itoa(c.Threads)}
}
