package sim

import "math/bits"

// shadow is a fully associative LRU cache of many lines: chained hashing, and a list in the order of use.
type shadow struct {
	nodes []node
	heads []int32 // first node of each chain; nowhere: none
	shift uint    // of the hash
	first int32   // most recently used
	final int32   // least recently used
	free  int32   // chain of unused nodes, through next
}

type node struct {
	line         uint64
	newer, older int32
	next         int32 // in the chain of its hash
}

const nowhere = -1

func newShadow(lines int) *shadow {
	size := max(5, bits.Len(uint(lines)))
	s := &shadow{nodes: make([]node, lines), heads: make([]int32, 1<<size), shift: uint(64 - (size - 4)), first: nowhere, final: nowhere}
	for i := range s.heads {
		s.heads[i] = nowhere
	}
	for i := range s.nodes {
		s.nodes[i].next = int32(i + 1)
	}
	s.nodes[lines-1].next = nowhere
	return s
}

// slot hashes the line: sixteen neighbours go to sixteen neighbouring heads, rotated, so that streams stay local; which,
// a multiplication tells (Fibonacci hashing).
func (s *shadow) slot(line uint64) *int32 {
	h := line >> 4 * 0x9e3779b97f4a7c15
	return &s.heads[h>>(s.shift&63)<<4|(line^h>>8)&15]
}

func (s *shadow) find(line uint64) int32 {
	i := *s.slot(line)
	for i != nowhere && s.nodes[i].line != line {
		i = s.nodes[i].next
	}
	return i
}

// touch makes the line the most recently used, displacing the least recently used if need be; it says whether it was there.
func (s *shadow) touch(line uint64) bool {
	if s.first != nowhere && s.nodes[s.first].line == line {
		return true
	}
	i := s.find(line)
	hit := i != nowhere
	if hit {
		s.unlink(i)
	} else {
		if i = s.free; i == nowhere {
			i = s.final
			s.drop(i)
		}
		s.free = s.nodes[i].next
		slot := s.slot(line)
		s.nodes[i].line, s.nodes[i].next = line, *slot
		*slot = i
	}
	s.nodes[i].newer, s.nodes[i].older = nowhere, s.first
	if s.first == nowhere {
		s.final = i
	} else {
		s.nodes[s.first].newer = i
	}
	s.first = i
	return hit
}

// take removes the line and says whether it was there.
func (s *shadow) take(line uint64) bool {
	i := s.find(line)
	if i == nowhere {
		return false
	}
	s.drop(i)
	return true
}

// drop removes a node from list and chain and makes it free.
func (s *shadow) drop(i int32) {
	s.unlink(i)
	at := s.slot(s.nodes[i].line)
	for *at != i {
		at = &s.nodes[*at].next
	}
	*at = s.nodes[i].next
	s.nodes[i].next, s.free = s.free, i
}

// unlink takes a node out of the order of use.
func (s *shadow) unlink(i int32) {
	n := &s.nodes[i]
	if n.newer == nowhere {
		s.first = n.older
	} else {
		s.nodes[n.newer].older = n.older
	}
	if n.older == nowhere {
		s.final = n.newer
	} else {
		s.nodes[n.older].newer = n.newer
	}
}
