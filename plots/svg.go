package plots

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// WriteSVG writes the chart as a stand-alone SVG document with real text. Kernels are groups with a title each, which
// browsers show as tool tips and screen readers speak.
func (c *Chart) WriteSVG(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" fill="none" role="img" aria-labelledby="title desc">
<title id="title">%s</title>
<desc id="desc">%s</desc>
<style>text{font-family:"Liberation Sans",Arial,Helvetica,sans-serif;white-space:pre}.b{font-weight:bold}.m{text-anchor:middle}.e{text-anchor:end}.h{paint-order:stroke;stroke:#fff;stroke-opacity:%s;stroke-width:%d;stroke-linejoin:round}</style>
<rect width="100%%" height="100%%" fill="#fff"/>
`, Width, Height, Width, Height, escape(c.scene.title), escape(c.scene.desc), num(haloOpacity), haloWidth)
	writeItems(b, c.scene.items)
	b.WriteString("</svg>\n")
	return b.Flush()
}

func svgPath(b *bufio.Writer, p *path) {
	b.WriteString(`<path d="`)
	for _, o := range p.ops {
		b.WriteByte(o.kind)
		n := map[byte]int{'M': 1, 'L': 1, 'C': 3}[o.kind]
		for i, q := range o.p[:n] {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(num(q.X) + " " + num(q.Y))
		}
	}
	b.WriteByte('"')
	if p.fill.A > 0 {
		fmt.Fprintf(b, ` fill="%s"`, p.fill.hex())
		if p.fill.A < 1 {
			fmt.Fprintf(b, ` fill-opacity="%s"`, num(p.fill.A))
		}
	}
	if p.stroke.A > 0 {
		fmt.Fprintf(b, ` stroke="%s" stroke-width="%s"`, p.stroke.hex(), num(p.width))
		if p.stroke.A < 1 {
			fmt.Fprintf(b, ` stroke-opacity="%s"`, num(p.stroke.A))
		}
		if len(p.dash) > 0 {
			d := make([]string, len(p.dash))
			for i, v := range p.dash {
				d[i] = num(v)
			}
			fmt.Fprintf(b, ` stroke-dasharray="%s"`, strings.Join(d, " "))
		}
	}
	b.WriteString("/>\n")
}

func svgText(b *bufio.Writer, t *text) {
	fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s" fill="%s"`, num(t.at.X), num(t.at.Y), num(t.size), t.color.hex())
	var class []string
	if t.bold {
		class = append(class, "b")
	}
	if t.halo {
		class = append(class, "h")
	}
	switch t.anchor {
	case middle:
		class = append(class, "m")
	case end:
		class = append(class, "e")
	}
	if len(class) > 0 {
		fmt.Fprintf(b, ` class="%s"`, strings.Join(class, " "))
	}
	if t.angle != 0 {
		fmt.Fprintf(b, ` transform="rotate(%s %s %s)"`, num(-t.angle), num(t.at.X), num(t.at.Y))
	}
	fmt.Fprintf(b, ">%s</text>\n", escape(t.str))
}

// num prints v with at most two decimals, which is finer than any screen.
func num(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

// escape makes s safe as XML character data and attribute value; what XML cannot hold becomes U+FFFD.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '"':
			b.WriteString("&quot;")
		case r < 0x20 && r != '\t' && r != '\n' && r != '\r', r == 0xfffe, r == 0xffff:
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
