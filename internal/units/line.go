package units

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// OneLine makes any text safe on a line of a terminal, a table or a chart: control characters, which could move the cursor, and
// those that turn the direction of writing, which could show a name as another, become spaces, and runs of spaces one.
func OneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		switch {
		case r <= ' ', r >= 0x7f && r < 0xa0: // C0, DEL, C1
			return true
		case r == 0x2028 || r == 0x2029, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // line and paragraph ends; embeddings, overrides, isolates
			return true
		}
		return false
	}), " ")
}

// Count words a number of things: "1 kernel", "14 kernels".
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// Wrap breaks a text into lines of at most width characters, between words. A longer word has a line of its own.
func Wrap(text string, width int) []string { return Hang("", "", text, width) }

// Hang is Wrap of a text behind a prefix; further lines stand behind an indent.
func Hang(prefix, indent, text string, width int) []string {
	return HangWords(prefix, indent, strings.Fields(text), width)
}

// HangWords is Hang of words that may have spaces in them.
func HangWords(prefix, indent string, words []string, width int) (lines []string) {
	line, empty := prefix, true
	for _, word := range words {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line, empty = indent, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	return append(lines, line)
}
