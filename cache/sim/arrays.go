package sim

import (
	"cmp"
	"fmt"
	"slices"
)

// Other names what belongs to no array.
const Other = "other"

// maxArrays is how many arrays an entry of the tags can name, beside Other.
const maxArrays = arrayMask >> arrayShift

// extent is an array's range of bytes, both ends included.
type extent struct {
	first, last uint64
	array       uint64
}

// Register names the bytes from addr on, so that what happens to them is counted for this name too. A line that two arrays
// share belongs to the one in front. Lines that the caches hold already change their name, their counts so far do not. The
// error says that the range is empty or overlaps another, or that there are too many names; one name may have many ranges.
func (s *System) Register(name string, addr uint64, bytes int64) error {
	n := extent{first: addr, last: addr + uint64(bytes) - 1}
	if bytes < 1 || n.last < n.first {
		return fmt.Errorf("register array %s: %d bytes at %#x are no range", name, bytes, addr)
	}
	at, _ := slices.BinarySearchFunc(s.extents, addr, func(e extent, addr uint64) int { return cmp.Compare(e.last, addr) })
	if at < len(s.extents) && s.extents[at].first <= n.last {
		return fmt.Errorf("register array %s: %d bytes at %#x overlap array %s", name, bytes, addr, s.names[s.extents[at].array])
	}
	array := slices.Index(s.names, name)
	if array < 0 {
		if array = len(s.names); array > maxArrays {
			return fmt.Errorf("register array %s: %d arrays are the most", name, maxArrays)
		}
		s.names = append(s.names, name)
		s.memory = append(s.memory, memory{})
		s.each(func(k *instance) { k.arrays = append(k.arrays, counts{}) })
	}
	n.array = uint64(array)
	s.extents = slices.Insert(s.extents, at, n)
	s.label()
	return nil
}

// label works out which lines belong to which array and writes it into the entries that the caches hold.
func (s *System) label() {
	s.lines = s.lines[:0]
	next := uint64(0) // line that no array in front has
	for _, e := range s.extents {
		l := extent{max(e.first>>s.shift&lineMask, next), e.last >> s.shift & lineMask, e.array}
		if l.first <= l.last {
			s.lines = append(s.lines, l)
			next = l.last + 1
		}
	}
	s.each(func(k *instance) {
		for i, e := range k.tags {
			if line := e >> tagShift; line != noLine {
				k.tags[i] = e&^arrayMask | s.array(line)<<arrayShift
			}
		}
	})
}

// array returns the number of the array to which the line belongs.
func (s *System) array(line uint64) uint64 {
	lo, hi := 0, len(s.lines)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if s.lines[mid].last < line {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(s.lines) && s.lines[lo].first <= line {
		return s.lines[lo].array
	}
	return 0
}
