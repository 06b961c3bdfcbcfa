package uarch

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Bits says where a field stands in perf_event_attr: in config, config1 or config2 (Word 0, 1, 2), in these ranges of bits,
// the field's lowest bits first.
type Bits struct {
	Word   int
	Ranges [][2]int // first and last bit
}

// ParseBits reads a file of sysfs's format directory, e.g. "config:0-7,32-35" or "config1:0".
func ParseBits(text string) (Bits, error) {
	word, list, ok := strings.Cut(strings.TrimSpace(text), ":")
	b := Bits{Word: slices.Index([]string{"config", "config1", "config2"}, word)}
	if !ok || b.Word < 0 {
		return Bits{}, fmt.Errorf("parse format %q: want config, config1 or config2, a colon and bits", text)
	}
	var seen uint64
	for part := range strings.SplitSeq(list, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		lo, err1 := strconv.ParseUint(first, 10, 6)
		hi, err2 := strconv.ParseUint(last, 10, 6)
		if err1 != nil || err2 != nil || hi < lo {
			return Bits{}, fmt.Errorf("parse format %q: %q is no bit and no range of bits from 0 to 63", text, part)
		}
		mask := ones(int(hi-lo)+1) << lo
		if seen&mask != 0 {
			return Bits{}, fmt.Errorf("parse format %q: bits occur twice", text)
		}
		seen |= mask
		b.Ranges = append(b.Ranges, [2]int{int(lo), int(hi)})
	}
	return b, nil
}

// String is what ParseBits reads.
func (b Bits) String() string {
	var parts []string
	for _, r := range b.Ranges {
		if r[0] == r[1] {
			parts = append(parts, strconv.Itoa(r[0]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", r[0], r[1]))
		}
	}
	word := "config"
	if b.Word > 0 {
		word += strconv.Itoa(b.Word)
	}
	return word + ":" + strings.Join(parts, ",")
}

// Width is the number of bits of the field.
func (b Bits) Width() int {
	n := 0
	for _, r := range b.Ranges {
		n += r[1] - r[0] + 1
	}
	return n
}

// Code is what of perf_event_attr selects the event on its PMU.
type Code struct{ Config, Config1, Config2 uint64 }

// word returns config, config1 or config2.
func (c *Code) word(n int) *uint64 { return [...]*uint64{&c.Config, &c.Config1, &c.Config2}[n] }

// put writes a value that fits into the bits.
func (b Bits) put(c *Code, value uint64) {
	for _, r := range b.Ranges {
		n := r[1] - r[0] + 1
		*c.word(b.Word) |= value & ones(n) << r[0]
		value >>= n
	}
}

// Get returns the field's value in a code.
func (b Bits) Get(c Code) (value uint64) {
	at := 0
	for _, r := range b.Ranges {
		n := r[1] - r[0] + 1
		value |= *c.word(b.Word) >> r[0] & ones(n) << at
		at += n
	}
	return value
}

// ones has the n lowest bits set.
func ones(n int) uint64 { return 1<<n - 1 }

// Field is a part of an event's code.
type Field struct {
	Name  string
	Value uint64
}

// Format is the layout of a PMU's codes: the bits of each field by name.
type Format map[string]Bits

// FormatError says that a PMU's format has no place for a field.
type FormatError struct {
	Field Field
	Width int // bits that the format has for it; 0: there is no such field
}

// Error names the field and the cause.
func (e *FormatError) Error() string {
	if e.Width == 0 {
		return fmt.Sprintf("the PMU's format has no field %q", e.Field.Name)
	}
	return fmt.Sprintf("%s=%#x is too large for the PMU's format, which has %d bits for it", e.Field.Name, e.Field.Value, e.Width)
}

// words are the fields that every PMU has: a whole word each, as perf(1) takes them.
var words = Format{"config": {0, [][2]int{{0, 63}}}, "config1": {1, [][2]int{{0, 63}}}, "config2": {2, [][2]int{{0, 63}}}}

// Encode puts the fields into their bits. The error is a *FormatError.
func (f Format) Encode(fields []Field) (Code, error) {
	var c Code
	for _, field := range fields {
		b, ok := f[field.Name]
		if !ok {
			b, ok = words[field.Name]
		}
		switch {
		case !ok && field.Value == 0:
			continue
		case !ok, b.Width() < 64 && field.Value>>b.Width() != 0:
			return Code{}, &FormatError{Field: field, Width: b.Width()}
		}
		b.put(&c, field.Value)
	}
	return c, nil
}

// String lists the fields in the order of their names, as ParseBits reads them.
func (f Format) String() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		parts = append(parts, name+"="+f[name].String())
	}
	return strings.Join(parts, " ")
}
