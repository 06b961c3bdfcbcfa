package measure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/roofline"
)

// findings collects what was found about runs. The same finding about several runs is one warning that lists them, so that
// a restless machine does not fill the page.
type findings []finding

type finding struct {
	job        *job
	text, cure string
	detail     string // what differs from run to run; "" if nothing does
}

// listed is how many runs one warning names.
const listed = 3

func (f *findings) add(j *job, text, cure, detail string) {
	*f = append(*f, finding{j, text, cure, detail})
}

// warnings returns one warning per text, in the order of the plan.
func (f findings) warnings() (warnings []roofline.Warning) {
	f = slices.Clone(f)
	slices.SortStableFunc(f, func(a, b finding) int { return cmp.Compare(a.job.order, b.job.order) })
	var texts []string
	same := map[string]findings{}
	for _, x := range f {
		if same[x.text] == nil {
			texts = append(texts, x.text)
		}
		same[x.text] = append(same[x.text], x)
	}
	for _, text := range texts {
		warnings = append(warnings, same[text].merge())
	}
	return warnings
}

// merge makes one warning of findings with the same text.
func (f findings) merge() roofline.Warning {
	w := roofline.Warning{Text: f[0].text, Cure: f[0].cure}
	if len(f) == 1 {
		w.About = f[0].job.id()
		if f[0].detail != "" {
			w.Text += " (" + f[0].detail + ")"
		}
		return w
	}
	var about []string
	for _, x := range f[:min(len(f), listed)] {
		id := x.job.id()
		if x.detail != "" {
			id += " (" + x.detail + ")"
		}
		about = append(about, id)
	}
	w.Text += ": " + strings.Join(about, ", ")
	if more := len(f) - listed; more > 0 {
		w.Text += fmt.Sprintf(" and %d more", more)
	}
	return w
}
