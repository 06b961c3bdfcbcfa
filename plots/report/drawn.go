package report

import (
	"bytes"
	"fmt"
	"html/template"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// drawn is the chart that needs no script, or why there is none. Of many runs it shows as many as can be told apart.
func drawn(res *roofline.Result) (chart *plots.Chart, why string) {
	shown := *res
	if len(shown.Runs) > drawnRuns {
		shown.Runs = shown.Runs[:drawnRuns]
		why = fmt.Sprintf("The drawing shows the first %d of %d kernels.", drawnRuns, len(res.Runs))
	}
	chart, err := plots.Roofline(&shown, plots.Options{})
	if err != nil {
		return nil, plots.Sentence(err.Error())
	}
	return chart, why
}

// drawing is a chart with its name, as an element of the page.
type drawing struct {
	Name string
	SVG  template.HTML
}

// sweep is a chart of what was seen over the working set.
type sweep struct {
	name  string
	chart *plots.Chart
}

// sweeps are the charts of the curves in which the ceilings were found; none where the result does not keep them.
func sweeps(res *roofline.Result) (list []sweep) {
	for _, s := range []struct {
		name string
		draw func(*roofline.Result) (*plots.Chart, error)
	}{{"Bandwidth over the working set", plots.Sweep}, {"Latency over the working set", plots.Latency}} {
		if chart, err := s.draw(res); err == nil {
			list = append(list, sweep{s.name, chart})
		}
	}
	return list
}

// inline is the chart as an element of the page; plots escapes every text of it.
func inline(chart *plots.Chart, id string) template.HTML {
	if chart == nil {
		return ""
	}
	var b bytes.Buffer
	if err := chart.WriteInlineSVG(&b, id); err != nil {
		return "" // a buffer takes everything
	}
	return template.HTML(b.String())
}
