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

// inline is the chart as an element of the page; plots escapes every text of it.
func inline(chart *plots.Chart) template.HTML {
	if chart == nil {
		return ""
	}
	var b bytes.Buffer
	if err := chart.WriteInlineSVG(&b, "drawn"); err != nil {
		return "" // a buffer takes everything
	}
	return template.HTML(b.String())
}
