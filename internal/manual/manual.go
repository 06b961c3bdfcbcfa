// Package manual shows the pages of the documentation as text for a terminal and as man pages. A topic is a page: its name is
// that of the file without .md, its title the first heading.
package manual

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Topic is a page of the manual.
type Topic struct {
	Name   string // e.g. tutorial
	Title  string // of the page
	Source []byte // Markdown
}

// Topics lists the pages of a directory by name.
func Topics(pages fs.FS) ([]Topic, error) {
	files, err := fs.Glob(pages, "*.md")
	if err != nil {
		return nil, fmt.Errorf("list topics: %w", err)
	}
	slices.Sort(files)
	topics := make([]Topic, 0, len(files))
	for _, f := range files {
		source, err := fs.ReadFile(pages, f)
		if err != nil {
			return nil, fmt.Errorf("read topic: %w", err)
		}
		first, _, _ := strings.Cut(string(source), "\n")
		title, ok := strings.CutPrefix(first, "# ")
		if !ok {
			return nil, fmt.Errorf("read topic %s: the first line is no heading", f)
		}
		topics = append(topics, Topic{Name: strings.TrimSuffix(f, ".md"), Title: strings.ReplaceAll(title, "`", ""), Source: source})
	}
	return topics, nil
}

// Find is the topic of a name, or of one that only it begins with.
func Find(topics []Topic, name string) (found Topic, ok bool) {
	if i := slices.IndexFunc(topics, func(t Topic) bool { return t.Name == name }); i >= 0 {
		return topics[i], true
	}
	for _, t := range topics {
		switch {
		case !strings.HasPrefix(t.Name, name):
		case ok:
			return Topic{}, false
		default:
			found, ok = t, true
		}
	}
	return found, ok
}
