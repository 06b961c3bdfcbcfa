package plots

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"math"
	"strings"
)

// pdfWidth is the width of the page in points: A4 is as high.
const pdfWidth = 842.0

// WritePDF writes the chart as a PDF of one page with real text in Helvetica, one of the fonts that every reader has.
//
// The document is written here and not by gonum's vgpdf, because that one stamps the time of day and orders its objects
// at random, so that the same chart would give different bytes, and multiplies translucent colours twice.
func (c *Chart) WritePDF(w io.Writer) error {
	var page bytes.Buffer
	alphas := map[string]int{}
	gs := func(a float64) string {
		k := num(a)
		if _, ok := alphas[k]; !ok {
			alphas[k] = len(alphas)
		}
		return fmt.Sprintf("/A%d gs", alphas[k])
	}
	width, height := c.scene.size()
	scale, theme := pdfWidth/width, c.scene.theme
	fmt.Fprintf(&page, "%.5f 0 0 %.5f 0 %s cm 1 j\n", scale, -scale, num(height*scale))
	if theme != Light {
		fmt.Fprintf(&page, "%s rg 0 0 %s %s re f\n", pdfColor(theme.ink(white)), num(width), num(height))
	}
	for _, it := range c.scene.items {
		switch {
		case it.path != nil:
			pdfPath(&page, it.path, theme, gs)
		case it.text != nil:
			pdfText(&page, it.text, theme, gs)
		}
	}
	var states strings.Builder
	for k := range len(alphas) {
		for a, i := range alphas {
			if i == k {
				fmt.Fprintf(&states, "/A%d << /ca %s /CA %s >> ", i, a, a)
			}
		}
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write(page.Bytes())
	z.Close()
	font := func(name string) string {
		return "<< /Type /Font /Subtype /Type1 /BaseFont /" + name + " /Encoding /WinAnsiEncoding >>"
	}
	return pdfDocument(w, []string{
		"<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %s %s] /Contents 4 0 R /Resources << /Font << /F0 5 0 R /F1 6 0 R >> /ExtGState << %s>> >> >>",
			num(width*scale), num(height*scale), states.String()),
		fmt.Sprintf("<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream", packed.Len(), packed.Bytes()),
		font("Helvetica"),
		font("Helvetica-Bold"),
		fmt.Sprintf("<< /Title %s /Subject %s /Creator (roofline) >>", pdfUTF16(c.scene.title), pdfUTF16(c.scene.desc)),
	})
}

// pdfDocument numbers the objects from 1 (the catalogue; the last is the information dictionary) and adds the
// cross-reference table.
func pdfDocument(w io.Writer, objects []string) error {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, len(objects), xref)
	_, err := w.Write(b.Bytes())
	return err
}

func pdfColor(c ink) string {
	return fmt.Sprintf("%.3f %.3f %.3f", float64(c.R)/255, float64(c.G)/255, float64(c.B)/255)
}

func pdfPath(b *bytes.Buffer, p *path, theme Theme, gs func(float64) string) {
	draw := func(paint string) {
		for _, o := range p.ops {
			switch o.kind {
			case 'M', 'L':
				fmt.Fprintf(b, "%s %s %c ", num(o.p[0].X), num(o.p[0].Y), o.kind|0x20)
			case 'C':
				for _, q := range o.p {
					b.WriteString(num(q.X) + " " + num(q.Y) + " ")
				}
				b.WriteString("c ")
			case 'Z':
				b.WriteString("h ")
			}
		}
		b.WriteString(paint + "\n")
	}
	if p.fill.A > 0 {
		fmt.Fprintf(b, "%s %s rg ", gs(p.fill.A), pdfColor(theme.ink(p.fill)))
		draw("f")
	}
	if p.stroke.A > 0 {
		d := make([]string, len(p.dash))
		for i, v := range p.dash {
			d[i] = num(v)
		}
		fmt.Fprintf(b, "%s %s RG %s w [%s] 0 d ", gs(p.stroke.A), pdfColor(theme.ink(p.stroke)), num(p.width), strings.Join(d, " "))
		draw("S")
	}
}

func pdfText(b *bytes.Buffer, t *text, theme Theme, gs func(float64) string) {
	dx := 0.0
	switch t.anchor {
	case middle:
		dx = -textWidth(t.str, t.size, t.bold) / 2
	case end:
		dx = -textWidth(t.str, t.size, t.bold)
	}
	sin, cos := math.Sincos(t.angle * math.Pi / 180)
	font := 0
	if t.bold {
		font = 1
	}
	show := func(mode int) {
		fmt.Fprintf(b, "BT /F%d %s Tf %d Tr %.4f %.4f %.4f %.4f %s %s Tm (%s) Tj ET\n", font, num(t.size), mode,
			cos, -sin, -sin, -cos, num(t.at.X+dx*cos), num(t.at.Y-dx*sin), winAnsi(t.str))
	}
	if t.halo {
		fmt.Fprintf(b, "%s %s RG %d w [] 0 d ", gs(haloOpacity), pdfColor(theme.ink(white)), haloWidth)
		show(1)
	}
	fmt.Fprintf(b, "%s %s rg ", gs(t.color.A), pdfColor(theme.ink(t.color)))
	show(0)
}

// winAnsi encodes s for a literal string in WinAnsiEncoding; what it lacks becomes "?".
func winAnsi(s string) string {
	special := map[rune]byte{'–': 0x96, '—': 0x97, '…': 0x85, '•': 0x95, '−': 0x96, '‘': 0x91, '’': 0x92, '“': 0x93, '”': 0x94, '€': 0x80}
	var b strings.Builder
	for _, r := range s {
		c, ok := special[r]
		switch {
		case ok:
			fmt.Fprintf(&b, "\\%03o", c)
		case r == '(' || r == ')' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '→':
			b.WriteString("->")
		case r == 'μ':
			b.WriteString("\\265")
		case r >= 0x20 && r < 0x7f:
			b.WriteRune(r)
		case r >= 0xa0 && r <= 0xff:
			fmt.Fprintf(&b, "\\%03o", r)
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

// pdfUTF16 encodes s as a hexadecimal UTF-16 string.
func pdfUTF16(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, r := range s {
		if r > 0xffff {
			r = 0xfffd
		}
		fmt.Fprintf(&b, "%04X", r)
	}
	return b.String() + ">"
}
