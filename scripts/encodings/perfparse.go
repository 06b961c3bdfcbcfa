package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/perf/uarch"
)

// attr is an event as perf would open it.
type attr struct {
	kind uint64 // attr.type
	uarch.Code
}

var fields = regexp.MustCompile(`^  (?:\{ bp_(?:addr|len), config([12]) \}|(type|config))\s+(0x[0-9a-f]+|\d+)(?: \(.*\))?$`)

// parseList reads the names of events, and of more, that "perf list --raw-dump" prints: words, or pmu/name/.
func parseList(text string) map[string]bool {
	names := map[string]bool{}
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return c == ' ' || c == '\n' || c == '/' }) {
		names[word] = true
	}
	return names
}

// parseAttrs reads what "perf stat -vv" prints before it opens an event: one block of perf_event_attr per event, or
// more where perf tries again with other flags.
func parseAttrs(text string) (attrs []attr, err error) {
	var last *attr
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if line == "perf_event_attr:" {
			attrs = append(attrs, attr{})
			last = &attrs[len(attrs)-1]
			continue
		}
		m := fields.FindStringSubmatch(line)
		if strings.HasPrefix(line, "---") {
			last = nil // the end of the block
		}
		if m == nil || last == nil {
			continue
		}
		v, err := strconv.ParseUint(m[3], 0, 64)
		if err != nil {
			return nil, fmt.Errorf("read perf's attr %q: %w", line, err)
		}
		switch m[1] + m[2] {
		case "1":
			last.Config1 = v
		case "2":
			last.Config2 = v
		case "type":
			last.kind = v
		default:
			last.Config = v
		}
	}
	return attrs, nil
}

// complaint is the line in which perf says what is wrong.
func complaint(text string) string {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "___") || strings.Contains(line, "rror") {
			return strings.TrimSpace(strings.Trim(line, `\_ `))
		}
	}
	return "it does not say why"
}
