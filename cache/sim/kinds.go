package sim

// The kinds of misses.
const (
	compulsory = iota
	capacity
	conflict
	invalidation
)

// kinds tells the misses of one cache apart, each by the state at its moment: a line never held before is a compulsory
// miss; one that was taken away from outside an invalidation miss; one that a fully associative LRU cache of the same
// capacity, fed with the same lines, still holds is a conflict miss; the rest are capacity misses.
// M. D. Hill and A. J. Smith, "Evaluating Associativity in CPU Caches", IEEE Trans. Computers 38(12), 1989.
type kinds struct {
	shadow *shadow
	held   bool                // the shadow held the line of the last touch or take
	seen   map[uint64]uint64   // lines ever held: bits by number / 64
	lost   map[uint64]struct{} // lines taken away from outside and not back yet
}

func newKinds(lines int) *kinds {
	return &kinds{shadow: newShadow(lines), seen: map[uint64]uint64{}, lost: map[uint64]struct{}{}}
}

func (k *kinds) touch(line uint64) { k.held = k.shadow.touch(line) }
func (k *kinds) take(line uint64)  { k.held = k.shadow.take(line) }
func (k *kinds) see(line uint64)   { k.seen[line/64] |= 1 << (line % 64) }

func (k *kinds) lose(line uint64) {
	k.shadow.take(line)
	k.lost[line] = struct{}{}
}

// missed counts a demand miss of the line just touched or taken.
func (k *kinds) missed(line uint64, counts *counts) {
	kind := capacity
	if k.seen[line/64]>>(line%64)&1 == 0 {
		kind = compulsory
		k.see(line)
	} else if _, lost := k.lost[line]; lost {
		kind = invalidation
		delete(k.lost, line)
	} else if k.held {
		kind = conflict
	}
	counts.kinds[kind]++
}

// filled notes a line that a prefetch or the level inside has brought.
func (k *kinds) filled(line uint64) {
	k.see(line)
	delete(k.lost, line)
}

// missed tells the kind of a miss; lines that a prefetch misses are only noted.
func (k *instance) missed(line uint64, kind kind, counts *counts) {
	if kind == prefetch {
		k.kinds.filled(line)
	} else {
		k.kinds.missed(line, counts)
	}
}
