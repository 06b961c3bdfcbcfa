package plots

import (
	"bufio"
	"fmt"
	"io"
)

// InlineStyle is the style sheet that a page with inline charts needs. Every rule is confined to elements of class chart.
var InlineStyle = fmt.Sprintf(`svg.chart text{font-family:"Liberation Sans",Arial,Helvetica,sans-serif;white-space:pre}
svg.chart .b{font-weight:bold}svg.chart .m{text-anchor:middle}svg.chart .e{text-anchor:end}
svg.chart .h{paint-order:stroke;stroke:#fff;stroke-opacity:%s;stroke-width:%d;stroke-linejoin:round}
`, num(haloOpacity), haloWidth)

// WriteInlineSVG writes the chart as an element of an HTML page that has InlineStyle. Its ids begin with id, it has no
// background and takes the width that the page gives it. Colours are attributes, which a style sheet may overrule.
func (c *Chart) WriteInlineSVG(w io.Writer, id string) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `<svg class="chart" viewBox="0 0 %d %d" fill="none" role="img" aria-labelledby="%s-title" aria-describedby="%s-desc">
<title id="%s-title">%s</title>
<desc id="%s-desc">%s</desc>
`, Width, Height, escape(id), escape(id), escape(id), escape(c.scene.title), escape(id), escape(c.scene.desc))
	writeItems(b, c.scene.items)
	b.WriteString("</svg>\n")
	return b.Flush()
}

func writeItems(b *bufio.Writer, items []item) {
	for _, it := range items {
		switch {
		case it.path != nil:
			svgPath(b, it.path)
		case it.text != nil:
			svgText(b, it.text)
		case it.end:
			b.WriteString("</g>\n")
		default:
			fmt.Fprintf(b, "<g><title>%s</title>\n", escape(it.begin))
		}
	}
}
