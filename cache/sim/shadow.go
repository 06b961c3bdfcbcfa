package sim

import "math/bits"

// shadow is a fully associative LRU cache of many lines, and knows which lines it was ever told of. Each use of a line has a
// time, and the line notes the one of its last: the cache holds the lines whose times are not before tail. A ring says which
// times are a line's last; tail passes the oldest of those when one has to leave.
type shadow struct {
	notes
	lines      uint64   // capacity
	held       uint64   // lines in it
	tail, head uint64   // the least recent time that may be a line's last, and the next one
	live       []uint64 // a bit for each time from tail to head: it is a line's last
	uses       []uint64 // the lines of these times
	mask       uint64   // times that the ring has - 1
	final      uint64   // the time beyond all that a line can note
}

// What a line notes where that is no time.
const (
	unseen    = 0
	seen      = 1 // the shadow was told of it and does not hold it
	firstTime = 2
)

const manyLines = 1 << 18 // of the size of a last cache

func newShadow(lines int) *shadow {
	size := uint64(8) << max(3, bits.Len(uint(lines-1))) // the longer, the more seldom it is renewed
	if lines > manyLines {
		size /= 4
	}
	return &shadow{
		notes: notes{pages: map[uint64]*page{}}, lines: uint64(lines), tail: firstTime, head: firstTime,
		live: make([]uint64, size/64), uses: make([]uint64, size), mask: size - 1, final: 1 << 32,
	}
}

// touch makes the line the most recently used, displacing the least recently used if need be. It says whether it was there,
// and whether the shadow ever knew it.
func (s *shadow) touch(line uint64) (held, known bool) {
	note := s.note(line)
	t := uint64(*note)
	held, known = t >= s.tail, t != unseen
	switch {
	case held && t+1 == s.head:
		return held, known
	case held:
		s.end(t)
	case s.held < s.lines:
		s.held++
	default:
		s.displace()
	}
	*note = seen
	if s.head-s.tail > s.mask || s.head == s.final {
		s.renew()
	}
	s.append(line, note)
	return held, known
}

// take removes the line and says whether it was there, and whether the shadow ever knew it.
func (s *shadow) take(line uint64) (held, known bool) {
	note := s.note(line)
	t := uint64(*note)
	if held = t >= s.tail; held {
		s.end(t)
		s.held--
		*note = seen
	}
	return held, t != unseen
}

// see notes that the shadow knows the line.
func (s *shadow) see(line uint64) {
	if note := s.note(line); *note == unseen {
		*note = seen
	}
}

// append notes a use of the line now.
func (s *shadow) append(line uint64, note *uint32) {
	at := s.head & s.mask
	s.live[at>>6] |= 1 << (at & 63)
	s.uses[at] = line
	*note = uint32(s.head)
	s.head++
}

// end marks a time as no line's last any more.
func (s *shadow) end(t uint64) {
	at := t & s.mask
	s.live[at>>6] &^= 1 << (at & 63)
}

// displace removes the least recently used line: its time is before tail then.
func (s *shadow) displace() {
	i, last := s.tail&s.mask>>6, s.mask>>6
	word := s.live[i] >> (s.tail & 63) << (s.tail & 63) // below are the latest times
	for word == 0 {
		i = (i + 1) & last
		word = s.live[i]
	}
	s.live[i] &^= word & -word
	s.tail += (i<<6|uint64(bits.TrailingZeros64(word))-s.tail)&s.mask + 1
}

// renew gives the lines new times in the same order, so that the ring has room for more, and begins anew when the times end.
func (s *shadow) renew() {
	lines := make([]uint64, 0, s.held)
	for t := s.tail; t != s.head; t++ {
		if at := t & s.mask; s.live[at>>6]>>(at&63)&1 != 0 {
			lines = append(lines, s.uses[at])
		}
	}
	clear(s.live)
	if s.head+s.lines >= s.final {
		s.forget()
		s.head = firstTime
	}
	s.tail = s.head
	for _, line := range lines {
		s.append(line, s.note(line))
	}
}
