package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Help fits a terminal of 80 columns, as output that is no terminal is, but for words that are longer.
func TestHelpFits(t *testing.T) {
	root := newRoot(nil, nil)
	for _, command := range append(root.Commands(), root) {
		_, out, _ := invoke(t, strings.Fields(strings.TrimPrefix(command.CommandPath(), "roofline")+" --help")...)
		for _, line := range strings.Split(out, "\n") {
			if utf8.RuneCountInString(line) > 80 && !strings.HasPrefix(line, "  roofline ") {
				t.Errorf("%s: %d characters: %s", command.Name(), utf8.RuneCountInString(line), line)
			}
		}
		for _, vague := range []string{" strings ", " string ", " stringArray ", " float ", " duration "} {
			if strings.Contains(out, vague) {
				t.Errorf("%s: a flag takes%sinstead of a name for it:\n%s", command.Name(), vague, out)
			}
		}
	}
}

func TestProse(t *testing.T) {
	text := "one two three\nfour\n\n  key    what it is for\n  other  x\n  plain words that are many"
	want := "one two\nthree four\n\n  key    what it is for\n  other  x\n  plain words that are\n  many"
	if got := prose(text, 12); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
