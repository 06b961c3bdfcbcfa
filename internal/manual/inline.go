package manual

import (
	"path"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// inline is the text of a node's children on one line.
func (p *page) inline(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Value(p.source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.CodeSpan:
			b.WriteString(p.inline(n))
		case *ast.Image:
			b.WriteString("(picture: " + p.inline(n) + ")")
		case *ast.Link:
			b.WriteString(linked(p.inline(n), string(n.Destination)))
		case *ast.AutoLink:
			b.Write(n.URL(p.source))
		default: // emphasis and the like
			b.WriteString(p.inline(n))
		}
	}
	return b.String()
}

// linked is a link in words: of a page of this manual the topic, of another place its address.
func linked(text, to string) string {
	page, _, _ := strings.Cut(to, "#")
	topic, isPage := strings.CutSuffix(page, ".md")
	switch {
	case isPage && path.Base(page) == text:
		return "roofline help " + path.Base(topic)
	case isPage:
		return text + " (roofline help " + path.Base(topic) + ")"
	case strings.Contains(to, "://") && to != text:
		return text + " (" + to + ")"
	}
	return text
}
