package uarch

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// parseEvent reads "ROLE NAME FIELDS key=value… flag… | meaning".
func parseEvent(text string) (Event, error) {
	facts, meaning, ok := cutMeaning(text)
	words, err := split(facts)
	if err != nil || !ok || len(words) < 3 || !isName(words[0]) || !isText(words[1]) {
		return Event{}, fmt.Errorf("event %q: want role, name, fields, key=value… | meaning", text)
	}
	e := Event{Role: words[0], Name: words[1], Meaning: meaning, BytesPerCount: math.NaN(), PerfName: strings.ToLower(words[1])}
	if e.Fields, err = ParseFields(words[2]); err != nil {
		return Event{}, err
	}
	for _, w := range words[3:] {
		key, value, _ := strings.Cut(w, "=")
		if err := e.set(key, value); err != nil {
			return Event{}, fmt.Errorf("event %s: %s: %w", e.Name, key, err)
		}
	}
	return e, nil
}

func (e *Event) set(key, value string) (err error) {
	switch key {
	case "counters":
		e.Counters, err = parseCounters(value)
	case "perf":
		e.PerfName = strings.TrimPrefix(value, "-")
	case "flops":
		e.FLOPs, err = parseWeight(value)
	case "bytes":
		var n int
		n, err = count(value)
		e.BytesPerCount = float64(n)
	case "precision":
		e.Precision = value
	case "width":
		e.WidthBits, err = count(value)
	case "elements":
		e.Elements, err = count(value)
	case "sysfs":
		e.SysfsEvent = value
	case "scale":
		e.Scale, err = parseScale(value)
	case "unit":
		e.Unit = value
	case "vendor":
		e.VendorCode = value
	case "alt":
		e.Alternative = value
	case "errata":
		e.Errata = strings.Split(value, ",")
	case "caveats":
		e.Caveats = strings.Split(value, ",")
	case "from":
		e.Source = value
	case "suspect":
		e.Suspect = true
	case "deprecated":
		e.Deprecated = true
	default:
		return fmt.Errorf("unknown key")
	}
	return err
}

// parseWeight reads a number, VL/128, or "-" where none can be given.
func parseWeight(text string) (Weight, error) {
	switch text {
	case "-":
		return Weight{}, nil
	case "VL/128":
		return Weight{stated: true, perVector: true}, nil
	}
	n, err := count(text)
	return Weight{stated: true, value: float64(n)}, err
}

// parseScale reads a positive, finite number.
func parseScale(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > 0 && v <= math.MaxFloat64) {
		return 0, fmt.Errorf("scale %q is no positive number", text)
	}
	return v, nil
}

// isText accepts what can stand in a column of a table.
func isText(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) })
}

// cutMeaning splits at the first " | " outside quotes.
func cutMeaning(text string) (facts, meaning string, ok bool) {
	quoted := false
	for i := range len(text) {
		if text[i] == '"' {
			quoted = !quoted
		}
		if !quoted && strings.HasPrefix(text[i:], " | ") {
			return text[:i], strings.TrimSpace(text[i+3:]), true
		}
	}
	return text, "", false
}

// split splits at spaces outside quotes, and drops the quotes.
func split(text string) (words []string, err error) {
	var word strings.Builder
	quoted, begun := false, false
	for _, c := range text {
		switch {
		case c == '"':
			quoted, begun = !quoted, true
		case c == ' ' && !quoted:
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(c)
			begun = true
		}
	}
	if quoted {
		return nil, fmt.Errorf("a quote is not closed")
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}
