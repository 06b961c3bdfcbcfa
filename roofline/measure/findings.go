package measure

import (
	"fmt"
	"strings"

	"github.com/roofline-go/roofline/roofline"
)

// findings collects warnings. The same finding about several runs is one warning that lists them, so that a restless
// machine does not fill the page.
type findings struct {
	single []roofline.Warning
	groups []*finding
}

type finding struct {
	text, cure string
	about      []string // run IDs
	details    []string
}

// listed is how many runs one warning names.
const listed = 3

func (f *findings) add(w ...roofline.Warning) { f.single = append(f.single, w...) }

// group notes a finding, told by its text, about a run.
func (f *findings) group(format string, args []any, cure, id, detail string) {
	text := fmt.Sprintf(format, args...)
	for _, g := range f.groups {
		if g.text == text {
			g.about, g.details = append(g.about, id), append(g.details, detail)
			return
		}
	}
	f.groups = append(f.groups, &finding{text, cure, []string{id}, []string{detail}})
}

func (f *findings) warnings() []roofline.Warning {
	warnings := append([]roofline.Warning(nil), f.single...)
	for _, g := range f.groups {
		w := roofline.Warning{Text: g.text + ": " + g.list(), Cure: g.cure}
		if len(g.about) == 1 {
			w.About, w.Text = g.about[0], fmt.Sprintf("%s (%s)", g.text, g.details[0])
		}
		warnings = append(warnings, w)
	}
	return warnings
}

func (g *finding) list() string {
	var parts []string
	for i, id := range g.about {
		if i == listed {
			parts = append(parts, fmt.Sprintf("and %d more", len(g.about)-listed))
			break
		}
		parts = append(parts, fmt.Sprintf("%s (%s)", id, g.details[i]))
	}
	return strings.Join(parts, ", ")
}
