package units

import (
	"slices"
	"testing"
)

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "",
		" a \t b\r\nc ":               "a b c",
		"\x1b[31mred\x1b]0;title\x07": "[31mred ]0;title",
		"\u009b31m":                   "31m", // the one-character CSI
		"gpj.\u202eexe.\u2066x\u2069": "gpj. exe. x",
		"naïve → µ-kernel, 行列, مصفوفة": "naïve → µ-kernel, 行列, مصفوفة",
	} {
		if got := OneLine(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 samples", 1: "1 sample", 12: "12 samples"} {
		if got := Count(n, "sample"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestHang(t *testing.T) {
	for _, tt := range []struct {
		prefix, indent, text string
		want                 []string
	}{
		{"note: ", "      ", "one two three", []string{"note: one two", "      three"}},
		{"", "  ", "ärger über öfen", []string{"ärger über", "  öfen"}},
		{"# ", " ", "averyveryverylongword b", []string{"# averyveryverylongword", " b"}},
		{"- ", "  ", "", []string{"- "}},
	} {
		if got := Hang(tt.prefix, tt.indent, tt.text, 13); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}
