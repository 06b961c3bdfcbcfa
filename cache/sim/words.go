package sim

import "fmt"

// Fill is the relation of a level to the levels inside of it.
type Fill uint8

const (
	// NonInclusive levels take in every line on its way inwards and evict it without asking the levels inside.
	NonInclusive Fill = iota
	// Inclusive levels hold every line that the levels inside hold: what they evict is removed there too.
	Inclusive
	// Victim levels are exclusive: they take in what the level inside evicts, dirty or clean, and give a line away on a hit.
	// A line that they do not hold passes them by on its way inwards.
	Victim
)

var fills = []string{"non-inclusive", "inclusive", "victim"}

// Index is how a line finds its set.
type Index uint8

const (
	// Modulo takes the line's number modulo the number of sets, a power of two or not.
	Modulo Index = iota
	// Hashed adds the folded upper bits of the line's number to the lower ones to get the set; an odd factor of the number of
	// sets (slices) is taken modulo. Consecutive lines still fill the sets evenly; strides of powers of two are spread. It
	// stands for the unpublished slice hashes of last-level caches and is none of them.
	Hashed
)

var indices = []string{"modulo", "hashed"}

// String returns the name.
func (f Fill) String() string { return word(fills, int(f)) }

// MarshalText returns the name.
func (f Fill) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads the name.
func (f *Fill) UnmarshalText(text []byte) (err error) {
	*f, err = parseWord[Fill]("fill", fills, string(text))
	return err
}

// String returns the name.
func (i Index) String() string { return word(indices, int(i)) }

// MarshalText returns the name.
func (i Index) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads the name.
func (i *Index) UnmarshalText(text []byte) (err error) {
	*i, err = parseWord[Index]("index", indices, string(text))
	return err
}

func word(words []string, i int) string {
	if i < len(words) {
		return words[i]
	}
	return fmt.Sprint(i)
}

func parseWord[T ~uint8](what string, words []string, text string) (T, error) {
	for i, w := range words {
		if w == text {
			return T(i), nil
		}
	}
	return 0, fmt.Errorf("parse %s %q: it is one of %q", what, text, words)
}
