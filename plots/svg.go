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
// browsers show as tool tips and screen readers speak, and with the run's ID as data-run.
func (c *Chart) WriteSVG(w io.Writer) error { return c.writeSVG(w, "") }

// writeSVG writes a document, or with an id an element of a page.
//
// There is no style sheet in it: it would hold for the whole page.
func (c *Chart) writeSVG(w io.Writer, id string) error {
	s := &svgWriter{bufio.NewWriter(w), c.scene.theme, id != ""}
	width, height := c.scene.size()
	title, desc, size := "title", "desc", fmt.Sprintf(` xmlns="http://www.w3.org/2000/svg" width="%s" height="%s"`, num(width), num(height))
	if s.inline {
		title, desc, size = escape(id)+"-title", escape(id)+"-desc", ` class="chart"`
	}
	fmt.Fprintf(s, `<svg%s viewBox="0 0 %s %s" fill="none" stroke-linejoin="round" font-family="'Liberation Sans',Arial,Helvetica,sans-serif" role="img" aria-labelledby="%s" aria-describedby="%s" xml:space="preserve">
<title id="%s">%s</title>
<desc id="%s">%s</desc>
`, size, num(width), num(height), title, desc, title, escape(c.scene.title), desc, escape(c.scene.desc))
	if !s.inline {
		fmt.Fprintf(s, `<path d="M0 0H%sV%sH0Z" fill="%s"/>`+"\n", num(width), num(height), s.color(white))
	}
	for _, it := range c.scene.items {
		switch {
		case it.path != nil:
			s.path(it.path)
		case it.text != nil:
			s.text(it.text)
		case it.end:
			s.WriteString("</g>\n")
		default:
			s.WriteString("<g")
			for i := 0; i+1 < len(it.data); i += 2 {
				fmt.Fprintf(s, ` data-%s="%s"`, it.data[i], escape(it.data[i+1]))
			}
			fmt.Fprintf(s, "><title>%s</title>\n", escape(it.begin))
		}
	}
	s.WriteString("</svg>\n")
	return s.Flush()
}

// Size returns the width and height of the chart in pixels.
func (c *Chart) Size() (width, height float64) { return c.scene.size() }

type svgWriter struct {
	*bufio.Writer
	theme  Theme
	inline bool // colours as variables
}

func (s *svgWriter) color(c ink) string {
	hex := s.theme.ink(c).hex()
	if s.inline {
		return "var(" + c.variable() + "," + hex + ")"
	}
	return hex
}

func (s *svgWriter) path(p *path) {
	s.WriteString(`<path d="`)
	for _, o := range p.ops {
		s.WriteByte(o.kind)
		n := map[byte]int{'M': 1, 'L': 1, 'C': 3}[o.kind]
		for i, q := range o.p[:n] {
			if i > 0 {
				s.WriteByte(' ')
			}
			s.WriteString(num(q.X) + " " + num(q.Y))
		}
	}
	s.WriteByte('"')
	if p.fill.A > 0 {
		fmt.Fprintf(s, ` fill="%s"`, s.color(p.fill))
		if p.fill.A < 1 {
			fmt.Fprintf(s, ` fill-opacity="%s"`, num(p.fill.A))
		}
	}
	if p.stroke.A > 0 {
		fmt.Fprintf(s, ` stroke="%s" stroke-width="%s"`, s.color(p.stroke), num(p.width))
		if p.stroke.A < 1 {
			fmt.Fprintf(s, ` stroke-opacity="%s"`, num(p.stroke.A))
		}
		if len(p.dash) > 0 {
			d := make([]string, len(p.dash))
			for i, v := range p.dash {
				d[i] = num(v)
			}
			fmt.Fprintf(s, ` stroke-dasharray="%s"`, strings.Join(d, " "))
		}
	}
	s.WriteString("/>\n")
}

func (s *svgWriter) text(t *text) {
	fmt.Fprintf(s, `<text x="%s" y="%s" font-size="%s" fill="%s"`, num(t.at.X), num(t.at.Y), num(t.size), s.color(t.color))
	if t.bold {
		s.WriteString(` font-weight="bold"`)
	}
	if t.halo {
		fmt.Fprintf(s, ` paint-order="stroke" stroke="%s" stroke-opacity="%s" stroke-width="%d"`, s.color(white), num(haloOpacity), haloWidth)
	}
	if t.anchor != start {
		fmt.Fprintf(s, ` text-anchor="%s"`, [...]string{middle: "middle", end: "end"}[t.anchor])
	}
	if t.angle != 0 {
		fmt.Fprintf(s, ` transform="rotate(%s %s %s)"`, num(-t.angle), num(t.at.X), num(t.at.Y))
	}
	fmt.Fprintf(s, ">%s</text>\n", escape(t.str))
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
