package manual

import (
	"fmt"
	"strings"

	"github.com/cpuguy83/go-md2man/v2/md2man"
)

// Man is the topic as a man page of section 7, roofline-NAME(7), in roff.
func (t Topic) Man(version string) ([]byte, error) {
	_, body, _ := strings.Cut(string(t.Source), "\n")
	body, err := plainTables(body)
	if err != nil {
		return nil, err
	}
	head := fmt.Sprintf("%% ROOFLINE-%s 7 \"\" \"roofline %s\" \"roofline manual\"\n\n# NAME\nroofline-%s - %s\n\n# DESCRIPTION\n",
		strings.ToUpper(t.Name), version, t.Name, t.Title)
	return md2man.Render([]byte(head + body)), nil
}

// plainTables replaces the tables of a page by blocks of text: a man page wraps no cells.
func plainTables(body string) (string, error) {
	const width = 68 // of a terminal of 80 columns, within the margins
	var out, table strings.Builder
	fenced := false
	flush := func() error {
		if table.Len() == 0 {
			return nil
		}
		var text strings.Builder
		if err := Text(&text, Topic{Source: []byte(table.String())}, width); err != nil {
			return err
		}
		table.Reset()
		out.WriteString("```\n" + text.String() + "```\n")
		return nil
	}
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if strings.HasPrefix(line, "|") && !fenced {
			table.WriteString(line)
			continue
		}
		if err := flush(); err != nil {
			return "", err
		}
		out.WriteString(line)
	}
	return out.String(), flush()
}
