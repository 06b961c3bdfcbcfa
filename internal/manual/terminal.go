package manual

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/roofline-go/roofline/internal/units"
)

// Text writes a page for a terminal of a width: paragraphs wrapped, headings without marks, code as it is. Links to other pages
// become the name of the topic.
func Text(w io.Writer, t Topic, width int) error {
	p := page{source: t.Source, width: width}
	root := goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(text.NewReader(t.Source))
	p.blocks(root, "", "")
	_, err := w.Write(p.out.Bytes())
	return err
}

// page is one that is being written.
type page struct {
	source []byte
	width  int
	out    bytes.Buffer
}

// blocks writes the children of a node. The first line begins with first, the others with rest.
func (p *page) blocks(parent ast.Node, first, rest string) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		p.block(n, first, rest)
		first = rest
		_, tight := n.(*ast.TextBlock)
		if next := n.NextSibling(); next != nil && !tight {
			fmt.Fprintln(&p.out, strings.TrimRight(rest, " "))
		}
	}
}

func (p *page) block(n ast.Node, first, rest string) {
	switch n := n.(type) {
	case *ast.Heading:
		line := p.inline(n)
		if n.Level <= 2 {
			line = strings.ToUpper(line)
		}
		p.paragraph(line, first, rest)
	case *ast.Paragraph, *ast.TextBlock:
		p.paragraph(p.inline(n), first, rest)
	case *ast.FencedCodeBlock:
		p.code(n, rest)
	case *ast.CodeBlock:
		p.code(n, rest)
	case *ast.List:
		p.list(n, first, rest)
	case *ast.Blockquote:
		p.blocks(n, first+"| ", rest+"| ")
	case *extast.Table:
		p.table(n, first, rest)
	case *ast.ThematicBreak:
		fmt.Fprintln(&p.out, first+strings.Repeat("-", 8))
	}
}

// code writes a block of code, indented and as it is.
func (p *page) code(n ast.Node, indent string) {
	lines := n.Lines()
	for i := range lines.Len() {
		line := lines.At(i)
		p.out.WriteString(strings.TrimRight(indent+"    "+string(line.Value(p.source)), " \n") + "\n")
	}
}

func (p *page) list(n *ast.List, first, rest string) {
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "• "
		if n.IsOrdered() {
			mark = fmt.Sprintf("%d. ", number)
			number++
		}
		p.blocks(item, first+mark, rest+strings.Repeat(" ", len([]rune(mark))))
		first = rest
		if !n.IsTight && item.NextSibling() != nil {
			fmt.Fprintln(&p.out, strings.TrimRight(rest, " "))
		}
	}
}

// paragraph writes a text wrapped to the width.
func (p *page) paragraph(text, first, rest string) {
	for _, line := range units.Wrap(text, p.width-len([]rune(rest))) {
		fmt.Fprintln(&p.out, strings.TrimRight(first+line, " "))
		first = rest
	}
}
