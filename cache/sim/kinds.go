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
	known  bool                // it knew that line already, which this cache has held before
	lost   map[uint64]struct{} // lines taken away from outside and not back yet
}

func newKinds(lines int) *kinds {
	return &kinds{shadow: newShadow(lines), lost: map[uint64]struct{}{}}
}

func (k *kinds) touch(line uint64) { k.held, k.known = k.shadow.touch(line) }
func (k *kinds) take(line uint64)  { k.held, k.known = k.shadow.take(line) }

func (k *kinds) lose(line uint64) {
	k.shadow.take(line)
	k.lost[line] = struct{}{}
}

// missed counts a demand miss of the line just touched or taken.
func (k *kinds) missed(line uint64, counts *counts) {
	kind := capacity
	switch lost := k.found(line); {
	case !k.known:
		kind = compulsory
		k.shadow.see(line) // one that passes by is not touched
	case lost:
		kind = invalidation
	case k.held:
		kind = conflict
	}
	counts.kinds[kind]++
}

// filled notes a line that a prefetch or the level inside has brought.
func (k *kinds) filled(line uint64) {
	k.shadow.see(line)
	k.found(line)
}

// found takes the line from the lost ones and says whether it was one.
func (k *kinds) found(line uint64) bool {
	if len(k.lost) == 0 {
		return false
	}
	_, lost := k.lost[line]
	delete(k.lost, line)
	return lost
}

// missed tells the kind of a miss; lines that a prefetch misses are only noted.
func (k *instance) missed(line uint64, kind kind, counts *counts) {
	if kind == prefetch {
		k.kinds.filled(line)
	} else {
		k.kinds.missed(line, counts)
	}
}
