package plots

import (
	"regexp"
	"strings"
	"sync"
)

// asciiForms stand for what a terminal of ASCII only cannot show. Forms of two characters take a blank beside them with
// them, where there are several, so that columns stay aligned.
var asciiForms = []struct{ from, to string }{
	{"  ±", " +-"}, {"±", "+-"}, {" ∞", "oo"}, {"∞", "oo"},
	{"×", "x"}, {" ·", ","}, {"·", ","}, {"–", "-"}, {"−", "-"}, {"µ", "u"}, {"μ", "u"}, {"…", "~"}, {"→", ">"},
	{"“", `"`}, {"”", `"`}, {"‘", "'"}, {"’", "'"},
	{"─", "-"}, {"│", "|"}, {"┤", "+"}, {"┬", "+"}, {"└", "+"},
}

// powers finds the exponents of sizes (512³), which look like footnotes otherwise.
var powers = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([0-9])([²³])( {2})?`) })

// toASCII writes text in ASCII: footnotes become letters, and what has no form a question mark.
func toASCII(s string) string {
	s = powers().ReplaceAllStringFunc(s, func(m string) string {
		r := []rune(m)
		out := string(r[0]) + "^" + map[rune]string{'²': "2", '³': "3"}[r[1]]
		if len(r) > 2 {
			out += " "
		}
		return out
	})
	for _, f := range asciiForms {
		s = strings.ReplaceAll(s, f.from, f.to)
	}
	return strings.Map(func(r rune) rune {
		for i, d := range []rune(superscripts) {
			if r == d {
				return 'a' + rune(i+9)%10
			}
		}
		if r > 0x7e {
			return '?'
		}
		return r
	}, s)
}
