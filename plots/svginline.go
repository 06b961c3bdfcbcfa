package plots

import "io"

// InlineStyle is what a style sheet of a page with inline charts may add: they shrink with the page.
const InlineStyle = "svg.chart{max-width:100%;height:auto}\n"

// WriteInlineSVG writes the chart as an element of class chart for a page of HTML. Its ids begin with id, it has no style
// sheet and no background, and takes the width that the page gives it. Colours are CSS variables with the light theme as
// default; Variables(Dark, charts...) are the declarations that a page needs where it is dark.
func (c *Chart) WriteInlineSVG(w io.Writer, id string) error { return c.writeSVG(w, id) }
