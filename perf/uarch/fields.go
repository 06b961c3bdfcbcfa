package uarch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ParseFields reads the terms of an event as perf(1) and sysfs write them: "event=0xc7,umask=0x1,edge". A field without a
// value is 1. A value "?" is a parameter that only a user can give, and refused.
func ParseFields(text string) ([]Field, error) {
	var fields []Field
	for term := range strings.SplitSeq(strings.TrimSpace(text), ",") {
		name, value, has := strings.Cut(term, "=")
		if !isName(name) {
			return nil, fmt.Errorf("parse event %q: %q is no field", text, term)
		}
		n := uint64(1)
		if has {
			var err error
			if value == "?" {
				return nil, fmt.Errorf("parse event %q: the value of %s has to be chosen by the user", text, name)
			}
			if n, err = strconv.ParseUint(value, 0, 64); err != nil || strings.ContainsAny(value, "_oObB") && !strings.HasPrefix(value, "0x") {
				return nil, fmt.Errorf("parse event %q: the value of %s is no number", text, name)
			}
		}
		if slices.ContainsFunc(fields, func(f Field) bool { return f.Name == name }) {
			return nil, fmt.Errorf("parse event %q: %s occurs twice", text, name)
		}
		fields = append(fields, Field{name, n})
	}
	return fields, nil
}

// isName accepts what sysfs uses: letters, digits, "_", "-" and ".".
func isName(s string) bool {
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-', c == '.':
		default:
			return false
		}
	}
	return s != ""
}

// FieldList writes fields as ParseFields reads them.
func FieldList(fields []Field) string {
	var terms []string
	for _, f := range fields {
		terms = append(terms, fmt.Sprintf("%s=%#x", f.Name, f.Value))
	}
	return strings.Join(terms, ",")
}
